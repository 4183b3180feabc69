import { UnsupportedError, UsageError, type StopPoints } from '@fireball/contracts';
import { loadUnicorn } from '@fireball/unicorn.js';
import type { Context, RunOutcome, Unicorn, UnicornModule } from '@fireball/unicorn.js';
import type { CpuInput } from '../machine/board.js';
import type { MemoryRegion, PlacedDevice } from '../machine/bus.js';
import { debuggerStop } from '../machine/debugger-stop.js';
import { RunTrace, type TraceSink } from '../run-trace.js';
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
import type { Timeline } from '../machine/timeline.js';
import { AddressSpace } from '../machine/address-space.js';
import { Counters } from './counters.js';
import { cause, causeNames, csrNumbers, interruptBits, interruptNames, mode } from './csr.js';
import type { CsrName } from './csr.js';
import { nativeHart, riscvCores } from './hart.js';
import type { Hart, HartOf, RiscvCore } from './hart.js';
import {
  addressRegister,
  instructionBits,
  instructionSize,
  isAtomicStore,
  isBreakpoint,
  semihostingAfter,
  semihostingBefore,
  storedRegister,
} from './instruction.js';
import { interruptToTake } from './interrupt.js';
import { isTranslated } from './paging.js';
import { publicHart } from './public-hart.js';
import { abiNames, floatNames, floatNumber, registerNumber } from './registers.js';
import { executeSystem, watchedInstructions } from './system.js';
import type { SystemContext } from './system.js';
import { enterTrap } from './trap.js';

/** CSRs that a debugger shows. */
const shownCsrs: readonly CsrName[] = [
  'mstatus',
  'mtvec',
  'mepc',
  'mcause',
  'mtval',
  'mie',
  'mip',
  'mscratch',
  'medeleg',
  'mideleg',
  'misa',
  'satp',
  'sstatus',
  'stvec',
  'sepc',
  'scause',
  'stval',
  'sie',
  'sip',
  'sscratch',
  'fcsr',
];

const argument0 = 10;
const argument1 = 11;

/** The library's page on RISC-V, in bytes. */
const pageSize = 4096;

/** A RISC-V hart: libunicorn executes instructions, enters traps and takes interrupts; what it leaves out is here. */
class RiscvProcessor implements Processor, SystemContext {
  readonly architecture: 'rv32' | 'rv64';
  readonly hart: Hart;
  readonly counters: Counters;
  readonly xlen: 32 | 64;
  readonly supervisor: boolean;
  readonly devices = [];
  /** Waiting in WFI; instructions that have retired. */
  readonly state: { readonly core: { waiting: boolean; retired: number }; readonly counters: object };
  readonly #core: RiscvCore;
  readonly #uc: UnicornModule;
  readonly #engine: Unicorn;
  #trace: RunTrace | undefined;
  readonly #context: Context;
  /** At power-on: what nobody can write any more, such as PMP entries that are locked, comes from there. */
  readonly #powerOn: Uint8Array;
  readonly #space: AddressSpace;
  readonly #resetVector: number;
  readonly #timeline: Timeline;
  #listens = false;
  #atOnce = false;
  readonly inputs = new Map<number | CpuInput, Signal>();
  /** Bits of mip that devices drive now. */
  #pending = 0;
  /** Of the run that is going on: its deadline, what has passed of it before the library's current run, and whether that executes. */
  #deadline = 0;
  #before = 0;
  #running = false;
  #interrupted = false;
  #end: ProcessorEnd | undefined;
  /** Its halves may lie in two memories. */
  readonly readWord = (address: number): number | undefined => {
    const [low, high] = [this.#space.readMemory(address, 2), this.#space.readMemory(address + 2, 2)];
    return low === undefined || high === undefined ? undefined : (low | (high << 16)) >>> 0;
  };
  onSemihosting: SemihostingHandler | undefined;
  onRomWrite: RomWriteHandler | undefined;
  #onException: ExceptionListener | undefined;

  constructor(core: RiscvCore, { processor, timeline }: ProcessorEnvironment, hartOf: HartOf) {
    this.#core = core;
    this.#timeline = timeline;
    this.xlen = core.xlen;
    this.supervisor = core.supervisor;
    this.architecture = core.xlen === 32 ? 'rv32' : 'rv64';
    this.#resetVector = processor.resetVector;
    this.#uc = loadUnicorn();
    this.#engine = core.open(this.#uc);
    this.hart = hartOf(core, this.#uc, this.#engine);
    this.#context = this.#engine.context_alloc();
    this.#powerOn = this.saveRegisters();
    this.#engine.riscv.watch(watchedInstructions(this.hart, core.floats));
    this.#space = new AddressSpace(this.#uc, this.#engine, pageSize);
    const instructions = { waiting: false, retired: 0 };
    this.counters = new Counters(
      () => timeline.now,
      () => instructions.retired,
    );
    this.state = { core: instructions, counters: this.counters.state };
    for (const input of Object.keys(interruptBits) as (keyof typeof interruptBits)[]) this.#cpuInput(input);
  }

  get onException(): ExceptionListener | undefined {
    return this.#onException;
  }
  set onException(listener: ExceptionListener | undefined) {
    this.#onException = listener;
    // What the library takes by itself costs a call only where somebody wants to hear of it.
    if (this.#listens || listener === undefined || !this.hart.takesTraps) return;
    this.#listens = true;
    this.#engine.riscv.listen(this.#tell);
    this.hearAtOnce(this.#atOnce);
  }

  hearAtOnce(wanted: boolean): void {
    this.#atOnce = wanted;
    if (this.#listens) this.#engine.riscv.log(wanted ? 0 : environmentCalls, !wanted);
  }

  /** @param code mcause without its highest bit; @param executed of the library's run that is going on, that of a trap included */
  readonly #tell = (interrupt: boolean, code: number, pc: number, executed: number): void => {
    if (this.#onException === undefined) return;
    const name = interrupt ? interruptNames[code] : causeNames[code];
    this.#onException(name ?? `${interrupt ? 'interrupt' : 'exception'} ${code}`, pc, this.#timeline.begin + this.#before + executed);
  };

  get name(): string {
    return this.#core.name;
  }

  #cpuInput(input: keyof typeof interruptBits): void {
    const signal = new Signal(`cpu.${input}`);
    const bit = interruptBits[input];
    signal.onChange((level) => {
      this.#pending = level ? this.#pending | bit : this.#pending & ~bit;
      // The library looks at interrupts between runs, and at the ends of its blocks.
      if (this.#running) this.#engine.run_limit(0);
    });
    this.inputs.set(input, signal);
  }

  interruptInput(input: number | CpuInput): Signal {
    let signal = this.inputs.get(input);
    if (signal === undefined) {
      if (typeof input !== 'number') throw new UsageError(`${this.name} has no interrupt input '${input}'`);
      signal = new Signal(`interrupt ${input}`);
      this.inputs.set(input, signal);
    }
    return signal;
  }

  interruptStates(): InterruptState[] {
    const [enabled, pending] = [this.readRegister('mie'), this.readRegister('mip')];
    const own = Object.entries(interruptNames).map(([bit, name]): InterruptState => {
      const isSet = (bits: number): boolean => ((bits >>> Number(bit)) & 1) !== 0;
      return { name, flags: [...(isSet(enabled) ? ['enabled' as const] : []), ...(isSet(pending) ? ['pending' as const] : [])] };
    });
    const lines = [...this.inputs].flatMap(([input, { name, level }]) => (typeof input === 'number' && level ? [{ name, flags: ['high' as const] }] : []));
    return [...own, ...lines].filter(({ flags }) => flags.length > 0);
  }

  provideTime(read: () => bigint): void {
    this.counters.time = read;
  }

  mapMemory({ base, size, kind }: Omit<MemoryRegion, 'bytes'> & { readonly size: number }): Uint8Array {
    return this.#space.mapMemory(base, size, kind);
  }

  mapAlias(_name: string, base: number, size: number, bytes: Uint8Array, kind: 'ram' | 'rom'): void {
    this.#space.mapAlias(base, size, bytes, kind);
  }

  mapDevices(devices: readonly PlacedDevice[]): void {
    this.#space.mapDevices(devices);
  }

  settle(): void {
    this.#space.steadyReads.settle();
    if (this.#listens) this.#engine.riscv.settle();
  }

  mapBackground(...background: Parameters<AddressSpace['mapBackground']>): void {
    this.#space.mapBackground(...background);
  }

  /** Privileged architecture, 3.4. Registers that it leaves open are 0, so that runs repeat. */
  reset(entry: number | undefined): void {
    this.restoreRegisters(this.#powerOn);
    this.hart.mode = mode.machine;
    const cleared: CsrName[] = ['mie', 'mtvec', 'mcause', 'mepc', 'mtval', 'mscratch', 'mcounteren', 'fcsr'];
    if (this.supervisor) cleared.push('medeleg', 'mideleg', 'stvec', 'scause', 'sepc', 'stval', 'sscratch', 'scounteren', 'satp');
    for (const csr of cleared) this.hart.writeCsr(csrNumbers[csr], 0n);
    // Last, because the write of fcsr switches floating point on.
    this.hart.writeCsr(csrNumbers.mstatus, 0n);
    this.hart.flush();
    for (let number = 1; number < 32; number++) this.writeRegister(number, 0n);
    this.state.core.waiting = false;
    this.state.core.retired = 0;
    this.counters.reset();
    this.#setPc(BigInt(entry ?? this.#resetVector));
  }

  restored(): void {
    this.#pending = 0;
    for (const [input, bit] of Object.entries(interruptBits)) {
      if (this.inputs.get(input as keyof typeof interruptBits)?.level === true) this.#pending |= bit;
    }
  }

  get pc(): number {
    return Number(this.#pc());
  }

  get progress(): number {
    return this.#before + (this.#running ? this.#engine.run_progress() : 0);
  }

  shorten(deadline: number): void {
    this.#deadline = Math.min(this.#deadline, deadline);
    if (this.#running) this.#engine.run_limit(Math.max(0, this.#deadline - this.#before));
  }

  interrupt(): void {
    this.#interrupted = true;
    if (this.#running) this.#engine.run_limit(0);
  }

  run(deadline: number): { readonly executed: number; readonly end: ProcessorEnd } {
    this.#begin(deadline);
    while (!this.#interrupted && this.#end === undefined && this.#before < this.#deadline) this.#step();
    const executed = this.#before;
    this.#before = 0;
    return { executed, end: this.#end ?? { kind: 'budget' } };
  }

  #begin(deadline: number): void {
    this.#deadline = deadline;
    this.#before = 0;
    this.#interrupted = false;
    this.#end = undefined;
  }

  /** One run of the library, and what it leaves to do. */
  #step(): void {
    this.hart.setPending(devicePending, this.#pending);
    if (this.state.core.waiting && !this.#wakes()) {
      this.#end = { kind: 'idle' };
      return;
    }
    this.state.core.waiting = false;
    let budget = this.#deadline - this.#before;
    if (!this.hart.takesTraps && this.hart.readCsr(csrNumbers.mip) !== 0n) {
      const code = interruptToTake(this.hart);
      if (code !== undefined) {
        const pc = this.#pc();
        this.#setPc(enterTrap(this.hart, this.xlen, { code, interrupt: true, tval: 0n, pc }));
        this.#tell(true, code, Number(pc), 0);
      }
      // Any instruction may enable what is pending.
      budget = 1;
    }
    this.#running = true;
    let outcome;
    try {
      outcome = this.#engine.run({ pc: this.#pc(), budget });
    } finally {
      this.#running = false;
      if (this.#listens) this.#engine.riscv.settle();
    }
    this.#trace?.take(outcome);
    this.#before += outcome.executed;
    this.state.core.retired += outcome.executed - outcome.entered;
    this.#handle(outcome);
  }

  /** Any interrupt that is enabled in mie, whether or not mstatus lets it be taken (privileged architecture, 3.3.3). */
  #wakes(): boolean {
    return ((this.hart.readCsr(csrNumbers.mip) ?? 0n) & (this.hart.readCsr(csrNumbers.mie) ?? 0n)) !== 0n;
  }

  #handle(outcome: RunOutcome): void {
    switch (outcome.reason) {
      case 'idle':
        this.state.core.waiting = true;
        break;
      case 'trap':
        this.#system();
        break;
      case 'exception':
        this.#exception(outcome.interrupt, outcome.interrupt >= cause.ecallFromUser && outcome.interrupt <= cause.ecallFromMachine);
        break;
      case 'invalid-instruction':
        this.#invalid();
        break;
      case 'memory-fault':
        this.#memoryFault(outcome);
        break;
      case 'breakpoint':
      case 'watchpoint':
        this.#end = debuggerStop(this.#uc, outcome);
        break;
      case 'budget':
      case 'stopped':
        break;
    }
  }

  /** The instruction at PC; 0 where there is no memory. */
  #word(pc: bigint): number {
    const low = this.#space.readMemory(Number(pc), 2) ?? 0;
    return instructionSize(low) === 2 ? low : (low | ((this.#space.readMemory(Number(pc) + 2, 2) ?? 0) << 16)) >>> 0;
  }

  #retire(): void {
    this.#before++;
    this.state.core.retired++;
  }

  #system(): void {
    const pc = this.#pc();
    const word = this.#word(pc);
    if (instructionSize(word) === 2) {
      this.#trap(cause.illegalInstruction, BigInt(instructionBits(word)), pc); // of floating point, which is off
      return;
    }
    const outcome = executeSystem(word, this);
    if (outcome.kind === 'done') {
      this.#setPc(pc + 4n);
      this.#retire();
    } else if (outcome.kind === 'illegal') {
      this.#trap(cause.illegalInstruction, BigInt(word), pc);
    } else {
      this.#end = { kind: 'fault', message: `the program uses ${outcome.what}: only translations of addresses to themselves are emulated`, pc: Number(pc) };
    }
  }

  /** What the library's hook said; `counted`: it has counted the instruction already. */
  #exception(number: number, counted: boolean): void {
    // The library leaves PC behind an ECALL.
    const pc = counted ? this.#pc() - 4n : this.#pc();
    if (counted) {
      this.#before--;
      this.state.core.retired--;
    }
    const word = this.#word(pc);
    if (number === cause.loadMisaligned && isAtomicStore(word)) {
      this.#trap(cause.storeMisaligned, this.readRegister(addressRegister(word)), pc);
    } else if (number === cause.loadMisaligned) {
      this.#trap(cause.loadMisaligned, this.readRegister(addressRegister(word)), pc);
    } else if (counted) {
      this.#trap(cause.ecallFromUser + this.hart.mode, 0n, pc);
    } else {
      this.#trap(number, number === cause.fetchAccess || number === cause.fetchPage ? pc : 0n, pc);
    }
  }

  #invalid(): void {
    const pc = this.#pc();
    const word = this.#word(pc);
    if (!isBreakpoint(word)) {
      this.#trap(cause.illegalInstruction, BigInt(instructionBits(word)), pc);
      return;
    }
    const at = Number(pc);
    const calls = this.onSemihosting !== undefined && this.readWord(at - 4) === semihostingBefore && this.readWord(at + 4) === semihostingAfter;
    if (calls && instructionSize(word) === 4) this.#semihosting(pc);
    else this.#trap(cause.breakpoint, 0n, pc);
  }

  #semihosting(pc: bigint): void {
    const answer = this.onSemihosting?.(Number(this.readRegister(argument0)), Number(this.readRegister(argument1)));
    if (answer === undefined) return;
    if ('waits' in answer) {
      this.#end = { kind: 'waiting' };
      return;
    }
    this.#retire();
    this.#setPc(pc + 4n);
    if ('exit' in answer) this.#end = { kind: 'exit', status: answer.exit, why: 'semihosting' };
    else this.writeRegister(argument0, BigInt.asUintN(this.xlen, BigInt(answer.result)));
  }

  #memoryFault(outcome: RunOutcome): void {
    const uc = this.#uc;
    const pc = this.#pc();
    const address = this.#engine.run_fault_address();
    const word = this.#word(pc);
    const { faultType } = outcome;
    const paged = this.#isOutsideOfPages(address);
    if (faultType === uc.MEM_FETCH_UNMAPPED || faultType === uc.MEM_FETCH_PROT) {
      this.#trap(paged ? cause.fetchPage : cause.fetchAccess, address, pc);
      return;
    }
    // The library reads first where an AMO does both.
    const stores = faultType === uc.MEM_WRITE_UNMAPPED || faultType === uc.MEM_WRITE_PROT || isAtomicStore(word);
    if (faultType === uc.MEM_WRITE_PROT && this.#storeToRom(word, Number(address), outcome.faultSize)) {
      this.#setPc(pc + BigInt(instructionSize(word)));
      this.#retire();
      return;
    }
    const [store, load] = paged ? [cause.storePage, cause.loadPage] : [cause.storeAccess, cause.loadAccess];
    this.#trap(stores ? store : load, address, pc);
  }

  /** The library looks for memory at the virtual address, before it looks at page tables. */
  #isOutsideOfPages(address: bigint): boolean {
    if (!this.supervisor || this.hart.mode === mode.machine) return false;
    return !isTranslated(this.hart.readCsr(csrNumbers.satp) ?? 0n, this.xlen, address, this.readWord);
  }

  #storeToRom(word: number, address: number, size: number): boolean {
    const register = storedRegister(word);
    if (register === undefined || (size !== 1 && size !== 2 && size !== 4) || this.onRomWrite === undefined) return false;
    return this.onRomWrite(address, size, Number(BigInt.asUintN(8 * size, this.readRegister(register))));
  }

  /** The instruction at `pc` traps: it takes its cycle, and does not retire. */
  #trap(code: number, tval: bigint, pc: bigint): void {
    const vector = (this.hart.readCsr(csrNumbers.mtvec) ?? 0n) & ~3n;
    const again = this.hart.readCsr(csrNumbers.mepc) === pc && this.hart.readCsr(csrNumbers.mcause) === BigInt(code);
    if (this.hart.mode === mode.machine && pc === vector && again) {
      const message = `${causeNames[code] ?? `exception ${code}`} at the first instruction of the trap handler, 0x${pc.toString(16)} (mtvec): it traps for ever`;
      this.#end = { kind: 'fault', message, pc: Number(pc) };
      return;
    }
    this.#before++;
    this.#setPc(enterTrap(this.hart, this.xlen, { code, interrupt: false, tval, pc }));
    this.#tell(false, code, Number(pc), 0);
  }

  #pc(): bigint {
    return BigInt.asUintN(this.xlen, this.#engine.reg_read_i64(this.#uc.RISCV_REG_PC));
  }

  #setPc(pc: bigint): void {
    this.#engine.reg_write_i64(this.#uc.RISCV_REG_PC, BigInt.asUintN(this.xlen, pc));
  }

  readRegister(name: number): bigint;
  readRegister(name: string): number;
  readRegister(name: number | string): number | bigint {
    if (typeof name === 'number') return BigInt.asUintN(this.xlen, this.#engine.reg_read_i64(this.#uc.RISCV_REG_X0 + name));
    return Number(this.registerBits(name));
  }

  registerBits(name: string): bigint {
    if (name === 'pc') return this.#pc();
    if (name === 'priv') return BigInt(this.hart.mode);
    const number = registerNumber(name);
    if (number !== undefined) return this.readRegister(number);
    const float = floatNumber(name);
    if (float !== undefined) return this.#engine.riscv.double_read(float) ?? 0n;
    const csr = csrOf(name);
    return this.counters.read(csr, this.xlen) ?? this.hart.readCsr(csr) ?? 0n;
  }

  writeRegister(name: number, value: bigint): void;
  writeRegister(name: string, value: number | bigint): void;
  writeRegister(name: number | string, value: number | bigint): void {
    const float = typeof name === 'number' ? undefined : floatNumber(name);
    if (float !== undefined) {
      this.#engine.riscv.double_write(float, BigInt.asUintN(64, BigInt(value)));
      return;
    }
    const bits = BigInt.asUintN(this.xlen, BigInt(value));
    const number = typeof name === 'number' ? name : registerNumber(name);
    if (number !== undefined) {
      // The library would store into x0, and readers would see it.
      if (number !== 0) this.#engine.reg_write_i64(this.#uc.RISCV_REG_X0 + number, bits);
    } else if (name === 'pc') {
      this.#setPc(bits);
    } else {
      this.hart.writeCsr(csrOf(String(name)), bits);
      this.hart.flush();
    }
  }

  get stops(): StopPoints {
    return this.#engine.stops;
  }

  traceRuns(sink: TraceSink): void {
    if (this.xlen === 64) throw new UnsupportedError('traces of executed instructions on RV64');
    this.#trace = new RunTrace(this.#engine, sink);
  }

  /** Extension D of misa; of another release of the library, the registers are out of reach. */
  get #hasDoubles(): boolean {
    return (((this.hart.readCsr(csrNumbers.misa) ?? 0n) >> 3n) & 1n) === 1n && this.#engine.riscv.double_read(0) !== undefined;
  }

  get registerNames(): readonly string[] {
    return [
      ...abiNames,
      'pc',
      ...(this.#hasDoubles ? floatNames : []),
      'priv',
      ...shownCsrs.filter((name) => this.hart.readCsr(csrNumbers[name]) !== undefined),
    ];
  }

  invalidate(base: number, size: number): void {
    this.#engine.ctl_remove_cache(base, base + size);
  }

  saveRegisters(): Uint8Array {
    const fcsr = this.#withFloats(() => this.hart.readCsr(csrNumbers.fcsr) ?? 0n);
    this.#engine.context_save(this.#context);
    return Buffer.concat([this.#engine.context_bytes(this.#context), Uint8Array.of(Number(fcsr))]);
  }

  restoreRegisters(saved: Uint8Array): void {
    this.#withFloats(() => this.hart.writeCsr(csrNumbers.fcsr, BigInt(saved.at(-1)!)));
    this.#engine.context_save(this.#context);
    this.#engine.context_patch(this.#context, 0, saved.subarray(0, -1));
    this.#engine.context_restore(this.#context);
    this.hart.flush();
  }

  /** The library's saved state lacks the flags of fcsr, which nobody reaches while floating point is off. */
  #withFloats<Result>(access: () => Result): Result {
    const status = this.hart.readCsr(csrNumbers.mstatus) ?? 0n;
    if ((status & floatStatus) !== 0n) return access();
    this.hart.writeCsr(csrNumbers.mstatus, status | floatStatus);
    const result = access();
    this.hart.writeCsr(csrNumbers.mstatus, status);
    return result;
  }

  close(): void {
    this.#engine.close();
  }
}

/** By the library's internals where they are known. */
const anyHart: HartOf = (core, uc, engine) => nativeHart(engine) ?? publicHart(core, uc, engine);

/** By bits of mcause: nobody reads registers to say what they are. */
const environmentCalls = 2 ** cause.ecallFromUser + 2 ** cause.ecallFromSupervisor + 2 ** cause.ecallFromMachine;

/** FS of mstatus. */
const floatStatus = 0x6000n;

/** All bits of mip that devices drive. */
const devicePending = Object.values(interruptBits).reduce((bits, bit) => bits | bit, 0);

function csrOf(name: string): number {
  if (!Object.hasOwn(csrNumbers, name)) throw new UsageError(`a RISC-V hart has no register '${name}'`);
  return csrNumbers[name as CsrName];
}

/**
 * A hart of a core in `riscvCores`.
 * @throws UsageError for another name, MissingPartError where libunicorn is missing
 */
export function createRiscvProcessor(environment: ProcessorEnvironment, hartOf: HartOf = anyHart): Processor {
  const core = riscvCores.get(environment.processor.core);
  if (core === undefined) throw new UsageError(`no RISC-V core is called '${environment.processor.core}'; known: ${[...riscvCores.keys()].join(', ')}`);
  return new RiscvProcessor(core, environment, hartOf);
}
