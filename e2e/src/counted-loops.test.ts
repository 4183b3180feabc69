/** What loops that count reach is known without checks. Random ones end as in the reference, and every proof is found again in the machine code. */
import { compileFunction, DeepVerifier, DeepVerifyError, functionSource, loadTemplates } from '@fireball/jit';
import { offlineEnvironment } from '@fireball/vsoc';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { mutationCampaign } from './mutation/campaign.js';
import { compareCalls } from './testing/compare.js';
import { countedLoops } from './testing/counted-loops.js';
import { moduleOfText, targets } from './testing/native.js';
import { expectAsInReference, expectSoWhereEntered } from './testing/random-functions.js';

/** Modules per target; a long run asks for more. */
const modules = Number(process.env['FIREBALL_COUNTED_LOOPS'] ?? 60);

let verifier: DeepVerifier;
beforeAll(async () => {
  verifier = await DeepVerifier.open();
});

/** Fills, copies and sums up to the last byte: one turn more, or one byte further on, is outside. */
const edges = `(module (memory (export "memory") 1 1)
  (func (export "fill") (local $i i32)
    (loop $again (i32.store offset=65408 (local.get $i) (i32.const 7))
      (br_if $again (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 128)))))
  (func (export "copy") (local $i i32) (local $p i32)
    (local.set $i (i32.const -32)) (local.set $p (i32.const 65472))
    (loop $again (i32.store16 (local.get $p) (i32.load16_u offset=4 (i32.add (local.get $i) (i32.const 65532))))
      (local.set $p (i32.add (local.get $p) (i32.const 2)))
      (br_if $again (local.tee $i (i32.add (local.get $i) (i32.const 1))))))
  (func (export "sum") (param $p i32) (result i32) (local $i i32) (local $sum i32)
    (local.set $i (i32.const 65535))
    (loop $again (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $i))))
      (br_if $again (i32.gt_u (local.tee $i (i32.sub (local.get $i) (i32.const 3))) (i32.const 65400))))
    (if (i32.lt_u (local.get $p) (i32.const 65533)) (then (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $p))))))
    (local.get $sum)))`;

/** Between two turns of the outer loop the inner one calls the exact check of a memory that grows, which keeps what counts. */
const around = `(module (memory (export "memory") 1 2)
  (func (export "grow") (result i32) (memory.grow (i32.const 1)))
  (func (export "f") (param $p i32) (result i32) (local $i i32) (local $sum i32) (local $left i32)
    (loop $outer
      (local.set $sum (i32.add (local.get $sum) (i32.load offset=1024 (i32.mul (local.get $i) (i32.const 48)))))
      (local.set $left (i32.const 5))
      (loop $inner
        (local.set $p (i32.load (local.get $p)))
        (br_if $inner (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (br_if $outer (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
    (local.get $sum)))`;

describe.each(targets)('loops that count on %s', (isa) => {
  it('end as in the reference', () => expectAsInReference(isa, countedLoops, modules), 60_000 + 500 * modules);

  it('end so where an interpreter enters them', () => expectSoWhereEntered(isa, countedLoops, Math.ceil(modules / 6), verifier), 120_000);

  it('are proved around loops that call checks of bounds', async () => {
    expect(
      await compareCalls(
        isa,
        around,
        [
          { name: 'f', args: [0] },
          { name: 'grow', args: [] },
          { name: 'f', args: [4] },
        ],
        { verify: 'deep', sandbox: true },
      ),
    ).toEqual([]);
  });

  it('are refused in a memory that lacks the last byte which they reach', () => {
    const module = moduleOfText(edges);
    const environment = offlineEnvironment(module, isa);
    for (const entry of module.functions) {
      const source = functionSource(module, entry);
      const code = compileFunction(source, loadTemplates(isa), environment).linkAt(environment.codeAddress, environment.entries);
      const verify = (minBytes: number): unknown =>
        verifier.verify({
          isa,
          cpu: isa === 'thumb2' ? 'cortex-m4' : 'rv32imc',
          source,
          environment: { ...environment, memory: { ...environment.memory!, minBytes } },
          code,
        });
      expect(verify(65536)).toBeDefined();
      expect(() => verify(65535)).toThrow(DeepVerifyError);
    }
  });

  it('are refused where a changed limit, start or step leads out of memory', async () => {
    const calls = ['fill', 'copy'].map((name) => ({ name, args: [] as number[] }));
    const subjects = [{ name: 'edges', module: moduleOfText(edges), calls: [...calls, ...[0, 65532, 65533].map((at) => ({ name: 'sum', args: [at] }))] }];
    const kinds = ['changed limit', 'dropped branch', 'swapped registers', 'changed offset'] as const;
    const rows = await mutationCampaign({ isa, subjects, kinds, mutants: 10, seed: 'edges' });
    for (const { kind, escaped } of rows) expect({ kind, escaped }).toEqual({ kind, escaped: 0 });
  });
});
