import { crc32Of, type CompiledFunction, type CompilerCore, type LinkedCode } from '@fireball/jit';
import type { WritableRegion } from '../chip/code-memory.js';
import type { CodeCache } from './code-cache.js';
import { CompileJob } from './compile-job.js';
import { ChecksumError, failureOf, passing } from './failures.js';
import type { Injection } from './injection.js';
import { RequestQueue } from './request-queue.js';
import type { FailureKind, TierStatistics } from './statistics.js';
import type { TieredFunction } from './tiered-function.js';
import type { VirtualClock } from './virtual-clock.js';
import type { WorkerTime } from './worker-time.js';
import type { CompileWorker, Work } from './worker.js';

interface CompileServiceOptions {
  readonly workers: number;
  readonly queueLength: number;
  /** Attempts after failures that may pass (abort, checksum); then the function is blacklisted. */
  readonly attempts: number;
  /** Instructions before a failed function may be requested again; doubled by every further failure of its kind. */
  readonly coolDown: number;
  /** Instructions that a function takes for each of its bytes, where they are not those that a worker executes. */
  readonly costPerByte?: number | undefined;
  /** From now on installations forget to flush the instruction cache, or no longer. */
  forgetFlush(forget: boolean): void;
}

/** Where a function is on its way to native code. */
export type TierState = 'interpreted' | 'queued' | 'compiling' | 'native' | 'cooling' | 'blacklisted';

interface CompileRequest {
  readonly priority: number;
  /** Virtual time between two calls, or two rounds of the loop; 0: it is wanted whatever has to go for it. */
  readonly interval: number;
  /** Wasm offset of the loop at which the interpreter asks; undefined for calls. */
  readonly osrLoop?: number | undefined;
}

interface Progress {
  state: TierState;
  failures: number;
  priority: number;
  requestedAt: number;
  /** Times that it became native. */
  installations: number;
  /** Times in a row that it was compiled and then had no room. */
  crowdedOut: number;
  /** Code bytes, once they are known. */
  size: number | undefined;
  /** Between two events, as the cache is told. */
  interval: number;
}

/** A function that was compiled, and how it can be again. */
interface Compiled {
  readonly compile: (core: CompilerCore | undefined) => CompiledFunction;
  readonly compiled: CompiledFunction;
}

/** Every return of a function to the cache asks for victims unused for twice as long, so many times at most: compilations would eat up what native code saves. */
const mostDoublings = 10;
/** For a function that is compiled by now, victims must have been unused for this part of the time only: its work is done. */
const compiledShare = 1 / 8;
/** The pause of those that have no room is doubled so many times at most: room comes and goes. */
const mostPauseDoublings = 4;

/**
 * Turns requests into native code in the background: a queue, one or two workers in virtual time, and the
 * installation in one step between two guest instructions. Nothing waits for it. Whatever fails, the function stays in the interpreter.
 */
export class CompileService {
  private isEnabled = true;
  private readonly queue: RequestQueue;
  private readonly progress = new Map<TieredFunction, Progress>();
  /** By worker; undefined: it is idle. */
  private current: readonly (CompileJob | undefined)[];
  /** Of all functions that were compiled. */
  private readonly compiledBytes = { wasm: 0, code: 0 };

  constructor(
    private readonly clock: VirtualClock,
    private readonly cache: CodeCache,
    private readonly injection: Injection,
    private readonly statistics: TierStatistics,
    private readonly worker: CompileWorker,
    /** When work is over. */
    private readonly time: WorkerTime,
    private readonly options: CompileServiceOptions,
  ) {
    this.queue = new RequestQueue(options.workers, options.queueLength);
    this.current = Array.from({ length: options.workers }, () => undefined);
  }

  /** Is anything compiled? What is under way when that ends is given up where its next slice begins, unless it has begun again by then. */
  get enabled(): boolean {
    return this.isEnabled;
  }

  set enabled(isEnabled: boolean) {
    this.isEnabled = isEnabled;
    if (!isEnabled) this.time.doubted();
  }

  /** Requests in the queue. */
  get waiting(): number {
    return this.queue.length;
  }

  /** Requests that workers have taken. */
  get working(): number {
    return this.current.filter((job) => job !== undefined).length;
  }

  /** Somebody waits for a function and does nothing else: workers have all of the time. */
  set waitedFor(isWaitedFor: boolean) {
    this.time.guestWaits = isWaitedFor;
  }

  /** What each worker does; undefined: nothing. */
  get jobs(): readonly (CompileJob | undefined)[] {
    return this.current;
  }

  stateOf(owner: TieredFunction): TierState {
    return this.progress.get(owner)?.state ?? 'interpreted';
  }

  /** Is it on its way to native code? */
  isBusy(owner: TieredFunction): boolean {
    const state = this.stateOf(owner);
    return state === 'queued' || state === 'compiling';
  }

  /** Asks for native code. True if the function is on its way there, or there already. */
  request(owner: TieredFunction, { priority, interval, osrLoop }: CompileRequest): boolean {
    if (!this.enabled) return false;
    this.statistics.requests++;
    const progress = this.progressOf(owner);
    switch (progress.state) {
      case 'native':
      case 'compiling':
        return true;
      case 'queued':
        this.raise(owner, progress, priority);
        return true;
      case 'cooling':
      case 'blacklisted':
        return false;
      case 'interpreted':
        progress.interval = interval * 2 ** Math.min(Math.max(progress.installations - 1, 0), mostDoublings);
        // Nothing is compiled for a place that it would not get.
        if (!this.cache.admits(progress.size ?? this.expectedSize(owner), progress.interval)) {
          this.statistics.refusals++;
          return false;
        }
        return this.enqueue(owner, progress, priority, osrLoop);
    }
  }

  /** Code bytes of a function that was never compiled: by those that were. */
  private expectedSize({ wasmBytes }: TieredFunction): number {
    const { wasm, code } = this.compiledBytes;
    return wasm === 0 ? 0 : Math.floor((wasmBytes * code) / wasm);
  }

  /** The cache has taken the function's code out of use. */
  retired(owner: TieredFunction): void {
    const progress = this.progressOf(owner);
    if (progress.state === 'native') progress.state = 'interpreted';
  }

  private progressOf(owner: TieredFunction): Progress {
    let progress = this.progress.get(owner);
    if (progress === undefined) {
      progress = { state: 'interpreted', failures: 0, priority: 0, requestedAt: 0, installations: 0, crowdedOut: 0, size: undefined, interval: 0 };
      this.progress.set(owner, progress);
    }
    return progress;
  }

  private raise(owner: TieredFunction, progress: Progress, priority: number): void {
    if (priority <= progress.priority) return;
    progress.priority = priority;
    this.queue.setPriority(owner.id, priority);
  }

  private enqueue(owner: TieredFunction, progress: Progress, priority: number, osrLoop: number | undefined): boolean {
    progress.priority = priority;
    progress.requestedAt = this.clock.now;
    progress.state = 'queued';
    const injected = this.injection.take('queue-full');
    if (injected || !this.queue.add({ id: owner.id, start: () => this.start(owner, progress, osrLoop) }, priority)) {
      progress.state = 'interpreted';
      this.statistics.failures['queue-full']++;
      return false;
    }
    this.statistics.queueHighWater = Math.max(this.statistics.queueHighWater, this.queue.length);
    return true;
  }

  /** A worker takes the function. What it does is done at once, as the host sees it; the virtual SoC gets the code when its time is over. */
  private start(owner: TieredFunction, progress: Progress, osrLoop: number | undefined): void {
    this.statistics.queueWait += this.clock.now - progress.requestedAt;
    if (!this.enabled) {
      progress.state = 'interpreted';
      owner.rearm();
      this.queue.finished();
      return;
    }
    progress.state = 'compiling';
    const planted = (['missing-template', 'bad-patch'] as const).find((kind) => this.injection.take(kind));
    const fault = (['no-memory', 'worker-fault'] as const).find((kind) => this.injection.take(kind));
    const compile = owner.compilation(osrLoop, planted);
    const work = this.worker.work({ activity: 'compiling', wasmBytes: owner.wasmBytes, make: compile, repeat: compile }, fault);
    const outcome = this.injection.take('compile-abort') ? 'compile-abort' : outcomeOf(work);
    const worker = this.current.indexOf(undefined);
    const price = this.options.costPerByte === undefined ? work.instructions : owner.wasmBytes * this.options.costPerByte;
    this.spend(worker, new CompileJob(owner.index, 'compiling', price, work), work, (isGivenUp) => {
      if (isGivenUp || typeof outcome === 'string') {
        this.giveUp(worker, owner, progress, isGivenUp || typeof outcome !== 'string' ? undefined : outcome);
        return;
      }
      this.noteSize(owner, progress, outcome);
      const place = this.place(progress, outcome);
      if (place === undefined || typeof place === 'string') this.giveUp(worker, owner, progress, place);
      else this.link(worker, owner, progress, { compile, compiled: outcome }, place);
    });
  }

  /** It is known when the function has been compiled, and not before. */
  private noteSize({ wasmBytes }: TieredFunction, progress: Progress, { size }: CompiledFunction): void {
    if (progress.size === undefined) {
      this.compiledBytes.wasm += wasmBytes;
      this.compiledBytes.code += size;
    }
    progress.size = size;
  }

  /** Where the code will lie, or why there is no place; undefined: nobody wants it any more. */
  private place({ interval }: Progress, { size }: CompiledFunction): WritableRegion | FailureKind | undefined {
    if (!this.enabled) return undefined;
    return (this.injection.take('cache-full') ? undefined : this.cache.reserve(size, compiledShare * interval)) ?? 'cache-full';
  }

  /** The second half of the work, when it is known where the code will lie. */
  private link(worker: number, owner: TieredFunction, progress: Progress, { compile, compiled }: Compiled, place: WritableRegion): void {
    const { address } = place;
    const { wasmBytes, entries } = owner;
    const work = this.worker.work({
      activity: 'linking',
      wasmBytes,
      make: (core) => this.linkedCode(owner, compiled, address, core),
      // What is compiled is linked once.
      repeat: (core) => void compile(undefined).linkAt(address, entries, {}, core),
    });
    const outcome = outcomeOf(work);
    const end = (isGivenUp: boolean): void => {
      if (isGivenUp || typeof outcome === 'string' || !this.enabled || !owner.isCurrent) {
        place.abandon();
        this.giveUp(worker, owner, progress, isGivenUp || typeof outcome !== 'string' ? undefined : outcome);
        return;
      }
      this.install(owner, progress, outcome, place);
      this.finish(worker, owner);
    };
    const price = this.options.costPerByte === undefined ? work.instructions : 0;
    if (price === 0) end(false);
    else this.spend(worker, new CompileJob(owner.index, 'linking', price, work), work, end);
  }

  /** Takes a worker's time for what it has done. */
  private spend(worker: number, job: CompileJob, work: Work<unknown>, done: (isGivenUp: boolean) => void): void {
    const { statistics } = this;
    let counted = 0;
    this.time.spend({
      instructions: job.instructions,
      isWanted: () => this.enabled,
      progressed: (progress) => {
        statistics.compileTime += progress.executed - counted;
        if (job.activity === 'linking') statistics.linkTime += progress.executed - counted;
        counted = progress.executed;
        this.current = this.current.with(worker, job.at(progress));
      },
      done: (isGivenUp) => {
        if (isGivenUp) {
          statistics.cancellations++;
          work.giveUp?.(counted);
        } else {
          statistics.workerMemoryHighWater = Math.max(statistics.workerMemoryHighWater, work.memoryBytes);
          statistics.workerStackHighWater = Math.max(statistics.workerStackHighWater, work.stackBytes);
        }
        done(isGivenUp);
      },
    });
  }

  /** There will be no code: why; undefined: nobody wants it any more. */
  private giveUp(worker: number, owner: TieredFunction, progress: Progress, kind: FailureKind | undefined): void {
    if (kind === undefined) progress.state = 'interpreted';
    else this.fail(progress, kind);
    this.finish(worker, owner);
  }

  private finish(worker: number, owner: TieredFunction): void {
    this.current = this.current.with(worker, undefined);
    owner.rearm();
    this.queue.finished();
  }

  private install(owner: TieredFunction, progress: Progress, code: LinkedCode, place: WritableRegion): void {
    const { statistics } = this;
    this.options.forgetFlush(this.injection.take('stale-icache'));
    this.cache.install(owner, place, code);
    this.options.forgetFlush(false);
    progress.state = 'native';
    statistics.compilations++;
    if (progress.installations > 0) statistics.recompilations++;
    progress.installations++;
    progress.crowdedOut = 0;
    statistics.stagingHighWater = Math.max(statistics.stagingHighWater, code.bytes.length);
    statistics.cacheBytes = this.cache.bytes;
    statistics.cacheHighWater = Math.max(statistics.cacheHighWater, statistics.cacheBytes);
  }

  /** Patches into the staging buffer, verifies, and compares the checksum once more with what will be copied. */
  private linkedCode(owner: TieredFunction, compiled: CompiledFunction, address: number, core: CompilerCore | undefined): LinkedCode {
    const spoiler = {
      patched: (staging: Uint8Array) => this.spoil('verify-fail', staging),
      verified: (staging: Uint8Array) => this.spoil('crc', staging),
    };
    const code = compiled.linkAt(address, owner.entries, spoiler, core);
    owner.verify(code);
    if (crc32Of(code.bytes) !== code.crc) throw new ChecksumError('the staging buffer changed behind the verifier');
    return code;
  }

  private spoil(kind: 'verify-fail' | 'crc', staging: Uint8Array): void {
    if (this.injection.take(kind)) flipBit(staging);
  }

  private fail(progress: Progress, kind: FailureKind): void {
    this.statistics.failures[kind]++;
    if (kind === 'cache-full') {
      this.coolDown(progress, Math.min(progress.crowdedOut++, mostPauseDoublings));
    } else if (passing.has(kind) && ++progress.failures < this.options.attempts) {
      this.coolDown(progress, progress.failures - 1);
    } else {
      progress.state = 'blacklisted';
      this.statistics.blacklisted++;
    }
  }

  private coolDown(progress: Progress, doublings: number): void {
    progress.state = 'cooling';
    this.clock.after(this.options.coolDown * 2 ** doublings, () => {
      progress.state = 'interpreted';
    });
  }
}

/** One bit in the middle: an instruction, not padding behind them. */
function flipBit(code: Uint8Array): void {
  const index = code.length >> 1;
  code[index] = (code[index] ?? 0) ^ 1;
}

/** What was made, or why nothing was. */
function outcomeOf<Made>({ outcome }: Work<Made>): Made | FailureKind {
  return 'error' in outcome ? failureOf(outcome.error) : outcome.made;
}
