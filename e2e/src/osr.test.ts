import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { caseOfSeed, parseFeatures } from '@fireball/differential';
import { assembleText } from '@fireball/engines';
import { DeepVerifier } from '@fireball/jit';
import { decodeModule, functionTypeOf, validateModule, type ValidatedModule } from '@fireball/wasm';
import { corpus } from '../corpus/index.js';
import type { Row } from '../corpus/row.js';
import { valuesOf } from '../corpus/run.js';
import { programs } from './osr/programs.js';
import { replayLoops, type ReplayCall } from './osr/replay.js';
import { compiledTargets, moduleOfText } from './testing/native.js';

const kernels = new URL('../../packages/kernels/data/wasm/', import.meta.url);
/** Random modules per target; a long run asks for more. */
const randomModules = Number(process.env['FIREBALL_OSR_MODULES'] ?? 20);
const fuel = 1_000_000;

const load = (bytes: Uint8Array): ValidatedModule => validateModule(decodeModule(bytes));

/** Rows of one module that imports nothing and has loops. */
const corpusRows = corpus
  .flatMap(({ rows }) => rows)
  .filter(
    ({ modules: [module, ...more] }) =>
      more.length === 0 && module?.trap === undefined && module?.wat.includes('(loop') === true && !module.wat.includes('(import'),
  );

function callsOf({ calls }: Row, module: ValidatedModule): ReplayCall[] {
  return calls.map(([name, args]) => {
    const { index } = module.module.exports.find((entry) => entry.kind === 'function' && entry.name === name)!;
    return { name, args: valuesOf(args, functionTypeOf(module.module, index)!.params) };
  });
}

let verifier: DeepVerifier;
beforeAll(async () => {
  verifier = await DeepVerifier.open();
});

describe.each(compiledTargets)('entering loops on $isa, code by the $compiler compiler, ends as in the reference interpreter:', ({ isa, compiler }) => {
  it.each(programs)('$name', ({ text, calls }) => {
    const report = replayLoops(moduleOfText(text), calls, { isa, compiler, fuel, verifier });
    expect(report).toMatchObject({ failures: [], inconclusive: 0 });
    // A call may trap in front of its loop.
    expect(report.compared).toBeGreaterThan(calls.length);
  });

  it.each(readdirSync(kernels))(
    'kernel %s',
    (file) => {
      const module = load(new Uint8Array(readFileSync(new URL(file, kernels))));
      const calls = module.module.exports.filter(({ kind }) => kind === 'function').map(({ name }) => ({ name, args: [] }));
      const report = replayLoops(module, calls, { isa, compiler, fuel: 100 * fuel, verifier });
      expect(report).toMatchObject({ failures: [], inconclusive: 0 });
      expect(report.compared).toBeGreaterThan(0);
    },
    120_000,
  );

  it.each(corpusRows)(
    'corpus: $name',
    async (row) => {
      const module = load(await assembleText('row.wat', row.modules[0]!.wat));
      expect(replayLoops(module, callsOf(row, module), { isa, compiler, fuel, verifier }).failures).toEqual([]);
    },
    60_000,
  );

  it(`${randomModules} random modules`, async () => {
    let compared = 0;
    let inconclusive = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 0x7fff_ffff }), async (seed) => {
        const { bytes, calls } = caseOfSeed('own', seed, parseFeatures('full'))!;
        // Guest memory of closed virtual SoCs is freed between turns only.
        await turnOfEventLoop();
        const report = replayLoops(
          load(bytes),
          calls.map(({ function: name, args }) => ({ name, args })),
          { isa, compiler, fuel: 20_000, verifier },
        );
        expect(report.failures).toEqual([]);
        compared += report.compared;
        inconclusive += report.inconclusive;
      }),
      // Stack arguments, and a loop inside one that is entered: the verifier once lost what it knew of sp.
      { numRuns: randomModules, examples: [[43404021]] },
    );
    // Modules whose segments are gone, or whose recursion needs more stack than there is.
    expect(compared).toBeGreaterThan(2 * randomModules);
    expect(inconclusive).toBeLessThan(compared / 4);
  }, 600_000);
});
