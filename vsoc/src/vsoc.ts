import { InternalError, UnsupportedError, UsageError, type CpuBackend, type Isa, type RunResult } from '@fireball/contracts';
import { createCpu } from '@fireball/emulator';
import { featuresOf, hostCallPlan, loadTemplates, wordCount, type BranchProfile, type CodeVerifier, type EntryRange, type Features, type FunctionType, type HostCallPlan, type MisalignedAccess, type TemplateSet } from '@fireball/jit';
import type { OpName, ValidatedModule, ValueType } from '@fireball/wasm';
import { CodeMap } from './code-map.js';
import { CodeMemory, type ExecutableRegion } from './code-memory.js';
import { DataMemory } from './data-memory.js';
import { defaultCpu } from './default-cpu.js';
import { DmaController } from './dma.js';
import { codeWord, slotBytes, type VsocFunction } from './externs.js';
import type { Firmware } from './firmware/firmware.js';
import { SystemCalls, type HostCall } from './host-functions.js';
import { VsocInstance } from './instance.js';
import { Interpreter } from './interpreter/interpreter.js';
import { countEndlessly, installServices } from './interpreter/services.js';
import { Interrupts } from './interrupts.js';
import type { VsocResolver } from './linking.js';
import { memoryMap, type AddressMap } from './memory-map.js';
import { physicalMemory } from './physical-memory.js';
import { installRom, loadRom, romOffset, type RomImage } from './rom.js';
import { Safepoints } from './safepoints.js';
import { Sandbox } from './sandbox.js';
import { SteppedCall } from './stepping.js';
import { VsocStore } from './store.js';
import { JitControl } from './tier/jit-control.js';
import { defaultMixedOptions, mixedCodeBytes, MixedMode } from './tier/mixed.js';
import { trapOf, type VsocTrap } from './traps.js';
import type { VsocOptions } from './vsoc-options.js';
import { unsignedOf, valuesOfWords, wordsOfValue, type VsocValue } from './values.js';

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
const defaultCodeBytes = 0x4_0000;
const defaultStackBytes = 0x1_0000;
/** memory.grow as a system call: pages, address of the memory record -> old size in pages or -1. */
const growType: FunctionType = { params: ['i32', 'i32'], results: ['i32'] };
/** Room for system call stubs in mixed mode. */
const stubBytes = 0x2_0000;

/** Interrupt numbers by which the CPU library reports SVC and ECALL. */
const systemCallException = { thumb2: 2, rv32: 8 } as const satisfies Record<Isa, number>;

/** The virtual SoC: an emulated CPU with ROM, code memory, data memory, and instances running on it. */
export class Vsoc {
  readonly isa: Isa;
  readonly map: AddressMap;
  readonly cpu: CpuBackend;
  /** What the core has beyond the base of its instruction set. */
  readonly features: Features;
  readonly codeMemory: CodeMemory;
  readonly dataMemory: DataMemory;
  /** Routines in ROM. */
  readonly rom: RomImage;
  /** Return address of host calls. */
  readonly exitAddress: number;

  readonly templates: TemplateSet;
  readonly verifier: CodeVerifier | undefined;
  readonly misaligned: MisalignedAccess;
  readonly osrEntries: boolean;
  /** How often branches were taken, where somebody has counted. */
  readonly branches: BranchProfile | undefined;
  readonly locations: boolean;
  readonly codeMap = new CodeMap();
  /** The exact bounds checks of memories, in code memory. */
  readonly boundsRoutines = new Set<ExecutableRegion>();

  readonly store: VsocStore;
  readonly systemCalls: SystemCalls;
  /** Absent on a freestanding system. */
  private readonly growStub: EntryRange | undefined;
  readonly dma: DmaController | undefined;
  readonly safepoints: Safepoints;
  /** Absent where functions are compiled. */
  readonly interpreter: Interpreter | undefined;
  /** Present where functions become native while the system runs. */
  readonly mixed: MixedMode | undefined;
  readonly jit: JitControl;
  readonly interrupts: Interrupts | undefined;
  readonly sandbox: Sandbox | undefined;
  /** What runs beside generated code, if anything does. */
  firmware: Firmware | undefined;
  readonly fuel: number;
  private readonly slice: number;
  /** Link registers of outer calls whose host functions have called back. */
  readonly outerLinks: number[] = [];
  /** Calls from the host that are active: a host function may call back. */
  private depth = 0;
  /** All that was ever executed. */
  private readonly total = { executed: 0, executedInRange: 0 };
  /** What the last call executed, calls by functions of the host included; known even if one of these threw out of it. */
  lastCounts: CallCounts = { instructions: 0, nativeInstructions: 0, interpreterInstructions: 0 };

  constructor(options: VsocOptions) {
    const { isa, map = memoryMap, freestanding = false, faults } = options;
    this.isa = isa;
    this.map = map;
    const codeBytes = codeBytesOf(options, map);
    this.cpu = createCpu({ isa, cpu: options.cpu ?? defaultCpu[isa] });
    this.features = featuresOf(isa, this.cpu.cpu);
    this.templates = options.templates ?? loadTemplates(isa);
    if (this.templates.isa !== isa) throw new UsageError(`templates are for ${this.templates.isa}, not ${isa}`);
    this.verifier = options.verifier;
    this.osrEntries = options.osrEntries ?? false;
    this.branches = options.branches;
    this.misaligned = options.misaligned ?? 'hw';
    this.locations = options.locations ?? false;
    this.slice = options.slice ?? defaultSlice;
    this.fuel = options.fuel ?? Number.MAX_SAFE_INTEGER;
    const mixed = options.tier === 'mixed' ? { ...defaultMixedOptions, ...options.mixed } : undefined;
    const interprets = options.tier === 'interpreter' || mixed !== undefined;
    if (interprets && options.sandbox !== undefined) throw new UsageError('the sandbox watches generated code, and an interpreter runs none');

    const flushFaults = { dropFlush: false };
    const budget = mixed === undefined ? undefined : mixedCodeBytes(this.templates, mixed.budget);
    const mappedBytes = budget === undefined ? codeBytes : Math.ceil(budget / 4096) * 4096;
    this.codeMemory = new CodeMemory(this.cpu, map.code.base, mappedBytes, mixed === undefined ? faults : flushFaults, budget);
    // What the budget is for has no room for stubs.
    const stubMemory = mixed === undefined ? this.codeMemory : new CodeMemory(this.cpu, this.codeMemory.end, stubBytes);
    this.dataMemory = new DataMemory(this.cpu, map, options.stackBytes ?? defaultStackBytes);
    this.store = new VsocStore({
      cpu: this.cpu,
      dataMemory: this.dataMemory,
      map,
      memoryBytes: options.memoryBytes ?? Infinity,
      guarded: !freestanding,
      changed: () => this.sandbox?.changed(),
    });
    this.systemCalls = new SystemCalls({
      cpu: this.cpu,
      dataMemory: this.dataMemory,
      templates: this.templates,
      stubMemory,
      references: this.store.references,
      resultBuffer: map.resultBuffer.base,
      freestanding,
    });
    this.rom = loadRom(isa, map.rom.base + romOffset, interprets ? 'rom/interp' : 'rom');
    faults?.damageRom?.(this.rom);
    const rom = installRom(this.cpu, map.rom, this.rom, this.templates, this.features);
    this.exitAddress = rom.exitAddress;
    if (!freestanding) this.growStub = this.systemCalls.install(growType, ([pages, record]) => [{ type: 'i32', value: this.store.growMemory(unsignedOf(record), unsignedOf(pages)) }]);
    this.dma = options.dma === true ? this.installDma() : undefined;
    if (freestanding && options.safepoints !== undefined) throw new UnsupportedError('safepoints on a system without a host');
    this.safepoints = new Safepoints(this.dataMemory, this.systemCalls, options.safepoints);

    const { place } = this.safepoints;
    const counts = mixed !== undefined || (interprets && place !== undefined);
    const services = counts ? installServices(this.systemCalls, () => this.mixed ?? countEndlessly(this.dataMemory)) : undefined;
    this.interpreter = interprets ? new Interpreter(this, rom, services, place) : undefined;
    this.mixed = mixed === undefined ? undefined : new MixedMode(this, mixed, flushFaults);
    this.jit = new JitControl(this.mixed);
    const countsInterpreter = this.interpreter !== undefined && mixed === undefined;
    const { begin, end } = countsInterpreter ? this.interpreter : { begin: this.codeMemory.base, end: this.codeMemory.end };
    this.cpu.countRange(begin, end);
    this.interrupts = options.interrupts === undefined ? undefined : new Interrupts(this.cpu, this.dataMemory, this.features, map.stackReserve.base, options.interrupts);
    this.sandbox = options.sandbox === undefined ? undefined : new Sandbox(this, options.sandbox);
  }

  private installDma(): DmaController {
    const { dma } = this.map;
    if (dma === undefined) throw new UnsupportedError('a DMA controller on a system without a place for it');
    const controller = new DmaController(physicalMemory(this.codeMemory, this.dataMemory, this.store.memories));
    this.cpu.mapDevice(dma.base, dma.size, controller);
    return controller;
  }

  /** Addresses outside its own function that generated code may branch to. */
  get entryRanges(): EntryRange[] {
    const { base, size } = this.map.rom;
    return [{ begin: base, end: base + size }, ...[this.growStub, this.safepoints.stub].filter((range) => range !== undefined)];
  }

  /** Entry of the routine that carries out the instruction; undefined where there is none. */
  routineAddress(op: OpName): number | undefined {
    return op === 'memory.grow' && this.growStub !== undefined ? this.growStub.begin : this.rom.entries.get(op);
  }

  /**
   * Makes every function of the module ready to run, applies its segments, runs its start function.
   * @throws LinkError where an import is not found or does not fit
   * @throws InstantiationTrap where a segment does not fit, or the start function traps
   */
  instantiate(module: ValidatedModule, resolve: VsocResolver = () => undefined): VsocInstance {
    return new VsocInstance(this, module, resolve);
  }

  /** @throws UnsupportedError on a freestanding system */
  createHostFunction(type: FunctionType, call: HostCall): VsocFunction {
    const created = this.store.createFunction(this.dataMemory.allocate(slotBytes), type);
    this.store.setCode(created.slot, this.systemCalls.install(type, call).begin);
    return created;
  }

  /** Virtual time: guest instructions executed, and the time that an explicit compilation was waited for. */
  get now(): number {
    return this.mixed?.clock.now ?? this.total.executed;
  }

  /** The stack's words in use. */
  usedStack(): Int32Array {
    return this.dataMemory.stackWords(this.cpu.readRegister('sp') >>> 0);
  }

  // --- running ----------------------------------------------------------------------------

  /** Calls a function of any instance or of the host. */
  call(callee: VsocFunction, args: readonly VsocValue[]): CallResult {
    const words = args.flatMap((value) => wordsOfValue(value, this.store.references));
    return this.finish(this.enter(this.store.codeOf(callee), callee.type, words, this.freeStack));
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
    const words = args.flatMap((value) => wordsOfValue(value, this.store.references));
    return new SteppedCall(this, this.enter(this.store.codeOf(callee), callee.type, words, this.freeStack));
  }

  /** Calls code at an address that follows the calling convention. */
  callAt(entry: number, type: FunctionType): CallResult {
    return this.finish(this.enter(entry, type, [], this.freeStack));
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
    cpu.writeRegister(plan.link, codeWord(this.isa, this.exitAddress));
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
      return register === undefined ? dataMemory.readWord(this.map.resultBuffer.base + 4 * (index - plan.results.length)) : cpu.readRegister(register);
    });
    return { results: valuesOfWords(type.results, resultWords, this.store.references), trap: null, ...counts };
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
    let untilYield = this.safepoints.timeSlice;
    for (;;) {
      const result = this.advance(pc, Math.min(this.slice, this.fuel - executed, untilYield));
      executed += result.executed;
      untilYield -= result.executed;
      if (untilYield <= 0) {
        this.safepoints.request();
        untilYield = this.safepoints.timeSlice;
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
    return this.systemCalls.perform() ? { ...result, reason: { kind: 'budget' } } : result;
  }

  close(): void {
    this.cpu.close();
  }
}

function codeBytesOf(options: VsocOptions, { code }: AddressMap): number {
  const bytes = options.codeBytes ?? Math.min(defaultCodeBytes, code.size);
  if (bytes <= 0 || bytes > code.size || bytes % 4096 !== 0) throw new UsageError(`code memory must be a multiple of 4096 up to ${code.size} bytes, not ${bytes}`);
  return bytes;
}

export function createVsoc(options: VsocOptions): Vsoc {
  return new Vsoc(options);
}
