/** Tables of a template set for the core (core/layout/templates.ts), made of its metadata: whatever set it is, nothing else is known of its templates. */
import { InternalError } from '@fireball/contracts';
import * as functions from '../core/layout/functions.js';
import { kindBits, mostOperandsOfBytes, templateBits } from '../core/layout/placed.js';
import { joint as layoutJoint, operands } from '../core/layout/placing.js';
import * as layout from '../core/layout/templates.js';
import type { BranchForm, BranchForms } from '../expand/branch-forms.js';
import { isLegal } from '../templates/domain.js';
import { runsOf, type Field, type Operand, type Run } from '../templates/field.js';
import { identityOf, isPacked, operandPlace } from '../templates/packing.js';
import type { Template } from '../templates/template.js';
import { bitOf, boundsOf, domainOf, patternOf, twoTo31, zerosOf, type Joint } from './template-domains.js';
import {
  byRotation,
  filledBy,
  groupsOf,
  isAlone,
  isPlain,
  isShifted,
  jointOf,
  maskAt,
  noWord,
  oneWord,
  readBy,
  readsOf,
  runsRead,
  slicesFlipped,
  wordsOf,
  type Group,
  type Slice,
} from './template-words.js';

/** What is written into the core's memory, wherever there is room. */
export interface TemplateTables {
  readonly words: Int32Array;
  /** Where the kinds of branches are, in bytes behind the rows of templates, with which the tables begin. */
  readonly kinds: number;
  /** Features that templates need, by bit. */
  readonly features: readonly string[];
}

type Words = readonly number[];

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
  const derived = withDerivedLast(template);
  const row = derived === undefined ? undefined : rowOf(builder, derived.template, derived.number);
  return row ?? rowOf(builder, template) ?? [];
}

/** The row of a template; `derive`: the function that has made the last operand into what fields have. Undefined where there is one, but the template is no word, or that operand may not be anything. */
function rowOf(builder: Builder, template: Template, derive?: number): Words | undefined {
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
  const flipped = [...plain].flatMap((field) => slicesFlipped(field, template));
  const seen = [...runs.values()].flatMap((slices) => slices ?? []);
  const isPlaced = rules.length + pairs.length === 0 && domains.every(({ legal }, index) => legal === undefined || isFirstByte(template, index));
  const filledWord = computed.length === 0 && isPlaced ? oneWord(template, flipped, joint) : undefined;
  const readWord = read.length === 0 && requires.length === 0 ? oneWord(template, seen, joint) : undefined;
  const word = filledWord ?? readWord;
  const isRead = readWord !== undefined && readWord.words.join() === word?.words.join() && readWord.more.join() === word.more.join();
  const [bounds, pattern] = [boundsOf(template), patternOf(domains)];
  const zeros = zerosOf(template, domains);
  const { never, legal } = domains.at(-1) ?? {};
  const isAnyLegal = zeros[1] === 0 && bounds[1] === -1 && never === undefined && legal === undefined;
  if (derive !== undefined && (filledWord === undefined || !isRead || !isAnyLegal)) return undefined;
  const patching = filledWord === undefined ? [...wordRows(builder, template, flipped, joint), ...computed] : [];
  const reading = isRead ? [] : [...wordRows(builder, template, seen, joint), ...read];
  const looks = [...patching, ...reading].some((step) => isLong(step) || step[layout.stepParts >> 2] !== 0);
  const [choices, ruled] = [builder.counted(chosen), builder.counted([...rules, ...pairs])];
  if (choices[1] > layout.choiceCountBits || ruled[1] > layout.ruleCountBits) throw new InternalError('a template has too much for its tables');
  const further = [...(word?.more ?? []), ...(derive === undefined ? [] : [derive])];
  return [
    ...[...zeros, ...bounds, ...pattern].flatMap(halvesOf),
    size,
    builder.featureBits(requires),
    joint.bias,
    joint.shift,
    builder.list(filledWord === undefined ? ended(patching) : [further]),
    builder.list(isRead ? [further] : ended(reading)),
    choices[0],
    ruled[0],
    choices[1] | (ruled[1] << layout.ruleCountShift) | (looks ? layout.looksForMore : 0),
    (filledWord === undefined ? layout.fillsBySteps : 0) |
      (isRead ? 0 : layout.readsBySteps) |
      (pattern[0] !== 0 ? layout.hasPattern : 0) |
      (bounds[1] !== -1 ? layout.hasBounds : 0) |
      (chosen.length > 0 ? layout.hasChoices : 0) |
      (word !== undefined && word.more.length > 0 ? layout.hasMore : 0) |
      (derive === undefined ? 0 : layout.isDerived),
    ...(word?.words ?? noWord).flatMap(halvesOf),
  ];
}

/** A template of which every field of the last operand has what one function makes of that, as one that has that as its last operand. */
function withDerivedLast(template: Template): { readonly template: Template; readonly number: number } | undefined {
  const last = template.operands.length - 1;
  const [first, ...others] = template.fields.filter(({ operand, with: second }) => operand === last || second === last);
  const derive = first?.point.derive;
  if (derive === undefined || [first, ...others].some((field) => field?.with !== -1 || field.point.derive !== derive)) return undefined;
  const fields = template.fields.map((field) => (field.operand === last ? { ...field, compute: null, bias: 0 } : field));
  return { template: Object.create(template, { fields: { value: fields } }) as Template, number: functions[derive] };
}

/** Is an operand a byte of the first word? */
function isFirstByte(template: Template, index: number): boolean {
  const { word, byte } = operandPlace(template, index);
  return isPacked(template) && word === 0 && byte !== undefined;
}

/** Steps, the last of which says that it is. */
function ended(steps: readonly Words[]): Words[] {
  return steps.map((step, index) => (index < steps.length - 1 ? step : [step[0]! | layout.isLastStep, ...step.slice(1)]));
}

/** Is it a step with a value that is computed? */
function isLong(step: Words): boolean {
  return (step[layout.stepSource >> 2]! & layout.isComputed) !== 0;
}

function halvesOf(word: number): Words {
  return [word & halfBits, word >>> 16];
}

/** Where an operand lies. */
function placeOf(template: Template, index: number): number {
  const { word, byte } = operandPlace(template, index);
  return (4 * word) | (byte === undefined ? 0 : layout.isByte | byte);
}

function wordRows(builder: Builder, template: Template, slices: readonly Slice[], joint: Joint): Words[] {
  const fixed = wordsOf(template.fixed);
  if (template.size > mostOffset) throw new InternalError('a template is too long for its tables');
  return wordsOf(template.bytes).map((word, at) => {
    const here = slices.filter((slice) => slice.at === at);
    const { groups, others } = groupsOf(template, here, joint);
    const parts = [
      ...groups.slice(layout.fewSlices).map(({ rotation, mask }): Words => [mask, layoutJoint | (rotation << layout.wayRotationShift)]),
      ...others.map((slice): Words => [maskAt(slice), wayTo(sourceOfSlice(template, slice, joint), slice.from, slice.to)]),
    ];
    const counted: [number, number] = parts.length === 0 ? [0, 0] : builder.counted(parts);
    return [(4 * at) << layout.sourceOffsetShift, word, ...fewSlices(groups.slice(0, layout.fewSlices)), joined(...counted), fixed[at]!];
  });
}

/** Where the bits of a slice lie: the joint word where that has less than the operand. */
function sourceOfSlice(template: Template, slice: Slice, joint: Joint): Source {
  const { word } = operandPlace(template, slice.operand);
  return isPacked(template) && word === 1 && joint.bias !== 0 ? { address: layoutJoint, bit: joint.shift } : operandSource(template, slice.operand);
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
