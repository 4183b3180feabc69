import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@fireball/engines';
import { root } from '../testing/fireball.js';
import { hostileCommandLine } from './command-lines.js';
import { HostileFiles } from './files.js';
import type { Answer } from './runner.js';

/** A case that did not end as every case must. */
export interface HostileFinding {
  /** Makes the case again, files included. */
  readonly seed: number;
  readonly args: readonly string[];
  readonly problem: string;
  readonly stderr: string;
}

/** No command takes longer, in seconds of processor time; a machine that does other things as well gets more by the clock. */
const mostSeconds = 10;
const clockFactor = 9;
/** Resident memory. */
const mostBytes = 1e9;
/** What a process keeps from one case to the next is not counted against the next. */
const casesOfProcess = 250;

/** Exit statuses that commands have, but for those of programs: `run` and `emulate` hand on what the guest ends with. */
const statuses = new Set([0, 1, 2, 65, 69]);
const guestCommands = new Set(['run', 'emulate']);

/**
 * Runs the cases of `count` seeds from `seed` on.
 * @returns how many ended with each exit status
 */
export async function hostileCampaign(
  seed: number,
  count: number,
  texts: readonly string[],
  found: (finding: HostileFinding) => void,
): Promise<ReadonlyMap<number, number>> {
  const ends = new Map<number, number>();
  let child: ChildProcess | undefined;
  // The working folder, for names that are relative.
  const working = mkdtempSync(join(tmpdir(), 'fireball-hostile-'));
  try {
    for (let index = 0; index < count; index++) {
      if (index % casesOfProcess === 0) {
        child?.kill('SIGKILL');
        child = undefined;
      }
      const folder = join(working, `${seed + index}`);
      mkdirSync(folder);
      const random = new Random(seed + index);
      const args = hostileCommandLine(random, new HostileFiles(folder, random, texts));
      child ??= start(working);
      const { answer, problem } = await judge(child, args);
      rmSync(folder, { recursive: true });
      if (answer !== undefined) ends.set(answer.status, (ends.get(answer.status) ?? 0) + 1);
      if (problem === undefined) continue;
      found({ seed: seed + index, args, problem, stderr: answer?.stderr ?? '' });
      if (answer === undefined) child = undefined;
    }
  } finally {
    child?.kill('SIGKILL');
    rmSync(working, { recursive: true });
  }
  return ends;
}

/** Leads a process group of its own, by which all that it started can be ended. */
function start(working: string): ChildProcess {
  const [runner, program] = ['e2e/dist/hostile/runner.js', 'packages/cli/dist/program.js'].map((path) => join(root, path));
  return fork(runner!, [program!], {
    cwd: working,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    detached: true,
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
}

async function judge(child: ChildProcess, args: readonly string[]): Promise<{ readonly answer?: Answer; readonly problem?: string }> {
  forgetPeak(child.pid!);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), mostSeconds * clockFactor * 1000);
  try {
    child.send({ args });
    const exit = once(child, 'exit', { signal: late.signal }).then((how) => `the process ended: ${how.join(' ')}`);
    const reply = once(child, 'message', { signal: late.signal }).then(([message]) => message as Answer);
    const end = await Promise.race([reply, exit]);
    exit.catch(() => undefined);
    reply.catch(() => undefined);
    if (typeof end === 'string') return { problem: end };
    const problem = problemOf(args, end) ?? (peakOf(child.pid!) > mostBytes ? `${Math.round(peakOf(child.pid!) / 1e6)} MB` : undefined);
    return { answer: end, ...(problem === undefined ? {} : { problem }) };
  } catch {
    // Its own worker processes too.
    process.kill(-child.pid!, 'SIGKILL');
    return { problem: `no answer after ${mostSeconds * clockFactor} seconds` };
  } finally {
    clearTimeout(timer);
    late.abort();
  }
}

function problemOf(args: readonly string[], { status, stdout, stderr, cpu }: Answer): string | undefined {
  if (/this is a bug in fireball/.test(stderr)) return `status ${status}: a bug`;
  if (!args.includes('--verbose') && /^ {4}at (?!.*\(wasm-function)/m.test(stderr)) return 'a stack trace';
  if (!statuses.has(status) && !guestCommands.has(args[0] ?? '')) return `status ${status}`;
  if (status !== 0 && !guestCommands.has(args[0] ?? '') && stderr === '' && stdout === 0) return `status ${status} without a word`;
  return cpu > mostSeconds * 1000 ? `${Math.round(cpu / 1000)} seconds of processor time` : undefined;
}

/** Linux: sets the peak of resident memory back to what there is (proc(5), clear_refs). */
function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

function peakOf(pid: number): number {
  const kibibytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) * 1024;
}
