/** Tables of a template set for the core (core/layout/templates.ts), made of its metadata: whatever set it is, nothing else is known of its templates. */
import { InternalError } from '@fireball/contracts';
import * as functions from '../core/layout/functions.js';
import { kindBits, mostOperandsOfBytes, templateBits } from '../core/layout/placed.js';
import * as layout from '../core/layout/templates.js';
import type { BranchForm, BranchForms } from '../expand/branch-forms.js';
import { allValues, isLegal } from '../templates/domain.js';
import { runsOf, type Field, type Operand } from '../templates/field.js';
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
  const { size, bytes, fixed, operands, distinct, requires, fields } = template;
  const plain = fields.filter(isPlain);
  const computed = fields.filter((field) => !isPlain(field));
  const runs = plain.filter((field) => isRun(field, template));
  const pairs = Array.from({ length: distinct.length / 2 }, (_, pair): Words => [2 * pair, 2 * pair + 1].map((at) => placeOf(template, distinct[at]!)));
  const ruled = operands.filter((operand) => maskOf(operand) === undefined);
  return [
    size,
    builder.list([wordsOf(bytes), wordsOf(fixed)]),
    builder.list([[...masksOf(template), builder.featureBits(requires)]]),
    ...builder.counted(ruled.map((operand) => ruleRow(builder, operand, placeOf(template, operand.index)))),
    ...builder.counted(pairs),
    ...builder.counted(plain.flatMap((field) => partRows(field, template))),
    builder.list(computed.map((field) => computedRow(field, template))),
    computed.length,
    ...builder.counted(runs.map((field) => [partOf(field, template, field.shift, field.masks.length, field.run)])),
    ...builder.counted(fields.filter((field) => !runs.includes(field)).map((field) => fieldRow(builder, field, template))),
  ];
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

/** Bits that may be 1 in the first two words of operands: of those that rules are about all. */
function masksOf(template: Template): [number, number] {
  if (!isPacked(template)) return [-1, -1];
  const masks: [number, number] = [0, 0];
  for (const operand of template.operands) {
    const { word, byte } = operandPlace(template, operand.index);
    const mask = maskOf(operand) ?? -1;
    masks[word]! |= byte === undefined ? mask : (mask & 0xff) << (8 * byte);
  }
  return masks;
}

/** Is a field neighbouring bits of an operand, and of no other one behind it? */
function isRun({ run, operand, shift, masks }: Field, template: Template): boolean {
  return run >= 0 && (operandPlace(template, operand).byte === undefined || shift + masks.length <= 8);
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

/** Of a byte only what it has. */
function partRows(field: Field, template: Template): Words[] {
  const most = operandPlace(template, field.operand).byte === undefined ? 32 : 8;
  return runsOf(field).flatMap(({ from, count, to }) => (from < most ? [[partOf(field, template, from, Math.min(count, most - from), to)]] : []));
}

function partOf({ operand, offset }: Field, template: Template, from: number, count: number, to: number): number {
  const { word } = operandPlace(template, operand);
  return partBitsOf(bitOf(template, operand) + from, count, to, offset) | ((4 * word) << layout.partWordShift);
}

function partBitsOf(from: number, count: number, to: number, offset: number): number {
  if (offset > layout.partOffsetBits) throw new InternalError('a template is too long for its tables');
  return from | (to << layout.partToShift) | ((32 - count) << layout.partRestShift) | (offset << layout.partOffsetShift);
}

function computedRow(field: Field, template: Template): Words {
  const parts = runsOf(field).map(({ from, count, to }) => partBitsOf(from, count, to, field.offset));
  return [...sourceOf(field, template, parts.length), ...parts];
}

/** How a field is read back that is no neighbouring bits of an operand. */
function fieldRow(builder: Builder, field: Field, template: Template): Words {
  const isSingle = (bits: number): boolean => (bits & (bits - 1)) === 0;
  const alone = field.inverse.filter(({ mask, bits }) => isSingle(mask) && isSingle(bits));
  const sums = field.inverse.filter((row) => !alone.includes(row));
  const masks = new Int32Array(32);
  for (const { mask, bits } of alone) masks[31 - Math.clz32(mask)] = bits;
  return [
    field.offset,
    field.footprint,
    ...sourceOf(field, template, 0),
    field.shift,
    field.reach,
    ...builder.counted(sums.map(({ pivot, mask, bits }) => [pivot, mask, bits])),
    ...builder.counted(runsOf({ shift: 0, masks }).map(({ from, count, to }) => [from, lowBits(count), to])),
    ~alone.reduce((all, { mask }) => all | mask, 0),
  ];
}

/** What an operand may be that no mask can tell. */
function ruleRow(builder: Builder, operand: Operand, place: number): Words {
  const few = legalBits(operand);
  return few === undefined ? [builder.list([legalRow(builder, operand)]), place | layout.hasRule] : [few, place];
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

/** A bit for each legal value, where all of them are below 32. */
function legalBits(operand: Operand): number | undefined {
  const { kind, min, max, values } = operand;
  if (kind === 'reglist') return undefined;
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
