import { InternalError, InvalidInputError, UnsupportedError } from '@fireball/contracts';
import { crc32Of, PatchError, VerifyError, type CompiledFunction, type LinkedCode } from '@fireball/jit';
import { CodeMemoryFullError } from '../chip/code-memory.js';
import type { CodeCache } from './code-cache.js';
import type { Injection } from './injection.js';
import { RequestQueue } from './request-queue.js';
import type { Price } from './price.js';
import type { FailureKind, TierStatistics } from './statistics.js';
import type { TieredFunction } from './tiered-function.js';
import type { VirtualClock } from './virtual-clock.js';

interface CompileServiceOptions {
  readonly workers: number;
  readonly queueLength: number;
  /** Attempts after failures that may pass (abort, checksum); then the function is blacklisted. */
  readonly attempts: number;
  /** Instructions before a failed function may be requested again; doubled by every further failure of its kind. */
  readonly coolDown: number;
  /** Virtual time that a worker takes for a function. */
  price(owner: TieredFunction, compiled: CompiledFunction): Price;
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

/** What a worker does. */
export interface CompileJob {
  /** Of the function, in its module. */
  readonly index: number;
  /** Virtual time at which its code is there. */
  readonly until: number;
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

/** Every return of a function to the cache asks for victims unused for twice as long, so many times at most: compilations would eat up what native code saves. */
const mostDoublings = 10;
/** For a function that is compiled by now, victims must have been unused for this part of the time only: its work is done. */
const compiledShare = 1 / 8;
/** The pause of those that have no room is doubled so many times at most: room comes and goes. */
const mostPauseDoublings = 4;

/** The copy in code memory is not the code that was verified. */
class ChecksumError extends InternalError {}

/** Failures that the next attempts may not have. All others would come again, and blacklist the function at once, but for a lack of room, which is never the end. */
const passing: ReadonlySet<FailureKind> = new Set(['compile-abort', 'crc']);

/**
 * Turns requests into native code in the background: a queue, one or two workers in virtual time, and the
 * installation in one step between two guest instructions. Nothing waits for it. Whatever fails, the function stays in the interpreter.
 */
export class CompileService {
  enabled = true;
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
    private readonly options: CompileServiceOptions,
  ) {
    this.queue = new RequestQueue(options.workers, options.queueLength);
    this.current = Array.from({ length: options.workers }, () => undefined);
  }

  /** Requests in the queue. */
  get waiting(): number {
    return this.queue.length;
  }

  /** Requests that workers have taken. */
  get working(): number {
    return this.current.filter((job) => job !== undefined).length;
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

  /** A worker takes the function. The host compiles at once; the virtual SoC gets the code when its time is over. */
  private start(owner: TieredFunction, progress: Progress, osrLoop: number | undefined): void {
    progress.state = 'compiling';
    this.statistics.queueWait += this.clock.now - progress.requestedAt;
    const planted = (['missing-template', 'bad-patch'] as const).find((kind) => this.injection.take(kind));
    let outcome: CompiledFunction | FailureKind;
    // What fails in selection is taken to cost nothing.
    let price: Price = { selection: 0, expansion: 0 };
    try {
      outcome = owner.compile(osrLoop, planted);
      if (progress.size === undefined) {
        this.compiledBytes.wasm += owner.wasmBytes;
        this.compiledBytes.code += outcome.size;
      }
      progress.size = outcome.size;
      price = this.options.price(owner, outcome);
    } catch (error) {
      outcome = failureOf(error);
    }
    if (this.injection.take('compile-abort')) outcome = 'compile-abort';
    const { selection, expansion } = price;
    this.statistics.compileTime += selection + expansion;
    this.statistics.expansionTime += expansion;
    const worker = this.current.indexOf(undefined);
    const until = this.clock.after(selection + expansion, () => {
      this.current = this.current.with(worker, undefined);
      if (typeof outcome === 'string') this.fail(progress, outcome);
      else this.install(owner, progress, outcome);
      owner.rearm();
      this.queue.finished();
    });
    this.current = this.current.with(worker, { index: owner.index, until });
  }

  private install(owner: TieredFunction, progress: Progress, compiled: CompiledFunction): void {
    const { statistics } = this;
    if (!this.enabled) {
      progress.state = 'interpreted';
      return;
    }
    const failure = this.insert(owner, progress, compiled);
    if (failure !== undefined) {
      this.fail(progress, failure);
      return;
    }
    progress.state = 'native';
    statistics.compilations++;
    if (progress.installations > 0) statistics.recompilations++;
    progress.installations++;
    progress.crowdedOut = 0;
    statistics.stagingHighWater = Math.max(statistics.stagingHighWater, compiled.size);
    statistics.cacheBytes = this.cache.bytes;
    statistics.cacheHighWater = Math.max(statistics.cacheHighWater, statistics.cacheBytes);
  }

  /** Puts the code into the cache; what went wrong, if anything did. */
  private insert(owner: TieredFunction, { interval }: Progress, compiled: CompiledFunction): FailureKind | undefined {
    if (this.injection.take('cache-full')) return 'cache-full';
    try {
      return this.cache.insert(owner, compiled.size, compiledShare * interval, (address) => this.link(owner, compiled, address)) ? undefined : 'cache-full';
    } catch (error) {
      return failureOf(error);
    } finally {
      this.options.forgetFlush(false);
    }
  }

  /** Patches into the staging buffer, verifies, and compares the checksum once more with what will be copied. */
  private link(owner: TieredFunction, compiled: CompiledFunction, address: number): LinkedCode {
    const code = compiled.linkAt(address, owner.entries, {
      patched: (staging) => this.spoil('verify-fail', staging),
      verified: (staging) => this.spoil('crc', staging),
    });
    owner.verify(code);
    if (crc32Of(code.bytes) !== code.crc) throw new ChecksumError('the staging buffer changed behind the verifier');
    this.options.forgetFlush(this.injection.take('stale-icache'));
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

/** Errors of the compiler by their origin; anything else is a defect of ours, and not hidden. */
function failureOf(error: unknown): FailureKind {
  if (error instanceof ChecksumError) return 'crc';
  if (error instanceof VerifyError) return 'verify-fail';
  if (error instanceof PatchError) return 'bad-patch';
  // For a routine that the function needs.
  if (error instanceof CodeMemoryFullError) return 'cache-full';
  // Of the set, or of a form that reaches far enough for this function.
  if (error instanceof InvalidInputError || error instanceof UnsupportedError) return 'missing-template';
  throw error;
}
