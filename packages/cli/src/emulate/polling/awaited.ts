import type { Machine } from '@fireball/emulator';
import { riscvFlow, thumbFlow, type CodeAt, type Flow } from './code-flow.js';
import type { BranchTest } from './registers.js';
import { riscvTest } from './riscv-test.js';
import { thumbTest } from './thumb-test.js';

/** What a loop waits for: that bits of a value become equal to something, or are so no longer. */
interface Awaited {
  readonly mask: number;
  readonly expected: number;
  readonly toBeEqual: boolean;
}

/** Loops that wait are this near to the load, in bytes. */
const near = 128;
/** And, where the way out leads back too, this short: in instructions, with neither stores nor calls. */
const short = 4;

/**
 * What the loop around the load at `pc` waits for, which has found `value`; to be called while that is loaded. Undefined where the code does
 * not tell, or not surely.
 */
export function awaitedAt(machine: Machine, pc: number, value: number): Awaited | undefined {
  const { processor } = machine;
  const code = codeOf(machine);
  const isArm = processor.architecture === 'arm-m';
  const xlen = processor.architecture === 'rv64' ? 64 : 32;
  const current = (number: number): number => processor.readRegister(isArm ? (armNames[number] ?? `r${number}`) : (processor.registerNames[number] ?? ''));
  const test = isArm ? thumbTest(code, pc, current) : riscvTest(code, pc, current, xlen);
  if (test === undefined) return undefined;
  const { mask, expected } = test.comparison;
  const isEqual = (BigInt(value) & mask) === expected;
  return comesBack(isArm ? (at) => thumbFlow(code, at) : (at) => riscvFlow(code, at, xlen), pc, test, isEqual)
    ? { mask: Number(mask), expected: Number(expected), toBeEqual: !isEqual }
    : undefined;
}

const armNames: Readonly<Record<number, string>> = { 13: 'sp', 14: 'lr', 15: 'pc' };

function codeOf(machine: Machine): CodeAt {
  return (address) => {
    const place = machine.bus.at(address);
    return place?.kind === 'memory' ? (place.region.bytes[place.offset] ?? 0) | ((place.region.bytes[place.offset + 1] ?? 0) << 8) : undefined;
  };
}

/** Does the way that the value leads to come back to the load, and the other one leave the loop? */
function comesBack(flowAt: (at: number) => Flow | undefined, pc: number, { takenIfEqual, target, next }: BranchTest, isEqual: boolean): boolean {
  const taken = takenIfEqual === isEqual;
  const stays = way(flowAt, taken ? target : next, pc);
  const leaves = way(flowAt, taken ? next : target, pc);
  return stays !== undefined && (leaves === undefined || (stays.plain && stays.instructions <= short && stays.instructions < leaves.instructions));
}

interface Way {
  readonly instructions: number;
  readonly plain: boolean;
}

/** The shortest way to `goal` through the code around it; undefined: there is none. */
function way(flowAt: (at: number) => Flow | undefined, from: number, goal: number): Way | undefined {
  const seen = new Set<number>();
  let front: { readonly at: number; readonly plain: boolean }[] = [{ at: from, plain: true }];
  for (let instructions = 0; front.length > 0; instructions++) {
    const next: typeof front = [];
    for (const { at, plain } of front) {
      if (at === goal) return { instructions, plain };
      const flow = Math.abs(at - goal) > near || seen.has(at) ? undefined : flowAt(at);
      seen.add(at);
      if (flow === undefined || flow.kind === 'end') continue;
      if ('target' in flow) next.push({ at: flow.target, plain });
      if (flow.kind !== 'jump') next.push({ at: at + flow.length, plain: plain && flow.kind !== 'store' && flow.kind !== 'call' });
    }
    front = next;
  }
  return undefined;
}

/** `bit 17 (HSERDY) never set`, with the names of fields where somebody knows them. */
export function describeAwaited({ mask, expected, toBeEqual }: Awaited, fieldName: (bit: number) => string | undefined): string {
  const single = (mask & (mask - 1)) === 0 || mask === 2 ** 31 ? 31 - Math.clz32(mask) : undefined;
  if (single !== undefined) {
    const name = fieldName(single);
    return `bit ${single}${name === undefined ? '' : ` (${name})`} never ${(expected !== 0) === toBeEqual ? 'set' : 'clear'}`;
  }
  const bits = `bits ${word(mask)}`;
  if (toBeEqual) return expected === 0 ? `${bits} never all clear` : `${bits} never ${word(expected)}`;
  return expected === 0 ? `none of ${bits} ever set` : `${bits} always ${word(expected)}`;
}

function word(value: number): string {
  return `0x${(value >>> 0).toString(16).padStart(8, '0')}`;
}
