import { fileURLToPath } from 'node:url';
import { WorkerPool, type Answer } from '../worker-pool.js';
import { errorOf, type ScriptResult, type SpecJob, type SpecReply } from './messages.js';

const workerFile = fileURLToPath(new URL('./worker.js', import.meta.url));

/** How a worker process ended that should not have ended. */
interface Crash {
  readonly code: number | null;
  readonly signal: string | null;
}

/**
 * Runs jobs in worker processes, `width` at a time, begun in order; results come in the jobs' order.
 * @throws what a job throws; no further job is begun then
 */
export async function runJobs(jobs: readonly SpecJob[], width: number, finished: (count: number) => void): Promise<(ScriptResult | Crash)[]> {
  const pool = new WorkerPool<SpecJob, SpecReply>({ program: workerFile, jobs: Math.min(width, jobs.length), ahead: 1 });
  let count = 0;
  try {
    return await Promise.all(
      jobs.map(async (job) => {
        const result = resultOf(await pool.run(job));
        finished(++count);
        return result;
      }),
    );
  } finally {
    pool.close();
  }
}

function resultOf(answer: Answer<SpecReply>): ScriptResult | Crash {
  if (answer.kind === 'died') return { code: answer.code, signal: answer.signal };
  // Scripts end by their fuel: no job is timed.
  if (answer.kind === 'hung') return { code: null, signal: 'SIGKILL' };
  if (answer.reply.kind === 'result') return answer.reply.result;
  throw errorOf(answer.reply);
}
