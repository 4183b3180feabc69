/** States from which templates run: values that decide, values that are addresses, and values that are equal. */
import type { Isa } from '@fireball/contracts';
import { randomValues, type Template } from '@fireball/jit';
import { floatCount } from './float-bank.js';
import { contains, type Resource, type ResourceSet } from './resources.js';
import { dataBase, registerCounts, stackPointers, type TemplateState } from './runner.js';

/** Gives an unsigned 32-bit number each time. */
export type Random = () => number;

const boundaries = [0, 1, -1, 0x7fff_ffff, -0x8000_0000, 0x80, 0xff, 0x8000, 31, 32];
/** Far enough from the memory's ends for any offset, and apart: nothing else points below sp. */
const addresses = { begin: dataBase + 0x1000, bytes: 0x800 };
const stack = { begin: dataBase + 0x3000, bytes: 0x400 };

const pick = <T>(items: readonly T[], random: Random): T => items[random() % items.length] as T;
const word = (random: Random): number => random() | 0;
const address = (random: Random): number => (addresses.begin + (random() % addresses.bytes)) | 0;

function registerValue(pool: readonly number[], random: Random): number {
  switch (random() % 4) {
    case 0:
      return address(random);
    case 1:
      return random() % 3 === 0 ? 0 : random() % 40;
    case 2:
      return pick(pool, random);
    default:
      return random() % 2 === 0 ? word(random) : pick(boundaries, random);
  }
}

const singles = [0n, 0x8000_0000n, 0x3fc0_0000n, 0xbfc0_0000n, 0x7fc0_0000n, 0x4f80_0000n];
const doubles = [0n, 1n << 63n, 0x3ff8_0000_0000_0000n, 0xbff8_0000_0000_0000n, 0x7ff8_0000_0000_0000n, 0x41f0_0000_0000_0000n];
/** A single in a register for doubles. */
const boxed = 0xffff_ffff_0000_0000n;

function floatValue(isa: Isa, random: Random): bigint {
  const bits = BigInt(random());
  if (isa === 'thumb2') return random() % 2 === 0 ? pick(singles, random) : bits;
  if (random() % 2 === 0) return boxed | (random() % 2 === 0 ? pick(singles, random) : bits);
  return random() % 2 === 0 ? pick(doubles, random) : (bits << 32n) | BigInt(random());
}

/** Registers for a run, with boundary values, addresses of memory and equal values more often than chance has them. */
export function randomState(isa: Isa, memory: Uint8Array, random: Random): TemplateState {
  const pool = [word(random), address(random), pick(boundaries, random)];
  const registers = Int32Array.from({ length: registerCounts[isa] }, () => registerValue(pool, random));
  // Not always a stack: it may be compared as a number.
  registers[stackPointers[isa]] = random() % 3 === 0 ? word(random) & ~7 : stack.begin + 8 * (random() % (stack.bytes / 8));
  if (isa === 'rv32') registers[0] = 0;
  const some = [floatValue(isa, random), floatValue(isa, random), floatValue(isa, random)];
  const floats = BigUint64Array.from({ length: floatCount }, () => pick(some, random));
  return { registers, floats, nzcv: isa === 'thumb2' ? random() & 15 : 0, memory };
}

/** `from`, with these resources as they are in `to`. */
export function mixed(from: TemplateState, to: TemplateState, isOfTo: (resource: Resource) => boolean): TemplateState {
  return {
    registers: from.registers.map((value, number) => (isOfTo({ kind: 'register', number }) ? (to.registers[number] ?? 0) : value)),
    floats: from.floats.map((value, number) => (isOfTo({ kind: 'float', number }) ? (to.floats[number] ?? 0n) : value)),
    nzcv: isOfTo({ kind: 'flags' }) ? to.nzcv : from.nzcv,
    memory: isOfTo({ kind: 'memory' }) ? to.memory : from.memory,
  };
}

/** Everything but these. */
export const allBut =
  (set: ResourceSet) =>
  (resource: Resource): boolean =>
    !contains(set, resource);

const isBranch = (kind: string): boolean => kind === 'rel_jmp' || kind === 'rel_cond';

/** A branch into its own template would repeat a part of it, or begin inside an instruction. */
function leavesItself(template: Template, values: readonly number[]): boolean {
  return template.operands.every(({ kind, index }) => {
    if (!isBranch(kind)) return true;
    const target = template.relativeOrigin(index) + (values[index] ?? 0);
    return target < 0 || target > template.size;
  });
}

const attempts = 50;

/**
 * Operand values that `patch` takes; addresses lie in the data.
 * @returns undefined if none were found
 */
export function randomInstance(template: Template, choices: ReadonlyMap<number, number>, random: Random): number[] | undefined {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const values = randomValues(template, random);
    if (values === undefined) return undefined;
    for (const [index, value] of choices) values[index] = value;
    for (const { kind, index } of template.operands) if (kind === 'addr32') values[index] = (address(random) & ~3) >>> 0;
    if (leavesItself(template, values)) return values;
  }
  return undefined;
}

/** Every combination of the values of enum operands, by operand index. */
export function enumChoices(template: Template): Map<number, number>[] {
  let rows: Map<number, number>[] = [new Map<number, number>()];
  for (const { values, index } of template.operands) {
    if (values !== undefined) rows = rows.flatMap((row) => Object.values(values).map((value) => new Map<number, number>([...row, [index, value]])));
  }
  return rows;
}
