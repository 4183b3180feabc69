/** Every float instruction as generated code carries it out, on every core with a floating-point unit: inline or by routine, bit for bit. */
import { cores, type Features } from '@fireball/jit';
import { createVsoc, type VsocValue } from '@fireball/vsoc';
import { isNumericOp, opcodes, operationOf, Trap, type RawValue, type ValueType } from '@fireball/wasm';
import { afterAll, describe, expect, it } from '@jest/globals';
import { boundaries, pairBoundaries, randomOperands, seededWords } from './rom/operands.js';
import { moduleOfText } from './testing/native.js';

/** Random operand lists of each instruction; the nightly run asks for more. */
const randomCount = Number(process.env['ROM_OPERANDS'] ?? 1000);
/** Pairs of boundaries, thinned out: the templates alone see more of them (templates/contents.ts). */
const pairStep = 3;

type Type = keyof typeof boundaries;
type Name = Parameters<typeof operationOf>[0];

const isFloat = (type: ValueType): boolean => type === 'f32' || type === 'f64';
const operations = opcodes.flatMap(({ name, signature }) => {
  if (signature === undefined || !isNumericOp(name) || ![...signature.params, ...signature.results].some(isFloat)) return [];
  return [{ name, params: signature.params as readonly Type[], result: signature.results[0] as Type }];
});

/** One function per instruction; a second one has its result wait across another operation, and its operands in memory. */
const text = `(module (memory 1) ${operations
  .map(({ name, params, result }) => {
    const locals = params.map((type) => `(param ${type})`).join(' ');
    const reads = params.map((_, index) => `(local.get ${index})`).join(' ');
    const loads = params.map((type, index) => `(${type}.load offset=${1 + 9 * index} (i32.const 0))`).join(' ');
    const stores = params.map((type, index) => `(${type}.store offset=${1 + 9 * index} (i32.const 0) (local.get ${index}))`).join(' ');
    return `(func (export "${name}") ${locals} (result ${result}) (${name} ${reads}))
      (func (export "${name} in memory") ${locals} (result ${result}) (local ${result})
        ${stores} (local.set ${params.length} (${name} ${loads})) (block (br_if 0 (i32.const 0))) (local.get ${params.length}))`;
  })
  .join('\n')})`;
const module = moduleOfText(text);

function* operandLists(params: readonly Type[]): Generator<RawValue[]> {
  const [first = 'i32', second] = params;
  if (second === undefined) for (const a of boundaries[first]) yield [a];
  else {
    let turn = 0;
    for (const a of pairBoundaries[first]) for (const b of pairBoundaries[second]) if (turn++ % pairStep === 0) yield [a, b];
  }
  const next = seededWords(2);
  for (let count = 0; count < randomCount; count++) yield randomOperands(next, params);
}

function bitsOf(type: Type, value: RawValue): string {
  return BigInt.asUintN(type === 'i64' || type === 'f64' ? 64 : 32, BigInt(value)).toString(16);
}

function expectedOf(name: Name, result: Type, operands: readonly RawValue[]): string {
  try {
    return bitsOf(result, operationOf(name)(...operands));
  } catch (error) {
    if (error instanceof Trap) return error.message;
    throw error;
  }
}

const targets = (['thumb2', 'rv32'] as const).flatMap((isa) =>
  Object.entries<Features>(cores[isa]).flatMap(([cpu, features]) => (features.size > 0 ? [{ isa, cpu }] : [])),
);

describe.each(targets)('floats on $cpu', ({ isa, cpu }) => {
  const vsoc = createVsoc({ isa, cpu });
  afterAll(() => vsoc.close());
  const instance = vsoc.instantiate(module);

  it.each(operations)('$name is what the definition says, bit for bit', ({ name, params, result }) => {
    const differences: string[] = [];
    for (const operands of operandLists(params)) {
      const expected = expectedOf(name, result, operands);
      const args = operands.map((value, index) => ({ type: params[index], value }) as VsocValue);
      for (const form of [name, `${name} in memory`]) {
        const { results, trap } = instance.invoke(form, args);
        const actual = trap === null ? bitsOf(result, results[0]?.value as RawValue) : trap.kind;
        if (actual !== expected)
          differences.push(`${form}(${operands.map((value, index) => bitsOf(params[index] as Type, value)).join(', ')}): ${actual}, ${expected} expected`);
      }
    }
    expect(differences.slice(0, 3)).toEqual([]);
  });
});
