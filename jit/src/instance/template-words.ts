/** How bits of operands get into words of code: slices of a word that joins the operands. */
import { mostOperandsOfBytes } from '../core/layout/placed.js';
import * as layout from '../core/layout/templates.js';
import { partsOf, runsOf, type Field, type Run } from '../templates/field.js';
import type { InverseRow } from '../templates/inverse.js';
import { isPacked, operandPlace } from '../templates/packing.js';
import type { Template } from '../templates/template.js';
import { bitOf, domainOf, noRoom, type Domain, type Joint } from './template-domains.js';

/** What may be subtracted from an operand: half a word. */
const mostBias = 0xffff;

/** What takes longer than a slice of the joint word, in such slices: one of another word, a step, a field that is computed. */
const costOfOther = 4;
const costOfStep = 12;
const costOfField = 24;

/** The one that takes the fewest slices: what lies as far from its place in the code as another operand does moves with that. */
export function jointOf(template: Template): Joint {
  const { operands, fields } = template;
  const last = operands.length - 1;
  if (!isPacked(template) || last >= mostOperandsOfBytes) return noRoom;
  const biases = new Set(fields.filter(({ operand, compute }) => operand === last && compute === null).map(({ bias }) => bias));
  const [only = 0] = biases.size === 1 ? biases : [];
  const bias = only >= 0 && only <= mostBias ? only : 0;
  const bytes = operands.slice(0, -1).map((operand) => domainOf(operand, template, noRoom));
  const first = bytes.reduce((end, { zeros, bit }) => Math.max(end, bit + 32 - Math.clz32(~zeros & 0xff)), 0);
  let best = noRoom;
  for (let shift = first; shift < noRoom.shift; shift++) {
    const joint = { shift, bias };
    if (hasLane(template, joint, bytes) && costOf(template, joint) < costOf(template, best)) best = joint;
  }
  return best;
}

/** Where the last operand must not have a pattern: has it a byte of the joint word that is of no other such operand, and the highest bit of which is of no pattern? */
function hasLane(template: Template, joint: Joint, bytes: readonly Domain[]): boolean {
  const last = template.operands.at(-1);
  const { never = 0, bit } = last === undefined ? { bit: 0 } : domainOf(last, template, joint);
  if (never === 0) return true;
  return (bit & 7) + 32 - Math.clz32(never) < 8 && bytes.every((domain) => domain.never === undefined || domain.bit >>> 3 !== bit >>> 3);
}

/** What it takes to make the code, and to read it back, by and large: in slices of the joint word. */
function costOf(template: Template, joint: Joint): number {
  const fields = template.fields.filter((field) => isPlain(field) || isShifted(field, template, joint));
  const isAll = fields.length === template.fields.length;
  const flipped = fields.flatMap((field) => slicesFlipped(field, template));
  const runs = fields.map((field) => runsRead(field, template));
  const read = runs.flatMap((slices) => slices ?? []);
  return (
    costOfField * (template.fields.length - fields.length) +
    (isAll ? costOfWord(template, flipped, joint) : costOfSteps(template, flipped, joint)) +
    (isAll && !runs.includes(undefined) ? costOfWord(template, read, joint) : costOfSteps(template, read, joint))
  );
}

function costOfWord(template: Template, slices: readonly Slice[], joint: Joint): number {
  const word = oneWord(template, slices, joint);
  return word === undefined ? costOfSteps(template, slices, joint) : word.count + word.more.length / 3;
}

function costOfSteps(template: Template, slices: readonly Slice[], joint: Joint): number {
  return wordsOf(template.bytes).reduce((all, _, at) => {
    const { groups, others } = groupsOf(
      template,
      slices.filter((slice) => slice.at === at),
      joint,
    );
    return all + costOfStep + groups.length + costOfOther * (others.length + Math.max(0, groups.length - layout.fewSlices));
  }, 0);
}

/** Is it the last operand less what is subtracted in the joint word, and all there? */
export function isShifted({ compute, bias, operand, shift, masks }: Field, { operands }: Template, joint: Joint): boolean {
  return compute === null && operand === operands.length - 1 && bias === joint.bias && joint.shift + shift + masks.length <= 32;
}

/** Is it bits of an operand as they are? */
export function isPlain({ compute, bias }: Field): boolean {
  return compute === null && bias === 0;
}

/** Neighbouring bits of an operand, from bit `to` up in a word of the code, whose number is `at`. */
export interface Slice {
  readonly operand: number;
  readonly from: number;
  readonly count: number;
  readonly at: number;
  readonly to: number;
}

/** A field's bits, from `from` of its operand to `to` of its instruction: a slice, or two where that lies in two words. */
function slicesOf({ operand, offset }: Field, { from, count, to }: Run): Slice[] {
  return partsOf(8 * offset + to, count).map((part) => ({
    operand,
    from: from + part.from,
    count: part.count,
    at: part.word,
    to: part.to,
  }));
}

/** How many bits an operand has. */
function widthOf(template: Template, operand: number): number {
  return operandPlace(template, operand).byte === undefined ? 32 : 8;
}

/** What the patcher flips for a field: of a byte only what it has. */
export function slicesFlipped(field: Field, template: Template): Slice[] {
  const most = widthOf(template, field.operand);
  return runsOf(field).flatMap(({ from, count, to }) => (from < most ? slicesOf(field, { from, count: Math.min(count, most - from), to }) : []));
}

/** How a field is read back that is slices of its operand and nothing else; undefined where it is not. */
export function runsRead(field: Field, template: Template): Slice[] | undefined {
  const { shift, masks, footprint, reach, inverse } = field;
  if (shift + masks.length > widthOf(template, field.operand)) return undefined;
  const alone = inverse.filter(isAlone);
  if (filledBy(alone) !== footprint || readBy(alone) !== reach) return undefined;
  return readsOf(alone).flatMap(({ from, count, to }) => slicesOf(field, { from: shift + to, count, to: from }));
}

/** Is it one bit of the code for one bit of the value? */
export function isAlone({ mask, bits }: InverseRow): boolean {
  return (mask & (mask - 1)) === 0 && (bits & (bits - 1)) === 0;
}

/** Bits of the code in rows of an inverse. */
export function filledBy(rows: readonly InverseRow[]): number {
  return rows.reduce((all, { mask }) => all | mask, 0);
}

/** Bits of the value in rows of an inverse. */
export function readBy(rows: readonly InverseRow[]): number {
  return rows.reduce((all, { bits }) => all | bits, 0);
}

/** Bits `from` .. of the code are bits `to` .. of the value, behind its shift. */
export function readsOf(alone: readonly InverseRow[]): Run[] {
  const masks = new Int32Array(32);
  for (const { mask, bits } of alone) masks[31 - Math.clz32(mask)] = bits;
  return runsOf({ shift: 0, masks });
}

/** Slices of the joint word, by how far they move, and all others. */
export function groupsOf(template: Template, slices: readonly Slice[], joint: Joint): { groups: Group[]; others: Slice[] } {
  const there = slices.filter((slice) => jointBit(template, slice, joint) !== undefined);
  const groups = byRotation(there.map((slice) => ({ from: jointBit(template, slice, joint)!, count: slice.count, to: slice.to })));
  return { groups, others: slices.filter((slice) => !there.includes(slice)) };
}

/** A template that is one word of code: what its row has of that, the slices that not every word has, and how many slices there are. */
interface OneWord {
  readonly words: readonly number[];
  readonly more: readonly number[];
  readonly count: number;
}

/** Of a template that takes steps. */
export const noWord: readonly number[] = [0, 0, 0, 0, 0, 0];

/** Undefined where it takes steps. */
export function oneWord(template: Template, slices: readonly Slice[], joint: Joint): OneWord | undefined {
  const bits = wordsOf(template.bytes);
  if (bits.length !== 1) return undefined;
  // The last operand may be one slice of its own.
  const isLast = ({ operand }: Slice): boolean => operandPlace(template, operand).word === 1 && operand === template.operands.length - 1;
  const lasts = byRotation(slices.filter(isLast)).sort((a, b) => a.rotation - b.rotation);
  const found = [undefined, ...(joint.shift < noRoom.shift ? lasts : [])].map((alone) => {
    const { groups, others } = groupsOf(template, alone === undefined ? slices : slices.filter((slice) => !isLast(slice) || !movesBy(slice, alone)), joint);
    return { groups, others, alone };
  });
  const fitting = found.filter(({ groups, others }) => others.length === 0 && groups.length <= layout.mostOfWord);
  const [best] = fitting.sort((a, b) => moreOf(a) - moreOf(b));
  if (best === undefined) return undefined;
  const { alone } = best;
  // The same for filling and for reading back.
  const groups = [...best.groups].sort((a, b) => a.rotation - b.rotation);
  const masks = [...groups.map(({ mask }) => mask), alone?.mask ?? 0, wordsOf(template.fixed)[0]!];
  if (masks.some((mask, index) => masks.some((other, at) => at < index && (mask & other) !== 0))) return undefined;
  const known = masks.reduce((all, mask) => all | mask, 0);
  const rotations = groups.reduce((all, { rotation }, index) => all | (rotation << (8 * index)), 0);
  const [first, second, third, fourth] = Array.from({ length: layout.mostOfWord }, (_, index) => groups[index]?.mask ?? 0);
  const more = moreOf(best) > 0 ? [fourth!, alone?.mask ?? 0, alone?.rotation ?? 0] : [];
  return { words: [bits[0]!, rotations, first!, second!, third!, known], more, count: groups.length + (alone === undefined ? 0 : 1) };
}

/** How many slices are there beyond those that every word has? */
function moreOf({ groups, alone }: { readonly groups: readonly Group[]; readonly alone: Group | undefined }): number {
  return Math.max(0, groups.length - layout.slicesOfWord) + (alone === undefined ? 0 : 1);
}

/** Is a slice of those that move so far? */
function movesBy({ from, to }: Slice, { rotation }: Group): boolean {
  return ((from - to) & 31) === rotation;
}

/** First bit of a slice in the joint word; undefined where it is not there. */
function jointBit(template: Template, { operand, from, count }: Slice, { shift }: Joint): number | undefined {
  const { word } = operandPlace(template, operand);
  if (!isPacked(template) || (word === 1 && (shift === 31 || shift + from + count > 32)) || word > 1) return undefined;
  const bit = word === 1 ? shift + from : bitOf(template, operand) + from;
  return bit + count > 31 && shift === 31 ? undefined : bit;
}

/** Bits of a value that get into the code by one rotation to the right. */
export interface Group {
  readonly rotation: number;
  /** In the code. */
  readonly mask: number;
}

/** Slices as groups. */
export function byRotation(slices: readonly Run[]): Group[] {
  const masks = new Map<number, number>();
  for (const { from, count, to } of slices) {
    const rotation = (from - to) & 31;
    masks.set(rotation, (masks.get(rotation) ?? 0) | maskAt({ count, to }));
  }
  return [...masks].map(([rotation, mask]) => ({ rotation, mask }));
}

/** The bits of a slice in its word of the code. */
export function maskAt({ count, to }: Pick<Slice, 'count' | 'to'>): number {
  return lowBits(count) << to;
}

/** Whole words; what is missing in the last one is 0. */
export function wordsOf(bytes: Uint8Array): number[] {
  const padded = new Uint8Array((bytes.length + 3) & ~3);
  padded.set(bytes);
  return [...new Int32Array(padded.buffer)];
}

/** As many ones from bit 0 on. */
function lowBits(count: number): number {
  return count === 32 ? -1 : 2 ** count - 1;
}
