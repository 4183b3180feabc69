import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MissingPartError, UnsupportedError } from '@fireball/contracts';
import { Random } from '@fireball/engines';
import { decodeModule, functionTypeOf, validateModule, type Value } from '@fireball/wasm';
import { encodeModule } from './encode.js';
import type { Features } from './features.js';
import { argument } from './generator/constants.js';
import type { FuzzCall } from './generator/module.js';
import { liftModule } from './lift.js';

/** Language features as wasm-opt names them, by the feature of ours that asks for them. */
const options: readonly (readonly [feature: Parameters<Features['has']>[0] | undefined, option: string])[] = [
  [undefined, '--mvp-features'],
  [undefined, '--enable-sign-ext'],
  [undefined, '--enable-mutable-globals'],
  [undefined, '--enable-multivalue'],
  ['saturating', '--enable-nontrapping-float-to-int'],
  ['bulk-memory', '--enable-bulk-memory'],
  ['bulk-memory', '--enable-bulk-memory-opt'],
  ['references', '--enable-reference-types'],
  ['tail-calls', '--enable-tail-call'],
];
const callsOfFunction = 2;

/** wasm-opt of the npm package, which runs in Node. */
export function findWasmOpt(): string {
  try {
    return createRequire(import.meta.url).resolve('binaryen/bin/wasm-opt');
  } catch (error) {
    throw new MissingPartError('the npm package binaryen', 'pnpm install', { cause: error });
  }
}

/**
 * A module that Binaryen's fuzzer makes of random bytes. Its imports, which only log, become functions that do nothing;
 * NaNs are made canonical by Binaryen, which also bounds loops and recursion. Undefined where it makes no valid module.
 */
export function generateBinaryenCase(seed: number, features: Features): { bytes: Uint8Array; calls: FuzzCall[] } | undefined {
  const random = new Random(seed);
  const input = Uint8Array.from({ length: random.between(200, 3000) }, () => random.below(256));
  const made = translate(input, features);
  const bytes = made === undefined ? undefined : lifted(made);
  if (bytes === undefined) return undefined;
  const module = decodeModule(bytes);
  validateModule(module);
  const calls = module.exports.flatMap(({ name, index }) => {
    const { params } = functionTypeOf(module, index)!;
    return Array.from({ length: params.length === 0 ? 1 : callsOfFunction }, () => ({
      function: name,
      args: params.map((type) => ({ type, value: argument(random, type) }) as Value),
    }));
  });
  return { bytes, calls };
}

/** Our form of the module; undefined where Binaryen used something that the decoder refuses by name. */
function lifted(made: Uint8Array): Uint8Array | undefined {
  try {
    return encodeModule(liftModule(decodeModule(made)));
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
}

function translate(input: Uint8Array, features: Features): Uint8Array | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'fireball-fuzz-'));
  try {
    const [from, to] = [join(folder, 'input'), join(folder, 'output.wasm')];
    writeFileSync(from, input);
    const wanted = options.flatMap(([feature, option]) => (feature === undefined || features.has(feature) ? [option] : []));
    const { status } = spawnSync(process.execPath, [findWasmOpt(), '-ttf', from, '-o', to, '--quiet', '--denan', ...wanted], {
      stdio: 'ignore',
    });
    return status === 0 ? new Uint8Array(readFileSync(to)) : undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
