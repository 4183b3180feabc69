import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { errorOf, type ScriptResult, type SpecJob, type SpecReply } from './messages.js';

const workerFile = fileURLToPath(new URL('./worker.js', import.meta.url));

/** How a worker process ended that should not have ended. */
export interface Crash {
  readonly code: number | null;
  readonly signal: string | null;
}

/**
 * Runs jobs in worker processes, `width` at a time, in order; results come in the jobs' order. A process, not a thread: a
 * crash of an engine ends only its worker (hazard 19), is the job's result, and the next job gets a new one.
 */
export async function runJobs(
  jobs: readonly SpecJob[],
  width: number,
  finished: (count: number) => void,
): Promise<(ScriptResult | Crash)[]> {
  const results = new Array<ScriptResult | Crash>(jobs.length);
  let next = 0;
  let count = 0;
  const stop = new AbortController();
  const lane = async (): Promise<void> => {
    let worker: ChildProcess | undefined;
    try {
      while (next < jobs.length && !stop.signal.aborted) {
        const index = next++;
        worker ??= fork(workerFile, { serialization: 'advanced' });
        const result = await runJob(worker, jobs[index]!);
        if ('signal' in result) worker = undefined;
        results[index] = result;
        finished(++count);
      }
    } catch (error) {
      stop.abort();
      throw error;
    } finally {
      worker?.kill();
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, jobs.length) }, lane));
  return results;
}

async function runJob(worker: ChildProcess, job: SpecJob): Promise<ScriptResult | Crash> {
  const ended = new AbortController();
  try {
    worker.send(job);
    const event = await Promise.race([
      once(worker, 'message', { signal: ended.signal }).then(([reply]) => reply as SpecReply),
      once(worker, 'exit', { signal: ended.signal }).then((exit) => {
        const [code, signal] = exit as [number | null, string | null];
        return { kind: 'crash', crash: { code, signal } } as const;
      }),
    ]);
    if (event.kind === 'crash') return event.crash;
    if (event.kind === 'result') return event.result;
    throw errorOf(event);
  } finally {
    ended.abort();
  }
}
