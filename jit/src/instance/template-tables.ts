/** Tables of a template set for the core (core/layout/templates.ts), made of its metadata: whatever set it is, nothing else is known of its templates. */
import { InternalError } from '@fireball/contracts';
import * as functions from '../core/layout/functions.js';
import * as layout from '../core/layout/templates.js';
import type { BranchForm, BranchForms } from '../expand/branch-forms.js';
import { allValues, isLegal } from '../templates/domain.js';
import { runsOf, type Field, type Operand } from '../templates/field.js';
import type { Template } from '../templates/template.js';

/** What is written into the core's memory at the address for which it was made. */
export interface TemplateTables {
  readonly words: Int32Array;
  /** Addresses of the rows of templates, and of kinds of branches. */
  readonly templates: number;
  readonly kinds: number;
  /** Features that templates need, by bit. */
  readonly features: readonly string[];
}

type Words = readonly number[];

const twoTo31 = 0x8000_0000;

class Builder {
  readonly features: string[] = [];
  private readonly words: number[] = [];

  constructor(private readonly base: number) {}

  /** Address of rows, one after the other, and the one behind them. */
  list(rows: readonly Words[]): [number, number] {
    const begin = this.end;
    for (const row of rows) this.words.push(...row);
    return [begin, this.end];
  }

  private get end(): number {
    return this.base + 4 * this.words.length;
  }

  featureBits(words: readonly string[]): number {
    for (const word of words) if (!this.features.includes(word)) this.features.push(word);
    return words.reduce((bits, word) => bits | (1 << this.features.indexOf(word)), 0);
  }

  finish(templates: number, kinds: number): TemplateTables {
    return { words: Int32Array.from(this.words), templates, kinds, features: this.features };
  }
}

/** @param address where they will be written */
export function makeTables(templates: readonly Template[], kinds: readonly BranchForms[], address: number): TemplateTables {
  const builder = new Builder(address);
  const rows = templates.map((template) => templateRow(builder, template));
  const forms = kinds.map((kind): Words => [builder.list(kind.forms.map((form) => formRow(builder, form)))[0], kind.forms.length]);
  return builder.finish(builder.list(rows)[0], builder.list(forms)[0]);
}

function templateRow(builder: Builder, { size, bytes, fixed, operands, distinct, requires, fields }: Template): Words {
  const plain = fields.filter(isPlain);
  const computed = fields.filter((field) => !isPlain(field));
  const runs = plain.filter(({ run }) => run >= 0);
  const row = [
    size,
    builder.list([wordsOf(bytes)])[0],
    builder.list([wordsOf(fixed)])[0],
    ...builder.list(operands.map((operand) => operandRow(builder, operand))),
    ...builder.list([Array.from(distinct, (operand) => 4 * operand)]),
    builder.featureBits(requires),
    ...builder.list(plain.flatMap(partRows)),
    ...builder.list(computed.map((field) => [...sourceOf(field), ...builder.list(partRows(field))])),
    ...builder.list(runs.map((field) => [field.offset, wordAt(bytes, field), field.run, lowBits(field.masks.length), 4 * field.operand, field.shift])),
    ...builder.list(fields.filter((field) => !runs.includes(field)).map((field) => fieldRow(builder, field, bytes))),
  ];
  return row;
}

/** Whole words; what is missing in the last one is 0. */
function wordsOf(bytes: Uint8Array): number[] {
  const padded = new Uint8Array((bytes.length + 3) & ~3);
  padded.set(bytes);
  return [...new Int32Array(padded.buffer)];
}

function wordAt(bytes: Uint8Array, { offset, unit }: Field): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return unit === 2 ? view.getUint16(offset, true) : view.getInt32(offset, true);
}

/** As many ones from bit 0 on. */
function lowBits(count: number): number {
  return count === 32 ? -1 : 2 ** count - 1;
}

function isPlain({ compute, bias }: Field): boolean {
  return compute === null && bias === 0;
}

/** Function, operands, bias. */
function sourceOf({ point, operand, with: second, bias }: Field): number[] {
  return [
    point.derive === undefined ? functions.itself : functions[point.derive],
    4 * operand,
    second < 0 ? 0 : 4 * second,
    point.derive === undefined ? bias : 0,
  ];
}

function partRows(field: Field): Words[] {
  return runsOf(field).map(({ from, count, to }) => [
    from | (to << layout.partToShift) | ((4 * field.operand) << layout.partOperandShift),
    lowBits(count),
    field.offset,
  ]);
}

/** How a field is read back that is no neighbouring bits of an operand. */
function fieldRow(builder: Builder, field: Field, bytes: Uint8Array): Words {
  const isSingle = (bits: number): boolean => (bits & (bits - 1)) === 0;
  const alone = field.inverse.filter(({ mask, bits }) => isSingle(mask) && isSingle(bits));
  const sums = field.inverse.filter((row) => !alone.includes(row));
  const masks = new Int32Array(32);
  for (const { mask, bits } of alone) masks[31 - Math.clz32(mask)] = bits;
  return [
    field.offset,
    wordAt(bytes, field),
    field.footprint,
    ...sourceOf(field),
    field.shift,
    field.reach,
    ...builder.list(sums.map(({ pivot, mask, bits }) => [pivot, mask, bits])),
    ...builder.list(runsOf({ shift: 0, masks }).map(({ from, count, to }) => [from, lowBits(count), to])),
    ~alone.reduce((all, { mask }) => all | mask, 0),
  ];
}

function operandRow(builder: Builder, operand: Operand): Words {
  const { kind, min, max, step = 1, excluded = [], least = 1, values } = operand;
  const few = legalBits(operand);
  const rule = few !== undefined ? layout.bitsRule : kind === 'reglist' ? layout.registersRule : values === undefined ? layout.rangeRule : layout.listRule;
  const listed = rule === layout.listRule ? Object.values(values ?? {}).filter((value) => isLegal(operand, value)) : excluded;
  const isMask = (step & (step - 1)) === 0;
  return [
    rule,
    few ?? (kind === 'reglist' ? max | 0 : 0),
    least,
    isMask ? step - 1 : -step,
    isMask ? 0 : (step - (twoTo31 % step)) % step,
    Math.max(min, -twoTo31),
    Math.min(max, twoTo31 - 1),
    ...builder.list([listed.filter((value) => value < twoTo31 || kind === 'reglist').map((value) => value | 0)]),
    ...(max < twoTo31 ? [0, -1] : [Math.max(min, twoTo31) | 0, max | 0]),
    ...builder.list([listed.filter((value) => value >= twoTo31 || kind === 'reglist').map((value) => value | 0)]),
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
    ...builder.list([operand.excluded ?? []]),
    sources.length,
    ...sources,
  ];
  return [...row, ...new Array<number>(layout.formColumns - row.length).fill(0)];
}
