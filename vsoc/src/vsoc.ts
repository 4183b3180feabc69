import { InternalError, UnsupportedError, UsageError, type CpuBackend, type Isa } from '@fireball/contracts';
import { createCpu } from '@fireball/emulator';
import {
  featuresOf,
  loadTemplates,
  type BoundsChecks,
  type BranchProfile,
  type CodeVerifier,
  type CompilerName,
  type EntryRange,
  type Features,
  type MisalignedAccess,
  type TemplateSet,
} from '@fireball/jit';
import type { FunctionType, OpName, ValidatedModule } from '@fireball/wasm';
import { GuestCalls, type CallResult } from './runtime/calls.js';
import type { Chip } from './chip/chip.js';
import { CodeMap } from './chip/code-map.js';
import { alignedBytes, blockBytes, CodeMemory, type ExecutableRegion } from './chip/code-memory.js';
import { DataMemory } from './chip/data-memory.js';
import { HostWrites } from './chip/host-writes.js';
import { defaultCpu } from './chip/default-cpu.js';
import { DmaController } from './chip/dma.js';
import { Execution } from './runtime/execution.js';
import { slotBytes, type VsocFunction } from './runtime/externs.js';
import type { Firmware } from './runtime/firmware/firmware.js';
import { SystemCalls, type HostCall } from './runtime/host-functions.js';
import { VsocInstance } from './runtime/instance/instance.js';
import { Interpreter } from './runtime/interpreter/interpreter.js';
import { countEndlessly, installServices } from './runtime/interpreter/services.js';
import { Interrupts } from './checks/interrupts.js';
import type { VsocResolver } from './runtime/instance/index-spaces.js';
import { memoryMap, type AddressMap } from './chip/memory-map.js';
import { physicalMemory } from './chip/physical-memory.js';
import { installRom, loadRom, romOffset, type RomImage } from './chip/rom.js';
import { Safepoints } from './runtime/safepoints.js';
import { Sandbox } from './checks/sandbox.js';
import { SteppedCall } from './runtime/stepping.js';
import { VsocStore } from './runtime/store.js';
import { JitControl } from './tier/jit-control.js';
import { checkWorkerMemory, defaultMixedOptions, mixedCodeBytes, MixedMode, workerOf, type MixedOptions } from './tier/mixed.js';
import type { CompileWorker, WorkerRequest } from './tier/worker.js';
import { trapOf } from './runtime/traps.js';
import type { VsocOptions } from './vsoc-options.js';
import { unsignedOf, type VsocValue } from './runtime/values.js';

/** Slice unless told otherwise: short enough to stay responsive to signals. */
const defaultSlice = 20_000_000;
/** Bytes of stack unless told otherwise. */
export const defaultStackBytes = 0x1_0000;
/** memory.grow as a system call: pages, address of the memory record -> old size in pages or -1. */
const growType: FunctionType = { params: ['i32', 'i32'], results: ['i32'] };
/** Room for system call stubs in mixed mode. */
const stubBytes = 0x2_0000;

/** The virtual SoC: an emulated CPU with ROM, code memory, data memory, and instances running on it. */
export class Vsoc implements Chip {
  readonly isa: Isa;
  readonly map: AddressMap;
  readonly cpu: CpuBackend;
  /** What the core has beyond the base of its instruction set. */
  readonly features: Features;
  readonly codeMemory: CodeMemory;
  readonly dataMemory: DataMemory;
  readonly hostWrites: HostWrites;
  /** Routines in ROM. */
  readonly rom: RomImage;
  /** Return address of host calls. */
  readonly exitAddress: number;

  readonly templates: TemplateSet;
  readonly verifier: CodeVerifier | undefined;
  readonly misaligned: MisalignedAccess;
  readonly compiler: CompilerName;
  readonly boundsChecks: BoundsChecks;
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
  readonly execution: Execution;
  readonly calls: GuestCalls;
  /** What runs beside generated code, if anything does. */
  firmware: Firmware | undefined;

  /** @internal `createVsoc` makes them */
  constructor(options: VsocOptions, compileWorker?: (request: WorkerRequest) => CompileWorker) {
    const { isa, map = memoryMap, freestanding = false, faults } = options;
    this.isa = isa;
    this.map = map;
    this.templates = options.templates ?? loadTemplates(isa);
    this.verifier = options.verifier;
    this.osrEntries = options.osrEntries ?? false;
    this.branches = options.branches;
    this.misaligned = options.misaligned ?? 'hw';
    this.compiler = options.compiler ?? 'optimizing';
    this.boundsChecks = options.boundsChecks ?? 'all';
    this.locations = options.locations ?? false;
    const mixedOptions = options.tier === 'mixed' ? { ...defaultMixedOptions, ...options.mixed } : undefined;
    const interprets = options.tier === 'interpreter' || mixedOptions !== undefined;
    // All that can be wrong with the options: nothing has to be given back yet.
    if (this.templates.isa !== isa) throw new UsageError(`templates are for ${this.templates.isa}, not ${isa}`);
    if (interprets && options.sandbox !== undefined) throw new UsageError('the sandbox watches generated code, and an interpreter runs none');
    if (interprets && options.profile !== undefined) throw new UsageError('a profile is of compiled code');
    if (freestanding && options.safepoints !== undefined) throw new UnsupportedError('safepoints on a system without a host');
    const codeBytes = codeBytesOf(options, map);
    const budget = mixedOptions === undefined ? undefined : mixedCodeBytes(this.templates, mixedOptions.budget);
    if (mixedOptions !== undefined) checkWorkerMemory(mixedOptions.workerMemory);

    const core = { isa, cpu: options.cpu ?? defaultCpu[isa] };
    this.cpu = options.cpus?.create(core) ?? createCpu(core);
    this.features = featuresOf(isa, this.cpu.cpu);
    const { cpu, features, templates } = this;
    const flushFaults = { dropFlush: false };
    const mappedBytes = budget === undefined ? codeBytes : Math.ceil(budget / 4096) * 4096;
    this.codeMemory = new CodeMemory(
      cpu,
      map.code.base,
      mappedBytes,
      budget === undefined ? faults : flushFaults,
      budget,
      freestanding ? alignedBytes : blockBytes,
    );
    // What the budget is for has no room for stubs.
    const stubMemory = budget === undefined ? this.codeMemory : new CodeMemory(cpu, this.codeMemory.end, stubBytes);
    this.hostWrites = new HostWrites(cpu);
    this.dataMemory = new DataMemory(cpu, map, options.stackBytes ?? defaultStackBytes, this.hostWrites);
    this.rom = loadRom(isa, map.rom.base + romOffset, interprets || options.carriesInterpreter === true ? 'rom/interp' : 'rom');
    faults?.damageRom?.(this.rom);
    const rom = installRom(cpu, map.rom, this.rom, templates, features);
    this.exitAddress = rom.exitAddress;

    const { codeMemory, dataMemory, exitAddress } = this;
    const resultBuffer = map.resultBuffer.base;
    const store = new VsocStore({ cpu, dataMemory, map, maxPages: options.maxPages, guarded: !freestanding, changed: () => this.sandbox?.changed() });
    this.store = store;
    this.systemCalls = new SystemCalls({
      cpu,
      dataMemory,
      hostWrites: this.hostWrites,
      templates,
      stubMemory,
      references: store.references,
      resultBuffer,
      freestanding,
    });
    if (!freestanding)
      this.growStub = this.systemCalls.install(growType, ([pages, record]) => [
        { type: 'i32', value: store.growMemory(unsignedOf(record), unsignedOf(pages)) },
      ]);
    this.dma = options.dma === true ? this.installDma() : undefined;
    this.safepoints = new Safepoints(dataMemory, this.systemCalls, options.safepoints);

    const { systemCalls, safepoints } = this;
    const counts = mixedOptions !== undefined || (interprets && safepoints.place !== undefined);
    const services = counts ? installServices(systemCalls, () => this.mixed ?? countEndlessly(dataMemory)) : undefined;
    this.interpreter = interprets ? new Interpreter(this, rom, this.growRoutine, services, safepoints.place) : undefined;
    this.mixed = mixedOptions === undefined ? undefined : new MixedMode(this, mixedOptions, workerFor(mixedOptions, this, compileWorker), flushFaults);
    this.jit = new JitControl(this.mixed);

    const countsInterpreter = this.interpreter !== undefined && mixedOptions === undefined;
    const { begin, end } = countsInterpreter ? this.interpreter : { begin: codeMemory.base, end: codeMemory.end };
    cpu.countRange(begin, end);
    this.interrupts = options.interrupts === undefined ? undefined : new Interrupts(cpu, dataMemory, features, map.stackReserve.base, options.interrupts);
    this.sandbox = options.sandbox === undefined ? undefined : new Sandbox(this, options.sandbox);
    options.profile?.follow(this);
    const { mixed, interrupts, sandbox } = this;
    const { fuel = Number.MAX_SAFE_INTEGER, slice = defaultSlice } = options;
    const execution = new Execution({ cpu, systemCalls, safepoints, mixed, interrupts, sandbox, fuel, slice });
    this.execution = execution;
    this.calls = new GuestCalls({
      cpu,
      dataMemory,
      store,
      execution,
      sandbox,
      resultBuffer,
      exitAddress,
      countsInterpreter,
      trapOf: (result) => trapOf(this, result),
      left: () => this.interpreter?.forgetPosition(),
    });
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
    return op === 'memory.grow' ? this.growRoutine : this.rom.entries.get(op);
  }

  private get growRoutine(): number {
    const routine = this.growStub?.begin ?? this.rom.entries.get('memory.grow');
    if (routine === undefined) throw new InternalError('no routine for memory.grow');
    return routine;
  }

  /**
   * Makes every function of the module ready to run, applies its segments, runs its start function. `boundsChecks` are those of its code; the system's unless told otherwise.
   * @throws LinkError where an import is not found or does not fit
   * @throws InstantiationTrap where a segment does not fit, or the start function traps
   */
  instantiate(module: ValidatedModule, resolve: VsocResolver = () => undefined, boundsChecks = this.boundsChecks): VsocInstance {
    return new VsocInstance(this, module, resolve, boundsChecks);
  }

  /** @throws UnsupportedError on a freestanding system */
  createHostFunction(type: FunctionType, call: HostCall): VsocFunction {
    const stub = this.systemCalls.install(type, (args) =>
      this.hostWrites.around(
        () => this.store.memories,
        () => call(args),
      ),
    );
    const created = this.store.createFunction(this.dataMemory.allocate(slotBytes), type);
    this.store.setCode(created.slot, stub.begin);
    return created;
  }

  /** Calls a function of any instance or of the host. */
  call(callee: VsocFunction, args: readonly VsocValue[]): CallResult {
    return this.calls.call(callee, args);
  }

  /** A call that can be stopped and goes on later. Until it has ended or is given up, nothing else may run here. */
  callStepwise(callee: VsocFunction, args: readonly VsocValue[]): SteppedCall {
    return new SteppedCall(this.calls, this.execution, this.safepoints, this.calls.enterFunction(callee, args));
  }

  close(): void {
    this.cpu.close();
  }
}

function codeBytesOf(options: VsocOptions, { code }: AddressMap): number {
  const bytes = options.codeBytes ?? code.size;
  if (bytes <= 0 || bytes > code.size || bytes % 4096 !== 0)
    throw new UsageError(`code memory must be a multiple of 4096 up to ${code.size} bytes, not ${bytes}`);
  return bytes;
}

/** What compiles in mixed mode, for the system's own core. */
function workerFor(options: MixedOptions, { isa, cpu }: Vsoc, compileWorker?: (request: WorkerRequest) => CompileWorker): CompileWorker {
  if (compileWorker === undefined) throw new InternalError('mixed mode without anything that compiles');
  return compileWorker({ kind: workerOf(options), isa, cpu: cpu.cpu, memoryBytes: options.workerMemory, sandboxed: options.workerSandbox });
}
