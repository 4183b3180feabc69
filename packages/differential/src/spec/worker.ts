import { engineNamed } from '@fireball/engines';
import { replyOf, type SpecJob, type SpecReply } from './messages.js';
import { runScript } from './runner.js';

// The worker process: runs one script after the other, until the command that started it hangs up.

async function work({ file, engine, options }: SpecJob): Promise<SpecReply> {
  try {
    return { kind: 'result', result: await runScript(file, engineNamed(engine), options) };
  } catch (error) {
    return replyOf(error);
  }
}

process.on('message', (job: SpecJob) => void work(job).then((reply) => process.send!(reply)));
