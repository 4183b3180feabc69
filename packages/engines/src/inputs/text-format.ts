import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { InvalidInputError } from '@fireball/contracts';
import type { ConvertedScript, TextJob, TextReply } from './wabt-worker.js';

/** Of the built package: a thread takes no TypeScript, and tests build first. */
const workerFile = fileURLToPath(new URL('../../dist/inputs/wabt-worker.js', import.meta.url));

/** Megabytes of stack: enough for 10,000 constructs in one another; more takes wabt minutes rather than seconds. */
const stackSizeMb = 8;

/**
 * Assembles a module in the text format.
 * @throws InvalidInputError with the file and the line that wabt names, or where constructs are nested too deeply
 */
export async function assembleText(file: string, source: string | Uint8Array): Promise<Uint8Array> {
  const reply = await ask(file, 'module', source);
  return reply.bytes;
}

/**
 * Makes of a script of the official suite, `.wast`, what wast2json makes of it.
 * @throws InvalidInputError as `assembleText`
 */
export function convertScript(file: string, source: Uint8Array): Promise<ConvertedScript> {
  return ask(file, 'script', source);
}

let thread: Worker | undefined;
/** The job before: wabt has one after the other. */
let last: Promise<unknown> = Promise.resolve();

async function ask<K extends TextJob['kind']>(file: string, kind: K, source: string | Uint8Array): Promise<Extract<TextReply, { kind: K }>> {
  // A copy of its own: wabt.js takes the whole buffer that a view is of. (`slice` of a Buffer is a view again.)
  const job = { kind, source: typeof source === 'string' ? new TextEncoder().encode(source) : new Uint8Array(source) };
  const answer = last.then(() => transact(job));
  last = answer.catch(() => undefined);
  const reply = await answer;
  if (reply.kind === 'too deep') throw new InvalidInputError('nested too deeply', { file, hint: 'some 10,000 constructs in one another can be read' });
  if (reply.kind === 'syntax error') throw syntaxError(file, reply.message);
  return reply as Extract<TextReply, { kind: K }>;
}

async function transact(job: TextJob): Promise<TextReply> {
  thread ??= new Worker(workerFile, { resourceLimits: { stackSizeMb } });
  const worker = thread;
  worker.ref();
  worker.postMessage(job);
  try {
    const [reply] = (await once(worker, 'message')) as [TextReply];
    // What ran out of stack left wabt in the middle of something.
    if (reply.kind === 'too deep') await stop(worker);
    return reply;
  } catch (error) {
    await stop(worker);
    throw error;
  } finally {
    // An idle thread keeps no process alive.
    worker.unref();
  }
}

async function stop(worker: Worker): Promise<void> {
  thread = undefined;
  await worker.terminate();
}

/** wabt reports `FILE:LINE:COLUMN: error: WHAT`, followed by the source line. */
function syntaxError(file: string, message: string): InvalidInputError {
  const match = /:(\d+):\d+: error: (.*)/.exec(message);
  return new InvalidInputError(match?.[2] ?? message.trim().split('\n').join(' '), { file, line: match === null ? undefined : Number(match[1]) });
}
