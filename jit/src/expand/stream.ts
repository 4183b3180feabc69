/** Selection streams: what a selector hands to a device's expander. Layout in jit/STREAM.md. */
import { InternalError } from '@fireball/contracts';
import type { Template } from '../templates/index.js';
import type { Assembly } from './assembly.js';
import type { BranchForms } from './branch-forms.js';
import { placedFixup, placedKind, placedTarget, placedTemplate, placedValues, placedWords, tableFixup, toAddress, toLabel } from '../core/layout/placed.js';

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
  const { words, count, set } = assembly;
  const numbers = numberLabels(assembly);
  const numberOf = (label: number): number => numbers.get(assembly.labels[label] as number) as number;
  const bytes: number[] = [];
  push(bytes, numbers.size);
  push(bytes, countFixups(assembly, toLabel));
  for (let index = 0, at = 0; index < count; index++, at += placedWords) {
    if (numbers.has(index)) push(bytes, itemLabel);
    const template = set.templates[words[at + placedTemplate] as number] as Template;
    const fixup = words[at + placedFixup];
    const target = words[at + placedTarget] as number;
    if (fixup === 0) {
      push(bytes, itemBranches + kinds.length + template.id);
      for (let value = 0; value < template.operands.length; value++) push(bytes, words[at + placedValues + value] as number);
    } else if (fixup === tableFixup) {
      if (template.operands.length !== 1) throw new InternalError(`template ${template.name} is no table entry`);
      push(bytes, itemTableEntry);
      push(bytes, template.id);
      push(bytes, numberOf(words[at + placedValues] as number));
      push(bytes, numberOf(target));
    } else {
      const kind = kinds[words[at + placedKind] as number];
      if (kind === undefined) throw new InternalError(`template ${template.name} is of no kind of branch`);
      push(bytes, itemBranches + kind.number);
      for (let value = 0; value < kind.values; value++) push(bytes, words[at + placedValues + value] as number);
      if (fixup === toLabel) push(bytes, numberOf(target) + 1);
      else if (fixup === toAddress) {
        push(bytes, 0);
        push(bytes, target);
      } else throw new InternalError(`the code of function ${target} has no place yet`);
    }
  }
  if (numbers.has(count)) push(bytes, itemLabel);
  push(bytes, itemEnd);
  return Uint8Array.from(bytes);
}

function countFixups({ words, count }: Assembly, fixup: number): number {
  let found = 0;
  for (let at = 0; at < count * placedWords; at += placedWords) if (words[at + placedFixup] === fixup) found++;
  return found;
}

/** Numbers of the places that branches and tables name, in order. */
function numberLabels({ words, count, labels, labelCount }: Assembly): Map<number, number> {
  const places = new Set<number>();
  const use = (label: number): void => {
    const index = label < labelCount ? (labels[label] as number) : -1;
    if (index < 0) throw new InternalError(`label ${label} was never bound`);
    places.add(index);
  };
  for (let at = 0; at < count * placedWords; at += placedWords) {
    const fixup = words[at + placedFixup];
    if (fixup === tableFixup) use(words[at + placedValues] as number);
    if (fixup === tableFixup || fixup === toLabel) use(words[at + placedTarget] as number);
  }
  return new Map([...places].sort((a, b) => a - b).map((index, number) => [index, number]));
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
