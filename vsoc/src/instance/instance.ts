import { UsageError } from '@fireball/contracts';
import { boundsRoutine, compileFunction, type EntryRange, type FunctionType, type LinkEnvironment, type LinkedCode } from '@fireball/jit';
import { opcodeOfByte, type ValidatedModule } from '@fireball/wasm';
import type { CallCounts, CallResult } from '../calls.js';
import type { ExecutableRegion, InstalledCode } from '../code-memory.js';
import type { VsocExtern, VsocFunction, VsocGlobal, VsocTable } from '../externs.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import type { Program, ProgramBytes } from '../interpreter/program.js';
import type { VsocMemory } from '../linear-memory.js';
import { functionSource, loopsOf } from '../source.js';
import { InstantiationTrap, type VsocTrap } from '../traps.js';
import { InstanceFunction, type MixedInstance } from '../tier/instance-function.js';
import { jitBuiltin, jitModule } from '../tier/jit-control.js';
import type { MixedMode } from '../tier/mixed.js';
import type { VsocValue } from '../values.js';
import type { Vsoc } from '../vsoc.js';
import { Descriptors } from './descriptors.js';
import { IndexSpaces } from './index-spaces.js';
import type { VsocResolver } from './linking.js';
import { Segments, type ConstantData } from './segments.js';

/** What one call cost. */
export interface CallStatistics {
  /** Guest instructions executed. */
  readonly instructions: number;
  /** Of those, the ones that were fetched from sealed code memory. */
  readonly nativeInstructions: number;
  /** The ones of the interpreter in ROM, routines that it calls not included. */
  readonly interpreterInstructions: number;
  /** Code of the module's functions, stubs and in-code tables included. */
  readonly codeBytes: number;
  /** Runtime routines that the module's functions share in code memory. */
  readonly routineBytes: number;
  /** Where functions are interpreted: the wasm code, and what the interpreter needs beside it. */
  readonly wasmCodeBytes: number;
  readonly tableBytes: number;
  readonly compiledFunctions: number;
  readonly fallbacks: number;
}

export type CallOutcome = { readonly statistics: CallStatistics } & (
  | { readonly results: readonly VsocValue[]; readonly trap: null }
  | { readonly results: readonly []; readonly trap: VsocTrap }
);

interface CompiledCode extends InstalledCode<LinkedCode> {
  /** Of the function. */
  readonly index: number;
}

/** A module whose functions are machine code in code memory, with its data in guest RAM. */
export class VsocInstance {
  readonly functions: readonly VsocFunction[];
  readonly tables: readonly VsocTable[];
  readonly memories: readonly VsocMemory[];
  readonly globals: readonly VsocGlobal[];
  readonly exports: ReadonlyMap<string, VsocExtern>;
  private readonly spaces: IndexSpaces;
  private readonly segments: Segments;
  private readonly descriptors: Descriptors;
  private readonly compiled: CompiledCode[] = [];
  /** Present where functions are interpreted. */
  private readonly program: Program | undefined;
  private boundsRegion: ExecutableRegion | undefined;
  private isFixed: boolean;
  private readonly mixed: MixedInstance | undefined;
  private mixedEnvironment: ReturnType<VsocInstance['environment']> | undefined;

  constructor(
    private readonly vsoc: Vsoc,
    private readonly validated: ValidatedModule,
    resolve: VsocResolver,
  ) {
    const { module } = validated;
    const { dataMemory, store } = vsoc;
    const spaces = new IndexSpaces(store, dataMemory, validated, (from, name) => resolve(from, name) ?? this.builtin(from, name));
    this.spaces = spaces;
    ({ functions: this.functions, tables: this.tables, memories: this.memories, globals: this.globals, exports: this.exports } = spaces);
    this.segments = new Segments(dataMemory, module, spaces);
    this.descriptors = new Descriptors(dataMemory, spaces, this.segments);
    this.isFixed = this.mayFixMemory();
    if (vsoc.interpreter === undefined) {
      this.memories[0]?.onResize(() => this.unfixMemory());
      this.compileAll();
    } else {
      this.program = this.interpretAll(vsoc.interpreter);
      if (vsoc.mixed !== undefined) this.mixed = this.joinMixedMode(vsoc.mixed, this.program);
    }
    this.segments.applyActive();
    if (module.start !== undefined) {
      const { trap } = this.call(module.start, []);
      if (trap !== null) throw new InstantiationTrap(trap);
    }
  }

  /** What every instance can import without anybody giving it. */
  private builtin(from: string, name: string): VsocFunction | undefined {
    if (from !== jitModule) return undefined;
    const found = jitBuiltin(this.vsoc.jit, name, (index) => this.functions[index]);
    return found === undefined ? undefined : this.vsoc.createHostFunction(found.type, found.call);
  }

  // --- interpretation ---------------------------------------------------------------------

  private interpretAll(interpreter: Interpreter): Program {
    const { vsoc, validated } = this;
    const program = interpreter.install({
      validated,
      functions: this.functions,
      globals: this.globals.map(({ cell }) => cell),
      tables: this.tables.map(({ record }) => record),
      data: this.segments.dataRecords,
      elements: this.segments.elementRecords,
      memory: this.memories[0]?.record,
      typeNumber: (type) => vsoc.store.typeNumber(type),
    });
    if (vsoc.mixed === undefined && vsoc.safepoints.place !== undefined) program.countEndlessly();
    validated.functions.forEach(({ index }, position) => vsoc.store.setCode(this.spaces.slotOf(index), program.entryOf(position)));
    return program;
  }

  // --- mixed mode -------------------------------------------------------------------------

  private joinMixedMode(mode: MixedMode, program: Program): MixedInstance {
    const { vsoc, validated } = this;
    const functions = validated.functions.map(
      (entry, position) =>
        new InstanceFunction({
          vsoc,
          program,
          position,
          slot: this.spaces.slotOf(entry.index),
          source: functionSource(validated, entry),
          environment: () => (this.mixedEnvironment ??= this.environment()),
          memoryBytes: () => this.spaces.memoryBytes,
        }),
    );
    const instance = { program, functions };
    mode.add(instance);
    this.memories[0]?.onResize(() => this.forgetFixedSize(mode, functions));
    return instance;
  }

  /** Somebody else can grow the memory from now on: code with the size in it goes. */
  private forgetFixedSize(mode: MixedMode, functions: readonly InstanceFunction[]): void {
    if (!this.isFixed) return;
    this.isFixed = false;
    this.mixedEnvironment = undefined;
    for (const owner of functions) mode.cache.remove(owner);
  }

  // --- compilation ------------------------------------------------------------------------

  /**
   * Can the memory's size not change while this instance's code is active? Growth needs an
   * instruction of ours or code of others that we call; a declared maximum may rule it out too.
   */
  private mayFixMemory(): boolean {
    const { module, hasMemoryGrow } = this.validated;
    const { min, max } = module.memories[0]?.limits ?? { min: 0, max: 0 };
    const isClosed = module.imports.length === 0 && !module.exports.some((entry) => entry.kind === 'table');
    return min === max || (isClosed && !hasMemoryGrow);
  }

  /** Somebody else can grow the memory from now on: code with the size in it is compiled anew. */
  private unfixMemory(): void {
    const { min, max } = this.memories[0]?.type.limits ?? { min: 0, max: 0 };
    if (!this.isFixed || min === max) return;
    this.isFixed = false;
    this.releaseCode();
    this.compileAll();
  }

  /** Gives all code memory back; the slots are empty again. */
  private releaseCode(): void {
    const { vsoc } = this;
    for (const { index, code, region } of this.compiled.splice(0)) {
      vsoc.store.setCode(this.spaces.slotOf(index), 0);
      vsoc.codeMap.remove(code.address);
      region.free();
      vsoc.sandbox?.removed(region.address, region.size);
    }
    if (this.boundsRegion === undefined) return;
    vsoc.boundsRoutines.delete(this.boundsRegion);
    this.boundsRegion.free();
    this.boundsRegion = undefined;
  }

  private compileAll(): void {
    try {
      this.compileEach();
    } catch (error) {
      // Nothing of this instance can run without the rest: what it has of code memory goes back.
      this.releaseCode();
      throw error;
    }
  }

  private compileEach(): void {
    const { vsoc, validated } = this;
    const environment = this.environment();
    for (const entry of validated.functions) {
      const source = functionSource(validated, entry);
      const options = { osrLoops: vsoc.osrEntries ? loopsOf(entry) : [], locations: vsoc.locations, ...(vsoc.branches === undefined ? {} : { branches: vsoc.branches }) };
      const compiled = compileFunction(source, vsoc.templates, environment, options);
      const { code, region } = vsoc.codeMemory.install(compiled.size, (address) => {
        const linked = compiled.linkAt(address, environment.entries);
        vsoc.verifier?.verify({ isa: vsoc.isa, cpu: vsoc.cpu.cpu, source, environment, code: linked });
        return linked;
      });
      this.compiled.push({ index: entry.index, code, region });
      vsoc.codeMap.add({ index: entry.index, code, memoryBytes: () => this.spaces.memoryBytes });
      vsoc.store.setCode(this.spaces.slotOf(entry.index), code.address);
    }
    vsoc.sandbox?.placed(this);
  }

  private environment(): LinkEnvironment & { readonly entries: EntryRange[] } {
    const { vsoc } = this;
    const { module } = this.validated;
    const entries: EntryRange[] = [...vsoc.entryRanges];
    return {
      features: vsoc.features,
      memory: this.memoryEnvironment(entries),
      entries,
      globalAddress: (index) => this.globals[index]?.cell ?? 0,
      slotAddress: (index) => this.spaces.slotOf(index),
      table: (index) => this.tables[index] ?? { record: 0, elements: 0 },
      typeNumber: (index) => vsoc.store.typeNumber(module.types[index] ?? { params: [], results: [] }),
      dataRecord: (segment) => this.segments.dataRecords[segment] ?? 0,
      elementRecord: (segment) => this.segments.elementRecords[segment] ?? 0,
      descriptorAddress: (op, a, b) => this.descriptors.addressOf(op, a, b),
      resultBuffer: vsoc.map.resultBuffer.base,
      routineAddress: (op) => vsoc.routineAddress(op),
      misaligned: vsoc.misaligned,
      stackLimit: vsoc.map.stack.base,
      safepoint: vsoc.safepoints.place,
    };
  }

  private memoryEnvironment(entries: EntryRange[]): LinkEnvironment['memory'] {
    const [memory] = this.memories;
    if (memory === undefined) return undefined;
    const region = (this.boundsRegion ??= this.installBoundsRoutine(memory));
    entries.push({ begin: region.address, end: region.address + region.size });
    return {
      base: memory.base,
      minBytes: this.isFixed ? memory.byteLength : memory.type.limits.min * memory.type.pageSize,
      fixed: this.isFixed,
      boundsRoutine: region.address,
      record: memory.record,
      pageShift: memory.type.pageSize === 1 ? 0 : 16,
    };
  }

  private installBoundsRoutine({ record }: VsocMemory): ExecutableRegion {
    const { vsoc } = this;
    const routine = boundsRoutine(vsoc.templates, record);
    const region =
      vsoc.mixed?.cache.pin(routine.size, (address) => routine.linkAt(address)) ??
      vsoc.codeMemory.install(routine.size, (address) => ({ bytes: routine.linkAt(address) })).region;
    vsoc.boundsRoutines.add(region);
    return region;
  }

  // --- calls ------------------------------------------------------------------------------

  /** Calls an exported function. */
  invoke(name: string, args: readonly VsocValue[]): CallOutcome {
    const found = this.validated.module.exports.find((entry) => entry.name === name && entry.kind === 'function');
    if (found === undefined) throw new UsageError(`no exported function "${name}"`);
    return this.call(found.index, args);
  }

  private call(index: number, args: readonly VsocValue[]): CallOutcome {
    return this.outcomeOf(this.vsoc.call(this.spaces.functionAt(index), args));
  }

  /**
   * Goes on in the code of a function with an activation that an interpreter has brought to the header of the loop at
   * `wasmOffset`. The frame holds locals, then operands, two words each; references are the guest's.
   */
  enterLoop(index: number, wasmOffset: number, frame: Int32Array): CallOutcome {
    const callee = this.functions[index];
    const code = this.compiled.find((candidate) => candidate.index === index)?.code;
    const entry = code?.osrEntries.find((candidate) => candidate.wasmOffset === wasmOffset);
    if (callee === undefined || code === undefined || entry === undefined) {
      throw new UsageError(`function ${index} has no entry for a loop at offset 0x${wasmOffset.toString(16)}`);
    }
    return this.outcomeOf(this.vsoc.calls.callLoop(code.address + entry.offset, callee.type.results, frame));
  }

  private outcomeOf({ results, trap, ...counts }: CallResult): CallOutcome {
    const statistics = this.statisticsOf(counts);
    return trap === null ? { statistics, results, trap } : { statistics, results: [], trap };
  }

  /** What the last call on the virtual SoC cost, even one that a function of the host left by throwing. */
  get lastStatistics(): CallStatistics {
    return this.statisticsOf(this.vsoc.calls.lastCounts);
  }

  private statisticsOf(counts: CallCounts): CallStatistics {
    return {
      ...counts,
      codeBytes: this.codeBytes,
      routineBytes: this.boundsRegion?.size ?? 0,
      wasmCodeBytes: this.program?.bytes.code ?? 0,
      tableBytes: this.program?.tableBytes ?? 0,
      compiledFunctions: this.mixed?.functions.filter(({ code }) => code !== undefined).length ?? this.compiled.length,
      fallbacks: 0,
    };
  }

  get codeBytes(): number {
    if (this.mixed !== undefined) return this.mixed.functions.reduce((bytes, { code }) => bytes + (code?.bytes.length ?? 0), 0);
    return this.compiled.reduce((bytes, { code }) => bytes + code.bytes.length, 0);
  }

  /** What the interpreter keeps of this instance; undefined where functions are compiled. */
  get interpretedBytes(): ProgramBytes | undefined {
    return this.program?.bytes;
  }

  /** Machine code of each function with a body, in order, for listings. */
  get code(): readonly LinkedCode[] {
    return this.compiled.map(({ code }) => code);
  }

  /** Where each compiled function begins, with its type. */
  get entryPoints(): { readonly begin: number; readonly type: FunctionType }[] {
    return this.compiled.map(({ index, code }) => ({ begin: code.address, type: this.spaces.functionAt(index).type }));
  }

  /** Records of the segments, which dropping them writes. */
  get segmentRecords(): readonly number[] {
    return [...this.segments.dataRecords, ...this.segments.elementRecords];
  }

  /** Guest memory that routines read: contents of passive segments, pairs of records. */
  get constantData(): readonly ConstantData[] {
    return [...this.segments.contents, ...this.descriptors.pairs];
  }

  /** Is the wasm instruction at this offset of the module a load or store? */
  isMemoryAccess(wasmOffset: number): boolean {
    return opcodeOfByte(this.validated.module.bytes[wasmOffset] ?? 0)?.immediates === 'memarg';
  }

  /** The memory's bytes as they are now. */
  memory(index: number): Uint8Array {
    const memory = this.memories[index];
    if (memory === undefined) throw new UsageError(`no memory ${index}`);
    return memory.bytes;
  }

  global(index: number): VsocValue {
    const global = this.globals[index];
    if (global === undefined) throw new UsageError(`no global ${index}`);
    return this.vsoc.store.globalValue(global);
  }
}
