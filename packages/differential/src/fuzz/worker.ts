import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { CpuPool, enginesNamed, type EngineOptions } from '@fireball/engines';
import { parseFeatures } from './features.js';
import { mixedSettingsOf } from './mixed-settings.js';
import type { CaseRequest, FromWorker, ToWorker, WorkerConfiguration } from './protocol.js';
import { runCase, type CaseResult } from './run-case.js';
import { caseOfSeed } from './source.js';

// A child process that runs cases one after the other. A crash of a native engine ends this process, not the campaign
// (hazard 19); the case is written down before it runs.

class Worker {
  private readonly note: number | undefined;
  private readonly engines;
  private readonly features;
  private readonly cpus = new CpuPool();

  constructor(private readonly configuration: WorkerConfiguration) {
    this.note = openNote(configuration.note);
    this.engines = enginesNamed(configuration.engines.join(','));
    this.features = parseFeatures(configuration.features.join(','));
  }

  async run(request: CaseRequest): Promise<FromWorker> {
    const { generator, options } = this.configuration;
    const { seed } = request;
    const isSeed = !('bytes' in request);
    this.writeDown(isSeed ? { generator, seed } : { bytes: Buffer.from(request.bytes).toString('base64'), seed });
    try {
      const entry = isSeed ? caseOfSeed(generator, seed, this.features) : request;
      if (entry === undefined) return { kind: 'empty' };
      const engines = isSeed ? this.engines : enginesNamed(request.engines.join(','));
      const settings = { ...options, ...mixedSettingsOf(seed, options) };
      return await this.compare((options) => runCase(entry.bytes, entry.calls, engines, options), settings);
    } catch (error) {
      return { kind: 'broken', message: messageOf(error) };
    }
  }

  /** On CPUs that have run other cases and need not be opened. Where anything is wrong, new ones say what it is. */
  private async compare(run: (options: EngineOptions) => Promise<CaseResult>, settings: EngineOptions): Promise<FromWorker> {
    let suspicion: string;
    try {
      const result = await run({ ...settings, cpus: this.cpus });
      const [failure] = result.failures;
      if (failure === undefined) return { kind: 'result', result };
      suspicion = `${failure.engine}: ${failure.expected}, not ${failure.actual}`;
    } catch (error) {
      suspicion = messageOf(error);
    }
    const result = await run(settings);
    if (result.failures.length > 0) return { kind: 'result', result };
    return { kind: 'broken', message: `only on CPUs that have run other cases: ${suspicion}` };
  }

  private writeDown(what: object): void {
    if (this.note === undefined) return;
    try {
      ftruncateSync(this.note);
      writeSync(this.note, `${JSON.stringify({ process: process.pid, ...what })}\n`, 0);
    } catch {
      // A full disk ends no campaign: the parent knows what runs, as long as it lives.
    }
  }

  close(): void {
    if (this.note !== undefined) closeSync(this.note);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Undefined where the folder takes no more files. */
function openNote(file: string): number | undefined {
  try {
    return openSync(file, 'w');
  } catch {
    return undefined;
  }
}

let worker: Worker | undefined;
let queue = Promise.resolve();

process.on('message', (message: ToWorker) => {
  if ('configure' in message) {
    worker = new Worker(message.configure);
    return;
  }
  queue = queue.then(async () => {
    process.send?.(await worker!.run(message.run));
  });
});
// Ctrl-C reaches the whole group; the parent decides when to end.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => worker?.close());
