import type { BranchForms } from '../expand/assembly.js';
import { packBranches } from '../expand/pack-branches.js';
import type { TemplateSet } from '../templates/index.js';
import { rv32Branches } from './rv32/branches.js';
import { thumb2Branches } from './thumb2/branches.js';

/** Every kind of branch of the set's target: their places here are their numbers in selection streams. */
export function branchKinds(set: TemplateSet): readonly BranchForms[] {
  return Object.values(set.isa === 'thumb2' ? thumb2Branches(set) : rv32Branches(set));
}

/** What a device carries of them, beside its packed templates. */
export function packedBranches(set: TemplateSet): Uint8Array {
  return packBranches(branchKinds(set));
}
