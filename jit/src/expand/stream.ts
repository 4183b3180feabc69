/** Selection streams: what a selector hands to a device's expander. Layout in jit/STREAM.md. */
import { InternalError } from '@fireball/contracts';
import type { Assembly, BranchForms, Label, PlacedTemplate } from './assembly.js';

const itemEnd = 0;
const itemLabel = 1;
const itemTableEntry = 2;
const itemBranches = 3;
/** Single bytes hold values from here. */
const leastValue = -32;
/** First bytes from here say how many bytes of a signed value follow, 1 to 4. */
const longValues = 251;

/**
 * Encodes a function before or after its layout: placed templates, labels, branches with all their forms.
 * @param kinds the target's kinds of branches, as `packBranches` has them
 */
export function encodeStream({ placed, labels }: Assembly, kinds: readonly BranchForms[]): Uint8Array {
  const numbers = numberLabels(placed, labels);
  const numberOf = (label: Label): number => numbers.get(labels[label] as number) as number;
  const bytes: number[] = [];
  const branches = placed.filter(({ fixup }) => fixup?.kind === 'relative' && 'label' in fixup.target);
  push(bytes, numbers.size, branches.length);
  placed.forEach((entry, index) => {
    if (numbers.has(index)) push(bytes, itemLabel);
    const { fixup, template, values } = entry;
    if (fixup === undefined) push(bytes, itemBranches + kinds.length + template.id, ...values);
    else if (fixup.kind === 'table') {
      if (template.operands.length !== 1) throw new InternalError(`template ${template.name} is no table entry`);
      push(bytes, itemTableEntry, template.id, numberOf(fixup.from), numberOf(fixup.target));
    } else {
      const kind = kinds.indexOf(fixup.forms);
      if (kind < 0) throw new InternalError(`template ${template.name} is of no kind of branch`);
      push(bytes, itemBranches + kind, ...fixup.values);
      if ('label' in fixup.target) push(bytes, numberOf(fixup.target.label) + 1);
      else if ('address' in fixup.target) push(bytes, 0, fixup.target.address);
      else throw new InternalError(`the code of function ${fixup.target.callee} has no place yet`);
    }
  });
  if (numbers.has(placed.length)) push(bytes, itemLabel);
  push(bytes, itemEnd);
  return Uint8Array.from(bytes);
}

/** Numbers of the places that branches and tables name, in order. */
function numberLabels(placed: readonly PlacedTemplate[], labels: readonly number[]): Map<number, number> {
  const places = new Set<number>();
  const use = (label: Label): void => {
    const index = labels[label];
    if (index === undefined || index < 0) throw new InternalError(`label ${label} was never bound`);
    places.add(index);
  };
  for (const { fixup } of placed) {
    if (fixup === undefined) continue;
    if (fixup.kind === 'table') {
      use(fixup.from);
      use(fixup.target);
    } else if ('label' in fixup.target) use(fixup.target.label);
  }
  return new Map([...places].sort((a, b) => a - b).map((index, number) => [index, number]));
}

/** Appends values, 32-bit numbers of either sign. */
function push(bytes: number[], ...values: readonly number[]): void {
  for (const value of values) {
    const word = value | 0;
    if (word >= leastValue && word < leastValue + longValues) {
      bytes.push(word - leastValue);
      continue;
    }
    let count = 1;
    while (count < 4 && (word << (32 - 8 * count)) >> (32 - 8 * count) !== word) count++;
    bytes.push(longValues - 1 + count);
    for (let byte = 0; byte < count; byte++) bytes.push((word >> (8 * byte)) & 0xff);
  }
}
