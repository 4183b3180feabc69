import { UnsupportedError } from '@fireball/contracts';
import { refusal } from '../patch/index.js';
import type { BranchForm } from './branch-forms.js';
import { mostCodeBytes, type Assembly, type Label } from './assembly.js';
import { PlacedTemplate, writeOperands } from './placed.js';
import {
  mostValues,
  placedFixup,
  placedForm,
  placedKind,
  placedOffset,
  placedTarget,
  placedTemplate,
  placedUnsigned,
  placedValues,
  placedWasm,
  placedWords,
  tableFixup,
  toAddress,
  toCallee,
  toLabel,
} from './records.js';

function assignOffsets(assembly: Assembly): void {
  const { words, count, set } = assembly;
  let offset = 0;
  for (let at = 0; at < count * placedWords; at += placedWords) {
    words[at + placedOffset] = offset;
    offset += set.templates[words[at + placedTemplate] as number]!.size;
  }
  assembly.size = offset;
}

/**
 * Fixes every template's offset. Branches start in their nearest form and only ever widen, so the
 * iteration ends; branches that leave the function take their widest form at once, because the
 * function's own address is not known yet (hazard 7).
 */
export function layOut(assembly: Assembly): void {
  const { words, count, kinds } = assembly;
  let hasTables = false;
  for (let at = 0; at < count * placedWords; at += placedWords) {
    const fixup = words[at + placedFixup];
    if (fixup === tableFixup) hasTables = true;
    else if (fixup === toAddress || fixup === toCallee) useForm(assembly, at, kinds[words[at + placedKind] as number]!.forms.length - 1);
  }
  do assignOffsets(assembly);
  while (widen(assembly) || (hasTables && addIslands(assembly)));
  if (assembly.size > mostCodeBytes)
    throw new UnsupportedError(`a function of more than ${mostCodeBytes} bytes of code`, { offset: words[placedWasm], section: 'code' });
}

/** Gives every branch a form that reaches from its present offset; true where one was wider than before. */
function widen(assembly: Assembly): boolean {
  const { words, count, kinds } = assembly;
  let widened = false;
  for (let at = 0; at < count * placedWords; at += placedWords) {
    if (words[at + placedFixup] !== toLabel) continue;
    const { forms } = kinds[words[at + placedKind] as number]!;
    const target = assembly.labelOffset(words[at + placedTarget] as number);
    for (let form = words[at + placedForm] as number; !reaches(forms[form]!, target - (words[at + placedOffset] as number)); form++) {
      if (form + 1 >= forms.length) {
        throw new UnsupportedError('a function whose branches exceed the widest branch form', { offset: words[at + placedWasm] });
      }
      useForm(assembly, at, form + 1);
      widened = true;
    }
  }
  return widened;
}

function reaches({ template, relative }: BranchForm, distance: number): boolean {
  const operand = template.operands[relative]!;
  const value = distance - template.relativeOrigin(relative);
  return value >= operand.min && value <= operand.max && operand.excluded?.includes(value) !== true;
}

function useForm({ words, kinds }: Assembly, at: number, form: number): void {
  words[at + placedForm] = form;
  words[at + placedTemplate] = kinds[words[at + placedKind] as number]!.forms[form]!.template.id;
}

/**
 * Where table entries do not reach their targets, jumps directly behind the table do; true where some were added. Entries reach forwards only,
 * so the jumps behind one table change no distance of the tables behind it: all are placed at once.
 */
function addIslands(assembly: Assembly): boolean {
  const { words, count, set } = assembly;
  /** By where tables begin: their entries that do not reach, and the index behind the last one. */
  const tables = new Map<Label, { readonly far: number[]; behind: number }>();
  for (let index = 0; index < count; index++) {
    const at = index * placedWords;
    if (words[at + placedFixup] !== tableFixup) continue;
    const from = words[at + placedValues] as number;
    let table = tables.get(from);
    if (table === undefined) tables.set(from, (table = { far: [], behind: 0 }));
    table.behind = index + 1;
    const { max } = set.templates[words[at + placedTemplate] as number]!.operands[0]!;
    if (tableDistance(assembly, at) > max) table.far.push(index);
  }
  const islands = [...tables.values()]
    .filter(({ far }) => far.length > 0)
    .sort((a, b) => a.behind - b.behind)
    .map(({ far, behind }) => {
      const targets = [...new Set(far.map((index) => words[index * placedWords + placedTarget] as number))];
      const last = (behind - 1) * placedWords;
      const jump = words[last + placedKind] as number;
      const records = new Int32Array(targets.length * placedWords);
      targets.forEach((target, index) => {
        const at = index * placedWords;
        records[at + placedTemplate] = assembly.kinds[jump]!.forms[0]!.template.id;
        records[at + placedWasm] = words[last + placedWasm] as number;
        records[at + placedFixup] = toLabel;
        records[at + placedTarget] = target;
        records[at + placedKind] = jump;
      });
      return { at: behind, far, targets, records };
    });
  if (islands.length === 0) return false;
  const firsts = assembly.insertAll(islands);
  islands.forEach(({ at, far, targets }, index) => {
    const first = firsts[index] as number;
    const labels = targets.map((_, position) => assembly.newLabelAt(first + position));
    for (const entry of far) {
      const to = (entry + first - at) * placedWords + placedTarget;
      assembly.words[to] = labels[targets.indexOf(assembly.words[to] as number)] as number;
    }
  });
  return true;
}

function tableDistance(assembly: Assembly, at: number): number {
  writeOperands(assembly, at, operands);
  return operands[0] as number;
}

/** Of one template at a time. */
const operands = new Int32Array(mostValues);

/** The functions that are called or jumped to directly. */
export function calleesOf({ words, count }: Assembly): Set<number> {
  const found = new Set<number>();
  for (let at = 0; at < count * placedWords; at += placedWords) if (words[at + placedFixup] === toCallee) found.add(words[at + placedTarget] as number);
  return found;
}

/** Leads direct calls to where their callees lie; returns these addresses. */
export function resolveCallees({ words, count }: Assembly, entryOf: (callee: number) => number): Set<number> {
  const found = new Set<number>();
  for (let at = 0; at < count * placedWords; at += placedWords) {
    if (words[at + placedFixup] !== toCallee) continue;
    const address = entryOf(words[at + placedTarget] as number);
    words[at + placedFixup] = toAddress;
    words[at + placedTarget] = address;
    found.add(address);
  }
  return found;
}

/**
 * Copies every template and fills its holes, for code that will run at `address`.
 * Returns the code bytes. Throws PatchError where a value does not fit its field.
 */
export function link(assembly: Assembly, address: number): Uint8Array {
  assembly.address = address;
  const { words, count, set } = assembly;
  const code = new Uint8Array(assembly.size);
  const view = new DataView(code.buffer);
  for (let index = 0, at = 0; index < count; index++, at += placedWords) {
    const template = set.templates[words[at + placedTemplate] as number]!;
    const offset = words[at + placedOffset] as number;
    let isFilled: boolean;
    if (words[at + placedFixup] === 0) isFilled = keepsSigns(assembly, at) && template.fill(view, offset, words, at + placedValues);
    else {
      writeOperands(assembly, at, operands);
      isFilled = template.fill(view, offset, operands, 0);
    }
    if (!isFilled) throw refusal(template, new PlacedTemplate(assembly, index).values);
  }
  return code;
}

/** Are values of 2^31 or more legal where they stand? */
function keepsSigns({ words, set }: Assembly, at: number): boolean {
  const unsigned = words[at + placedUnsigned] as number;
  if (unsigned === 0) return true;
  const { operands: own } = set.templates[words[at + placedTemplate] as number]!;
  return own.every(({ index, max }) => ((unsigned >> index) & 1) === 0 || (words[at + placedValues + index] as number) >>> 0 <= max);
}
