import { InternalError, UsageError, type DebugRegion, type DebugRegister, type DebugTarget, type Isa, type RunResult, type TargetSnapshot, type TargetStop } from '@fireball/contracts';
import { restorePages, savePages, type MemoryPages } from '@fireball/emulator';
import type { CallResult, EnteredCall } from '../runtime/calls.js';
import type { VsocFunction } from '../runtime/externs.js';
import type { VsocValue } from '../runtime/values.js';
import type { Vsoc } from '../vsoc.js';
import { KeptStops } from './kept-stops.js';

/** A call that nobody has made yet, on a virtual SoC of its own. */
export interface PreparedCall {
  readonly vsoc: Vsoc;
  readonly callee: VsocFunction;
  readonly args: readonly VsocValue[];
}

/** The call, and how far it is. */
interface Running {
  readonly vsoc: Vsoc;
  readonly call: EnteredCall;
  pc: number;
  instructions: number;
  inRange: number;
  /** What tells where a trap came from. */
  previousPc: number;
  lastPcInRange: number | null;
  ended: { readonly stop: TargetStop; readonly result: CallResult | undefined } | undefined;
}

type Place = Pick<Running, 'pc' | 'instructions' | 'inRange' | 'previousPc' | 'lastPcInRange' | 'ended'>;

class Snapshot implements TargetSnapshot {
  constructor(
    readonly place: Place,
    readonly cpu: Uint8Array,
    /** By base address. */
    readonly memories: ReadonlyMap<number, MemoryPages>,
    /** Calls of the host made until then: what they changed outside of guest memory is in no snapshot. */
    readonly hostCalls: number,
  ) {}

  get instructions(): number {
    return this.place.instructions;
  }
}

/** By their numbers. */
const generalNames = {
  thumb2: [...Array.from({ length: 13 }, (_, n) => `r${n}`), 'sp', 'lr', 'pc'],
  rv32: 'zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6 pc'.split(' '),
} as const satisfies Record<Isa, readonly string[]>;
const floatRegister = { thumb2: 's', rv32: 'f' } as const satisfies Record<Isa, string>;

/** Most instructions of one run of the CPU. */
const slice = 20_000_000;

/**
 * One call of native code on a virtual SoC, as a debugger sees it. `prepare` makes the call anew, always the same: for `reset`, and to go back to
 * before a call of the host.
 */
export class VsocTarget implements DebugTarget {
  readonly architecture: Isa;
  readonly core: string;
  /** The general ones first, in the order of their numbers. */
  readonly registers: readonly DebugRegister[];
  readonly stops: KeptStops;
  #running: Running;
  #interrupted = false;

  constructor(private readonly prepare: () => PreparedCall) {
    this.#running = begin(prepare());
    const { cpu, features } = this.vsoc;
    this.architecture = cpu.isa;
    this.core = cpu.cpu;
    this.stops = new KeptStops(cpu.stops);
    const doubles = features.has('d');
    const floats = doubles || features.has('f') || features.has('fpv4');
    this.registers = [
      ...generalNames[cpu.isa].map((name) => ({ name, bits: 32 as const, group: 'general' as const })),
      ...(floats ? Array.from({ length: 32 }, (_, n) => ({ name: `${floatRegister[cpu.isa]}${n}`, bits: cpu.isa === 'rv32' && doubles ? (64 as const) : (32 as const), group: 'float' as const })) : []),
    ];
  }

  get vsoc(): Vsoc {
    return this.#running.vsoc;
  }

  /** How the call has ended, once it has; undefined too where generated code left its world. */
  get result(): CallResult | undefined {
    return this.#running.ended?.result;
  }

  get instructions(): number {
    return this.#running.instructions;
  }

  get pc(): number {
    return this.#running.pc;
  }

  readRegister(name: string): bigint {
    if (name === 'pc') return BigInt(this.pc);
    const { group, bits } = this.#register(name);
    if (group !== 'float') return BigInt(this.vsoc.cpu.readRegister(name));
    return BigInt.asUintN(bits, this.vsoc.cpu.readFloatRegister(Number(name.slice(1))) ?? 0n);
  }

  writeRegister(name: string, value: bigint): void {
    if (this.#register(name).bits === 64) throw new UsageError(`${name} cannot be written: only registers of 32 bits can`);
    const word = Number(BigInt.asUintN(32, value));
    if (name === 'pc') this.#running.pc = word;
    else this.vsoc.cpu.writeRegister(name, word);
  }

  #register(name: string): DebugRegister {
    const found = this.registers.find((register) => register.name === name);
    if (found === undefined) throw new UsageError(`${this.core} has no register '${name}'`);
    return found;
  }

  memoryMap(): readonly DebugRegion[] {
    const { map, codeMemory } = this.vsoc;
    return [
      { name: 'rom', kind: 'rom' as const, ...map.rom },
      { name: 'code', kind: 'rom' as const, base: codeMemory.base, size: codeMemory.mappedBytes },
      ...this.#ram().map(({ name, base, bytes }) => ({ name, kind: 'ram' as const, base, size: bytes.length })),
    ].sort((a, b) => a.base - b.base);
  }

  /** Everything that the guest can write. */
  #ram(): { readonly name: string; readonly base: number; readonly bytes: Uint8Array }[] {
    const { map, dataMemory, store } = this.vsoc;
    const nameOf = (base: number): string => (base === map.lowData.base ? 'data and stack' : base === map.resultBuffer.base ? 'results' : 'data');
    return [
      ...dataMemory.ram.map(({ base, bytes }) => ({ name: nameOf(base), base, bytes })),
      ...store.memories.map(({ base, bytes }, index) => ({ name: `memory ${index}`, base, bytes })),
    ];
  }

  peek(address: number, size: number): Uint8Array | undefined {
    const region = this.memoryMap().find(({ base, size: length }) => address >= base && address + size <= base + length);
    return region === undefined ? undefined : this.vsoc.cpu.readMemory(address, size);
  }

  /** RAM only: code memory is sealed. */
  poke(address: number, bytes: Uint8Array): boolean {
    const region = this.#ram().find((ram) => address >= ram.base && address + bytes.length <= ram.base + ram.bytes.length);
    region?.bytes.set(bytes, address - region.base);
    return region !== undefined;
  }

  run(most: number): TargetStop {
    const running = this.#running;
    const { vsoc } = running;
    const { fuel } = vsoc.execution;
    const until = Math.min(running.instructions + most, fuel);
    while (running.ended === undefined && running.instructions < until) {
      const result = vsoc.execution.advance(running.pc, Math.min(until - running.instructions, slice));
      running.pc = result.pc;
      running.instructions += result.executed;
      running.inRange += result.executedInRange;
      if (result.executed > 0) running.previousPc = result.previousPc;
      if (result.executedInRange > 0) running.lastPcInRange = result.lastPcInRange;
      const { reason } = result;
      if (reason.kind === 'breakpoint') return { why: 'breakpoint' };
      if (reason.kind === 'watchpoint') return { why: 'watchpoint', access: reason.access, address: reason.address, size: reason.size };
      if (this.#interrupted) {
        this.#interrupted = false;
        return { why: 'interrupted' };
      }
      if (reason.kind !== 'budget' || running.instructions >= fuel) running.ended = endOf(running, result);
    }
    return running.ended?.stop ?? { why: 'count' };
  }

  interrupt(): void {
    this.#interrupted = true;
    this.vsoc.cpu.stop();
  }

  reset(): void {
    this.#running.vsoc.close();
    this.#running = begin(this.prepare());
    this.stops.moveTo(this.vsoc.cpu.stops);
  }

  monitor(command: string): string | undefined {
    if (command !== 'reset') return undefined;
    this.reset();
    return `reset: at 0x${this.pc.toString(16)}\n`;
  }

  readonly snapshots = {
    save: (previous?: TargetSnapshot): TargetSnapshot => {
      const { vsoc, call: _, ...place } = this.#running;
      const before = previous instanceof Snapshot ? previous.memories : new Map<number, MemoryPages>();
      const memories = new Map(this.#ram().map(({ base, bytes }) => [base, savePages(bytes, before.get(base)).pages]));
      return new Snapshot(place, vsoc.cpu.saveState(), memories, vsoc.systemCalls.performed);
    },
    restore: (snapshot: TargetSnapshot): void => {
      if (!(snapshot instanceof Snapshot)) throw new InternalError('the snapshot is of another target');
      if (snapshot.hostCalls !== this.vsoc.systemCalls.performed) {
        this.reset();
        this.#replay(snapshot);
      }
      for (const { base, bytes } of this.#ram()) restorePages(bytes, snapshot.memories.get(base) ?? [], () => undefined);
      this.vsoc.cpu.restoreState(snapshot.cpu);
      Object.assign(this.#running, snapshot.place);
    },
    heldBytes: (snapshots: readonly TargetSnapshot[]): number => {
      const pages = new Set(snapshots.flatMap((snapshot) => (snapshot instanceof Snapshot ? [...snapshot.memories.values()].flat() : [])));
      return [...pages].reduce((sum, page) => sum + page.length, 0);
    },
  };

  /** Goes to where the snapshot was taken, past all stops. */
  #replay({ instructions, place: { ended } }: Snapshot): void {
    while (this.instructions < instructions || (ended !== undefined && this.#running.ended === undefined)) {
      this.stops.pass(this.pc);
      this.run(ended === undefined ? instructions - this.instructions : Infinity);
    }
  }

  close(): void {
    this.vsoc.close();
  }
}

function begin({ vsoc, callee, args }: PreparedCall): Running {
  const call = vsoc.calls.enterFunction(callee, args);
  return { vsoc, call, pc: call.entry, instructions: 0, inRange: 0, previousPc: call.entry, lastPcInRange: null, ended: undefined };
}

function endOf({ vsoc, call, instructions, inRange, previousPc, lastPcInRange }: Running, last: RunResult): NonNullable<Running['ended']> {
  try {
    const result = vsoc.calls.resultOf(call, { ...last, previousPc, lastPcInRange, executed: instructions, executedInRange: inRange });
    const { trap } = result;
    return { result, stop: trap === null ? { why: 'exit', status: 0 } : { why: 'fault', message: `trap: ${trap.kind}` } };
  } catch (error) {
    // Generated code left its world: a debugger shows where.
    if (!(error instanceof InternalError)) throw error;
    return { result: undefined, stop: { why: 'fault', message: error.message } };
  }
}
