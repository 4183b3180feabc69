/**
 * At random machine instructions of kernels and random modules, inside of templates, prologues, routines and handlers too, whatever a session shows is what the
 * reference interpreter has there, in all activations.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { caseOfSeed, parseFeatures, type FuzzCase } from '@fireball/differential';
import { decodeInput, loadModule, type EngineOptions, type LoadedModule } from '@fireball/engines';
import type { Tally } from './debugging/compare-frames.js';
import { momentsOf } from './debugging/moments.js';
import { walk } from './debugging/walk.js';
import { root } from './testing/fireball.js';

const kernels = join(root, 'packages', 'kernels', 'data', 'wasm');
/** The full size is 1,000 positions of every kernel and of 500 modules. */
const positions = Number.parseInt(process.env['POSITIONS'] ?? '25', 10);
const modules = Number.parseInt(process.env['POSITIONS_MODULES'] ?? '6', 10);
const seed = Number.parseInt(process.env['POSITIONS_SEED'] ?? '1', 10);
/** Of the reference, from the beginning of a call. */
const longest = Math.max(3000, 20 * positions);
const places = (['thumb2', 'rv32'] as const).flatMap((isa) => (['compiled', 'mixed'] as const).map((tier) => ({ isa, tier })));

const options: EngineOptions = { fuel: 100_000, maxPages: 32, cpu: 'cortex-m4,rv32imfdc', hot: [6, 12], compileCost: 10 };
const size = { positions, longest, seed };

function add(total: Tally, { ...more }: Tally): Tally {
  for (const key of Object.keys(more) as (keyof Tally)[]) total[key] += more[key];
  return total;
}

const nothing = (): Tally => ({ visited: 0, values: 0, inside: 0, entered: 0, callers: 0, silent: 0 });

it.each(places)(
  'kernels on $isa, $tier',
  async (place) => {
    const files = readdirSync(kernels);
    const total = nothing();
    for (const file of files) add(total, walk(await loadModule(join(kernels, file)), place, options, 'run', [], size));
    const { visited, inside, values, callers } = total;
    expect([visited > (positions * files.length) / 2, inside > visited / 4, values > 4 * visited, callers > visited / 20]).toEqual([true, true, true, true]);
  },
  3_600_000,
);

/** Of the calls of a case, the one that does most. */
function longestCall(loaded: LoadedModule, calls: FuzzCase['calls']): FuzzCase['calls'][number] | undefined {
  const lengths = calls.map((call) => momentsOf(loaded, options, call.function, call.args, longest).length);
  return calls[lengths.indexOf(Math.max(...lengths))];
}

it.each(places)(
  'random modules on $isa, $tier',
  (place) => {
    const features = parseFeatures('full');
    const total = nothing();
    for (let at = seed; at < seed + modules; at++) {
      const { bytes, calls } = caseOfSeed('own', at, features)!;
      const loaded = decodeInput(`seed ${at}`, bytes);
      const call = longestCall(loaded, calls);
      if (call !== undefined) add(total, walk(loaded, place, options, call.function, call.args, { ...size, seed: at }));
    }
    expect([total.inside > total.visited / 4, total.callers > 0]).toEqual([true, true]);
  },
  3_600_000,
);
