/** Tables of a template set for the core (core/layout/templates.ts), made of its metadata: whatever set it is, nothing else is known of its templates. */
import { InternalError } from '@fireball/contracts';
import * as functions from '../core/layout/functions.js';
import { kindBits, mostOperandsOfBytes, templateBits } from '../core/layout/placed.js';
import { joint as layoutJoint, operands } from '../core/layout/placing.js';
import * as layout from '../core/layout/templates.js';
import type { BranchForm, BranchForms } from '../expand/branch-forms.js';
import { allValues, isLegal } from '../templates/domain.js';
import { partsOf, runsOf, type Field, type Operand, type Run } from '../templates/field.js';
import type { InverseRow } from '../templates/inverse.js';
import { identityOf, isPacked, operandPlace } from '../templates/packing.js';
import type { Template } from '../templates/template.js';

/** What is written into the core's memory, wherever there is room. */
export interface TemplateTables {
  readonly words: Int32Array;
  /** Where the kinds of branches are, in bytes behind the rows of templates, with which the tables begin. */
  readonly kinds: number;
  /** Features that templates need, by bit. */
  readonly features: readonly string[];
}

type Words = readonly number[];

const twoTo31 = 0x8000_0000;
/** Bits of half a word. */
const halfBits = 0xffff;
/** Words of code of computed fields begin there at most. */
const mostOffset = 0xff;

class Builder {
  readonly features: string[] = [];
  private readonly words: number[] = [];
  /** Where lists are, by what is in them. */
  private readonly known = new Map<string, number>();

  /** @param rows words in front of all lists */
  constructor(private readonly rows: number) {}

  /** Number of words in front of rows that lie one after the other. */
  list(rows: readonly Words[]): number {
    const words = rows.flat();
    const key = words.join();
    let at = this.known.get(key);
    if (at === undefined) {
      at = this.rows + this.words.length;
      this.words.push(...words);
      this.known.set(key, at);
    }
    return at;
  }

  /** The same, and how many rows there are. */
  counted(rows: readonly Words[]): [number, number] {
    return [this.list(rows), rows.length];
  }

  featureBits(words: readonly string[]): number {
    for (const word of words) if (!this.features.includes(word)) this.features.push(word);
    if (this.features.length > layout.mostFeatures) throw new InternalError('a template set needs too many features for its tables');
    return words.reduce((bits, word) => bits | (1 << this.features.indexOf(word)), 0);
  }

  finish(rows: readonly Words[], kinds: number): TemplateTables {
    const lists = Int32Array.from(this.words);
    const words = new Int32Array(this.rows + lists.length);
    const halves = new Uint16Array(words.buffer);
    rows.forEach((row, index) => {
      if (row.some((fact) => fact > halfBits)) throw new InternalError('a template set is too large for its tables');
      halves.set(row, index * layout.templateColumns);
    });
    words.set(lists, this.rows);
    return { words, kinds: 4 * kinds, features: this.features };
  }
}

export function makeTables(templates: readonly Template[], kinds: readonly BranchForms[]): TemplateTables {
  if (templates.length > templateBits || kinds.length > kindBits) throw new InternalError('a template set is too large for its tables');
  const builder = new Builder((templates.length * layout.templateColumns) / 2);
  const rows = templates.map((template) => templateRow(builder, template));
  const kindRows = kinds.map((kind): Words => builder.counted(kind.forms.map((form) => formRow(builder, form))));
  return builder.finish(rows, builder.list(kindRows));
}

function templateRow(builder: Builder, template: Template): Words {
  const { size, operands, distinct, requires, fields } = template;
  const joint = jointOf(template);
  const plain = new Set(fields.filter((field) => isPlain(field) || isShifted(field, template, joint)));
  const computed = fields.filter((field) => !plain.has(field)).flatMap((field) => computedRows(field, template));
  const runs = new Map(fields.map((field) => [field, plain.has(field) ? runsRead(field, template) : undefined]));
  const read = fields.filter((field) => runs.get(field) === undefined).flatMap((field) => fieldRows(builder, field, template));
  const pairs = Array.from({ length: distinct.length / 2 }, (_, pair): Words => {
    const [place, other] = [2 * pair, 2 * pair + 1].map((at) => placeOf(template, distinct[at]!));
    return listedRow(builder, [layout.otherRule, other!], place!);
  });
  const domains = operands.map((operand) => domainOf(operand, template, joint));
  const chosen = operands.flatMap(({ index }): Words[] =>
    domains[index]!.legal === undefined ? [] : [[domains[index]!.legal, wayTo(operandSource(template, index), 0, 0)]],
  );
  const rules = operands.filter(({ index }) => domains[index]!.isRuled).map((operand) => ruleRow(builder, operand, placeOf(template, operand.index)));
  const words = wordRows(
    builder,
    template,
    [...plain].flatMap((field) => slicesFlipped(field, template)),
    joint,
  );
  const readWords = wordRows(
    builder,
    template,
    [...runs.values()].flatMap((slices) => slices ?? []),
    joint,
  );
  const [patching, reading] = [
    [...words, ...computed],
    [...readWords, ...read],
  ];
  const looks = [...patching, ...reading].some((step) => isLong(step) || step[layout.stepParts >> 2] !== 0);
  const [choices, ruled] = [builder.counted(chosen), builder.counted([...rules, ...pairs])];
  if (choices[1] > layout.choiceCountBits || ruled[1] > layout.ruleCountBits) throw new InternalError('a template has too much for its tables');
  return [
    ...[...zerosOf(template, domains), ...boundsOf(template), ...patternOf(domains)].flatMap(halvesOf),
    size,
    builder.featureBits(requires),
    joint.bias,
    joint.shift,
    builder.list(ended(patching)),
    builder.list(ended(reading)),
    choices[0],
    ruled[0],
    choices[1] | (ruled[1] << layout.ruleCountShift) | (looks ? layout.looksForMore : 0),
    0,
  ];
}

/** Steps, the last of which says that it is. */
function ended(steps: readonly Words[]): Words[] {
  return steps.map((step, index) => (index < steps.length - 1 ? step : [step[0]! | layout.isLastStep, ...step.slice(1)]));
}

/** Is it a step with a value that is computed? */
function isLong(step: Words): boolean {
  return (step[layout.stepSource >> 2]! & layout.isComputed) !== 0;
}

/** How the two words of a template's operands are joined to one: the second one, less what is subtracted, is shifted to the left. */
interface Joint {
  readonly shift: number;
  readonly bias: number;
}

/** Of four bytes in the first word, the highest bit of the last one is lost: nothing else of the second word has room. */
const noRoom: Joint = { shift: 31, bias: 0 };

function jointOf(template: Template): Joint {
  const { operands, fields } = template;
  const last = operands.length - 1;
  if (!isPacked(template) || last >= mostOperandsOfBytes || last === 4) return noRoom;
  const biases = new Set(fields.filter(({ operand, compute }) => operand === last && compute === null).map(({ bias }) => bias));
  const [bias = 0] = biases.size === 1 ? biases : [];
  return { shift: 8 * Math.max(last, 0), bias: bias >= 0 && bias <= halfBits ? bias : 0 };
}

/** Is it the last operand less what is subtracted in the joint word, and all there? */
function isShifted({ compute, bias, operand, shift, masks }: Field, { operands }: Template, joint: Joint): boolean {
  return compute === null && operand === operands.length - 1 && bias === joint.bias && joint.shift + shift + masks.length <= 32;
}

/** What a template's row says of the values of an operand. */
interface Domain {
  /** Bits that must be 0. */
  readonly zeros: number;
  /** Bits in which it must not have a pattern, and that. */
  readonly never?: number;
  readonly pattern?: number;
  /** A bit for each legal value, for a choice. */
  readonly legal?: number;
  /** Is there a rule? */
  readonly isRuled?: boolean;
  /** First bit in the joint word. */
  readonly bit: number;
}

function domainOf(operand: Operand, template: Template, joint: Joint): Domain {
  const { byte } = operandPlace(template, operand.index);
  const isLast = operand.index === template.operands.length - 1;
  const bit = isLast && joint.shift < 31 ? joint.shift : bitOf(template, operand.index);
  if (!isPacked(template)) return { zeros: 0, isRuled: true, bit };
  const mask = maskOf(operand);
  if (mask !== undefined) return { zeros: ~mask, bit };
  const legal = legalBits(operand, template);
  if (legal === undefined) return { zeros: 0, isRuled: byte !== undefined || !isBounded(operand), bit };
  // No value is: of templates that faults are brought about with.
  if (legal === 0) return { zeros: ~31, legal, bit };
  const most = 2 ** (32 - Math.clz32(31 - Math.clz32(legal))) - 1;
  if (legal >>> 0 === 2 ** (most + 1) - 1) return { zeros: ~most, bit };
  const found = (isLast ? joint.shift < 31 && joint.bias === 0 : operand.index < 4) ? neverOf(legal, most) : undefined;
  return found === undefined ? { zeros: ~31, legal, bit } : { zeros: ~most, ...found, bit };
}

/** Bits of values up to `most`, and what they must not be, where that is what all others have in common; undefined where nothing is. */
function neverOf(legal: number, most: number): { never: number; pattern: number } | undefined {
  for (let never = 1; never <= most; never++)
    for (let pattern = 0; pattern <= never; pattern++) {
      if ((pattern & ~never) !== 0) continue;
      const isIt = (value: number): boolean => ((value & never) !== pattern) === (((legal >>> value) & 1) !== 0);
      if (Array.from({ length: most + 1 }, (_, value) => value).every(isIt)) return { never, pattern };
    }
  return undefined;
}

/** Do bounds and bits that must be 0 say all of a number below 2^31? */
function isBounded({ kind, min, max, step = 1, excluded = [], values }: Operand): boolean {
  return kind !== 'reglist' && values === undefined && excluded.length === 0 && (step & (step - 1)) === 0 && min >= -twoTo31 && max < twoTo31;
}

/** Bits that must be 0 in the first two words of operands. */
function zerosOf(template: Template, domains: readonly Domain[]): [number, number] {
  const { operands } = template;
  const zeros: [number, number] = isPacked(template) ? [-1, -1] : [0, 0];
  if (!isPacked(template)) return zeros;
  for (const operand of operands) {
    const { word, byte } = operandPlace(template, operand.index);
    const bits = byte === undefined && hasBounds(template) ? domains[operand.index]!.zeros | ((operand.step ?? 1) - 1) : domains[operand.index]!.zeros;
    zeros[word]! &= byte === undefined ? bits : ~((~bits & 0xff) << (8 * byte));
  }
  return zeros;
}

/** Has the last operand bounds that the row says? */
function hasBounds(template: Template): boolean {
  const last = template.operands.at(-1);
  return last !== undefined && isPacked(template) && operandPlace(template, last.index).byte === undefined && isBounded(last);
}

/** What the second word is at least, and how far above that it may be. */
function boundsOf(template: Template): [number, number] {
  if (!hasBounds(template)) return [0, -1];
  const { min, max } = template.operands.at(-1)!;
  return [min, (max - min) | 0];
}

/** Patterns that bytes of the joint word must not have. */
function patternOf(domains: readonly Domain[]): [number, number] {
  return [domains.reduce((all, { never = 0, bit }) => all | (never << bit), 0), domains.reduce((all, { pattern = 0, bit }) => all | (pattern << bit), 0)];
}

function halvesOf(word: number): Words {
  return [word & halfBits, word >>> 16];
}

/** Where an operand lies. */
function placeOf(template: Template, index: number): number {
  const { word, byte } = operandPlace(template, index);
  return (4 * word) | (byte === undefined ? 0 : layout.isByte | byte);
}

/** First bit of an operand in its word. */
function bitOf(template: Template, index: number): number {
  return 8 * (operandPlace(template, index).byte ?? 0);
}

/** The bits of an operand's legal values, where it may have any value that has no others. */
function maskOf({ kind, min, max, step = 1, excluded = [], values }: Operand): number | undefined {
  if (kind === 'reglist' || values !== undefined || excluded.length > 0 || (step & (step - 1)) !== 0) return undefined;
  if (min <= -twoTo31 && max >= twoTo31 - 1 && step === 1) return -1;
  const mask = max - (max % step) + step - 1;
  return min === 0 && mask < twoTo31 && (mask & (mask + 1)) === 0 ? mask & -step : undefined;
}

/** Neighbouring bits of an operand, from bit `to` up in a word of the code, whose number is `at`. */
interface Slice {
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
function slicesFlipped(field: Field, template: Template): Slice[] {
  const most = widthOf(template, field.operand);
  return runsOf(field).flatMap(({ from, count, to }) => (from < most ? slicesOf(field, { from, count: Math.min(count, most - from), to }) : []));
}

/** How a field is read back that is slices of its operand and nothing else; undefined where it is not. */
function runsRead(field: Field, template: Template): Slice[] | undefined {
  const { shift, masks, footprint, reach, inverse } = field;
  if (shift + masks.length > widthOf(template, field.operand)) return undefined;
  const alone = inverse.filter(isAlone);
  if (filledBy(alone) !== footprint || readBy(alone) !== reach) return undefined;
  return readsOf(alone).flatMap(({ from, count, to }) => slicesOf(field, { from: shift + to, count, to: from }));
}

/** Is it one bit of the code for one bit of the value? */
function isAlone({ mask, bits }: InverseRow): boolean {
  return (mask & (mask - 1)) === 0 && (bits & (bits - 1)) === 0;
}

function filledBy(rows: readonly InverseRow[]): number {
  return rows.reduce((all, { mask }) => all | mask, 0);
}

function readBy(rows: readonly InverseRow[]): number {
  return rows.reduce((all, { bits }) => all | bits, 0);
}

/** Bits `from` .. of the code are bits `to` .. of the value, behind its shift. */
function readsOf(alone: readonly InverseRow[]): Run[] {
  const masks = new Int32Array(32);
  for (const { mask, bits } of alone) masks[31 - Math.clz32(mask)] = bits;
  return runsOf({ shift: 0, masks });
}

function wordRows(builder: Builder, template: Template, slices: readonly Slice[], joint: Joint): Words[] {
  const fixed = wordsOf(template.fixed);
  if (template.size > mostOffset) throw new InternalError('a template is too long for its tables');
  return wordsOf(template.bytes).map((word, at) => {
    const here = slices.filter((slice) => slice.at === at);
    const isJoint = (slice: Slice): boolean => jointBit(template, slice, joint) !== undefined;
    const groups = byRotation(here.filter(isJoint).map((slice) => ({ from: jointBit(template, slice, joint)!, count: slice.count, to: slice.to })));
    const others = here.filter((slice) => !isJoint(slice));
    const parts = [
      ...groups.slice(layout.fewSlices).map(({ rotation, mask }): Words => [mask, layoutJoint | (rotation << layout.wayRotationShift)]),
      ...others.map((slice): Words => [maskAt(slice), wayTo(sourceOfSlice(template, slice, joint), slice.from, slice.to)]),
    ];
    const counted: [number, number] = parts.length === 0 ? [0, 0] : builder.counted(parts);
    return [(4 * at) << layout.sourceOffsetShift, word, ...fewSlices(groups.slice(0, layout.fewSlices)), joined(...counted), fixed[at]!];
  });
}

/** First bit of a slice in the joint word; undefined where it is not there. */
function jointBit(template: Template, { operand, from, count }: Slice, { shift }: Joint): number | undefined {
  const { word } = operandPlace(template, operand);
  if (!isPacked(template) || (word === 1 && (shift === 31 || shift + from + count > 32)) || word > 1) return undefined;
  const bit = word === 1 ? shift + from : bitOf(template, operand) + from;
  return bit + count > 31 && shift === 31 ? undefined : bit;
}

/** Where the bits of a slice lie: the joint word where that has less than the operand. */
function sourceOfSlice(template: Template, slice: Slice, joint: Joint): Source {
  const { word } = operandPlace(template, slice.operand);
  return isPacked(template) && word === 1 && joint.bias !== 0 ? { address: layoutJoint, bit: joint.shift } : operandSource(template, slice.operand);
}

/** Bits of a value that get into the code by one rotation to the right. */
interface Group {
  readonly rotation: number;
  /** In the code. */
  readonly mask: number;
}

function byRotation(slices: readonly Run[]): Group[] {
  const masks = new Map<number, number>();
  for (const { from, count, to } of slices) {
    const rotation = (from - to) & 31;
    masks.set(rotation, (masks.get(rotation) ?? 0) | maskAt({ count, to }));
  }
  return [...masks].map(([rotation, mask]) => ({ rotation, mask }));
}

/** Slices of a value as words have them: rotations, and masks. */
function fewSlices(groups: readonly Group[]): Words {
  const rotations = groups.reduce((all, { rotation }, index) => all | (rotation << (8 * index)), 0);
  return [rotations, ...Array.from({ length: layout.fewSlices }, (_, index) => groups[index]?.mask ?? 0)];
}

/** Two halves of a word. */
function joined(low: number, high: number): number {
  if (low > halfBits || high > halfBits) throw new InternalError('a template set is too large for its tables');
  return low | (high << 16);
}

/** The bits of a slice in its word of the code. */
function maskAt({ count, to }: Pick<Slice, 'count' | 'to'>): number {
  return lowBits(count) << to;
}

/** A word in memory, and the first bit in it. */
interface Source {
  readonly address: number;
  readonly bit: number;
}

/** Where an operand lies in memory. */
function operandSource(template: Template, index: number): Source {
  return { address: operands + 4 * operandPlace(template, index).word, bit: bitOf(template, index) };
}

/** How bits from `from` on get from there to where they are from bit `to` on. */
function wayTo({ address, bit }: Source, from: number, to: number): number {
  return address | (((bit + from - to) & 31) << layout.wayRotationShift);
}

/** Whole words; what is missing in the last one is 0. */
function wordsOf(bytes: Uint8Array): number[] {
  const padded = new Uint8Array((bytes.length + 3) & ~3);
  padded.set(bytes);
  return [...new Int32Array(padded.buffer)];
}

/** As many ones from bit 0 on. */
function lowBits(count: number): number {
  return count === 32 ? -1 : 2 ** count - 1;
}

function isPlain({ compute, bias }: Field): boolean {
  return compute === null && bias === 0;
}

/** Function, operands, and where the word of code is; and bias. */
function sourceOf({ point, operand, with: second, bias, offset }: Field, template: Template): [number, number] {
  const number = point.derive === undefined ? functions.itself : functions[point.derive];
  const first = placeOf(template, operand) << layout.sourceFirstShift;
  const other = second < 0 ? 0 : placeOf(template, second) << layout.sourceSecondShift;
  return [number | layout.isComputed | first | other | (offset << layout.sourceOffsetShift), point.derive === undefined ? bias : 0];
}

/** As many rows as it takes with a few slices each. */
function computedRows(field: Field, template: Template): Words[] {
  return inFews(byRotation(runsOf(field))).map((slices) => longStep(field, template, { slices }));
}

/** How a field is read back that is no slices of an operand. */
function fieldRows(builder: Builder, field: Field, template: Template): Words[] {
  const { offset, shift, footprint, reach, inverse } = field;
  const alone = inverse.filter(isAlone);
  const sums = inverse.filter((row) => !isAlone(row));
  const slices = readsOf(alone).map(({ from, count, to }): Run => ({ from: shift + to, count, to: from }));
  const bits = wordsOf(template.bytes.subarray(offset, offset + 4))[0]!;
  const fixed = footprint & ~filledBy(alone);
  const left = (reach & ~readBy(alone)) << shift;
  const counted = builder.counted(sums.map(({ pivot, mask, bits }) => [pivot, mask, bits << shift]));
  return inFews(byRotation(slices)).map((few) => longStep(field, template, { slices: few, bits, fixed, left, sums: joined(...counted) }));
}

/** A step with a value that is computed. */
function longStep(field: Field, template: Template, { slices, bits = 0, fixed = 0, left = 0, sums = 0 }: LongStep): Words {
  const [source, bias] = sourceOf(field, template);
  return [source, bits, ...fewSlices(slices), 0, fixed, bias, left, sums];
}

interface LongStep {
  readonly slices: readonly Group[];
  readonly bits?: number;
  readonly fixed?: number;
  readonly left?: number;
  readonly sums?: number;
}

/** Slices by fours, at least once. */
function inFews(slices: readonly Group[]): Group[][] {
  const count = Math.max(1, Math.ceil(slices.length / layout.fewSlices));
  return Array.from({ length: count }, (_, index) => slices.slice(index * layout.fewSlices, (index + 1) * layout.fewSlices));
}

/** What an operand may be that no mask can tell. */
function ruleRow(builder: Builder, operand: Operand, place: number): Words {
  const { kind, min, max, step = 1, excluded = [], values } = operand;
  const isRange = kind !== 'reglist' && values === undefined && excluded.length === 0 && (step & (step - 1)) === 0;
  if (!isRange || min < -twoTo31 || max >= twoTo31) return listedRow(builder, legalRow(builder, operand), place);
  return [min, (max - min) | 0, step - 1, place];
}

function listedRow(builder: Builder, row: Words, place: number): Words {
  return [builder.list([row]), 0, 0, place | layout.isListed];
}

function legalRow(builder: Builder, operand: Operand): Words {
  const { kind, min, max, step = 1, excluded = [], least = 1, values } = operand;
  const rule = kind === 'reglist' ? layout.registersRule : values === undefined ? layout.rangeRule : layout.listRule;
  const listed = rule === layout.listRule ? Object.values(values ?? {}).filter((value) => isLegal(operand, value)) : excluded;
  const isMask = (step & (step - 1)) === 0;
  const list = (isThere: (value: number) => boolean): [number, number] =>
    builder.counted(listed.filter((value) => kind === 'reglist' || isThere(value)).map((value) => [value | 0]));
  return [
    rule,
    kind === 'reglist' ? max | 0 : 0,
    least,
    isMask ? step - 1 : -step,
    isMask ? 0 : (step - (twoTo31 % step)) % step,
    Math.max(min, -twoTo31),
    Math.min(max, twoTo31 - 1),
    ...list((value) => value < twoTo31),
    ...(max < twoTo31 ? [0, -1] : [Math.max(min, twoTo31) | 0, max | 0]),
    ...list((value) => value >= twoTo31),
  ];
}

/** A bit for each legal value, where all of them are below 32, and masks can say that. */
function legalBits(operand: Operand, template: Template): number | undefined {
  const { kind, min, max, values } = operand;
  if (kind === 'reglist' || !isPacked(template)) return undefined;
  const listed = values === undefined ? [] : Object.values(values).filter((value) => isLegal(operand, value));
  const legal =
    values !== undefined && listed.every((value) => value >= 0 && value < 32) ? listed : min >= 0 && max < 32 ? (allValues(operand, 32) ?? []) : undefined;
  return legal?.reduce((bits, value) => bits | (1 << value), 0);
}

function formRow(builder: Builder, { template, relative, sources }: BranchForm): Words {
  const operand = template.operands[relative];
  if (operand === undefined || relative !== sources.length || relative !== template.operands.length - 1 || relative >= mostOperandsOfBytes)
    throw new InternalError(`template ${template.name} is no branch`);
  const isSame = sources.every((source, index) => source === index);
  const bytes = sources.map((source, index) => (isSame ? 0xff : source < 0 ? ~source | (1 << layout.formFlipShift) : source) << (8 * index));
  return [
    identityOf(template),
    template.relativeOrigin(relative),
    Math.max(operand.min, -twoTo31),
    Math.min(operand.max, twoTo31 - 1),
    ...builder.counted((operand.excluded ?? []).map((value) => [value])),
    isSame ? 0 : sources.length,
    bytes.reduce((all, byte) => all | byte, 0),
  ];
}
