/**
 * At random machine instructions of kernels and random modules, inside of templates, prologues, routines and handlers too, whatever a session shows is what the
 * reference interpreter has there, in all activations.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { caseOfSeed, parseFeatures, type FuzzCase } from '@fireball/differential';
import { assembleText, decodeInput, loadModule, type EngineOptions, type LoadedModule } from '@fireball/engines';
import { InstantiationTrap } from '@fireball/wasm';
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

/** Operands of all kinds below calls, with results and arguments in registers and on the stack, and stores that go everywhere. */
const crowded = `(module (memory 8) (global $g (mut i64) (i64.const 5)) (table funcref (elem $many $wide))
  (type $t (func (param i32 f64 i64) (result i32 f64 i64)))
  (func $many (type $t)
    (i64.store (i32.and (i32.mul (local.get 0) (i32.const 40503)) (i32.const 0x7fff8)) (i64.add (local.get 2) (global.get $g)))
    (global.set $g (i64.mul (local.get 2) (i64.const 0x100000001)))
    (i32.add (local.get 0) (i32.const 3)) (f64.mul (local.get 1) (f64.const 1.5)) (i64.rotl (local.get 2) (i64.const 7)))
  (func $wide (type $t)
    (local.set 0 (i32.rem_u (local.get 0) (i32.const 1009)))
    (if (local.get 0) (then
      (return_call $many (i32.xor (local.get 0) (i32.const 85)) (f64.add (local.get 1) (f64.convert_i32_u (local.get 0))) (i64.sub (local.get 2) (i64.const 1)))))
    (local.get 0) (local.get 1) (local.get 2))
  (func $one (param i32) (result i32) (i32.store8 (i32.and (i32.mul (local.get 0) (i32.const 8191)) (i32.const 0x7ffff)) (local.get 0)) (i32.popcnt (local.get 0)))
  (func (export "run") (result i32) (local $n i32) (local $x f64) (local $y i64) (local $sum i32)
    (local.set $n (i32.const 60))
    (loop $again
      (i32.xor (local.get $n) (i32.const 0x5a5a)) (f64.sub (local.get $x) (f64.const 0.25)) (i64.extend_i32_u (local.get $n))
      (call $many (i32.add (local.get $n) (i32.const 1)) (local.get $x) (i64.mul (local.get $y) (i64.const 3)))
      (local.set $y) (local.set $x)
      (call_indirect (type $t) (local.get $x) (i64.xor (local.get $y) (i64.const 0xff00ff)) (i32.and (local.get $n) (i32.const 1)))
      (local.set $y (i64.add (local.get $y))) (local.set $x) (local.set $sum (i32.add (local.get $sum)))
      (local.set $y (i64.add (local.get $y))) (local.set $x (f64.add (local.get $x))) (local.set $sum (i32.add (local.get $sum)))
      (local.set $sum (i32.rotl (i32.sub (i32.mul (local.get $sum) (i32.const 5)) (call $one (local.get $n))) (call $one (local.get $sum))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))`;

it.each(places)('operands below calls on $isa, $tier', async (place) => {
  const loaded = decodeInput('crowded.wat', await assembleText('crowded.wat', crowded));
  const { visited, callers, entered } = walk(loaded, place, options, 'run', [], { ...size, positions: 10 * positions });
  expect([visited > 6 * positions, callers > visited / 4, entered > 0]).toEqual([true, true, true]);
});

it.each(places)(
  'kernels on $isa, $tier',
  async (place) => {
    const files = readdirSync(kernels);
    const total = nothing();
    for (const file of files) add(total, walk(await loadModule(join(kernels, file)), place, options, 'run', [], size));
    const { visited, inside, values, callers } = total;
    expect([visited > (positions * files.length) / 2, inside > visited / 8, values > 4 * visited, callers > visited / 20]).toEqual([true, true, true, true]);
  },
  3_600_000,
);

/** Of the calls of a case, the one that does most; none of a module whose start function traps. */
function longestCall(loaded: LoadedModule, calls: FuzzCase['calls']): FuzzCase['calls'][number] | undefined {
  try {
    const lengths = calls.map((call) => momentsOf(loaded, options, call.function, call.args, longest).length);
    return calls[lengths.indexOf(Math.max(...lengths))];
  } catch (error) {
    if (error instanceof InstantiationTrap) return undefined;
    throw error;
  }
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
