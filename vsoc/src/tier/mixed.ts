import { SettingError } from '@fireball/contracts';
import { packedSize, type TemplateSet } from '@fireball/jit';
import type { Chip } from '../chip/chip.js';
import { blockBytes } from '../chip/code-memory.js';
import { codeWord } from '../runtime/externs.js';
import { endlessCount, profile } from '../runtime/interpreter/layout.js';
import type { CounterListener } from '../runtime/interpreter/services.js';
import { registerRoots } from './activations.js';
import { CodeCache } from './code-cache.js';
import { CompileService, type TierState } from './compile-service.js';
import { Injection, type InjectionPlan } from './injection.js';
import type { InstanceFunction } from './instance-function.js';
import type { MixedInstance } from './mixed-instance.js';
import { emptyStatistics, type TierStatistics } from './statistics.js';
import { VirtualClock } from './virtual-clock.js';
import { OwnCores, SharedCore, type SharedTime, type WorkerPlacement } from './worker-time.js';
import type { CompileWorker, WorkerKind } from './worker.js';

/** A chip whose functions become native, and the calls that are active on it. */
interface MixedSystem extends Chip {
  readonly calls: {
    /** Link registers of outer calls whose host functions have called back. */
    readonly outerLinks: readonly number[];
  };
}

/** How functions become native. Times are in executed instructions. */
export interface MixedOptions {
  /** Calls of a function, and arrivals at a loop, before native code is asked for. */
  readonly callThreshold: number;
  readonly loopThreshold: number;
  /** Bytes for packed templates and code memory together. */
  readonly budget: number;
  readonly queueLength: number;
  readonly workers: 1 | 2;
  readonly attempts: number;
  readonly coolDown: number;
  /** What compiles; the device, unless a price is stated. */
  readonly worker?: WorkerKind;
  /** Bytes of memory that the compiler has on the device, whole pages of 64 KiB. */
  readonly workerMemory: number;
  /** Every memory access of the compiler on the device is checked. */
  readonly workerSandbox: boolean;
  /** The core that workers run on; the program's own, unless a price is stated. */
  readonly placement?: WorkerPlacement;
  /** How they share that one. */
  readonly sharedTime: SharedTime;
  /** A price for each byte of a function's body, in place of what a worker executes; absent: what it executes. */
  readonly costPerByte?: number;
  /** Instructions from one audit of the code cache to the next; absent: none is made. */
  readonly auditPeriod?: number;
  readonly inject: InjectionPlan;
}

/** Thresholds, budgets and sizes of mixed mode unless told otherwise. */
export const defaultMixedOptions: MixedOptions = {
  callThreshold: 64,
  loopThreshold: 128,
  budget: 16 * 1024,
  queueLength: 32,
  workers: 1,
  workerMemory: 0x10_0000,
  workerSandbox: false,
  sharedTime: { share: 75, slice: 2000 },
  attempts: 3,
  coolDown: 100_000,
  inject: {},
};

const loopPriority = 1;
const callPriority = 0;
/**
 * Calls, or rounds of a loop, after which a function that is being compiled is asked for again. The interpreter loads a counter, decrements and stores it: what is written to it in
 * between, where code is installed, gets lost, on a device as here. It must not be lost for ever.
 */
const busyCount = 4096;

/** What stands in for the options that depend on others. */
export function workerOf({ worker, costPerByte }: MixedOptions): WorkerKind {
  return worker ?? (costPerByte === undefined ? 'device' : 'host');
}

function placementOf({ placement, costPerByte }: MixedOptions): WorkerPlacement {
  return placement ?? (costPerByte === undefined ? 'shared' : 'own');
}

/** Mixed mode of one virtual SoC: its functions start in the interpreter, what is hot becomes native in the background. */
export class MixedMode implements CounterListener {
  readonly clock = new VirtualClock();
  readonly statistics: TierStatistics = emptyStatistics();
  readonly cache: CodeCache;
  readonly service: CompileService;
  /** Of the workers. */
  readonly workerRoom: CompileWorker['room'];
  /** By address of the profile. */
  private readonly functions = new Map<number, InstanceFunction>();
  private readonly bySlot = new Map<number, InstanceFunction>();
  private readonly instances: MixedInstance[] = [];
  /** By address of a counter: when it was last used up. */
  private readonly asked = new Map<number, number>();

  constructor(
    private readonly system: MixedSystem,
    private readonly options: MixedOptions,
    worker: CompileWorker,
    /** Of code memory. */
    faults: { dropFlush: boolean },
  ) {
    const { codeMap } = system;
    const injection = new Injection(options.inject);
    this.cache = new CodeCache(
      system.codeMemory,
      () => this.roots(),
      () => this.clock.now,
      this.statistics,
      {
        installed: ({ owner, code }) => codeMap.add({ index: owner.index, code, memoryBytes: () => owner.memoryBytes() }),
        retired: ({ owner }) => this.service.retired(owner),
        // Until then it may trap.
        freed: ({ code }) => codeMap.remove(code.address),
      },
    );
    this.workerRoom = worker.room;
    const time =
      placementOf(options) === 'own' ? new OwnCores(this.clock, options.sharedTime.slice) : new SharedCore(this.clock, this.statistics, options.sharedTime);
    this.service = new CompileService(this.clock, this.cache, injection, this.statistics, worker, time, {
      workers: options.workers,
      queueLength: options.queueLength,
      attempts: options.attempts,
      coolDown: options.coolDown,
      costPerByte: options.costPerByte,
      forgetFlush: (forget) => {
        faults.dropFlush = forget;
      },
    });
    if (options.auditPeriod !== undefined) this.auditAgain(options.auditPeriod);
  }

  /** Compares the checksum of all native code; what somebody changed is not called any more, and is compiled again when it is hot. */
  audit(): void {
    this.statistics.audits++;
    this.statistics.tampered += this.cache.audit().length;
  }

  private auditAgain(period: number): void {
    this.clock.after(period, () => {
      this.audit();
      this.auditAgain(period);
    });
  }

  /** Did the instruction cache hold something else at `pc` than memory, so that the flush after an installation was lost? It is made up for. */
  repair(pc: number): boolean {
    const { codeMemory } = this.system;
    if (!codeMemory.isStale(pc)) return false;
    codeMemory.flush(codeMemory.base, codeMemory.size);
    this.statistics.failures['stale-icache']++;
    return true;
  }

  add(instance: MixedInstance): void {
    this.instances.push(instance);
    instance.functions.forEach((owner) => {
      this.functions.set(owner.profileAddress, owner);
      this.bySlot.set(owner.slot, owner);
      owner.arm(this.options.callThreshold, this.options.loopThreshold);
    });
  }

  /** The function of an instance whose slot this is; undefined for functions of the host. */
  functionAt(slot: number): InstanceFunction | undefined {
    return this.bySlot.get(slot);
  }

  /** A function has been called often: asks for native code. */
  called(profileAddress: number): void {
    const owner = this.functions.get(profileAddress);
    if (owner === undefined) return;
    const counter = profileAddress + profile.COUNTER;
    this.service.request(owner, { priority: callPriority, interval: this.intervalOf(counter, this.options.callThreshold) });
    this.countAgain(owner, counter, this.options.callThreshold);
  }

  /** A loop has come round often: where to go on natively (code, shape, last side entry, bytes of locals), or zeros. */
  looped(counter: number): [code: number, shape: number, side: number, localBytes: number] {
    const { dataMemory } = this.system;
    for (const instance of this.instances) {
      const place = instance.program.loopOf(counter);
      const owner = instance.functions[place?.position ?? -1];
      if (place === undefined || owner === undefined) continue;
      const entry = owner.code?.osrEntries.find(({ wasmOffset }) => wasmOffset === place.wasmOffset);
      if (owner.code !== undefined && entry !== undefined) {
        this.statistics.replacements++;
        dataMemory.writeWord(counter, 0);
        const { shape, side, localBytes } = instance.program.replacementOf(place.position);
        return [codeWord(this.system.isa, owner.code.address + entry.offset), shape, side, localBytes];
      }
      // Native code without an entry for this loop is made anew.
      if (owner.code !== undefined && !this.service.isBusy(owner)) this.cache.remove(owner);
      const interval = this.intervalOf(counter, this.options.loopThreshold);
      this.service.request(owner, { priority: loopPriority, interval, osrLoop: place.wasmOffset });
      this.countAgain(owner, counter, this.options.loopThreshold);
      break;
    }
    return [0, 0, 0, 0];
  }

  /** Virtual time between two events of a counter that is used up, on average since it was last. */
  private intervalOf(counter: number, threshold: number): number {
    return Math.max(1, (this.clock.now - (this.asked.get(counter) ?? 0)) / Math.max(1, threshold));
  }

  /** Counts on after a question. While native code is being made, nobody needs to ask soon; where there will never be any, nobody at all. */
  private countAgain(owner: InstanceFunction, counter: number, threshold: number): void {
    const { service, system, clock } = this;
    this.asked.set(counter, clock.now);
    const next = service.stateOf(owner) === 'blacklisted' ? endlessCount : service.isBusy(owner) ? Math.max(threshold, busyCount) : threshold;
    system.dataMemory.writeWord(counter, next);
  }

  /** How far each function is, for people: by its index in the module. */
  get progress(): readonly { readonly index: number; readonly state: TierState }[] {
    return this.instances.flatMap(({ functions }) => functions.map((owner) => ({ index: owner.index, state: this.service.stateOf(owner) })));
  }

  private roots(): { registers: number[]; stacks: Int32Array[] } {
    const { cpu, calls, dataMemory } = this.system;
    return { registers: [...registerRoots(cpu), ...calls.outerLinks], stacks: [dataMemory.stackWords(cpu.readRegister('sp') >>> 0)] };
  }
}

/** @throws SettingError where the compiler cannot have so much memory */
export function checkWorkerMemory(bytes: number): void {
  const [least, most, page] = [0x2_0000, 0x100_0000, 0x1_0000];
  if (bytes % page !== 0 || bytes < least || bytes > most)
    throw new SettingError('worker-memory', `the compiler's memory has whole pages of ${page} bytes, from ${least} to ${most}: not ${bytes}`);
}

/**
 * Bytes of code memory under a budget that holds the packed templates too.
 * @throws SettingError where that is less than one block
 */
export function mixedCodeBytes(templates: TemplateSet, budget: number): number {
  const packed = packedSize(templates);
  if (budget < packed + blockBytes)
    throw new SettingError(
      'budget',
      `a budget of ${budget} bytes has no room for code beside ${packed} bytes of packed templates: at least ${packed + blockBytes}`,
    );
  return budget - packed;
}
