/** Selection streams: what a selector hands to a device's expander. Layout in jit/STREAM.md. */
import { InternalError } from '@fireball/contracts';
import type { Assembly } from './assembly.js';
import type { BranchForms } from './branch-forms.js';
import { fixupOf, placedBytes, placedHead, placedLast, placedWords, tableFixup, toLabel } from '../core/layout/placed.js';
import { PlacedTemplate } from './placed.js';

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
export function encodeStream(assembly: Assembly, kinds: readonly BranchForms[]): Uint8Array {
  const { count } = assembly;
  const numbers = numberLabels(assembly);
  const numberOf = (label: number): number => numbers.get(assembly.labels[label] as number) as number;
  const bytes: number[] = [];
  push(bytes, numbers.size);
  push(bytes, countFixups(assembly, toLabel));
  for (const index of assembly.indices) {
    if (numbers.has(index)) push(bytes, itemLabel);
    const placed = new PlacedTemplate(assembly, index);
    const { template, entry, target } = placed;
    if (entry !== undefined) {
      if (template.operands.length !== 1) throw new InternalError(`template ${template.name} is no table entry`);
      push(bytes, itemTableEntry);
      push(bytes, template.id);
      push(bytes, numberOf(entry.from));
      push(bytes, numberOf(entry.target));
    } else if (target === undefined) {
      push(bytes, itemBranches + kinds.length + template.id);
      for (let value = 0; value < template.operands.length; value++) push(bytes, placed.value(value) | 0);
    } else {
      const kind = kinds[placed.kind.number];
      if (kind === undefined) throw new InternalError(`template ${template.name} is of no kind of branch`);
      push(bytes, itemBranches + kind.number);
      for (let value = 0; value < kind.values; value++) push(bytes, placed.value(value));
      if ('label' in target) push(bytes, numberOf(target.label) + 1);
      else if ('address' in target) {
        push(bytes, 0);
        push(bytes, target.address | 0);
      } else throw new InternalError(`the code of function ${target.callee} has no place yet`);
    }
  }
  if (numbers.has(count)) push(bytes, itemLabel);
  push(bytes, itemEnd);
  return Uint8Array.from(bytes);
}

function countFixups({ words, indices }: Assembly, fixup: number): number {
  let found = 0;
  for (const index of indices) if (fixupOf(words[index * placedWords + placedHead]!) === fixup) found++;
  return found;
}

/** Numbers of the places that branches and tables name, in the order of the code. */
function numberLabels({ words, count, labels, labelCount, indices }: Assembly): Map<number, number> {
  const places = new Set<number>();
  const use = (label: number): void => {
    const index = label < labelCount ? (labels[label] as number) : -1;
    if (index < 0) throw new InternalError(`label ${label} was never bound`);
    places.add(index);
  };
  for (const record of indices) {
    const at = record * placedWords;
    const fixup = fixupOf(words[at + placedHead]!);
    if (fixup === tableFixup) use(words[at + placedBytes] as number);
    if (fixup === tableFixup || fixup === toLabel) use(words[at + placedLast] as number);
  }
  return new Map([...indices, count].filter((index) => places.has(index)).map((index, number) => [index, number]));
}

/** Appends a number of 32 bits of either sign. */
function push(bytes: number[], word: number): void {
  if (word >= leastValue && word < leastValue + longValues) {
    bytes.push(word - leastValue);
    return;
  }
  let count = 1;
  while (count < 4 && (word << (32 - 8 * count)) >> (32 - 8 * count) !== word) count++;
  bytes.push(longValues - 1 + count);
  for (let byte = 0; byte < count; byte++) bytes.push((word >> (8 * byte)) & 0xff);
}
