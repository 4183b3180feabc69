import {
  boundaryOfInstruction,
  InternalError,
  unknownName,
  type CodeMemoryState,
  type MeterLog,
  UsageError,
  type DebugRegion,
  type DebugRegister,
  type DebugTarget,
  type Isa,
  type RunResult,
  type StopReason,
  type TargetCommand,
  type TargetInputs,
  type TargetSnapshot,
  type TargetStop,
  type TargetTask,
  type UserWrite,
} from '@fireball/contracts';
import { EventLog, PagePool, UserWrites } from '@fireball/emulator';
import type { HostWrite } from '../chip/host-writes.js';
import type { CallResult, EnteredCall } from '../runtime/calls.js';
import type { Vsoc } from '../vsoc.js';
import { codeMemoryState } from './code-memory-state.js';
import { pagesOf, restoreCode, saveCode, type CodeState } from './code-state.js';
import { InterpretedFrames } from './interpreted-frames.js';
import { describeCache, describeQueue } from './descriptions.js';
import { noAction, unlessAwaited, type HostEvent, type HostLog } from './host-log.js';
import { KeptStops } from './kept-stops.js';
import type { PreparedCall } from './prepared-call.js';
import { TierMeters } from './tier-meters.js';
import { pagesOfRam, restoreRam, saveRam, type RamState } from './ram-state.js';
import { registersOf } from './registers.js';

interface End {
  readonly stop: TargetStop;
  /** Undefined where generated code left its world, and where the program has ended itself. */
  readonly result: CallResult | undefined;
}

/** How far the call is. */
interface Place {
  readonly pc: number;
  readonly instructions: number;
  readonly inRange: number;
  /** What tells where a trap came from. */
  readonly previousPc: number;
  readonly lastPcInRange: number | null;
  /** Until code with safepoints is asked to yield. */
  readonly untilYield: number;
  /** The last thing that the host has done. */
  readonly event: HostEvent<End>;
  readonly ended: End | undefined;
  /** The system call that waits for input, and will be made again. */
  readonly awaiting: (Pick<HostEvent<End>, 'writes' | 'code'> & { readonly executed: RunResult }) | undefined;
  /** Code memory. */
  readonly code: CodeState;
}

/** The call. */
interface Running {
  readonly prepared: PreparedCall;
  readonly call: EnteredCall;
  readonly log: HostLog<End>;
  readonly written: UserWrites;
  /** In mixed mode. */
  readonly meters: TierMeters | undefined;
  /** The furthest that it has been: there the host is, with its queue, its clock and its files. What lies before is gone through without it. */
  furthest: Place;
}

class Snapshot implements TargetSnapshot {
  constructor(
    readonly running: Running,
    readonly place: Place,
    readonly cpu: Uint8Array,
    readonly ram: RamState,
  ) {}

  get instructions(): number {
    return this.place.instructions;
  }
}

const past = 'the host has done something after this moment, which would not happen again so: the past can only be looked at';

/** Behind a run that ends for another reason, the instruction at pc is one that could not be executed. */
const executedReasons: ReadonlySet<StopReason['kind']> = new Set(['budget', 'stopped', 'exception', 'breakpoint', 'watchpoint']);

/** Instructions from the one that reads an opcode to the first one of its handler. */
const longestDispatch = 6;

/** Most instructions of one run of the CPU. */
const slice = 20_000_000;

/**
 * One call on a virtual SoC, native, interpreted or in mixed mode, as a debugger sees it. `prepare` makes the call anew, always the same, for `reset`.
 *
 * What the host does on the way (system calls, imports, native code that it installs and evicts, requests to yield) happens once, is noted by the count of
 * instructions, and is written again where the past is gone through; so is what is written by who debugs.
 */
export class VsocTarget implements DebugTarget {
  readonly architecture: Isa;
  readonly core: string;
  /** The general ones first, in the order of their numbers. */
  readonly registers: readonly DebugRegister[];
  readonly #byName: ReadonlyMap<string, DebugRegister>;
  readonly stops: KeptStops;
  onCodeChange: (() => void) | undefined;
  #running: Running;
  #place: Place;
  #interrupted = false;
  /** The last piece ended because an opcode was read that has a breakpoint. */
  #wasOpcodeRead = false;
  stopsAtCode = false;
  /** Activations of interpreted functions; there are none where everything is compiled. */
  #frames: InterpretedFrames;

  constructor(private readonly prepare: () => PreparedCall) {
    this.#running = begin(prepare());
    this.#place = this.#running.furthest;
    const { cpu, features } = this.vsoc;
    this.architecture = cpu.isa;
    this.core = cpu.cpu;
    this.#frames = this.#createFrames();
    this.stops = new KeptStops(cpu.stops, {
      isInstruction: (address) => this.#frames.at(address) !== undefined,
      generated: (address) => this.#generated(address),
    });
    this.registers = registersOf(cpu.isa, features);
    this.#byName = new Map(this.registers.map((register) => [register.name, register]));
  }

  get vsoc(): Vsoc {
    return this.#running.prepared.vsoc;
  }

  #createFrames(): InterpretedFrames {
    return new InterpretedFrames(this.vsoc, () => this.pc);
  }

  /** Of interpreted functions; there are none where everything is compiled. */
  get interpreted(): InterpretedFrames {
    return this.#frames;
  }

  #generated(address: number): readonly number[] {
    const code = this.#frames.at(address);
    const wasmOffset = code?.wasm[0] === undefined ? 0 : code.wasm[0].offset + address - code.begin;
    return this.vsoc.codeMap.functions.flatMap((installed) => {
      if (installed.index !== code?.index || installed.code.locations === undefined) return [];
      const boundary = boundaryOfInstruction(installed.code.locations, wasmOffset);
      return boundary === undefined ? [] : [installed.code.address + boundary.codeOffset];
    });
  }

  /** How the call has ended, once it has; undefined too where generated code left its world. */
  get result(): CallResult | undefined {
    return this.#place.ended?.result;
  }

  /** Of a call or program that has returned, or ended itself. */
  get exitStatus(): number | undefined {
    const stop = this.#place.ended?.stop;
    return stop?.why === 'exit' ? stop.status : undefined;
  }

  get instructions(): number {
    return this.#place.instructions;
  }

  get generatedCode(): object {
    return this.#place.code;
  }

  get pc(): number {
    return this.#place.pc;
  }

  get previousPc(): number {
    return this.#place.previousPc;
  }

  /** The instruction of the counted range (code memory; where everything is interpreted, the handlers) that was executed last. */
  get lastPcInRange(): number | null {
    return this.#place.lastPcInRange;
  }

  readRegister(name: string): bigint {
    if (name === 'pc') return BigInt(this.pc);
    const { group, bits } = this.#register(name);
    if (group !== 'float') return BigInt.asUintN(32, BigInt(this.vsoc.cpu.readRegister(name)));
    return BigInt.asUintN(bits, this.vsoc.cpu.readFloatRegister(Number(name.slice(1))) ?? 0n);
  }

  writeRegister(name: string, value: bigint): void {
    if (this.#register(name).bits === 64) throw new UsageError(`${name} cannot be written: only registers of 32 bits can`);
    const word = Number(BigInt.asUintN(32, value));
    if (!this.#changes()) throw new UsageError(past);
    if (name === 'pc') this.#write([], word);
    else this.#write([{ register: name, value: word }]);
  }

  /** Who debugs writes: now, and again wherever this moment is gone through. */
  #write(writes: readonly HostWrite[], pc = this.pc): void {
    const { instructions, awaiting } = this.#place;
    const event = this.#running.log.add({ instructions, pc, refused: false, writes, code: undefined, end: undefined, byUser: true });
    this.#repeatEvent(event);
    this.#go({ awaiting });
    for (const write of writes) this.#running.written.add(instructions, write);
    this.#running.furthest = this.#place;
  }

  get userWrites(): readonly UserWrite[] {
    return this.#running.written.all;
  }

  /** A system call that waits is made again, whatever has been written meanwhile. */
  get repeatsWrites(): boolean {
    return this.#place.awaiting === undefined;
  }

  #register(name: string): DebugRegister {
    const found = this.#byName.get(name);
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

  /** RAM from an address on, with the room that a linear memory may grow into. */
  #roomAt(address: number): Uint8Array {
    const { dataMemory, store } = this.vsoc;
    const regions = [...dataMemory.ram, ...store.memories.map((memory) => memory.region())];
    const found = regions.find(({ base, bytes }) => address >= base && address < base + bytes.length);
    if (found === undefined) throw new InternalError(`the host wrote to 0x${address.toString(16)}, where no RAM is`);
    return found.bytes.subarray(address - found.base);
  }

  peek(address: number, size: number): Uint8Array | undefined {
    const { map, codeMemory, dataMemory, store, cpu } = this.vsoc;
    const isIn = (base: number, length: number): boolean => address >= base && address + size <= base + length;
    const isMemory =
      dataMemory.ram.some(({ base, bytes }) => isIn(base, bytes.length)) ||
      store.memories.some(({ base, bytes }) => isIn(base, bytes.length)) ||
      isIn(map.rom.base, map.rom.size) ||
      isIn(codeMemory.base, codeMemory.mappedBytes);
    return isMemory ? cpu.readMemory(address, size) : undefined;
  }

  /** RAM only: code memory is sealed. Not in the past of something that the host has done. */
  poke(address: number, bytes: Uint8Array): boolean {
    const region = this.#ram().find((ram) => address >= ram.base && address + bytes.length <= ram.base + ram.bytes.length);
    if (region === undefined) return false;
    if (!this.#changes()) throw new UsageError(past);
    this.#write([{ address, bytes: bytes.slice() }]);
    return true;
  }

  /** Somebody writes here: what has been executed after this moment will not be so again. Returns false where the host was part of it. */
  #changes(): boolean {
    const { log, written } = this.#running;
    for (let later = this.#place.event.next; later !== undefined; later = later.next)
      if (later.byUser !== true && (later.end === undefined || later.writes.length > 0)) return false;
    log.cut(this.#place.event);
    written.cut(this.instructions);
    this.#running.prepared.input?.forgetAfter(this.instructions);
    this.#running.furthest = this.#place;
    return true;
  }

  #go(changed: Partial<Place>): void {
    this.#place = { ...this.#place, ...changed };
  }

  run(most: number): TargetStop {
    const until = this.instructions + most;
    const { code } = this.#place;
    const isPassed = this.stops.takePassed(this.pc);
    if (this.stops.hasInstructions && this.#place.ended === undefined && most > 0) {
      if (!isPassed && this.#isAtInstruction) return { why: 'breakpoint' };
      const stop = this.#dispatch(until);
      if (stop !== undefined) return stop;
    }
    while (this.#place.ended === undefined && this.instructions < until) {
      const stop = this.#piece(until) ?? (this.#wasOpcodeRead ? this.#dispatch(until) : undefined);
      if (stop !== undefined) return stop;
      if (this.#interrupted || (this.stopsAtCode && this.#place.code !== code)) {
        this.#interrupted = false;
        return { why: 'interrupted' };
      }
    }
    return this.#place.ended?.stop ?? { why: 'count' };
  }

  /** Up to the next stop, but for reads of opcodes that have breakpoints. */
  #piece(until: number): TargetStop | undefined {
    const stop = this.#isPast ? this.#replay(until) : this.#live(until);
    this.#wasOpcodeRead = stop?.why === 'watchpoint' && stop.access === 'read' && this.stops.isOpcodeRead(stop.address, stop.size);
    return this.#wasOpcodeRead ? undefined : stop;
  }

  get #isAtInstruction(): boolean {
    return this.stops.isInstructionStop(this.#frames.position);
  }

  /** Goes on to where the handler of an opcode begins that may just have been read, and stops where that one has a breakpoint. */
  #dispatch(until: number): TargetStop | undefined {
    const { interpreter } = this.vsoc;
    for (let left = longestDispatch; left > 0 && this.#place.ended === undefined && this.instructions < until; left--) {
      if (interpreter === undefined || this.pc < interpreter.begin || this.pc >= interpreter.end) return undefined;
      const stop = this.#piece(this.instructions + 1);
      if (stop !== undefined) return stop;
      if (this.#isAtInstruction) return { why: 'breakpoint' };
      if (this.#wasOpcodeRead) left = longestDispatch;
    }
    return undefined;
  }

  #codeChanged(): void {
    this.stops.codeChanged();
    this.onCodeChange?.();
  }

  codeMemory(): CodeMemoryState {
    return codeMemoryState(this.vsoc, this.#isPast);
  }

  meters(): MeterLog | undefined {
    return this.#running.meters?.log;
  }

  tasks(): readonly TargetTask[] {
    return [{ name: this.core, state: '', runs: true }, ...(this.#running.meters?.workers.at(this.instructions) ?? [])];
  }

  get #isPast(): boolean {
    const { furthest } = this.#running;
    return this.#place.event !== furthest.event || this.instructions < furthest.instructions;
  }

  /** A piece that has never been executed before, with all that the host does. */
  #live(until: number): TargetStop | undefined {
    const { vsoc } = this;
    const { execution, codeMemory, hostWrites, safepoints } = vsoc;
    const { changes } = codeMemory;
    const { awaiting } = this.#place;
    hostWrites.begin();
    const executed =
      awaiting?.executed ?? execution.execute(this.pc, Math.min(until - this.instructions, execution.fuel - this.instructions, this.#place.untilYield, slice));
    if (awaiting === undefined) this.#executed(executed);
    const result = unlessAwaited(() => execution.serve(executed));
    if (result !== undefined && this.#isTimeOver()) safepoints.request();
    const stop = result === undefined ? { why: 'asleep' as const } : stopOf(result);
    const ended = result !== undefined && this.#isOver(result) ? this.#endOf(result) : undefined;
    const writes = [...(awaiting?.writes ?? []), ...hostWrites.end()];
    const code = codeMemory.changes === changes ? awaiting?.code : saveCode(vsoc, this.#place.code);
    if (code !== undefined) this.#go({ code });
    if (result === undefined) this.#go({ awaiting: { executed, writes, code } });
    else if (result.served !== undefined || writes.length > 0 || code !== undefined || ended !== undefined) {
      const { instructions, pc } = this.#place;
      const refused = !executedReasons.has(result.served ?? result.reason.kind);
      this.#go({ event: this.#running.log.add({ instructions, pc, refused, writes, code, end: ended }), ended, awaiting: undefined });
    }
    if (code !== undefined) this.#codeChanged();
    this.#running.meters?.look(this.instructions);
    this.#running.furthest = this.#place;
    return ended?.stop ?? stop ?? this.stops.stopAtHost(writes);
  }

  #isOver(result: RunResult): boolean {
    const { kind } = result.reason;
    return stopOf(result) === undefined && kind !== 'stopped' && (kind !== 'budget' || this.instructions >= this.vsoc.execution.fuel);
  }

  /** A piece of what has been executed before. What the host did comes from the log, at the instructions where it was done. */
  #replay(until: number): TargetStop | undefined {
    const { event } = this.#place;
    const { next } = event;
    const known = next?.instructions ?? this.#running.furthest.instructions;
    const result = this.vsoc.cpu.run(this.pc, Math.max(Math.min(until, known) - this.instructions, 1));
    this.#executed(result);
    this.#isTimeOver();
    const { kind } = result.reason;
    const stop = stopOf(result);
    const { furthest } = this.#running;
    if (next === undefined && furthest.awaiting !== undefined && this.instructions === furthest.instructions) {
      this.#repeat(furthest.awaiting);
      this.#go({ awaiting: furthest.awaiting });
      return stop;
    }
    const isDue = next?.instructions === this.instructions && (!next.refused || !executedReasons.has(kind));
    if (
      this.instructions > known ||
      (isDue && next.byUser !== true && next.pc !== this.pc) ||
      (!isDue && (kind === 'exception' || !executedReasons.has(kind)))
    ) {
      throw new InternalError(
        `going through the past, the guest does not do the same again: ${kind} at 0x${this.pc.toString(16)} after ${this.instructions} instructions`,
      );
    }
    if (isDue) this.#repeatEvent(next);
    this.#repeatUsers();
    return isDue ? (next.end?.stop ?? stop ?? (next.byUser === true ? undefined : this.stops.stopAtHost(next.writes))) : stop;
  }

  /** What was written by who debugs, after as many instructions as have been executed. */
  #repeatUsers(): void {
    for (let { next } = this.#place.event; next?.byUser === true && next.instructions === this.instructions; next = next.next) this.#repeatEvent(next);
  }

  /** What the host did next. */
  #repeatEvent(event: HostEvent<End>): void {
    this.#go({ event, ended: event.end, awaiting: undefined, ...(event.byUser === true ? { pc: event.pc } : {}) });
    this.#repeat(event);
  }

  #repeat({ writes, code }: Pick<HostEvent<End>, 'writes' | 'code'>): void {
    for (const write of writes) {
      if ('register' in write) this.vsoc.cpu.writeRegister(write.register, write.value);
      else this.#roomAt(write.address).set(write.bytes);
    }
    if (code === undefined) return;
    restoreCode(this.vsoc, code);
    this.#go({ code });
    this.#codeChanged();
  }

  #executed(result: RunResult): void {
    const { executed, executedInRange, pc, previousPc, lastPcInRange } = result;
    const { instructions, inRange, untilYield } = this.#place;
    this.#go({
      pc,
      instructions: instructions + executed,
      inRange: inRange + executedInRange,
      untilYield: untilYield - executed,
      ...(executed > 0 ? { previousPc } : {}),
      ...(executedInRange > 0 ? { lastPcInRange } : {}),
    });
  }

  /** Shall code with safepoints yield now? Its next time begins then. */
  #isTimeOver(): boolean {
    const isOver = this.#place.untilYield <= 0;
    if (isOver) this.#go({ untilYield: this.vsoc.safepoints.timeSlice });
    return isOver;
  }

  #endOf(last: RunResult): End {
    const { prepared, call } = this.#running;
    const { instructions, inRange, previousPc, lastPcInRange } = this.#place;
    try {
      const result = prepared.vsoc.calls.resultOf(call, { ...last, previousPc, lastPcInRange, executed: instructions, executedInRange: inRange });
      const { trap } = result;
      const status = trap === null ? 0 : prepared.exitStatus?.();
      return {
        result,
        stop: status === undefined ? { why: 'fault', message: `trap: ${trap?.kind}`, ...(trap === null ? {} : { trap: trap.kind }) } : { why: 'exit', status },
      };
    } catch (error) {
      // Generated code left its world: a debugger shows where.
      if (!(error instanceof InternalError)) throw error;
      return { result: undefined, stop: { why: 'fault', message: error.message } };
    }
  }

  interrupt(): void {
    this.#interrupted = true;
    this.vsoc.cpu.stop();
  }

  reset(): void {
    this.vsoc.close();
    this.#running = begin(this.prepare());
    this.#place = this.#running.furthest;
    this.#frames = this.#createFrames();
    this.stops.moveTo(this.vsoc.cpu.stops);
    this.onCodeChange?.();
  }

  get inputs(): TargetInputs | undefined {
    const { input } = this.#running.prepared;
    if (input === undefined) return undefined;
    return {
      names: ['stdin'],
      give: (name, bytes) => {
        if (name !== 'stdin') throw unknownName('input', name, ['stdin']);
        if (!this.#changes()) throw new UsageError(past);
        input.give(bytes, this.instructions);
      },
    };
  }

  get commands(): readonly TargetCommand[] {
    const { vsoc } = this;
    const { mixed } = vsoc;
    const icache = {
      name: 'icache',
      summary: 'the instruction cache of code memory, and where it holds something else than memory',
      run: () => describeCache(vsoc),
    };
    if (mixed === undefined) return [icache];
    // The host does not go back.
    const as = (): string => (this.#isPast ? `the queue is as after ${this.#running.furthest.instructions} instructions: it does not go back\n` : '');
    return [
      icache,
      { name: 'queue', summary: 'functions on their way to native code, and what has become of others', run: () => `${as()}${describeQueue(mixed)}` },
    ];
  }

  /** Of snapshots. */
  readonly #pool = new PagePool();

  readonly snapshots = {
    save: (previous?: TargetSnapshot): TargetSnapshot => {
      const { vsoc } = this;
      const before = previous instanceof Snapshot && previous.running === this.#running ? previous : undefined;
      return new Snapshot(this.#running, this.#place, vsoc.cpu.saveState(), saveRam(this.#ram(), before?.ram, this.#pool));
    },
    restore: (snapshot: TargetSnapshot): void => {
      if (!(snapshot instanceof Snapshot) || snapshot.running !== this.#running)
        throw new InternalError('the snapshot is of another target, or from before a reset');
      restoreRam(this.#ram(), snapshot.ram, (address) => this.#roomAt(address));
      if (snapshot.place.code !== this.#place.code) restoreCode(this.vsoc, snapshot.place.code);
      this.vsoc.cpu.restoreState(snapshot.cpu);
      const isOtherCode = snapshot.place.code !== this.#place.code;
      this.#place = snapshot.place;
      if (isOtherCode) this.#codeChanged();
      // A position is the one behind the input that was waited for there.
      const { awaiting, event } = this.#place;
      if (awaiting !== undefined && event.next !== undefined) this.#repeatEvent(event.next);
      this.#repeatUsers();
    },
    heldBytes: (snapshots: readonly TargetSnapshot[]): number => {
      const pages = new Set(
        snapshots.flatMap((snapshot) => (snapshot instanceof Snapshot ? [...pagesOfRam(snapshot.ram).flat(), ...pagesOf(snapshot.place.code)] : [])),
      );
      return [...pages].reduce((sum, page) => sum + page.length, 0);
    },
    recycle: (dropped: readonly TargetSnapshot[], held: readonly TargetSnapshot[]): void => {
      const pagesIn = (snapshots: readonly TargetSnapshot[]) => snapshots.flatMap((snapshot) => (snapshot instanceof Snapshot ? pagesOfRam(snapshot.ram) : []));
      this.#pool.recycle(pagesIn(dropped), pagesIn(held));
    },
  };

  close(): void {
    this.vsoc.close();
  }
}

function begin(prepared: PreparedCall): Running {
  const { vsoc, callee, args } = prepared;
  const call = vsoc.calls.enterFunction(callee, args);
  const log = new EventLog<Omit<HostEvent<End>, 'next'>>(noAction);
  const place = {
    pc: call.entry,
    instructions: 0,
    inRange: 0,
    previousPc: call.entry,
    lastPcInRange: null,
    untilYield: vsoc.safepoints.timeSlice,
    event: log.last,
    ended: undefined,
    awaiting: undefined,
    code: saveCode(vsoc),
  };
  const { mixed, codeMemory } = vsoc;
  const meters = mixed === undefined ? undefined : new TierMeters(mixed, codeMemory);
  return { prepared, call, log, written: new UserWrites(), meters, furthest: place };
}

function stopOf({ reason }: RunResult): TargetStop | undefined {
  if (reason.kind === 'breakpoint') return { why: 'breakpoint' };
  return reason.kind === 'watchpoint' ? { why: 'watchpoint', access: reason.access, address: reason.address, size: reason.size } : undefined;
}
