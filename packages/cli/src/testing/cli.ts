import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

/** Starts the built command line, as a user would, and waits for its end. */
export function runCli(args: readonly string[], nodeOptions: readonly string[] = []): CliResult {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [...nodeOptions, main, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    // Jest's own options are not meant for the command line.
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return { status, stdout, stderr, milliseconds: performance.now() - started };
}

/** The one document that `--json` prints; fails where stdout holds anything else. */
export function documentOf({ stdout }: CliResult): Record<string, unknown> {
  return JSON.parse(stdout) as Record<string, unknown>;
}

export const builtCli = main;

/** A folder that exists while `use` runs. */
export async function withFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
  use: (folder: string) => void | Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fireball-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
