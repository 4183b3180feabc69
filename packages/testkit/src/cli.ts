import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../cli/dist/bundle/main.js', import.meta.url));

interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Processor time of the process, of user and system together; a busy machine hardly changes it. */
  readonly cpuMilliseconds: number;
}

/** Loaded in front of the command line: writes the process's processor time to descriptor 3 as it ends. */
const meter = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from 'node:fs';
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    writeSync(3, String((user + system) / 1000));
  });`)}`;

/** Starts the built command line, as a user would, and waits for its end. */
export function runCli(args: readonly string[], nodeOptions: readonly string[] = []): CliResult {
  const { status, stdout, stderr, output } = spawnSync(process.execPath, ['--import', meter, ...nodeOptions, main, ...args], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: 60_000,
    // Jest's own options are not meant for the command line.
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return { status, stdout, stderr, cpuMilliseconds: Number.parseFloat(output[3] ?? '') };
}

/** The one document that `--json` prints; fails where stdout holds anything else. */
export function documentOf({ stdout }: CliResult): Record<string, unknown> {
  return JSON.parse(stdout) as Record<string, unknown>;
}

export const builtCli = main;

/** A folder that exists while `use` runs. */
export async function withFolder(files: Readonly<Record<string, string | Uint8Array>>, use: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fireball-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
