import { afterAll, describe, expect, it } from '@jest/globals';
import type { Isa } from '@fireball/contracts';
import { isNumericOp, opcodeByName, operationOf, type OpName, type RawValue } from '@fireball/wasm';
import { boundaries, pairBoundaries, randomOperands, seededWords } from './rom/operands.js';
import { RoutineCpu } from './rom/routines.js';

/** Random operand lists for each routine; the nightly run asks for millions. */
const randomCount = Number(process.env['ROM_OPERANDS'] ?? 2000);
const seed = Number(process.env['ROM_SEED'] ?? 1);

type NumericName = Extract<OpName, Parameters<typeof operationOf>[0]>;
type Type = keyof typeof boundaries;

interface Difference {
  readonly operands: readonly RawValue[];
  readonly expected: string;
  readonly actual: string;
}

const isWide = (type: Type): boolean => type === 'i64' || type === 'f64';

function wordsOf(value: RawValue): number[] {
  return typeof value === 'number' ? [value | 0] : [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))];
}

function hex(words: readonly number[]): string {
  return words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join(':');
}

function expectedOf(op: NumericName, operands: readonly RawValue[]): string {
  try {
    return hex(wordsOf(operationOf(op)(...operands)));
  } catch (error) {
    return (error as Error).message;
  }
}

/** The first operands for which the routine and the definition disagree. */
function firstDifference(guest: RoutineCpu, op: NumericName, lists: Iterable<RawValue[]>): Difference | undefined {
  const wide = isWide((opcodeByName(op).signature?.results[0] ?? 'i32') as Type);
  for (const operands of lists) {
    const outcome = guest.call(op, operands.flatMap(wordsOf));
    const actual = 'trap' in outcome ? outcome.trap : hex(outcome.words.slice(0, wide ? 2 : 1));
    const expected = expectedOf(op, operands);
    if (actual !== expected) return { operands, expected, actual };
  }
  return undefined;
}

function* operandLists(types: readonly Type[]): Generator<RawValue[]> {
  const [first = 'i32', second] = types;
  if (second === undefined) for (const a of boundaries[first]) yield [a];
  else for (const a of pairBoundaries[first]) for (const b of pairBoundaries[second]) yield [a, b];
  const next = seededWords(seed);
  for (let count = 0; count < randomCount; count++) yield randomOperands(next, types);
}

const cpus: [Isa, string][] = [
  ['thumb2', 'cortex-m3'],
  ['rv32', 'rv32imc'],
];

describe.each(cpus)('numeric routines on %s %s', (isa, cpu) => {
  const guest = new RoutineCpu(isa, cpu);
  afterAll(() => guest.close());

  it.each([...guest.rom.entries.keys()].filter(isNumericOp))('%s is what the definition says, bit for bit', (op) => {
    const types = (opcodeByName(op).signature?.params ?? []) as readonly Type[];
    expect(firstDifference(guest, op, operandLists(types))).toBeUndefined();
    expect(guest.lostRegisters()).toEqual([]);
  });

  it('need little stack', () => {
    expect(guest.stackUsed()).toBeGreaterThan(0);
    expect(guest.stackUsed()).toBeLessThan(256);
  });
});
