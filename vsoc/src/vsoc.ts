import { InternalError, UnsupportedError, UsageError, type CpuBackend, type Isa, type RunResult } from '@fireball/contracts';
import { createCpu } from '@fireball/emulator';
import { exitRoutine, featuresOf, floatStartRoutine, hostCallPlan, loadTemplates, systemCallStub, wordCount, yieldStub, type BranchProfile, type CodeVerifier, type EntryRange, type Features, type FunctionType, type HostCallPlan, type LinkEnvironment, type MisalignedAccess, type Routine, type TemplateSet } from '@fireball/jit';
import type { GlobalType, MemoryType, OpName, TableType, ValidatedModule, ValueType } from '@fireball/wasm';
import { CodeMap } from './code-map.js';
import { CodeMemory, type ExecutableRegion } from './code-memory.js';
import { DataMemory } from './data-memory.js';
import { defaultCpu } from './default-cpu.js';
import { codeWord, createGlobal, createTable, slotBytes, typeKey, type VsocFunction, type VsocGlobal, type VsocTable } from './externs.js';
import { SystemCalls, type CallState, type HostCall } from './host-functions.js';
import { VsocInstance } from './instance.js';
import { endlessCount } from './interpreter/layout.js';
import { DmaController } from './dma.js';
import type { Firmware } from './firmware/firmware.js';
import { Interrupts } from './interrupts.js';
import { Interpreter } from './interpreter/interpreter.js';
import { VsocMemory } from './linear-memory.js';
import type { VsocResolver } from './linking.js';
import { memoryMap, type AddressMap } from './memory-map.js';
import { physicalMemory } from './physical-memory.js';
import { loadRom, romOffset, type RomImage } from './rom.js';
import { Sandbox } from './sandbox.js';
import { SteppedCall } from './stepping.js';
import { JitControl } from './tier/jit-control.js';
import { defaultMixedOptions, mixedCodeBytes, MixedMode } from './tier/mixed.js';
import { trapOf, type VsocTrap } from './traps.js';
import type { SafepointOptions, VsocOptions } from './vsoc-options.js';
import { valueOfWords, valuesOfWords, wordsOfValue, type ReferenceWords, type VsocValue } from './values.js';

/** A call whose arguments are in place. */
export interface EnteredCall {
  readonly entry: number;
  readonly type: FunctionType;
  readonly plan: HostCallPlan;
  /** sp before and after the call. */
  readonly outerSp: number;
  /** What to put back: the call was made by a host function that generated code had called. */
  readonly outer: { readonly sp: number; readonly link: number } | undefined;
  /** Activations that the sandbox knew before. */
  readonly active: number;
}

/** Guest instructions executed; those of them fetched from sealed code memory, and those of the interpreter in ROM. */
export interface CallCounts {
  readonly instructions: number;
  readonly nativeInstructions: number;
  readonly interpreterInstructions: number;
}

/** How a call into generated code ended. */
export interface CallResult extends CallCounts {
  readonly results: readonly VsocValue[];
  readonly trap: VsocTrap | null;
}

/** Slice unless told otherwise: short enough to stay responsive to signals. */
const defaultSlice = 20_000_000;
/** Interrupt numbers by which the CPU library reports SVC and ECALL. */
const systemCallException = { thumb2: 2, rv32: 8 } as const satisfies Record<Isa, number>;
/** Where the return-to-host stub lies in ROM. Address 0 stays empty: a jump through an empty slot must not look like a return. */
const exitOffset = 0x100;
/** Where the code that sets up the floating-point unit lies in ROM. */
const floatStartOffset = 0x110;

/** The virtual SoC: an emulated CPU with ROM, code memory, data memory, and instances running on it. */
export class Vsoc {
  readonly isa: Isa;
  readonly cpu: CpuBackend;
  readonly templates: TemplateSet;
  /** What the core has beyond the base of its instruction set. */
  readonly features: Features;
  readonly verifier: CodeVerifier | undefined;
  readonly sandbox: Sandbox | undefined;
  readonly misaligned: MisalignedAccess;
  readonly osrEntries: boolean;
  /** How often branches were taken, where somebody has counted. */
  readonly branches: BranchProfile | undefined;
  /** Where code looks whether it shall yield, if it does. */
  readonly safepoint: LinkEnvironment['safepoint'];
  readonly locations: boolean;
  readonly codeMemory: CodeMemory;
  /** System call stubs; in mixed mode apart from what the budget is for. */
  private readonly stubMemory: CodeMemory;
  readonly dataMemory: DataMemory;
  readonly codeMap = new CodeMap();
  /** The exact bounds checks of memories, in code memory. */
  readonly boundsRoutines = new Set<ExecutableRegion>();
  /** Routines in ROM. */
  readonly rom: RomImage;
  /** Return address of host calls. */
  readonly exitAddress: number;
  readonly fuel: number;
  private readonly slice: number;
  readonly map: AddressMap;
  readonly resultBuffer: number;
  readonly stackLimit: number;
  readonly references: ReferenceWords;
  private readonly memoryBytes: number;
  private readonly systemCalls: SystemCalls;
  private readonly callState: CallState;
  private readonly functionsBySlot = new Map<number, VsocFunction>();
  private readonly externalValues: unknown[] = [];
  private readonly typeNumbers = new Map<string, number>();
  /** In the order of their creation. */
  readonly memories: VsocMemory[] = [];
  private nextMemory: number;
  private readonly freestanding: boolean;
  /** Absent where functions are compiled. */
  readonly interpreter: Interpreter | undefined;
  /** Present where functions become native while the system runs. */
  readonly mixed: MixedMode | undefined;
  readonly jit: JitControl;
  readonly interrupts: Interrupts | undefined;
  readonly dma: DmaController | undefined;
  /** What runs beside generated code, if anything does. */
  firmware: Firmware | undefined;
  /** How often running code has yielded. */
  yields = 0;
  /** Link registers of outer calls whose host functions have called back. */
  readonly outerLinks: number[] = [];
  /** Absent on a freestanding system. */
  private readonly growStub: EntryRange | undefined;
  private yieldStub: EntryRange | undefined;
  private readonly timeSlice: number;
  /** Calls from the host that are active: a host function may call back. */
  private depth = 0;
  /** All that was ever executed. */
  private readonly total = { executed: 0, executedInRange: 0 };
  /** What the last call executed, calls by functions of the host included; known even if one of these threw out of it. */
  lastCounts: CallCounts = { instructions: 0, nativeInstructions: 0, interpreterInstructions: 0 };

  constructor(options: VsocOptions) {
    this.isa = options.isa;
    const map = options.map ?? memoryMap;
    this.map = map;
    this.resultBuffer = map.resultBuffer.base;
    this.stackLimit = map.stack.base;
    this.nextMemory = map.linearMemory.base;
    this.freestanding = options.freestanding ?? false;
    const codeBytes = options.codeBytes ?? Math.min(0x4_0000, map.code.size);
    if (codeBytes <= 0 || codeBytes > map.code.size || codeBytes % 4096 !== 0) {
      throw new UsageError(`code memory must be a multiple of 4096 up to ${map.code.size} bytes, not ${codeBytes}`);
    }
    this.cpu = createCpu({ isa: options.isa, cpu: options.cpu ?? defaultCpu[options.isa] });
    this.features = featuresOf(options.isa, this.cpu.cpu);
    this.templates = options.templates ?? loadTemplates(options.isa);
    if (this.templates.isa !== options.isa) throw new UsageError(`templates are for ${this.templates.isa}, not ${options.isa}`);
    this.verifier = options.verifier;
    this.osrEntries = options.osrEntries ?? false;
    this.branches = options.branches;
    this.misaligned = options.misaligned ?? 'hw';
    this.locations = options.locations ?? false;
    this.slice = options.slice ?? defaultSlice;
    this.fuel = options.fuel ?? Number.MAX_SAFE_INTEGER;
    this.memoryBytes = options.memoryBytes ?? Infinity;
    const mixed = options.tier === 'mixed' ? { ...defaultMixedOptions, ...options.mixed } : undefined;
    const flushFaults = { dropFlush: false };
    if (mixed === undefined) this.stubMemory = this.codeMemory = new CodeMemory(this.cpu, map.code.base, codeBytes, options.faults);
    else {
      const budget = mixedCodeBytes(this.templates, mixed.budget);
      const mapped = Math.ceil(budget / 4096) * 4096;
      this.codeMemory = new CodeMemory(this.cpu, map.code.base, mapped, flushFaults, budget);
      this.stubMemory = new CodeMemory(this.cpu, map.code.base + mapped, stubBytes);
    }
    this.dataMemory = new DataMemory(this.cpu, map, options.stackBytes ?? 0x1_0000);
    this.references = {
      toWord: (type, value) => this.referenceWord(type, value),
      fromWord: (type, word) => (type === 'funcref' ? (this.functionsBySlot.get(word) ?? null) : this.externalValue(word)),
    };
    this.systemCalls = new SystemCalls(this.isa, this.references, this.resultBuffer);
    this.callState = {
      register: (name) => this.cpu.readRegister(name) >>> 0,
      setRegister: (name, value) => this.cpu.writeRegister(name, value >>> 0),
      word: (address) => this.dataMemory.readWord(address),
      setWord: (address, value) => this.dataMemory.writeWord(address, value),
    };
    const interprets = options.tier === 'interpreter' || mixed !== undefined;
    if (interprets && options.sandbox !== undefined) throw new UsageError('the sandbox watches generated code, and an interpreter runs none');
    this.rom = loadRom(this.isa, map.rom.base + romOffset, interprets ? 'rom/interp' : 'rom');
    options.faults?.damageRom?.(this.rom);
    const rom = this.installRom();
    this.exitAddress = map.rom.base + exitOffset;
    if (!this.freestanding) this.growStub = this.installStub(growType, ([pages, record]) => [{ type: 'i32', value: this.growMemory(pages, record) }]);
    this.dma = options.dma === true ? this.installDma() : undefined;
    this.timeSlice = options.safepoints?.timeSlice ?? Infinity;
    if (options.safepoints !== undefined) {
      if (this.freestanding) throw new UnsupportedError('safepoints on a system without a host');
      this.safepoint = this.installSafepoints(options.safepoints);
    }
    const counts = mixed !== undefined || (interprets && this.safepoint !== undefined);
    const services = counts ? this.installServices() : undefined;
    this.interpreter = interprets ? new Interpreter(this, { base: map.rom.base, bytes: rom }, services, this.safepoint) : undefined;
    this.mixed = mixed === undefined ? undefined : new MixedMode(this, mixed, flushFaults);
    this.jit = new JitControl(this.mixed);
    const { begin, end } = (mixed === undefined ? this.interpreter : undefined) ?? { begin: this.codeMemory.base, end: this.codeMemory.end };
    this.cpu.countRange(begin, end);
    this.interrupts = options.interrupts === undefined ? undefined : new Interrupts(this.cpu, this.dataMemory, this.features, map.stackReserve.base, options.interrupts);
    this.sandbox = options.sandbox === undefined ? undefined : new Sandbox(this, options.sandbox);
  }

  // --- ROM and system calls ---------------------------------------------------------------

  /** Returns the host's view of ROM. */
  private installRom(): Uint8Array {
    const { base, size } = this.map.rom;
    const rom = this.cpu.mapRam(base, size, { read: true, write: false, execute: true });
    rom.set(exitRoutine(this.templates).linkAt(base + exitOffset), exitOffset);
    rom.set(this.rom.code, this.rom.base - base);
    // On RISC-V everything is in the instructions (jit/ABI.md).
    const floatStart = this.features.has('fpv4') ? floatStartRoutine(this.templates) : undefined;
    if (floatStart !== undefined) rom.set(floatStart.linkAt(base + floatStartOffset), floatStartOffset);
    this.cpu.invalidateCode(base, size);
    if (floatStart !== undefined) this.cpu.run(base + floatStartOffset, floatStart.size);
    return rom;
  }

  /** Addresses outside its own function that generated code may branch to. */
  get entryRanges(): EntryRange[] {
    const { base, size } = this.map.rom;
    return [{ begin: base, end: base + size }, ...[this.growStub, this.yieldStub].filter((range) => range !== undefined)];
  }

  /** Entry of the routine that carries out the instruction; undefined where there is none. */
  routineAddress(op: OpName): number | undefined {
    return op === 'memory.grow' && this.growStub !== undefined ? this.growStub.begin : this.rom.entries.get(op);
  }

  /** Installs a stub that calls the host; returns where it lies in code memory. */
  private installStub(type: FunctionType, call: HostCall): EntryRange {
    if (this.freestanding) throw new UnsupportedError('functions of the host on a system without one');
    const plan = hostCallPlan(type, this.isa);
    return this.installRoutine(systemCallStub(this.templates, this.systemCalls.register(type, plan, call), plan.stackBytes));
  }

  /** A system call under a number of its own, for code that knows it. */
  provideSystemCall(number: number, type: FunctionType, call: HostCall): void {
    this.systemCalls.provide(number, type, hostCallPlan(type, this.isa), call);
  }

  private installRoutine(stub: Routine): EntryRange {
    const { region } = this.stubMemory.install(stub.size, (address) => ({ bytes: stub.linkAt(address) }));
    return { begin: region.address, end: region.address + region.size };
  }

  /** The flag word and the service behind it. */
  private installSafepoints({ onYield }: SafepointOptions): NonNullable<LinkEnvironment['safepoint']> {
    const flag = this.dataMemory.allocate(4);
    const type = { params: [], results: [] };
    const number = this.systemCalls.register(type, hostCallPlan(type, this.isa), () => {
      this.dataMemory.writeWord(flag, 0);
      this.yields++;
      onYield?.();
      return [];
    });
    this.yieldStub = this.installRoutine(yieldStub(this.templates, number));
    return { flag, service: this.yieldStub.begin };
  }

  /** Running code, or code that will run, comes to the yield service at its next safepoint. */
  requestYield(): void {
    if (this.safepoint === undefined) throw new UsageError('this virtual SoC makes code without safepoints');
    this.dataMemory.writeWord(this.safepoint.flag, 1);
  }

  private installDma(): DmaController {
    const { dma } = this.map;
    if (dma === undefined) throw new UnsupportedError('a DMA controller on a system without a place for it');
    const controller = new DmaController(physicalMemory(this.codeMemory, this.dataMemory, this.memories));
    this.cpu.mapDevice(dma.base, dma.size, controller);
    return controller;
  }

  private installServices(): { readonly loop: number; readonly call: number } {
    return {
      loop: this.installStub(loopServiceType, ([counter]) => this.loopService(counter)).begin,
      call: this.installStub(callServiceType, ([profile]) => this.callService(profile)).begin,
    };
  }

  private loopService(counter: VsocValue | undefined): VsocValue[] {
    const address = Number(counter?.value) >>> 0;
    if (this.mixed === undefined) this.dataMemory.writeWord(address, endlessCount);
    const [code, shape, side, localBytes] = this.mixed?.looped(address) ?? [0, 0, 0, 0];
    const pair = (low: number, high: number): VsocValue => ({ type: 'i64', value: (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0) });
    return [pair(code, shape), pair(side, localBytes)];
  }

  private callService(profile: VsocValue | undefined): VsocValue[] {
    const address = Number(profile?.value) >>> 0;
    if (this.mixed === undefined) this.dataMemory.writeWord(address, endlessCount);
    else this.mixed.called(address);
    return [];
  }

  /** Virtual time: guest instructions executed, and the time that an explicit compilation was waited for. */
  get now(): number {
    return this.mixed?.clock.now ?? this.total.executed;
  }

  /** A code address as slots and registers have it: bit 0 set on Thumb. */
  codeWord(address: number): number {
    return codeWord(this.isa, address);
  }

  /** The stack's words in use. */
  usedStack(): Int32Array {
    return this.dataMemory.stackWords(this.cpu.readRegister('sp') >>> 0);
  }

  private growMemory(pages: VsocValue | undefined, record: VsocValue | undefined): number {
    const memory = this.memories.find((candidate) => candidate.record === Number(record?.value) >>> 0);
    if (memory === undefined) throw new InternalError('memory.grow of an unknown memory');
    this.sandbox?.changed();
    return memory.grow(Number(pages?.value) >>> 0);
  }

  // --- externs ----------------------------------------------------------------------------

  /** Compiles and installs every function of the module, applies its segments, runs its start function. */
  instantiate(module: ValidatedModule, resolve: VsocResolver = () => undefined): VsocInstance {
    return new VsocInstance(this, module, resolve);
  }

  /** A function whose slot is at `slot`; its code follows by `setCode`. */
  createFunction(slot: number, type: FunctionType): VsocFunction {
    const created: VsocFunction = { kind: 'function', slot, type };
    this.dataMemory.writeWord(slot + 4, this.typeNumber(type));
    this.functionsBySlot.set(slot, created);
    this.sandbox?.changed();
    return created;
  }

  /** Addresses of all functions' slots. */
  get functionSlots(): number[] {
    return [...this.functionsBySlot.keys()];
  }

  setCode(slot: number, address: number): void {
    this.dataMemory.writeWord(slot, this.codeWord(address));
  }

  createHostFunction(type: FunctionType, call: HostCall): VsocFunction {
    const created = this.createFunction(this.dataMemory.allocate(slotBytes), type);
    this.setCode(created.slot, this.installStub(type, call).begin);
    return created;
  }

  createTable(type: TableType): VsocTable {
    return createTable(this.dataMemory, type);
  }

  createMemory(type: MemoryType): VsocMemory {
    const { linearMemory, memoryPlaces } = this.map;
    const { alignment, growth } = memoryPlaces.find(({ upTo }) => this.memories.length < upTo) as AddressMap['memoryPlaces'][number];
    const end = linearMemory.base + linearMemory.size;
    const mostBytes = Math.min(this.memoryBytes, growth, end - this.nextMemory);
    const place = { base: this.nextMemory, end, mostBytes, guarded: !this.freestanding };
    const memory = new VsocMemory(this.cpu, this.dataMemory, place, type);
    this.nextMemory = Math.ceil((memory.base + memory.capacity) / alignment) * alignment;
    this.memories.push(memory);
    return memory;
  }

  createGlobal(type: GlobalType, value: VsocValue): VsocGlobal {
    const [low = 0, high = 0] = wordsOfValue(value, this.references);
    return createGlobal(this.dataMemory, type, low, high);
  }

  globalValue({ cell, type }: VsocGlobal): VsocValue {
    return valueOfWords(type.type, this.dataMemory.readWord(cell), this.dataMemory.readWord(cell + 4), this.references);
  }

  /** The same number for equal types of any module; never 0. */
  typeNumber(type: FunctionType): number {
    const key = typeKey(type);
    const number = this.typeNumbers.get(key) ?? this.typeNumbers.size + 1;
    this.typeNumbers.set(key, number);
    return number;
  }

  private referenceWord(type: 'funcref' | 'externref', value: unknown): number {
    if (value === null || value === undefined) return 0;
    if (type === 'funcref') {
      const slot = (value as VsocFunction).slot;
      if (!this.functionsBySlot.has(slot)) throw new UsageError('a function reference of another virtual SoC');
      return slot;
    }
    const known = this.externalValues.indexOf(value);
    return known >= 0 ? known + 1 : this.externalValues.push(value);
  }

  private externalValue(word: number): unknown {
    return word === 0 ? null : this.externalValues[word - 1];
  }

  // --- running ----------------------------------------------------------------------------

  /** Calls a function of any instance or of the host. */
  call(callee: VsocFunction, args: readonly VsocValue[]): CallResult {
    const words = args.flatMap((value) => wordsOfValue(value, this.references));
    return this.finish(this.enter(this.entryOf(callee), callee.type, words, this.freeStack));
  }

  /**
   * Calls an OSR entry, as an interpreter does whose frame has these words: locals, then operands, two words each
   * (ABI.md, "On-stack replacement").
   */
  callLoop(entry: number, results: readonly ValueType[], frame: Int32Array): CallResult {
    const sp = (this.freeStack - 4 * frame.length) & ~15;
    frame.forEach((word, index) => this.dataMemory.writeWord(sp + 4 * index, word));
    return this.finish(this.enter(entry, { params: ['i32'], results }, [sp], sp));
  }

  /** The stack below this is free. */
  private get freeStack(): number {
    return this.depth === 0 ? this.dataMemory.stackTop : (this.cpu.readRegister('sp') >>> 0) & ~15;
  }

  /** A call that can be stopped and goes on later. Until it has ended or is given up, nothing else may run here. */
  callStepwise(callee: VsocFunction, args: readonly VsocValue[]): SteppedCall {
    const words = args.flatMap((value) => wordsOfValue(value, this.references));
    return new SteppedCall(this, this.enter(this.entryOf(callee), callee.type, words, this.freeStack));
  }

  /** Calls code at an address that follows the calling convention. */
  callAt(entry: number, type: FunctionType): CallResult {
    return this.finish(this.enter(entry, type, [], this.freeStack));
  }

  private entryOf(callee: VsocFunction): number {
    return (this.dataMemory.readWord(callee.slot) & ~1) >>> 0;
  }

  private finish(call: EnteredCall): CallResult {
    const before = { ...this.total };
    try {
      return this.resultOf(call, this.run(call.entry));
    } finally {
      const { executed, executedInRange } = this.total;
      this.lastCounts = this.countsOf({ executed: executed - before.executed, executedInRange: executedInRange - before.executedInRange });
      this.leave(call);
    }
  }

  private countsOf({ executed, executedInRange }: Pick<RunResult, 'executed' | 'executedInRange'>): CallCounts {
    const isInterpreted = this.interpreter !== undefined && this.mixed === undefined;
    const [nativeInstructions, interpreterInstructions] = isInterpreted ? [0, executedInRange] : [executedInRange, 0];
    return { instructions: executed, nativeInstructions, interpreterInstructions };
  }

  /**
   * Prepares a call of code of this type at an address: argument words, stack pointer, return address. sp is `outerSp`
   * before and after. `leave` must follow.
   */
  private enter(entry: number, type: FunctionType, words: readonly number[], outerSp: number): EnteredCall {
    const { cpu, dataMemory } = this;
    const plan = hostCallPlan(type, this.isa);
    const outer = this.depth === 0 ? undefined : { sp: cpu.readRegister('sp'), link: cpu.readRegister(plan.link) };
    if (outer !== undefined) this.outerLinks.push(outer.link >>> 0);
    const sp = outerSp - plan.stackBytes;
    if (words.length !== plan.arguments.length) {
      throw new UsageError(`${words.length} argument words for a function that takes (${type.params.join(' ')})`);
    }
    plan.arguments.forEach((place, position) => {
      const word = words[position] as number;
      if ('register' in place) cpu.writeRegister(place.register, word);
      else dataMemory.writeWord(sp + place.stack, word);
    });
    cpu.writeRegister('sp', sp);
    cpu.writeRegister(plan.link, this.codeWord(this.exitAddress));
    this.depth++;
    return { entry, type, plan, outerSp, outer, active: this.sandbox?.activations() ?? 0 };
  }

  /** How the call ended, from what stopped the CPU. */
  resultOf({ type, plan, outerSp }: EnteredCall, result: RunResult): CallResult {
    const { cpu, dataMemory } = this;
    this.sandbox?.check();
    const counts = this.countsOf(result);
    if (!this.isExit(result)) return { results: [], trap: trapOf(this, result), ...counts };
    if (cpu.readRegister('sp') >>> 0 !== outerSp) throw new InternalError('sp is not where the call began');
    const resultWords = Array.from({ length: wordCount(type.results) }, (_, index) => {
      const register = plan.results[index];
      return register === undefined ? dataMemory.readWord(this.resultBuffer + 4 * (index - plan.results.length)) : cpu.readRegister(register);
    });
    return { results: valuesOfWords(type.results, resultWords, this.references), trap: null, ...counts };
  }

  leave({ plan, outer, active }: EnteredCall): void {
    this.depth--;
    this.sandbox?.unwind(active);
    if (outer === undefined) return;
    this.cpu.writeRegister('sp', outer.sp);
    this.cpu.writeRegister(plan.link, outer.link);
    this.outerLinks.pop();
  }

  private isExit(result: RunResult): boolean {
    return result.reason.kind === 'invalid-instruction' && result.pc === this.exitAddress;
  }

  /** Runs from `entry` until the exit stub, a trap, or `fuel` instructions. */
  private run(entry: number): RunResult {
    let pc = entry;
    let executed = 0;
    let executedInRange = 0;
    let untilYield = this.timeSlice;
    for (;;) {
      const result = this.advance(pc, Math.min(this.slice, this.fuel - executed, untilYield));
      executed += result.executed;
      untilYield -= result.executed;
      if (untilYield <= 0) {
        this.requestYield();
        untilYield = this.timeSlice;
      }
      executedInRange += result.executedInRange;
      if (result.reason.kind !== 'budget' || executed >= this.fuel) return { ...result, executed, executedInRange };
      pc = result.pc;
    }
  }

  /** Runs at most `budget` instructions; a system call, and an event of mixed mode, is carried out and counts as the end of the budget. */
  advance(pc: number, budget: number): RunResult {
    this.sandbox?.refresh();
    const { mixed, interrupts } = this;
    const result = this.cpu.run(pc, Math.min(budget, mixed?.clock.untilNext ?? Infinity, interrupts?.untilNext ?? Infinity));
    this.total.executed += result.executed;
    this.total.executedInRange += result.executedInRange;
    mixed?.clock.advance(result.executed);
    interrupts?.advance(result.executed);
    const { reason } = result;
    if (mixed !== undefined && reason.kind === 'invalid-instruction' && this.codeMemory.isStale(result.pc)) {
      mixed.repair();
      return { ...result, reason: { kind: 'budget' } };
    }
    if (reason.kind !== 'exception' || reason.number !== systemCallException[this.isa]) return result;
    return this.systemCalls.perform(this.callState) ? { ...result, reason: { kind: 'budget' } } : result;
  }

  close(): void {
    this.cpu.close();
  }
}

/** memory.grow as a system call: pages, address of the memory record -> old size in pages or -1. */
const growType: FunctionType = { params: ['i32', 'i32'], results: ['i32'] };
/** Services of mixed mode (vsoc/src/interpreter/layout.ts, LOOP_SERVICE and CALL_SERVICE). */
const loopServiceType: FunctionType = { params: ['i32'], results: ['i64', 'i64'] };
const callServiceType: FunctionType = { params: ['i32'], results: [] };
/** Room for system call stubs in mixed mode. */
const stubBytes = 0x2_0000;

export function createVsoc(options: VsocOptions): Vsoc {
  return new Vsoc(options);
}
