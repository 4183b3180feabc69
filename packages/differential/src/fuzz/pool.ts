import { fork, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeOutputFolder } from '@fireball/contracts';
import type { CaseReply, CaseRequest, FromWorker, ToWorker, WorkerConfiguration } from './protocol.js';

const builtWorker = fileURLToPath(new URL('worker.js', import.meta.url));
/** One core each: V8 compiles on the thread that asks for it. */
const nodeOptions = ['--single-threaded', '--no-wasm-async-compilation'];
/** Requests that a child is given ahead, so that it never waits. */
const ahead = 6;
/** A child is replaced after this many cases: what engines leak stays small. */
const casesOfChild = 4000;
const watchInterval = 250;
const keptOutput = 2000;

export interface PoolOptions {
  readonly jobs: number;
  /** Longest time of one case, in milliseconds. */
  readonly timeout: number;
  /** Folder for the children's notes. */
  readonly folder: string;
  readonly configuration: Omit<WorkerConfiguration, 'note'>;
  /** The children's program, where it is not the built one beside this file. */
  readonly worker?: string;
}

interface Pending {
  readonly request: CaseRequest;
  readonly answer: (reply: CaseReply) => void;
}

/** Long-lived child processes that run cases. */
export class CasePool {
  private readonly slots: Slot[];
  private readonly waiting: Pending[] = [];
  private readonly watch: NodeJS.Timeout;

  constructor(options: PoolOptions) {
    makeOutputFolder(options.folder);
    this.slots = Array.from({ length: options.jobs }, (_, index) => new Slot(index, options, () => this.next()));
    this.watch = setInterval(() => {
      for (const slot of this.slots) slot.checkTime();
    }, watchInterval);
  }

  /** Cases that keep all children busy. */
  get width(): number {
    return this.slots.length * ahead;
  }

  run(request: CaseRequest): Promise<CaseReply> {
    return new Promise((answer) => {
      this.waiting.push({ request, answer });
      this.next();
    });
  }

  private next(): void {
    while (this.waiting.length > 0) {
      const free = this.slots.filter((slot) => slot.load < ahead).sort((a, b) => a.load - b.load)[0];
      if (free === undefined) return;
      free.give(this.waiting.shift()!);
    }
  }

  /** Ends all children; cases that still run are never answered. */
  close(): void {
    clearInterval(this.watch);
    for (const slot of this.slots) slot.close();
  }
}

/** The place of one child at a time. */
class Slot {
  private child: ChildProcess | undefined;
  private pending: Pending[] = [];
  private cases = 0;
  /** When the oldest pending case began. */
  private since = 0;
  private hung = false;
  private output = '';
  private closed = false;

  constructor(
    private readonly index: number,
    private readonly options: PoolOptions,
    private readonly onFree: () => void,
  ) {}

  /** Pending cases; a child that is to be replaced takes no more. */
  get load(): number {
    return this.cases >= casesOfChild ? ahead : this.pending.length;
  }

  private get note(): string {
    return join(this.options.folder, `running-${process.pid}-${this.index}.json`);
  }

  give(entry: Pending): void {
    this.child ??= this.start();
    if (this.pending.length === 0) this.since = performance.now();
    this.pending.push(entry);
    this.send({ run: entry.request });
  }

  private start(): ChildProcess {
    const child = fork(this.options.worker ?? builtWorker, { serialization: 'advanced', execArgv: nodeOptions, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.cases = 0;
    this.hung = false;
    this.output = '';
    this.since = performance.now();
    child.stderr?.on('data', (text: Buffer) => {
      this.output = (this.output + text.toString()).slice(-keptOutput);
    });
    child.on('message', (message: FromWorker) => this.answer(message));
    // A message to a child that has just died; its end is reported by the event below.
    child.on('error', () => undefined);
    child.on('close', (code, signal) => {
      if (this.child === child) this.ended(code, signal);
    });
    child.send({ configure: { ...this.options.configuration, note: this.note } } satisfies ToWorker);
    return child;
  }

  private send(message: ToWorker): void {
    // The callback keeps a failed send from becoming an event of its own.
    this.child!.send(message, () => undefined);
  }

  private answer(message: FromWorker): void {
    const done = this.pending.shift();
    this.since = performance.now();
    this.cases += 1;
    done?.answer(message);
    if (this.cases >= casesOfChild && this.pending.length === 0) this.stop();
    this.onFree();
  }

  /** The child is gone: its oldest case ended it, the others move to a new one. */
  private ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.child = undefined;
    if (this.closed) return;
    const [culprit, ...rest] = this.pending;
    this.pending = [];
    const lastLine = this.output.trim().split('\n').at(-1) ?? '';
    const how = signal === null ? `exit status ${code}` : signal;
    // Told before the next child starts, which begins afresh.
    culprit?.answer(
      this.hung
        ? { kind: 'hung', message: `no answer for ${this.options.timeout} ms` }
        : { kind: 'died', message: `the process ended by ${how}${lastLine === '' ? '' : `: ${lastLine}`}` },
    );
    for (const entry of rest) this.give(entry);
    this.onFree();
  }

  checkTime(): void {
    if (this.pending.length === 0 || this.child === undefined || performance.now() - this.since < this.options.timeout) return;
    this.hung = true;
    this.child.kill('SIGKILL');
  }

  private stop(): void {
    const { child } = this;
    this.child = undefined;
    this.cases = 0;
    child?.kill('SIGKILL');
  }

  close(): void {
    this.closed = true;
    this.stop();
    rmSync(this.note, { force: true });
  }
}
