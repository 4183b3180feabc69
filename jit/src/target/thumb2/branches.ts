import { branchForm, numberKinds, type BranchForms } from '../../expand/branch-forms.js';
import type { TemplateSet } from '../../templates/index.js';
import { thumb2Templates } from './templates.js';

/** The branches that the Thumb-2 macro assembler places; comments name their values. */
interface Thumb2Branches extends Readonly<Record<string, BranchForms>> {
  readonly jump: BranchForms;
  readonly farJump: BranchForms;
  readonly call: BranchForms;
  /** Condition code. */
  readonly condition: BranchForms;
  /** Condition code (eq or ne), low register compared with zero. CBZ reaches only forwards. */
  readonly zero: BranchForms;
}

const resolved = new WeakMap<TemplateSet, Thumb2Branches>();

export function thumb2Branches(set: TemplateSet): Thumb2Branches {
  let found = resolved.get(set);
  if (found === undefined) {
    const t = thumb2Templates(set);
    found = numberKinds({
      jump: [branchForm(t.b_n), branchForm(t.b_w)],
      farJump: [branchForm(t.b_w)],
      call: [branchForm(t.bl)],
      condition: [branchForm(t.bcond_n, 0), branchForm(t.bcond_w, 0), branchForm(t.bcond_far, ~0)],
      zero: [branchForm(t.cbz, 0, 1), branchForm(t.cmp0_bcond_n, 1, 0), branchForm(t.cmp0_bcond_w, 1, 0), branchForm(t.cmp0_bcond_far, 1, ~0)],
    });
    resolved.set(set, found);
  }
  return found;
}
