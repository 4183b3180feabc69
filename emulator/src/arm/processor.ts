import { InternalError, UsageError, type StopPoints } from '@fireball/contracts';
import { loadUnicorn, mProfile, runChecks, type RunOutcome, type Unicorn, type UnicornModule } from '@fireball/unicorn.js';
import type { CpuInput } from '../machine/board.js';
import type { MemoryRegion, PlacedDevice } from '../machine/bus.js';
import type {
  ExceptionListener,
  InterruptState,
  Processor,
  ProcessorEnd,
  ProcessorEnvironment,
  RomWriteHandler,
  SemihostingHandler,
} from '../machine/processor.js';
import { Signal } from '../machine/signal.js';
import { debuggerStop } from '../machine/debugger-stop.js';
import { RunTrace, type TraceSink } from '../run-trace.js';
import { AddressSpace } from '../machine/address-space.js';
import { mapBitBand, widthOf } from './bit-band.js';
import { awake, unreportedFault, type CoreState } from './core-state.js';
import { armCores, type ArmCore } from './cores.js';
import { DebugComponents } from './debug.js';
import { enterException } from './exception-entry.js';
import { writeControl } from './control-write.js';
import { returnFromException } from './exception-return.js';
import { exception, exceptionName, ExceptionTable, hasNegativePriority } from './exceptions.js';
import { busFault, raiseFault, raiseSynchronous, usageFault, type Fault } from './faults.js';
import { FloatingPointUnit } from './fpu.js';
import { instructionChecks } from './instruction-checks.js';
import { findInternals, LibraryState, protectedModel } from './internals.js';
import { executionPriority, type ExceptionModel } from './model.js';
import { MemoryProtection } from './mpu.js';
import { NamedRegisters } from './named-registers.js';
import { NextAccess } from './next-access.js';
import { nvicRegisters } from './nvic.js';
import { eventOf } from './outcome.js';
import { control, CoreRegisters, xpsr } from './registers.js';
import { ccr, cfsr, dfsrBreakpoint, hfsr, SystemControlBlock } from './scb.js';
import { systemSpace, type SystemDevice } from './system-space.js';
import { SysTick } from './systick.js';

/** The immediate of BKPT that calls the host (Semihosting for AArch32 and AArch64, 3.4). */
const semihostingBreakpoint = 0xbeab;

/** The library's smallest page on Arm, in bytes. */
const pageSize = 1024;

/** A core of Arm's M-profile: libunicorn executes instructions, and everything around them is here. */
class ArmProcessor implements Processor, ExceptionModel {
  readonly architecture = 'arm-m';
  readonly core: ArmCore;
  readonly registers: CoreRegisters;
  readonly exceptions: ExceptionTable;
  readonly scb: SystemControlBlock;
  readonly fpu: FloatingPointUnit;
  readonly mpu: MemoryProtection;
  readonly space: AddressSpace;
  readonly devices: readonly SystemDevice[];
  readonly state: object;
  readonly #uc: UnicornModule;
  readonly #engine: Unicorn;
  #trace: RunTrace | undefined;
  readonly #library: LibraryState | undefined;
  /** Does a model of Armv7-M stand for this core of Armv6-M, because it has an MPU? */
  readonly #baseline: boolean;
  readonly #warn: (message: string) => void;
  readonly #systick: SysTick;
  readonly #debug: DebugComponents;
  readonly #access = new NextAccess(this);
  readonly #named: NamedRegisters;
  readonly inputs = new Map<number | CpuInput, Signal>();
  readonly #nmiMayCome: () => boolean;
  readonly #deepSleep: Signal;
  readonly #wait: Signal;
  readonly #bitBand: boolean;
  readonly coreState: CoreState = { ...awake };
  /** Of the run that is going on: its deadline, the cycles before the library's current run, and whether that is executing. */
  #deadline = 0;
  #before = 0;
  #running = false;
  #interrupted = false;
  #mpuChanged = false;
  #floatsChanged = false;
  #pc = 0;
  #checks = -1;
  #end: ProcessorEnd | undefined;
  onSemihosting: SemihostingHandler | undefined;
  onRomWrite: RomWriteHandler | undefined;
  onException: ExceptionListener | undefined;

  constructor(core: ArmCore, { processor, timeline, clocks, warn, nmiMayCome, deepSleep, wait }: ProcessorEnvironment) {
    this.core = core;
    this.#nmiMayCome = nmiMayCome;
    this.#deepSleep = deepSleep;
    this.#wait = wait;
    this.#uc = loadUnicorn();
    // Without MODE_MCLASS, which would force a Cortex-M33 whatever the model; the model before any other call.
    this.#engine = new this.#uc.Unicorn(this.#uc.ARCH_ARM, this.#uc.MODE_THUMB);
    const internals = findInternals(this.#uc, core);
    this.#baseline = core.version === 6 && internals !== undefined && processor.mpuRegions > 0;
    this.#engine.ctl_set_cpu_model(this.#baseline ? protectedModel(this.#uc, core) : core.model(this.#uc));
    if (this.#baseline && !this.#engine.m_profile_baseline()) throw new InternalError(`libunicorn's ${core.name} is not as it was found before`);
    this.registers = new CoreRegisters(this.#engine, core.floats);
    this.exceptions = new ExceptionTable(processor.interrupts, processor.priorityBits);
    this.space = new AddressSpace(this.#uc, this.#engine, pageSize);
    this.fpu = new FloatingPointUnit(core);
    this.#warn = warn;
    this.mpu = new MemoryProtection(core.version, Math.min(processor.mpuRegions, internals?.regions ?? 8));
    this.#library = internals === undefined || (core.version === 6 && !this.#baseline) ? undefined : new LibraryState(this.#engine, core, internals);
    this.#named = new NamedRegisters(this, this.#library);
    this.mpu.onChange = () => {
      this.#mpuChanged = true;
      if (this.#running) this.#engine.emu_stop();
    };
    this.fpu.onChange = () => {
      this.#floatsChanged = true;
      if (this.#running) this.#engine.emu_stop();
    };
    this.#debug = new DebugComponents(timeline, core, warn);
    const reference = processor.systickReference === undefined ? undefined : clocks.named(processor.systickReference);
    this.#systick = new SysTick(timeline, clocks, reference, () => {
      this.exceptions.setPending(exception.sysTick);
    });
    this.scb = new SystemControlBlock({
      core,
      exceptions: this.exceptions,
      resetVector: processor.resetVector,
      current: () => this.coreState.current,
      requestReset: () => {
        this.#finish({ kind: 'reset', why: 'AIRCR.SYSRESETREQ' });
      },
      configured: () => {
        this.#configure();
      },
    });
    this.#bitBand = processor.bitBand && core.bitBand;
    const registers = [
      ...nvicRegisters(this.exceptions, core.version),
      ...this.#systick.registers,
      ...this.scb.registers,
      ...this.fpu.registers,
      ...this.mpu.registers,
      ...this.#debug.registers,
    ];
    this.devices = systemSpace(registers, this.#debug, warn);
    for (const device of this.devices) this.#mapSystem(device);
    this.exceptions.onChange = () => {
      if (this.#running && this.exceptions.best() !== 0) this.#engine.emu_stop();
    };
    this.exceptions.onTaken = (number) => {
      this.onException?.(exceptionName(number), this.pc, timeline.now);
    };
    this.exceptions.onPending = () => {
      if (this.scb.pendingIsEvent) this.setEvent();
    };
    this.state = {
      core: this.coreState,
      exceptions: this.exceptions.state,
      scb: this.scb.state,
      systick: this.#systick.state,
      counters: this.#systick.counters,
      fpu: this.fpu.state,
      mpu: this.mpu.state,
      debug: this.#debug.state,
      registers: this.devices.map(({ device }) => device.state),
    };
  }

  get name(): string {
    return this.core.name;
  }

  /** Privileged code only, but for STIR where CCR.USERSETMPEND allows it (Armv7-M ARM, B3.1.1). */
  #mapSystem({ base, size, device }: SystemDevice): void {
    const permitted = (offset: number): boolean =>
      (this.core.version === 6 && !this.#baseline) ||
      this.coreState.current !== 0 ||
      (this.#engine.reg_read_i32(this.#uc.ARM_REG_CONTROL) & control.unprivileged) === 0 ||
      (base + offset === 0xe000_ef00 && (this.scb.state.ccr & ccr.USERSETMPEND) !== 0);
    this.space.mapCore(base, size, {
      read: (offset, width) => {
        if (permitted(offset)) return device.read(offset, widthOf(width));
        this.space.refuse('read', base + offset, width);
        return 0;
      },
      write: (offset, width, value) => {
        if (permitted(offset)) device.write(offset, widthOf(width), Number(value));
        else this.space.refuse('write', base + offset, width);
      },
    });
  }

  mapMemory({ base, size, kind }: Omit<MemoryRegion, 'bytes'> & { readonly size: number }): Uint8Array {
    return this.space.mapMemory(base, size, kind);
  }

  mapAlias(_name: string, base: number, size: number, bytes: Uint8Array, kind: 'ram' | 'rom'): void {
    this.space.mapAlias(base, size, bytes, kind);
  }

  mapDevices(devices: readonly PlacedDevice[]): void {
    this.space.mapDevices(devices);
    if (this.#bitBand) mapBitBand(this.space);
  }

  settle(): void {
    this.space.steadyReads.settle();
  }

  mapBackground(...background: Parameters<AddressSpace['mapBackground']>): void {
    this.space.mapBackground(...background);
  }

  interruptInput(input: number | CpuInput): Signal {
    const known = this.inputs.get(input);
    if (known !== undefined) return known;
    const target = input === 'nmi' ? exception.nmi : typeof input === 'number' ? exception.firstInterrupt + input : Infinity;
    if (target >= this.exceptions.count && input !== 'rxev') {
      throw new UsageError(
        `${this.core.name} has the interrupt inputs 0 to ${this.exceptions.count - exception.firstInterrupt - 1}, nmi and rxev here, not ${input}`,
      );
    }
    const signal = new Signal(`${this.core.name}.${input}`);
    signal.onChange((level) => {
      if (input !== 'rxev') this.exceptions.setLevel(target, level);
      else if (level) this.setEvent();
    });
    this.inputs.set(input, signal);
    return signal;
  }

  readonly interruptStates = (): InterruptState[] => this.exceptions.states();

  reset(): void {
    for (const part of [this.exceptions, this.scb, this.fpu, this.mpu, this.#systick, this.#debug]) part.reset();
    for (const { device } of this.devices) device.reset();
    Object.assign(this.coreState, awake);
    this.#end = undefined;
    const words = this.#named.clear();
    const stack = this.space.read(this.scb.vectorAddress(0), 4);
    const start = this.space.read(this.scb.vectorAddress(exception.reset), 4);
    if (stack === undefined || start === undefined) {
      this.#cannotGoOn(`lock-up: there is no vector table at 0x${this.scb.vectorAddress(0).toString(16)}`, 0);
    }
    words[mProfile.msp] = (stack ?? 0) & ~3;
    words[mProfile.lr] = 0xffff_ffff;
    words[mProfile.pc] = (start ?? 0) & ~1;
    words[mProfile.xpsr] = ((start ?? 0) & 1) !== 0 ? xpsr.thumb : 0;
    this.#configure();
    this.#settle();
  }

  restored(): void {
    this.exceptions.restored();
    this.#end = undefined;
    this.#mpuChanged = true;
    this.#floatsChanged = this.core.floats;
    this.#configure();
  }

  /** What libunicorn has to be told of the configuration. */
  #configure(): void {
    this.#baseChecks = instructionChecks(this.core, this.scb, this.#baseline);
    if (this.#running) this.#engine.run_checks(this.#baseChecks | (this.#checks & runChecks.masks));
  }
  #baseChecks = 0;

  setEvent(): void {
    this.coreState.event = true;
  }

  sleepOnExit(): void {
    this.coreState.asleep = 'wfi';
  }

  get unreportedFault(): ReturnType<typeof unreportedFault> {
    return unreportedFault(this.coreState);
  }

  lockUp(message: string, priority: number): void {
    if (priority !== -1 || this.exceptions.isActive(exception.nmi)) this.#cannotGoOn(message, this.registers.pc);
    else this.coreState.lockedUp = message;
  }

  #cannotGoOn(message: string, pc: number): void {
    if (this.coreState.fault === '') Object.assign(this.coreState, { fault: message, faultPc: pc });
  }

  #finish(end: ProcessorEnd): void {
    this.#end ??= end;
    this.#engine.emu_stop();
  }

  get pc(): number {
    return this.#running ? Number(BigInt.asUintN(32, this.#engine.reg_read_i64(this.#uc.ARM_REG_PC))) : this.registers.pc;
  }

  get progress(): number {
    return this.#before + (this.#running ? this.#engine.run_progress() : 0);
  }

  shorten(deadline: number): void {
    if (deadline >= this.#deadline) return;
    this.#deadline = deadline;
    if (this.#running) this.#engine.run_limit(Math.max(0, deadline - this.#before));
  }

  interrupt(): void {
    this.#interrupted = true;
    if (this.#running) this.#engine.emu_stop();
  }

  run(deadline: number): { readonly executed: number; readonly end: ProcessorEnd } {
    this.#deadline = deadline;
    this.#before = 0;
    this.#interrupted = false;
    const end = this.#runUntilEnd();
    const executed = this.#before;
    [this.#before, this.#deadline] = [0, 0];
    return { executed, end };
  }

  #runUntilEnd(): ProcessorEnd {
    for (;;) {
      const before = this.#takeEnd();
      if (before !== undefined) return before;
      if (this.#interrupted || this.#before >= this.#deadline) return { kind: 'budget' };
      if (this.#wait.level) return { kind: 'idle' };
      const masked = this.#takePending();
      const locked = this.#takeEnd();
      if (locked !== undefined) return locked;
      const { lockedUp } = this.coreState;
      if (lockedUp !== '') return this.#nmiMayCome() ? { kind: 'idle' } : { kind: 'fault', message: lockedUp, pc: this.registers.pc };
      if (this.#isAsleep()) {
        this.#deepSleep.set(this.scb.sleepsDeep);
        return { kind: 'idle' };
      }
      this.#deepSleep.set(false);
      this.#execute(masked);
    }
  }

  /** What ends the run; a core that is locked up stays so. */
  #takeEnd(): ProcessorEnd | undefined {
    const end = this.#end;
    this.#end = undefined;
    const { fault, faultPc } = this.coreState;
    return end ?? (fault === '' ? undefined : { kind: 'fault', message: fault, pc: faultPc });
  }

  /** Takes what is pending and may be taken. True: something waits for a mask to be lifted. */
  #takePending(): boolean {
    const { exceptions } = this;
    if (!exceptions.anyPending) return false;
    const number = exceptions.best();
    if (number === 0) return false;
    const priority = exceptions.groupPriority(number);
    // Only the return of what is active can change that.
    if (priority >= exceptions.activePriority) return false;
    if (priority >= executionPriority(this)) {
      this.#wakeBehindMask(priority);
      return true;
    }
    this.coreState.asleep = '';
    // Locked up, the core fetches from there for ever, and NMI's handler would return there.
    if (this.coreState.lockedUp !== '') this.registers.set(mProfile.pc, lockUpAddress);
    this.coreState.lockedUp = '';
    enterException(this, number);
    this.#settle();
    this.#library?.clearExclusive();
    return false;
  }

  /** WFI ends by what would be taken if PRIMASK were clear (Armv7-M ARM, B1.5.19). */
  #wakeBehindMask(priority: number): void {
    if (this.coreState.asleep === '') return;
    const words = this.registers.load();
    const masked = priority >= this.exceptions.maskedFrom(words[mProfile.basepri] ?? 0) || ((words[mProfile.faultmask] ?? 0) & 1) !== 0;
    if (!masked) this.coreState.asleep = '';
  }

  #isAsleep(): boolean {
    if (this.coreState.asleep === 'wfe' && this.coreState.event) {
      this.coreState.event = false;
      this.coreState.asleep = '';
    }
    return this.coreState.asleep !== '';
  }

  /** The registers go into the CPU. */
  #settle(): void {
    this.#pc = this.registers.pc;
    const current = this.registers.xpsr & xpsr.number;
    // At a negative priority the MPU may be off.
    if (this.mpu.enabled && hasNegativePriority(current) !== hasNegativePriority(this.coreState.current)) this.#mpuChanged = true;
    this.coreState.current = current;
    this.coreState.notThumb = (this.registers.xpsr & xpsr.thumb) === 0;
    this.registers.store();
  }

  #setFloats(): void {
    this.#floatsChanged = false;
    this.#library?.setFloats(this.fpu.state.fpccr, this.fpu.state.fpdscr);
  }

  get stackLimits(): readonly [main: number, process: number] {
    return this.#named.stackLimits;
  }

  /** Has libunicorn enforce what the MPU's registers say now. */
  #protect(): void {
    this.#mpuChanged = false;
    const { enabled, enabledInHardFault, state } = this.mpu;
    if (enabled && this.#library === undefined) this.#warn('the MPU is switched on, and not enforced here');
    const wanted = enabled && (!hasNegativePriority(this.coreState.current) || enabledInHardFault) ? state : { ...state, control: 0 };
    this.#library?.protect(wanted, this.mpu.dividedPages(pageSize));
  }

  #execute(masked: boolean): void {
    if (this.#interrupted) return; // By who heard of an exception: its handler comes next.
    if (this.#pc === lockUpAddress && executionPriority(this) === -1) {
      this.lockUp("lock-up, to which NMI's handler has returned", -1);
      return;
    }
    // The library begins every run in Thumb state.
    if (this.coreState.notThumb) {
      this.#fault(usageFault(cfsr.INVSTATE));
      this.#settle();
      return;
    }
    const checks = this.#baseChecks | (masked ? runChecks.masks : 0);
    if (checks !== this.#checks) {
      this.#engine.run_checks(checks);
      this.#checks = checks;
    }
    this.registers.store();
    if (this.#mpuChanged) this.#protect();
    if (this.#floatsChanged) this.#setFloats();
    this.#running = true;
    let outcome: RunOutcome;
    try {
      outcome = this.#engine.run({ pc: this.#pc, budget: this.#deadline - this.#before });
    } finally {
      this.#running = false;
      this.registers.forget();
    }
    this.#trace?.take(outcome);
    this.#before += outcome.executed;
    this.#pc = outcome.pc;
    if (outcome.event) this.coreState.event = true;
    if (outcome.reason === 'budget' || outcome.reason === 'stopped') return;
    const stop = debuggerStop(this.#uc, outcome);
    if (stop !== undefined) this.#end ??= stop;
    else if (outcome.reason === 'idle') this.coreState.asleep = outcome.interrupt === 1 ? 'wfe' : 'wfi';
    else this.#act(outcome);
  }

  #act(outcome: RunOutcome): void {
    const event = eventOf(this.#uc, this, outcome, () => this.#access.refusedAddress);
    switch (event.kind) {
      case 'fault':
        this.#fault(event.fault);
        break;
      case 'supervisor-call':
        raiseSynchronous(this, exception.svCall);
        break;
      case 'return':
        returnFromException(this, event.target);
        this.#settle();
        this.#library?.clearExclusive();
        return;
      case 'breakpoint':
        this.#breakpoint();
        break;
      case 'rom-write':
        this.#writeRom(event.address);
        break;
      case 'control-write':
        writeControl(this, this.#pc);
        this.#before++;
        break;
      case 'unsupported':
        this.#cannotGoOn(event.message, outcome.pc);
        break;
    }
    this.#settle();
  }

  #fault(fault: Fault): void {
    // At a negative priority loads and stores of data may find nothing (Armv7-M ARM, B3.2.8).
    const ignored = (this.scb.state.ccr & ccr.BFHFNMIGN) !== 0 && fault.status === cfsr.PRECISERR && executionPriority(this) < 0;
    if (ignored && this.#access.passOverNothing()) this.#before++;
    else raiseFault(this, fault);
  }

  /** A store to memory that the CPU cannot write: the business of its controller, or a bus fault. */
  #writeRom(faultAddress: number): void {
    const write = this.onRomWrite ?? ((address, size, value) => this.space.write(address, size, value));
    const taken = this.#access.store((address, size, value) => {
      const done = write(address, size, value);
      if (done) this.invalidate(address, size);
      return done;
    });
    if (taken) this.#before++;
    else this.#fault(busFault(cfsr.PRECISERR, faultAddress));
  }

  #breakpoint(): void {
    if (this.space.read(this.#pc, 2) === semihostingBreakpoint && this.onSemihosting !== undefined) {
      const answer = this.onSemihosting(this.registers.get(0), this.registers.get(1));
      if (!('result' in answer)) {
        this.#end ??= 'waits' in answer ? { kind: 'waiting' } : { kind: 'exit', status: answer.exit, why: 'semihosting' };
        return;
      }
      this.#before++;
      this.registers.advanceIt();
      this.registers.set(0, answer.result >>> 0);
      this.registers.set(mProfile.pc, this.#pc + 2);
      return;
    }
    const { state } = this.scb;
    const monitored = this.#debug.monitorEnabled && this.exceptions.groupPriority(exception.debugMonitor) < executionPriority(this);
    if (this.core.version !== 6) state.dfsr |= dfsrBreakpoint;
    if (monitored) {
      this.exceptions.setPending(exception.debugMonitor);
      return;
    }
    if (this.core.version !== 6) state.hfsr = (state.hfsr | hfsr.DEBUGEVT) >>> 0;
    raiseSynchronous(this, exception.hardFault);
  }

  get stops(): StopPoints {
    return this.#engine.stops;
  }

  traceRuns(sink: TraceSink): void {
    this.#trace = new RunTrace(this.#engine, sink);
  }

  get registerNames(): readonly string[] {
    return this.#named.names;
  }

  readRegister(name: string): number {
    // Inside of a device's callback the registers are the CPU's, and not what was loaded.
    if (this.#running) this.registers.store();
    return this.#named.read(name);
  }

  registerBits(name: string): bigint {
    return BigInt(this.readRegister(name));
  }

  writeRegister(name: string, value: number | bigint): void {
    this.#named.write(name, Number(BigInt.asUintN(32, BigInt(value))));
    this.#settle();
  }

  invalidate(base: number, size: number): void {
    if (size > 0) this.#engine.ctl_remove_cache(base, base + size);
  }

  saveRegisters(): Uint8Array {
    return this.#named.save();
  }

  restoreRegisters(saved: Uint8Array): void {
    this.#named.restore(saved);
    this.#settle();
  }

  /** Active exceptions by name, the innermost last, for reports. */
  get activeExceptions(): readonly string[] {
    return this.exceptions.active.map(exceptionName);
  }

  close(): void {
    this.#engine.close();
  }
}

/** Without bit 0, in which no instruction lies. */
const lockUpAddress = 0xffff_fffe;

/**
 * The processor of a board with a Cortex-M core.
 * @throws UsageError for a core that is none, MissingPartError where libunicorn is missing
 */
export function createArmProcessor(environment: ProcessorEnvironment): Processor {
  const core = armCores.get(environment.processor.core);
  if (core === undefined) throw new UsageError(`no Cortex-M core is called '${environment.processor.core}'; known: ${[...armCores.keys()].join(', ')}`);
  return new ArmProcessor(core, environment);
}
