/** Register names of each instruction set, as they stand in template sources and assembly text. */
import type { Isa } from '@fireball/contracts';

const span = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, index) => first + index);

const thumbNames = [...span(0, 12).map((n) => `r${n}`), 'sp', 'lr', 'pc'];
const rv32Aliases: Readonly<Record<string, number>> = {
  zero: 0,
  ra: 1,
  sp: 2,
  gp: 3,
  tp: 4,
  t0: 5,
  t1: 6,
  t2: 7,
  ...Object.fromEntries(span(0, 1).map((n) => [`s${n}`, 8 + n])),
  ...Object.fromEntries(span(2, 11).map((n) => [`s${n}`, 16 + n])),
  ...Object.fromEntries(span(0, 7).map((n) => [`a${n}`, 10 + n])),
  ...Object.fromEntries(span(3, 6).map((n) => [`t${n}`, 25 + n])),
};

/** Sets of integer registers that have a name of their own. The default is `core`. */
const namedSets: Readonly<Record<Isa, Readonly<Record<string, readonly number[]>>>> = {
  thumb2: {
    core: [...span(0, 12), 14],
    low: span(0, 7),
    high: [...span(8, 12), 14],
    even: [0, 2, 4, 6, 8, 10],
  },
  rv32: {
    core: span(0, 31),
    nonzero: span(1, 31),
    creg: span(8, 15),
  },
};

/** Registers that sample instances use first, so that listings read well. */
export const preferredRegisters: Readonly<Record<Isa, readonly number[]>> = {
  thumb2: span(0, 14),
  rv32: [...span(10, 17), 8, 9, ...span(18, 31), ...span(0, 7)],
};

export function registerText(isa: Isa, number: number): string {
  return isa === 'thumb2' ? (thumbNames[number] ?? `r${number}`) : `x${number}`;
}

function registerNumber(isa: Isa, name: string): number | undefined {
  if (isa === 'rv32' && Object.hasOwn(rv32Aliases, name)) return rv32Aliases[name];
  if (isa === 'thumb2' && thumbNames.includes(name)) return thumbNames.indexOf(name);
  const match = /^([rx])(\d+)$/.exec(name);
  if (match === null || (match[1] === 'x') !== (isa === 'rv32')) return undefined;
  const number = Number(match[2]);
  return number < (isa === 'rv32' ? 32 : 16) ? number : undefined;
}

function floatRegister(isa: Isa, name: string): { prefix: string; number: number } | undefined {
  const match = /^([sdf])(\d+)$/.exec(name);
  if (match === null) return undefined;
  const prefix = match[1] ?? '';
  const number = Number(match[2]);
  const count = isa === 'rv32' ? { f: 32 }[prefix] : { s: 32, d: 16 }[prefix];
  return count !== undefined && number < count ? { prefix, number } : undefined;
}

/**
 * Reads a set of integer registers: names of sets, registers and ranges, e.g. `low r8` or `r0-r7`.
 * @returns undefined where a name is unknown.
 */
export function parseRegisterSet(isa: Isa, names: readonly string[]): number[] | undefined {
  const numbers: number[] = [];
  for (const part of names) {
    const set = namedSets[isa][part];
    if (set !== undefined) {
      numbers.push(...set);
      continue;
    }
    const [first, last] = part.split('-').map((name) => registerNumber(isa, name));
    if (first === undefined || (part.includes('-') && last === undefined)) return undefined;
    numbers.push(...span(first, last ?? first));
  }
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** Reads a set of floating-point registers: `s0-s15 s20`, `d0-d7` (Arm), `f0-f31` (RISC-V). */
export function parseFloatRegisterSet(isa: Isa, names: readonly string[]): { prefix: string; numbers: number[] } | undefined {
  const numbers: number[] = [];
  let prefix: string | undefined;
  for (const part of names) {
    const ends = part.split('-').map((name) => floatRegister(isa, name));
    for (const end of ends) {
      if (end === undefined || (prefix !== undefined && prefix !== end.prefix)) return undefined;
      prefix = end.prefix;
    }
    const first = ends[0]?.number ?? 0;
    numbers.push(...span(first, ends[1]?.number ?? first));
  }
  return prefix === undefined ? undefined : { prefix, numbers: [...new Set(numbers)].sort((a, b) => a - b) };
}
