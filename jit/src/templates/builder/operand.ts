/** Operand declarations of template sources: constraints, and the assembly text of a value. */
import type { Isa } from '@fireball/contracts';
import type { OperandJson } from '../schema.js';
import { parseFloatRegisterSet, parseRegisterSet, registerText } from './registers.js';

export interface SourceOperand extends OperandJson {
  /** What stands in the assembly for this value. */
  readonly text: (value: number) => string;
}

type Fail = (problem: string) => never;

/** Largest value of an enum or register operand: the patcher keeps a table of the legal ones. */
const maxTableValue = 4095;

export function parseOperand(isa: Isa, name: string, kind: string, args: readonly string[], fail: Fail): SourceOperand {
  switch (kind) {
    case 'creg':
      return parseOperand(isa, name, 'reg', ['creg', ...args], fail);
    case 'reg': {
      const { list, exclude } = splitExclude(args);
      const registers = (names: readonly string[]): number[] => parseRegisterSet(isa, names) ?? fail(`unknown register or set in "${names.join(' ')}"`);
      const not = registers(exclude);
      const numbers = registers(list.length === 0 ? ['core'] : list).filter((n) => !not.includes(n));
      return { ...tableOperand(name, 'reg', numbers, fail), text: (value) => registerText(isa, value) };
    }
    case 'freg': {
      const names = args.length > 0 ? args : [isa === 'rv32' ? 'f0-f31' : 's0-s31'];
      const set = parseFloatRegisterSet(isa, names) ?? fail(`unknown floating-point register in "${names.join(' ')}"`);
      return {
        ...tableOperand(name, 'freg', set.numbers, fail),
        text: (value) => `${set.prefix}${value}`,
      };
    }
    case 'enum':
      return parseEnum(name, args, fail);
    case 'reglist':
      return parseRegisterList(isa, name, args, fail);
    case 'imm32':
    case 'addr32':
      if (args.length > 0) fail(`${kind} takes no range`);
      return {
        name,
        kind,
        min: -0x8000_0000,
        max: 0xffff_ffff,
        text: (value) => `0x${(value >>> 0).toString(16)}`,
      };
    case 'imm':
    case 'rel_jmp':
    case 'rel_cond':
      return {
        name,
        kind,
        ...parseRange(args, fail),
        text: kind === 'imm' ? String : (value) => `. + ${value}`,
      };
    default:
      return fail(`unknown operand kind ${kind}`);
  }
}

function tableOperand(name: string, kind: 'reg' | 'freg' | 'enum', numbers: readonly number[], fail: Fail): Omit<OperandJson, 'values'> {
  if (numbers.length === 0) fail(`${name} has no values`);
  const min = Math.min(...numbers);
  const max = Math.max(...numbers);
  const excluded: number[] = [];
  if (kind !== 'enum') for (let value = min; value < max; value++) if (!numbers.includes(value)) excluded.push(value);
  return { name, kind, min, max, ...(excluded.length > 0 ? { excluded } : {}) };
}

/** `SET.. [least N] [exclude A+B..]`: an excluded item forbids lists that hold all of its registers. */
function parseRegisterList(isa: Isa, name: string, args: readonly string[], fail: Fail): SourceOperand {
  const { list, exclude } = splitExclude(args);
  const at = list.indexOf('least');
  const names = at < 0 ? list : list.slice(0, at);
  const least = at < 0 ? 1 : Number(list[at + 1]);
  const maskOf = (registers: readonly string[]): number =>
    (parseRegisterSet(isa, registers) ?? fail(`unknown register in "${registers.join(' ')}"`)).reduce((mask, n) => mask | (1 << n), 0);
  const max = maskOf(names);
  if (max <= 0 || !(least >= 1)) fail('reglist SET.. [least N] [exclude A+B..], registers 0..30');
  const excluded = exclude.map((item) => maskOf(item.split('+')));
  return {
    name,
    kind: 'reglist',
    min: 0,
    max,
    least,
    ...(excluded.length > 0 ? { excluded } : {}),
    text: (mask) =>
      Array.from({ length: 31 }, (_, n) => n)
        .filter((n) => (mask >> n) & 1)
        .map((n) => registerText(isa, n))
        .join(','),
  };
}

function parseEnum(name: string, args: readonly string[], fail: Fail): SourceOperand {
  const values: Record<string, number> = {};
  const texts = new Map<number, string>();
  for (const arg of args) {
    const [key = '', number = ''] = arg.split('=');
    const value = number === '' ? NaN : Number(number);
    if (!Number.isInteger(value) || value < 0 || value > maxTableValue) fail(`${arg}: enum values are NAME=NUMBER, 0..${maxTableValue}`);
    if (Object.hasOwn(values, key)) fail(`${name}: ${key} is given twice`);
    if (texts.has(value)) fail(`${name}: value ${value} is given twice`);
    values[key] = value;
    texts.set(value, key === '_' ? '' : key);
  }
  return {
    ...tableOperand(name, 'enum', Object.values(values), fail),
    values,
    text: (value) => texts.get(value) ?? '',
  };
}

function parseRange(args: readonly string[], fail: Fail): Pick<OperandJson, 'min' | 'max' | 'step' | 'excluded'> {
  const [range = '', ...options] = args;
  const match = /^(-?\w+)\.\.(-?\w+)$/.exec(range);
  const min = Number(match?.[1]);
  const max = Number(match?.[2]);
  if (!Number.isInteger(min) || !Number.isInteger(max) || min > max) fail(`range "${range}": MIN..MAX expected`);
  let step = 1;
  let excluded: number[] = [];
  for (let at = 0; at < options.length; at += 2) {
    const value = options[at + 1] ?? '';
    if (options[at] === 'step') step = Number(value);
    else if (options[at] === 'exclude') excluded = value.split(',').map(Number);
    else fail(`unknown word ${options[at]}: [step N] [exclude A,B] expected`);
  }
  if (!Number.isInteger(step) || step < 1 || min % step !== 0 || max % step !== 0) fail('step must be positive and divide both ends of the range');
  if (!excluded.every(Number.isInteger)) fail('exclude takes numbers separated by commas');
  return { min, max, ...(step > 1 ? { step } : {}), ...(excluded.length > 0 ? { excluded } : {}) };
}

function splitExclude(args: readonly string[]): { list: readonly string[]; exclude: readonly string[] } {
  const at = args.indexOf('exclude');
  return at < 0 ? { list: args, exclude: [] } : { list: args.slice(0, at), exclude: args.slice(at + 1) };
}
