import { compileFunction, DeepVerifier, DeepVerifyError, functionSource, loadTemplates, seededRandom, type LinkEnvironment } from '@fireball/jit';
import { offlineEnvironment } from '@fireball/vsoc';
import type { ValidatedFunction, ValidatedModule } from '@fireball/wasm';
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { boundedAccess, bytesNeeded, moduleOf } from './testing/bounded-addresses.js';
import { mutationCampaign } from './mutation/campaign.js';
import { moduleOfText, targets } from './testing/native.js';

const cpus = { thumb2: 'cortex-m4', rv32: 'rv32imc' } as const;
/** Modules of the property test, each with some functions. */
const rounds = 10;
const functionsPerModule = 12;
const tries = 60;
const edges = [0, -1, 0x7fff_ffff, 65535];
/** Holds every byte that forms read. */
const leastMemory = 202;

let verifier: DeepVerifier;
beforeAll(async () => {
  verifier = await DeepVerifier.open();
});

describe.each(targets)('bounded addresses on %s', (isa) => {
  const templates = loadTemplates(isa);
  const cpu = cpus[isa];

  /** Compiles for a memory of so many bytes and verifies against one of `actual`. Tells what is missing. */
  function problemOf(module: ValidatedModule, entry: ValidatedFunction, minBytes: number, fixed: boolean, actual = minBytes): string | undefined {
    const base = offlineEnvironment(module, isa);
    const sized = (bytes: number): LinkEnvironment => ({ ...base, memory: { ...base.memory!, minBytes: bytes, fixed } });
    const source = functionSource(module, entry);
    const code = compileFunction(source, templates, sized(minBytes)).linkAt(base.codeAddress, base.entries);
    try {
      verifier.verify({ isa, cpu, source, environment: sized(actual), code });
      return undefined;
    } catch (error) {
      if (error instanceof DeepVerifyError) return error.message;
      throw error;
    }
  }

  it('the sum of a multiple and a constant, which multiply-add computes at once, is accepted where it just fits', () => {
    const body = '(drop (i32.load (i32.add (i32.mul (i32.and (local.get 0) (i32.const 1023)) (i32.const 24)) (i32.const 10920))))';
    const module = moduleOfText(moduleOf([body], '1 1'));
    const [entry] = module.functions;
    const needed = 1023 * 24 + 10920 + 4;
    expect(problemOf(module, entry!, needed, true)).toBeUndefined();
    expect(problemOf(module, entry!, needed, true, needed - 1)).toContain('no proof that this load');
  });

  it('right code is accepted in memories of every size, code for a larger memory is refused', () => {
    let refusals = 0;
    fc.assert(
      fc.property(fc.array(boundedAccess, { minLength: functionsPerModule, maxLength: functionsPerModule }), fc.nat(), (accesses, seed) => {
        const random = seededRandom(`${seed}`);
        const module = moduleOfText(
          moduleOf(
            accesses.map(({ text }) => text),
            '1 1',
          ),
        );
        for (const [index, access] of accesses.entries()) {
          const entry = module.functions[index]!;
          const needed = bytesNeeded(access, random, tries);
          const told = (problem: string | undefined, bytes: number): object => ({ text: access.text, bytes, problem });
          for (const bytes of [needed, needed - 1, needed + (random() % 64), 65536, 65536 * (1 + (random() % 300)), 4096]) {
            const minBytes = Math.min(bytes, 2 ** 31);
            for (const fixed of [true, false]) {
              const problem = problemOf(module, entry, minBytes, fixed);
              expect(told(problem, minBytes)).toEqual(told(undefined, minBytes));
            }
          }
          // An index that the sample met lies outside of the smaller memory, and nothing stops it. (Where the bytes that the form reads are outside, it is never reached.)
          if (needed <= leastMemory || needed >= 2 ** 31) continue;
          refusals++;
          const wrong = problemOf(module, entry, needed, true, needed - 1);
          expect({ text: access.text, needed, refused: wrong !== undefined }).toEqual({ text: access.text, needed, refused: true });
        }
      }),
      { numRuns: rounds },
    );
    expect(refusals).toBeGreaterThan(rounds * functionsPerModule * 0.5);
  }, 600_000);

  it('damaged code that reaches out of its memory is refused', async () => {
    const bodies = fc.sample(boundedAccess, 16).map(({ text }) => text);
    const calls = bodies.flatMap((_, index) => edges.map((edge) => ({ name: `f${index}`, args: [edge, edge, edge] })));
    const subjects = ['1 1', '1 3'].map((pages) => ({ name: pages, module: moduleOfText(moduleOf(bodies, pages)), calls }));
    const rows = await mutationCampaign({
      isa,
      subjects,
      kinds: ['dropped check', 'changed offset', 'changed limit', 'swapped registers'],
      mutants: 10,
      seed: bodies.join(),
    });
    for (const { kind, escaped } of rows) expect({ kind, escaped, bodies }).toEqual({ kind, escaped: 0, bodies });
  });
});
