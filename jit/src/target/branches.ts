import { branchForm, branchForms, type BranchForms } from '../expand/branch-forms.js';
import { packBranches } from '../expand/pack-branches.js';
import type { TemplateSet } from '../templates/index.js';
import { rv32Branches } from './rv32/branches.js';
import { thumb2Branches } from './thumb2/branches.js';

/** Every kind of branch of the set's target that a selector places: their places here are their numbers, in selection streams, too. */
export function branchKinds(set: TemplateSet): readonly BranchForms[] {
  return Object.values(set.isa === 'thumb2' ? thumb2Branches(set) : rv32Branches(set));
}

/** The branch of a memory's bounds routine from the entry of an index register to the check. Value: the register. */
export function boundsEntry(set: TemplateSet): BranchForms {
  return branchForms(branchKinds(set).length, [branchForm(set.require('bounds_entry'), 0)]);
}

/** What a device carries of them, beside its packed templates. */
export function packedBranches(set: TemplateSet): Uint8Array {
  return packBranches(branchKinds(set));
}
