import { Assembly } from '../expand/assembly.js';
import type { BranchForms } from '../expand/branch-forms.js';
import type { TemplateSet } from '../templates/index.js';
import { boundsEntry, branchKinds } from './branches.js';

const kindsOf = new WeakMap<TemplateSet, readonly BranchForms[]>();

/** The kinds of branches that an assembly of the set's templates has. */
export function placedKinds(templates: TemplateSet): readonly BranchForms[] {
  let kinds = kindsOf.get(templates);
  if (kinds === undefined) {
    kinds = templates.find('bounds_entry') === undefined ? branchKinds(templates) : [...branchKinds(templates), boundsEntry(templates)];
    kindsOf.set(templates, kinds);
  }
  return kinds;
}

/** An assembly of the set's templates in which nothing is placed. */
export function newAssembly(templates: TemplateSet): Assembly {
  return new Assembly(templates, placedKinds(templates));
}
