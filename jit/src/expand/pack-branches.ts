/** The packed form of a target's kinds of branches. Layout in jit/STREAM.md, "Branch forms". */
import { InternalError } from '@fireball/contracts';
import type { BranchForm, BranchForms } from './branch-forms.js';

const lastForm = 0x80;
const reachBias = 0x20;
const reachForwards = 0x40;
const sourceFlipped = 0x80;
const sourceDistance = 0xff;

export function packBranches(kinds: readonly BranchForms[]): Uint8Array {
  const bytes = [kinds.length];
  for (const { values, forms } of kinds) {
    bytes.push(values);
    forms.forEach((form, index) => {
      const { id } = form.template;
      const origin = form.template.relativeOrigin(form.relative);
      const last = index === forms.length - 1 ? lastForm : 0;
      bytes.push(id & 0xff, id >> 8, origin | last, reachOf(form), ...sourcesOf(form));
    });
  }
  return Uint8Array.from(bytes);
}

function sourcesOf({ sources, relative }: BranchForm): number[] {
  const bytes = sources.map((source) => (source < 0 ? ~source | sourceFlipped : source));
  bytes.splice(relative, 0, sourceDistance);
  return bytes;
}

/** Bits of the distance; with or without a sign, counted from the instruction or 4 bytes behind it. */
function reachOf({ template, relative }: BranchForm): number {
  const operand = template.operands[relative];
  if (operand === undefined) throw new InternalError(`template ${template.name} has no operand ${relative}`);
  const { min, max, excluded, step } = operand;
  for (const bias of [0, 4])
    for (const forwards of [false, true])
      for (let bits = 2; bits < 32; bits++) {
        const least = bias - (forwards ? 0 : 2 ** (bits - 1));
        if (step === 2 && excluded === undefined && min === least && max === least + 2 ** bits - 2)
          return bits | (bias === 0 ? 0 : reachBias) | (forwards ? reachForwards : 0);
      }
  throw new InternalError(`the reach of template ${template.name} has no packed form`);
}
