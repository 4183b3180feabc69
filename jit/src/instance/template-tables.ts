/** Tables of a template set for the core (core/layout/templates.ts), made of its metadata: whatever set it is, nothing else is known of its templates. */
import { InternalError } from '@fireball/contracts';
import * as functions from '../core/layout/functions.js';
import { kindBits, templateBits } from '../core/layout/placed.js';
import * as layout from '../core/layout/templates.js';
import type { BranchForm, BranchForms } from '../expand/branch-forms.js';
import { allValues, isLegal } from '../templates/domain.js';
import { runsOf, type Field, type Operand } from '../templates/field.js';
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
  const places = operands.map((operand) => placeOf(operand, template));
  const parts = fields.filter((field) => isPlain(field) && !places.includes(field));
  const computed = fields.filter((field) => !isPlain(field));
  const runs = fields.filter((field) => isPlain(field) && field.run >= 0);
  const required = builder.featureBits(requires);
  const pairs = Array.from({ length: distinct.length / 2 }, (_, pair): Words => [4 * distinct[2 * pair]!, 4 * distinct[2 * pair + 1]!]);
  return [
    size,
    builder.list([wordsOf(bytes), wordsOf(fixed)]),
    ...builder.counted(operands.map((operand, index) => operandRow(builder, operand, places[index]))),
    ...builder.counted(pairs),
    required & halfBits,
    ...builder.counted(parts.flatMap(partRows)),
    builder.list(computed.map(computedRow)),
    computed.length,
    ...builder.counted(runs.map(runRow)),
    ...builder.counted(fields.filter((field) => !runs.includes(field)).map((field) => fieldRow(builder, field))),
    required >>> 16,
  ];
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

/** The first field that takes an operand as it is, if its legal values are few: none of them has a bit that does not belong there. */
function placeOf(operand: Operand, { fields }: Template): Field | undefined {
  const legal = legalBits(operand);
  if (legal === undefined) return undefined;
  const bits = 32 - Math.clz32(31 - Math.clz32(legal));
  return fields.find((field) => field.operand === operand.index && isPlain(field) && field.run >= 0 && field.shift === 0 && bits <= field.masks.length);
}

/** Function, operands, how many parts; and bias. */
function sourceOf({ point, operand, with: second, bias }: Field, parts: number): [number, number] {
  const number = point.derive === undefined ? functions.itself : functions[point.derive];
  const first = (4 * operand) << layout.sourceFirstShift;
  const other = (second < 0 ? 0 : 4 * second) << layout.sourceSecondShift;
  return [number | first | other | (parts << layout.sourceCountShift), point.derive === undefined ? bias : 0];
}

function partRows(field: Field): Words[] {
  return runsOf(field).map(({ from, count, to }) => [partOf(field, from, count, to)]);
}

function runRow(field: Field): Words {
  return [partOf(field, field.shift, field.masks.length, field.run)];
}

function partOf({ operand, offset }: Field, from: number, count: number, to: number): number {
  const place = ((4 * operand) << layout.partOperandShift) | (offset << layout.partOffsetShift);
  if (offset > layout.partOffsetBits) throw new InternalError('a template is too long for its tables');
  return from | (to << layout.partToShift) | ((32 - count) << layout.partRestShift) | place;
}

function computedRow(field: Field): Words {
  const parts = partRows(field);
  return [...sourceOf(field, parts.length), ...parts.flat()];
}

/** How a field is read back that is no neighbouring bits of an operand. */
function fieldRow(builder: Builder, field: Field): Words {
  const isSingle = (bits: number): boolean => (bits & (bits - 1)) === 0;
  const alone = field.inverse.filter(({ mask, bits }) => isSingle(mask) && isSingle(bits));
  const sums = field.inverse.filter((row) => !alone.includes(row));
  const masks = new Int32Array(32);
  for (const { mask, bits } of alone) masks[31 - Math.clz32(mask)] = bits;
  return [
    field.offset,
    field.footprint,
    ...sourceOf(field, 0),
    field.shift,
    field.reach,
    ...builder.counted(sums.map(({ pivot, mask, bits }) => [pivot, mask, bits])),
    ...builder.counted(runsOf({ shift: 0, masks }).map(({ from, count, to }) => [from, lowBits(count), to])),
    ~alone.reduce((all, { mask }) => all | mask, 0),
  ];
}

function operandRow(builder: Builder, operand: Operand, place: Field | undefined): Words {
  const few = legalBits(operand);
  const way = place === undefined ? 0 : layout.isPlaced | (place.offset << layout.placeOffsetShift) | place.run;
  return few === undefined ? [builder.list([ruleRow(builder, operand)]), way | layout.hasRule] : [few, way];
}

function ruleRow(builder: Builder, operand: Operand): Words {
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
  if (operand === undefined || sources.length > layout.formColumns - layout.formSources) throw new InternalError(`template ${template.name} is no branch`);
  const row = [
    template.id,
    relative,
    template.relativeOrigin(relative),
    Math.max(operand.min, -twoTo31),
    Math.min(operand.max, twoTo31 - 1),
    ...builder.counted((operand.excluded ?? []).map((value) => [value])),
    sources.length,
    ...sources,
  ];
  return [...row, ...new Array<number>(layout.formColumns - row.length).fill(0)];
}
