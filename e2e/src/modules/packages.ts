import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** A large module that people use, from a published package. */
interface LargeModule {
  readonly name: string;
  /** Path for `require.resolve`. */
  readonly path: string;
  /** Of this pinned version: a wrong count would mean that a part was skipped. */
  readonly functions: number;
}

export const largeModules: readonly LargeModule[] = [
  { name: 'sql.js', path: 'sql.js/dist/sql-wasm.wasm', functions: 2008 },
  { name: 'sql.js, debug build', path: 'sql.js/dist/sql-wasm-debug.wasm', functions: 2255 },
  { name: 'quickjs', path: '@jitl/quickjs-wasmfile-release-sync/wasm', functions: 1340 },
  { name: 'capstone-js', path: '@alexaltea/capstone-js/dist/capstone.wasm', functions: 1110 },
  { name: 'esbuild', path: 'esbuild-wasm/esbuild.wasm', functions: 5329 },
];

export function readModule(path: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(require.resolve(path)));
}

/** The JavaScript side of a package. */
export function loadGlue(path: string): unknown {
  return require(path);
}
