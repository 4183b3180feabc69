import { branchForm, numberKinds, type BranchForms } from '../../expand/branch-forms.js';
import type { TemplateSet } from '../../templates/index.js';
import { rv32Templates } from './templates.js';

/** The branches that the RV32 macro assembler places; comments name their values. */
interface Rv32Branches extends Readonly<Record<string, BranchForms>> {
  /** x0. */
  readonly jump: BranchForms;
  /** Link register. */
  readonly link: BranchForms;
  /** funct3, rs1, rs2. */
  readonly compare: BranchForms;
  /** funct3 (beq or bne), rs1, rs2, and the one of these that is not x0. */
  readonly zero: BranchForms;
}

const resolved = new WeakMap<TemplateSet, Rv32Branches>();

export function rv32Branches(set: TemplateSet): Rv32Branches {
  let found = resolved.get(set);
  if (found === undefined) {
    const t = rv32Templates(set);
    const compare = [branchForm(t.b_rr, 0, 1, 2), branchForm(t.b_rr_far, ~0, 1, 2)];
    found = numberKinds({
      jump: [branchForm(t.c_j), branchForm(t.jal, 0)],
      link: [branchForm(t.jal, 0)],
      compare,
      zero: [branchForm(t.c_bz, 0, 3), ...compare],
    });
    resolved.set(set, found);
  }
  return found;
}
