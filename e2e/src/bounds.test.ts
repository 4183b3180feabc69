/** What right code takes stays far below the bounds beyond which it would be said not to end (packages/engines/src/bounds.ts). */
import { describeOutcome } from '@fireball/differential';
import {
  assembleText,
  decodeInput,
  engineNamed,
  engines,
  instructionBound,
  stackBound,
  type Engine,
  type EngineOptions,
  type LoadedModule,
} from '@fireball/engines';
import { isNumericOp, opcodes, type Value, type ValueType, type Work } from '@fireball/wasm';
import { beforeAll, describe, expect, it } from '@jest/globals';

const options: EngineOptions = { fuel: 100_000_000, maxPages: 16 };
const reference = engineNamed('interp');

/** Engines on emulated cores, on those with the least hardware. */
const emulated = engines.filter(({ isa }) => isa !== undefined);
const weakest: EngineOptions = { ...options, cpu: 'cortex-m3,rv32imc', hot: [3, 3] };

const repeated = (count: number, text: string): string => Array.from({ length: count }, () => text).join(' ');
const list = (count: number, text: (index: number) => string): string => Array.from({ length: count }, (_, index) => text(index)).join(' ');

/** A function that does something `rounds` times. */
const loop = (name: string, rounds: number, body: string, locals = ''): string =>
  `(func (export "${name}") (local $n i32) ${locals} (loop $again ${body} (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const ${rounds})))))`;

/** Instructions that the reference counts as one, or not at all, and that take much. */
const heavy = `(module (memory 2) (table $t 10000 20000 funcref) (data $d "${repeated(2000, 'x')}") (elem $e func ${repeated(500, '$f')})
  (type $many (func (param ${repeated(100, 'i64')}) (result ${repeated(50, 'i64')})))
  (func $f)
  (func $locals ${repeated(3000, '(local i64)')})
  (func $carry (type $many) ${list(50, (index) => `(local.get ${index})`)})
  ${loop('memory.fill', 3, '(memory.fill (i32.const 1) (i32.const 7) (i32.const 100001))')}
  ${loop('memory.copy, forwards', 3, '(memory.copy (i32.const 3) (i32.const 1000) (i32.const 100001))')}
  ${loop('memory.copy, backwards', 3, '(memory.copy (i32.const 1001) (i32.const 2) (i32.const 100001))')}
  ${loop('memory.init', 50, '(memory.init $d (i32.const 3) (i32.const 1) (i32.const 1999))')}
  ${loop('table.fill', 3, '(table.fill $t (i32.const 0) (ref.func $f) (i32.const 10000))')}
  ${loop('table.copy', 3, '(table.copy $t $t (i32.const 1) (i32.const 0) (i32.const 9000))')}
  ${loop('table.init', 50, '(table.init $t $e (i32.const 3) (i32.const 1) (i32.const 499))')}
  ${loop('table.grow', 5, '(drop (table.grow $t (ref.func $f) (i32.const 2000)))')}
  ${loop('locals', 30, '(call $locals)')}
  ${loop('arguments and results', 30, `(call $carry ${list(100, (index) => `(i64.const ${index})`)}) ${repeated(50, 'drop')}`)}
  ${loop('branches that carry', 30, `(block (result ${repeated(50, 'i64')}) ${list(60, (index) => `(i64.extend_i32_u (i32.add (local.get $n) (i32.const ${index})))`)} (br_if 0 (local.get $n)) (br 0)) ${repeated(50, 'drop')}`)}
  ${loop('br_table', 400, `${repeated(300, '(block')} (br_table ${list(300, (index) => String(index))} (local.get $n)) ${repeated(300, ')')}`)}
  ${loop('nop', 30, repeated(3000, 'nop'))}
  ${loop('blocks', 30, `${repeated(300, 'block')} ${repeated(300, 'end')}`)}
  ${loop('loops', 30, `${repeated(300, 'loop')} ${repeated(300, 'end')}`)}
  ${loop('calls', 300, '(call $f) (call_indirect (i32.const 1))')}
  (elem (i32.const 1) $f))`;

const boundaries: Readonly<Partial<Record<ValueType, readonly Value[]>>> = {
  i32: [-1, 0x7fffffff, 3].map((value) => ({ type: 'i32', value })),
  i64: [-1n, 0x7fff_ffff_ffff_fff1n, 3n].map((value) => ({ type: 'i64', value })),
  f32: [0x3fb504f3, 0x00000001, 0x4b7fffff].map((value) => ({ type: 'f32', value })),
  f64: [0x3ff6a09e667f3bcdn, 0x0000000000000001n, 0x43dfffffffffffffn].map((value) => ({ type: 'f64', value })),
};
const numeric = opcodes.filter(({ name, signature }) => isNumericOp(name) && signature !== undefined);

/** Each numeric operation, 20 times. */
const numericModule = `(module ${numeric
  .map(({ name, signature }) => {
    const { params, results } = signature!;
    const once = `${params.map((_, index) => `local.get ${index}`).join(' ')} ${name} local.set ${params.length}`;
    return `(func (export "${name}") (param ${params.join(' ')}) (result ${results.join(' ')}) (local ${results.join(' ')}) ${repeated(20, once)} local.get ${params.length})`;
  })
  .join('\n')})`;

async function load(text: string): Promise<LoadedModule> {
  return decodeInput('bounds.wat', await assembleText('bounds.wat', text));
}

interface Call {
  readonly name: string;
  readonly args: readonly Value[];
}

/** Calls for which the engine takes more than half of what it may, the amount for every call apart. */
async function near(engine: Engine, loaded: LoadedModule, calls: readonly Call[]): Promise<object[]> {
  const tier = engine.native ? 'compiled' : engine.mixedMode === true ? 'mixed' : 'interpreter';
  const nothing: Work = { instructions: 0, units: 0, longestSkip: 0, frames: 0, slots: 0 };
  const [expected, actual] = [await reference.instantiate(loaded, options), await engine.instantiate(loaded, weakest)];
  const found: object[] = [];
  for (const { name, args } of calls) {
    const wanted = describeOutcome(expected.invoke(name, args));
    const work = expected.lastWork!();
    const outcome = actual.invoke(name, args, work);
    const { instructions } = outcome.statistics;
    const allowed = instructionBound(tier, work) - instructionBound(tier, nothing);
    if (describeOutcome(outcome) !== wanted || instructions > allowed / 2 + 1000)
      found.push({ name, args, wanted, got: describeOutcome(outcome), instructions, allowed });
  }
  actual.close();
  return found;
}

describe.each(emulated)('on $name', (engine) => {
  it('bulk instructions, tables, branches, calls and frames', async () => {
    const loaded = await load(heavy);
    const calls = loaded.module.exports.map(({ name }) => ({ name, args: [] }));
    expect(await near(engine, loaded, calls)).toEqual([]);
  });

  it('every numeric operation', async () => {
    const calls = numeric.flatMap(({ name, signature }) =>
      [0, 1, 2].map((choice) => ({ name, args: signature!.params.map((type, index) => boundaries[type]![(choice + index) % 3]!) })),
    );
    expect(await near(engine, await load(numericModule), calls)).toEqual([]);
  });
});

/** Functions that call themselves, `depth` times: frames of all kinds. */
const recursive = `(module
  (func $small (export "small") (param i32) (if (local.get 0) (then (call $small (i32.sub (local.get 0) (i32.const 1))))))
  (func $large (export "large") (param i32) ${repeated(60, '(local i64)')}
    ${list(60, (index) => `(local.set ${index + 1} (i64.extend_i32_u (i32.add (local.get 0) (i32.const ${index}))))`)}
    (if (local.get 0) (then (call $large (i32.sub (local.get 0) (i32.const 1)))))
    ${list(60, (index) => `(drop (local.get ${index + 1}))`)})
  (func $params (param i32 ${repeated(40, 'i64')}) (result ${repeated(20, 'f64')})
    ${list(20, () => '(f64.const 1)')}
    (if (local.get 0) (then (call $params (i32.sub (local.get 0) (i32.const 1)) ${list(40, (index) => `(local.get ${index + 1})`)}) ${repeated(20, 'drop')})))
  (func (export "params") (param i32) (call $params (local.get 0) ${repeated(40, '(i64.const 1)')}) ${repeated(20, 'drop')}))`;

describe('a call that fits into the stack by its frames and slots', () => {
  let loaded: LoadedModule;
  beforeAll(async () => {
    loaded = await load(recursive);
  });

  it.each([...emulated, engineNamed('v8')].flatMap((engine) => ['small', 'large', 'params'].map((name) => ({ engine, on: engine.name, name }))))(
    '$name on $on',
    async ({ engine, name }) => {
      const [expected, actual] = [await reference.instantiate(loaded, options), await engine.instantiate(loaded, weakest)];
      // The deepest recursion that the bound admits.
      let depth = 1;
      let work: Work | undefined;
      for (let next = 1; ; next = Math.ceil(next * 1.05)) {
        expected.invoke(name, [{ type: 'i32', value: next }]);
        const candidate = expected.lastWork!();
        if (stackBound(candidate) > engine.stackBytes!) break;
        [depth, work] = [next, candidate];
      }
      expect(depth).toBeGreaterThan(8);
      expect(actual.invoke(name, [{ type: 'i32', value: depth }], work).trap).toBeNull();
      actual.close();
    },
  );
});
