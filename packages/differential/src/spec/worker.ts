import { engineNamed } from '@fireball/engines';
import type { Work } from '@fireball/wasm';
import { replyOf, type SpecJob, type SpecReply } from './messages.js';
import { runScript } from './runner.js';

// The worker process: runs one script after the other, until the command that started it hangs up.

async function work({ file, engine, options, reference }: SpecJob): Promise<SpecReply> {
  try {
    const works: Work[] = [];
    const result = await runScript(file, engineNamed(engine), options, reference === undefined ? { record: works } : { reference });
    return { kind: 'result', result: { ...result, works } };
  } catch (error) {
    return replyOf(error);
  }
}

process.on('message', (job: SpecJob) => void work(job).then((reply) => process.send!(reply)));
