/** Tables of a template set for the core (core/layout/templates.ts), made of its metadata: whatever set it is, nothing else is known of its templates. */
import { InternalError } from '@fireball/contracts';
import * as functions from '../core/layout/functions.js';
import { kindBits, mostOperandsOfBytes, templateBits } from '../core/layout/placed.js';
import { operands } from '../core/layout/placing.js';
import * as layout from '../core/layout/templates.js';
import type { BranchForm, BranchForms } from '../expand/branch-forms.js';
import { allValues, isLegal } from '../templates/domain.js';
import { partsOf, runsOf, type Field, type Operand, type Run } from '../templates/field.js';
import type { InverseRow } from '../templates/inverse.js';
import { isPacked, operandPlace } from '../templates/packing.js';
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
  const computed = fields.filter((field) => !isPlain(field));
  const runs = new Map(fields.map((field) => [field, runsRead(field, template)]));
  const pairs = Array.from({ length: distinct.length / 2 }, (_, pair): Words => {
    const [place, other] = [2 * pair, 2 * pair + 1].map((at) => placeOf(template, distinct[at]!));
    return listedRow(builder, [layout.otherRule, other!], place!);
  });
  const ruled = operands.filter((operand) => maskOf(operand) === undefined);
  const chosen = ruled.filter((operand) => legalBits(operand, template) !== undefined);
  const rules = ruled.filter((operand) => !chosen.includes(operand)).map((operand) => ruleRow(builder, operand, placeOf(template, operand.index)));
  return [
    ...masksOf(template).flatMap(halvesOf),
    size,
    builder.featureBits(requires),
    builder.list(
      wordRows(
        builder,
        template,
        [...runs.values()].flatMap((slices) => slices ?? []),
      ),
    ),
    ...builder.counted(chosen.map((operand) => [legalBits(operand, template)!, wayTo(template, operand.index, 0, 0)])),
    ...builder.counted([...rules, ...pairs]),
    builder.list(computed.map((field) => computedRow(field, template))),
    computed.length,
    ...builder.counted(fields.filter((field) => runs.get(field) === undefined).map((field) => fieldRow(builder, field, template))),
  ];
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

/** Bits that may be 1 in the first two words of operands: of those that rules are about all, and of those with few values the five lowest. */
function masksOf(template: Template): [number, number] {
  if (!isPacked(template)) return [-1, -1];
  const masks: [number, number] = [0, 0];
  for (const operand of template.operands) {
    const { word, byte } = operandPlace(template, operand.index);
    const mask = maskOf(operand) ?? (legalBits(operand, template) === undefined ? -1 : 31);
    masks[word]! |= byte === undefined ? mask : (mask & 0xff) << (8 * byte);
  }
  return masks;
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
  if (!isPlain(field) || shift + masks.length > widthOf(template, field.operand)) return undefined;
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

function wordRows(builder: Builder, template: Template, runs: readonly Slice[]): Words[] {
  const parts = template.fields.filter(isPlain).flatMap((field) => slicesFlipped(field, template));
  const fixed = wordsOf(template.fixed);
  const listed = (slices: readonly Slice[], at: number): [number, number] =>
    builder.counted(slices.filter((slice) => slice.at === at).map((slice) => [maskAt(slice), wayTo(template, slice.operand, slice.from, slice.to)]));
  return wordsOf(template.bytes).map((word, at) => [word, fixed[at]!, ...[parts, runs].map((slices) => joined(...listed(slices, at)))]);
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

/** How bits from `from` on of an operand's word get to where they are from bit `to` on. */
function wayTo(template: Template, operand: number, from: number, to: number): number {
  return way(operands + 4 * operandPlace(template, operand).word, bitOf(template, operand) + from, to, 0);
}

/** The same of a word of operands, or of a value, which has no address; `offset` is where the word of code is. */
function way(address: number, from: number, to: number, offset: number): number {
  if (offset > layout.wayOffsetBits) throw new InternalError('a template is too long for its tables');
  return address | (((from - to) & 31) << layout.wayRotationShift) | (offset << layout.wayOffsetShift);
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

/** Function, operands, how many parts; and bias. */
function sourceOf({ point, operand, with: second, bias }: Field, template: Template, parts: number): [number, number] {
  const number = point.derive === undefined ? functions.itself : functions[point.derive];
  const first = placeOf(template, operand) << layout.sourceFirstShift;
  const other = second < 0 ? 0 : placeOf(template, second) << layout.sourceSecondShift;
  return [number | first | other | (parts << layout.sourceCountShift), point.derive === undefined ? bias : 0];
}

function computedRow(field: Field, template: Template): Words {
  const slices = runsOf(field).map(({ from, count, to }): Words => [maskAt({ count, to }), way(0, from, to, field.offset)]);
  return [...sourceOf(field, template, slices.length), ...slices.flat()];
}

/** How a field is read back that is no slices of an operand. */
function fieldRow(builder: Builder, field: Field, template: Template): Words {
  const { offset, shift, footprint, reach, inverse } = field;
  const alone = inverse.filter(isAlone);
  const sums = inverse.filter((row) => !isAlone(row));
  return [
    offset,
    wordsOf(template.bytes.subarray(offset, offset + 4))[0]!,
    ...sourceOf(field, template, 0),
    ...builder.counted(readsOf(alone).map(({ from, count, to }) => [maskAt({ count, to: from }), way(0, shift + to, from, 0)])),
    ...builder.counted(sums.map(({ pivot, mask, bits }) => [pivot, mask, bits << shift])),
    footprint & ~filledBy(alone),
    (reach & ~readBy(alone)) << shift,
  ];
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
  const bytes = sources.map((source, index) => (source < 0 ? ~source | (1 << layout.formFlipShift) : source) << (8 * index));
  return [
    template.id,
    template.relativeOrigin(relative),
    Math.max(operand.min, -twoTo31),
    Math.min(operand.max, twoTo31 - 1),
    ...builder.counted((operand.excluded ?? []).map((value) => [value])),
    sources.length,
    bytes.reduce((all, byte) => all | byte, 0),
  ];
}
