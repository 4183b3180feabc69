import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileFunction } from '../../compile.js';
import { functionSource } from '../../source.js';
import { loadTemplates } from '../../templates/index.js';
import { codeAddress, entries, testEnvironment } from '../../testing/environment.js';
import { moduleOfText } from '../../testing/module.js';
import type { LinkEnvironment } from '../../environment.js';
import { DeepVerifier } from './verify.js';

let verifier: DeepVerifier;
beforeAll(async () => {
  verifier = await DeepVerifier.open();
});

/** Distances from a counter that starts as a constant: in the memory, at its end, far behind it, below 0. */
const distance = fc.oneof(
  fc.nat(0x1_0000),
  fc.constantFrom(0xfff8, 0xfffc, 0x1_0000),
  fc.integer({ min: 0x1_0000, max: 0x7fff_ffff }),
  fc.integer({ min: -0x1_0000, max: -1 }),
);

interface Loop {
  readonly start: number;
  readonly step: number;
  readonly rounds: number;
  /** Those of one list are on one path; `null`: the counter itself. */
  readonly stores: readonly (readonly (number | null)[])[];
  readonly inner: boolean;
}

const loops: fc.Arbitrary<Loop> = fc.record({
  start: fc.oneof(fc.constant(0), distance),
  step: fc.constantFrom(1, 8, 32, -4),
  rounds: fc.integer({ min: 1, max: 40 }),
  stores: fc.array(fc.array(fc.option(distance), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 }),
  inner: fc.boolean(),
});

/** Stores at the counter + constants on alternative paths; the address is kept in a local, as C's list initialisations do. */
function textOf({ start, step, rounds, stores, inner }: Loop): string {
  const store = (at: number | null): string => `(i32.store (local.tee 2 (i32.add (local.get 1) (i32.const ${at ?? 0}))) (local.get 2))`;
  const paths = stores.map((path, index) => `(if (i32.eq (local.get 0) (i32.const ${index})) (then ${path.map(store).join(' ')}))`).join('\n');
  const body = inner
    ? `(loop ${paths} (br_if 0 (i32.lt_s (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 4))))`
    : stores.flat().map(store).join(' ');
  const count = `(local.tee 1 (i32.add (local.get 1) (i32.const ${step})))`;
  return `(module (memory 1) (func (param i32) (local i32 i32) (local.set 1 (i32.const ${start})) (loop ${body} (br_if 0 (i32.ne ${count} (i32.const ${(start + step * rounds) | 0}))))))`;
}

function verify(isa: 'thumb2' | 'rv32', text: string, environment: LinkEnvironment): void {
  const validated = moduleOfText(text);
  for (const entry of validated.functions) {
    const source = functionSource(validated, entry);
    const code = compileFunction(source, loadTemplates(isa), environment).linkAt(codeAddress, entries);
    expect(verifier.verify({ isa, cpu: isa === 'thumb2' ? 'cortex-m3' : 'rv32imc', source, environment, code }).instructions).toBeGreaterThan(0);
  }
}

describe.each(['thumb2', 'rv32'] as const)('accesses at constant distances from a counter whose start is known, on %s', (isa) => {
  it.each([true, false])('pass, in a memory of fixed size: %s', (fixed) => {
    const environment = testEnvironment({ minBytes: 65536, fixed });
    fc.assert(
      fc.property(loops, (loop) => {
        verify(isa, textOf(loop), environment);
      }),
      { numRuns: 150 },
    );
  });
});

/**
 * The first time round the outer loop more is known of parameter 0 than later: there its sum with the counter is the parameter itself.
 * The inner loop, with its many ways back, has been gone round often by then.
 */
const nested = `(module (memory 1) (func (param i32 i32) (local i32)
  (drop (i32.load (local.get 0)))
  (loop
    (drop (i32.load offset=16 (i32.add (local.get 0) (local.get 2))))
    (loop ${'(br_if 0 (i32.gt_s (local.tee 1 (i32.sub (local.get 1) (i32.const 1))) (i32.const 0)))'.repeat(5)})
    (br_if 0 (i32.lt_u (local.tee 2 (i32.add (local.get 2) (i32.const 1))) (i32.load (local.get 0)))))))`;

it.each(['thumb2', 'rv32'] as const)('a check in front of nested loops speaks for what stands behind them, on %s', (isa) => {
  verify(isa, nested, testEnvironment({ minBytes: 65536, fixed: false }));
});

/** Of two sums of a parameter that bound each other, the loop gives up one, which follows from the other again. */
const overlapping = `(module (memory 1 1) (func (param $p i32) (param $q i32) (param $r i32) (param $n i32) (result i32) (local $sum i32) (local $other i32)
  (loop
    (local.set $sum (i32.sub (local.tee $other (i32.load8_u (i32.add (local.get $p) (i32.const 4)))) (local.get $sum)))
    (i32.store16 offset=34 (local.get $p) (i32.load16_s offset=40 (local.get $r))))
  (loop
    (i64.store offset=8 (local.get $q) (i64.load (i32.add (local.get $r) (i32.const -2))))
    (br_if 0 (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
  (i32.add (local.get $sum) (local.get $other))))`;

it.each(['thumb2', 'rv32'] as const)('bounds that follow from each other come to an end in a loop, on %s', (isa) => {
  verify(isa, overlapping, testEnvironment());
});
