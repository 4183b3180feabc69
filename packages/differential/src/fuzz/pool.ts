import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeOutputFolder } from '@fireball/contracts';
import { WorkerPool, type Answer } from '../worker-pool.js';
import type { CaseReply, CaseRequest, FromWorker, ToWorker, WorkerConfiguration } from './protocol.js';

const builtWorker = fileURLToPath(new URL('worker.js', import.meta.url));
/** One core each: V8 compiles on the thread that asks for it. */
const nodeOptions = ['--single-threaded', '--no-wasm-async-compilation'];
const ahead = 6;
/** What V8 takes until it has optimized everything is then a hundredth of it. */
const casesOfChild = 20_000;

interface PoolOptions {
  readonly jobs: number;
  /** Longest time of one case, in milliseconds. */
  readonly timeout: number;
  /** Folder for the children's notes. */
  readonly folder: string;
  readonly configuration: Omit<WorkerConfiguration, 'note'>;
  /** The children's program, where it is not the built one beside this file. */
  readonly worker?: string;
}

/** Child processes that run cases. Each notes the case that it is at, for when this process dies too. */
export class CasePool {
  private readonly workers: WorkerPool<ToWorker, FromWorker>;
  private readonly notes: readonly string[];

  constructor(private readonly options: PoolOptions) {
    const { folder, jobs, timeout, configuration, worker: program = builtWorker } = options;
    makeOutputFolder(folder);
    this.notes = Array.from({ length: jobs }, (_, place) => join(folder, `running-${process.pid}-${place}.json`));
    const configure = (place: number): ToWorker => ({ configure: { ...configuration, note: this.notes[place]! } });
    this.workers = new WorkerPool({ program, jobs, nodeOptions, ahead, timeout, requestsOfChild: casesOfChild, configure });
  }

  /** Cases that keep all children busy. */
  get width(): number {
    return this.workers.width;
  }

  async run(request: CaseRequest): Promise<CaseReply> {
    return this.replyOf(await this.workers.run({ run: request }));
  }

  private replyOf(answer: Answer<FromWorker>): CaseReply {
    if (answer.kind === 'answered') return answer.reply;
    if (answer.kind === 'hung') return { kind: 'hung', message: `no answer for ${this.options.timeout} ms` };
    const how = answer.signal ?? `exit status ${answer.code}`;
    return { kind: 'died', message: `the process ended by ${how}${answer.output === '' ? '' : `: ${answer.output}`}` };
  }

  /** Ends all children; cases that still run are never answered. */
  close(): void {
    this.workers.close();
    for (const note of this.notes) rmSync(note, { force: true });
  }
}
