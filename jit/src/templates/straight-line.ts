/**
 * Straight-line code for one template: what writes an instance of it, and what reads one back. It is made of the template's metadata when the template is
 * first used, so that sets of a user's own have it, too. Nothing but numbers of a validated set gets into its text.
 */
import { notEncodable } from './derive.js';
import { allValues, isLegal } from './domain.js';
import { partsOf, runsOf, type Field, type Operand } from './field.js';

/** What the code is made of; a `Template` is one. */
export interface PatchPlan {
  /** The instance in which every field's value is 0. */
  readonly bytes: Uint8Array;
  readonly operands: readonly Operand[];
  /** In the order of their instructions. */
  readonly fields: readonly Field[];
  /** Operand indices, two by two, that must not be equal. */
  readonly distinct: Int32Array;
}

/**
 * Writes the instance with the values from index `first` on at byte `at`, which must have room for it.
 * @returns false where a value is illegal or cannot be encoded; nothing has been written then
 */
export type Patcher = (out: DataView, at: number, values: ArrayLike<number>, first: number) => boolean;

/** Is there the instance at byte `at` whose fields hold the values from index `first` on, and nothing else? */
export type Checker = (code: DataView, at: number, values: ArrayLike<number>, first: number) => boolean;

/** Statements, and the functions that they call: derived values, legality of register lists. */
class Text {
  readonly lines: string[] = [];
  private readonly called: unknown[] = [];

  add(...lines: readonly string[]): void {
    this.lines.push(...lines);
  }

  /** The name under which the statements call a function. */
  nameOf(callee: unknown): string {
    if (!this.called.includes(callee)) this.called.push(callee);
    return `f${this.called.indexOf(callee)}`;
  }

  compile(name: string, parameters: string): unknown {
    const names = this.called.map((_, index) => `f${index}`);
    const factory = new Function(...names, `return function ${name}(${parameters}) {\n${this.lines.join('\n')}\n}`) as (...called: unknown[]) => unknown;
    return factory(...this.called);
  }
}

export function compilePatcher({ bytes, operands, fields, distinct }: PatchPlan): Patcher {
  const text = new Text();
  readValues(text, operands);
  const tests = ['true', ...operands.map((operand) => legalityTest(text, operand))];
  for (let pair = 0; pair < distinct.length; pair += 2) tests.push(`v${distinct[pair]} !== v${distinct[pair + 1]}`);
  text.add(`if (!(${tests.join(' && ')})) return false;`);
  const words = wordsOf(bytes);
  const terms = words.map(({ value }) => [String(value)]);
  fields.forEach((field, position) => {
    const value = valueOf(text, field, position);
    if (field.compute !== null) text.add(`if (${value} === ${notEncodable}) return false;`);
    for (const { from, count, to } of runsOf(field))
      for (const part of partsOf(8 * field.offset + to, count))
        terms[part.word]?.push(shifted(masked(shifted(value, -(from + part.from)), part.count), part.to));
  });
  words.forEach(({ at, bits }, index) => text.add(`out.setInt${bits}(${at}, ${terms[index]?.join(' ^ ')}, true);`));
  text.add('return true;');
  return text.compile('patch', 'out, at, values, first') as Patcher;
}

/** Made of the inverse of each field: the patcher is made of something else. */
export function compileChecker({ bytes, operands, fields }: PatchPlan): Checker {
  const text = new Text();
  readValues(text, operands);
  const words = wordsOf(bytes);
  words.forEach(({ at, bits, value }, index) => text.add(`const w${index} = code.getInt${bits}(${at}, true) ^ ${value};`));
  const fixed = words.map(({ bits }): number => (bits === 32 ? -1 : 0xffff));
  // Bits that must be 0: of what is fixed, and where a field and its value differ.
  const wrong: string[] = [];
  fields.forEach((field, position) => {
    const read: string[] = [];
    for (const part of partsOf(8 * field.offset, 8 * field.unit)) {
      fixed[part.word]! &= ~((field.footprint >>> part.from) << part.to);
      read.push(shifted(masked(shifted(`w${part.word}`, -part.to), part.count), part.from));
    }
    const word = read.length === 1 ? read[0]! : `(${read.join(' | ')})`;
    const expected = `(${shifted(valueOf(text, field, position), -field.shift)} & ${field.reach})`;
    if (field.run >= 0) wrong.push(`(${masked(shifted(word, -field.run), field.masks.length)} ^ ${expected})`);
    else {
      text.add(...solve(field, word, position));
      wrong.push(`r${position}`, `(x${position} ^ ${expected})`);
    }
  });
  fixed.forEach((mask, index) => {
    if (mask !== 0) wrong.push(`(w${index} & ${mask})`);
  });
  text.add(`return (${wrong.join(' | ')}) === 0;`);
  return text.compile('check', 'code, at, values, first') as Checker;
}

function readValues(text: Text, operands: readonly Operand[]): void {
  for (const { index } of operands) text.add(`const v${index} = values[first + ${index}];`);
}

/** The value whose bits go into the field, before it is shifted. */
function valueOf(text: Text, { operand, with: second, compute, bias }: Field, position: number): string {
  if (compute === null) return bias === 0 ? `v${operand}` : `(v${operand} - ${bias})`;
  text.add(`const d${position} = ${text.nameOf(compute)}(v${operand}, ${second < 0 ? '0' : `v${second}`});`);
  return `d${position}`;
}

/** To the left; to the right where `by` is negative. */
function shifted(value: string, by: number): string {
  if (by === 0) return value;
  return by < 0 ? `(${value} >> ${-by})` : `(${value} << ${by})`;
}

function masked(value: string, bits: number): string {
  return bits === 32 ? value : `(${value} & ${2 ** bits - 1})`;
}

/**
 * Reads a field back whose masks are no run: as `readFields` does, but bits that are flipped by one bit of the value alone are read
 * together, where they are neighbours. Leaves the value, and what of the word no value gives.
 */
function solve({ inverse, footprint }: Field, word: string, position: number): string[] {
  const [rest, value] = [`r${position}`, `x${position}`];
  const isSingle = (bits: number): boolean => (bits & (bits - 1)) === 0;
  const alone = inverse.filter(({ mask, bits }) => isSingle(mask) && isSingle(bits));
  const sums = inverse.filter((row) => !alone.includes(row));
  const masks = new Int32Array(32);
  for (const { mask, bits } of alone) masks[31 - Math.clz32(mask)] = bits;
  const read = runsOf({ shift: 0, masks }).map(({ from, count, to }) => shifted(masked(shifted(rest, -from), count), to));
  return [
    `let ${rest} = ${word} & ${footprint}, ${value} = 0;`,
    ...sums.map(({ pivot, mask, bits }) => `if ((${rest} & ${pivot}) !== 0) { ${rest} ^= ${mask}; ${value} ^= ${bits}; }`),
    ...(read.length === 0 ? [] : [`${value} ^= ${read.join(' ^ ')};`]),
    `${rest} &= ${~alone.reduce((all, { mask }) => all | mask, 0)};`,
  ];
}

/** What is written and read at once: 4 bytes, or the last 2. */
interface Word {
  /** Its place in the code, as an expression. */
  readonly at: string;
  readonly bits: 16 | 32;
  /** Of the instance in which every field's value is 0. */
  readonly value: number;
}

function wordsOf(bytes: Uint8Array): Word[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: Math.ceil(bytes.length / 4) }, (_, index): Word => {
    const offset = 4 * index;
    const at = index === 0 ? 'at' : `at + ${offset}`;
    return offset + 4 <= bytes.length ? { at, bits: 32, value: view.getInt32(offset, true) } : { at, bits: 16, value: view.getInt16(offset, true) };
  });
}

/** True for what `isLegal` accepts, and for nothing else. */
function legalityTest(text: Text, operand: Operand): string {
  const { index, kind, min, max, step = 1, excluded = [], values } = operand;
  const value = `v${index}`;
  if (kind === 'reglist') return `${text.nameOf((each: number) => isLegal(operand, each))}(${value})`;
  if (min >= 0 && max < 32) {
    const legal = allValues(operand, 32) ?? [];
    if (legal.length === 0) return 'false';
    const isWhole = (legal.length & (legal.length - 1)) === 0 && legal.every((each, place) => each === place);
    if (isWhole) return `(${value} & ${legal.length - 1}) === ${value}`;
    return `(${value} & 31) === ${value} && (${legal.reduce((bits, each) => bits | (1 << each), 0)} >>> ${value} & 1) !== 0`;
  }
  if (values !== undefined)
    return `[${Object.values(values)
      .filter((each) => isLegal(operand, each))
      .join()}].includes(${value})`;
  const tests = [max > 0x7fff_ffff ? `((${value} | 0) === ${value} || ${value} >>> 0 === ${value})` : `(${value} | 0) === ${value}`];
  if (min > -0x8000_0000) tests.push(`${value} >= ${min}`);
  if (max !== 0x7fff_ffff && max !== 0xffff_ffff) tests.push(`${value} <= ${max}`);
  if (step !== 1) tests.push(`${value} % ${step} === 0`);
  return [...tests, ...excluded.map((each) => `${value} !== ${each}`)].join(' && ');
}
