/** What registers hold before an instance runs. */
import type { Template } from '@fireball/jit';
import { boundaries, randomOperands } from '../rom/operands.js';
import { pick, type Instance } from './instances.js';
import { floatCount, type MachineState } from './state.js';
import { boundaryWords } from './values.js';

const leastRounds = 4;
/** Each state of the flags once; stack pointers and memory differ from round to round too. */
const roundsWithoutRegisters = 16;
/** A signalling one with a payload. */
const specialNaN = { f32: 0xffa0_0001n, f64: 0xfff4_0000_0000_0001n } as const;

/**
 * Contents of the instance's registers: all combinations of boundary values for up to two
 * registers where `rounds` allows, otherwise a random choice of boundary and random values.
 */
export function* registerContents(template: Template, values: Instance, rounds: number, random: () => number): Generator<ReadonlyMap<number, number>> {
  const named = template.operands.flatMap((operand, index) => (operand.kind === 'reg' ? [values[index] ?? 0] : []));
  const registers = [...new Set(named)];
  const combinations = boundaryWords.length ** registers.length;
  const complete = registers.length > 0 && combinations <= rounds;
  const hasFloats = template.operands.some(({ kind }) => kind === 'freg');
  const count = registers.length === 0 && !hasFloats ? roundsWithoutRegisters : Math.max(leastRounds, rounds);
  for (let round = 0; round < (complete ? combinations : count); round++) {
    let rest = round;
    yield new Map(
      registers.map((number) => {
        const boundary = boundaryWords[rest % boundaryWords.length] ?? 0;
        rest = Math.floor(rest / boundaryWords.length);
        if (complete) return [number, boundary];
        return [number, random() % 4 === 0 ? random() | 0 : pick(boundaryWords, random)];
      }),
    );
  }
}

/** A few values for all registers, related to each other: near ones, equal ones, opposites, zeros of both signs, NaNs. */
export function fillFloats(state: MachineState, type: 'f32' | 'f64', random: () => number): void {
  const signOf = type === 'f32' ? 1n << 31n : 1n << 63n;
  const [a = 0, b = 0] = random() % 2 === 0 ? randomOperands(random, [type, type]) : [pick(boundaries[type], random), pick(boundaries[type], random)];
  const special = random() % 8;
  const first = special === 0 ? 0n : special === 1 ? specialNaN[type] : BigInt(a);
  const values = [first, first, first ^ signOf, BigInt(b), BigInt(b)];
  for (let number = 0; number < floatCount; number++) {
    const bits = BigInt.asUintN(64, pick(values, random));
    if (type === 'f32') state.setSingle(number, Number(bits));
    else state.floats[number] = bits;
  }
}
