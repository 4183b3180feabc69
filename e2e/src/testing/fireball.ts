import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from '@jest/globals';

/** Root of the checkout. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));
/** The built command line. */
export const main = join(root, 'packages/cli/dist/bundle/main.js');

export interface FireballRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line. */
export function fireball(args: readonly string[], nodeOptions: readonly string[] = []): FireballRun {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...nodeOptions, main, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return { status, stdout, stderr };
}

/** A part of the official test suite; it is not part of this repository. */
export const suite = process.env['WASM_TESTSUITE'] ?? join(root, '..', 'shared', 'wasm-testsuite');

/** `describe`, skipped where the suite is not found; the title says which. */
export function describeWithSuite(title: string, tests: () => void): void {
  const isThere = existsSync(suite);
  (isThere ? describe : describe.skip)(`${title} (${isThere ? suite : 'skipped: not found; WASM_TESTSUITE may name its folder'})`, tests);
}
