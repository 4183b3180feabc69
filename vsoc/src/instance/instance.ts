import { InternalError, UsageError } from '@fireball/contracts';
import { boundsRoutine, compileFunction, type EntryRange, type FunctionType, type LinkEnvironment, type LinkedCode } from '@fireball/jit';
import { opcodeOfByte, type DataSegment, type ElementSegment, type OpName, type RawValue, type ValidatedModule } from '@fireball/wasm';
import type { CallCounts, CallResult } from '../calls.js';
import { evaluateConstant, wordsOfRaw, type ConstantContext } from './constant.js';
import type { ExecutableRegion, InstalledCode } from '../code-memory.js';
import { createGlobal, createTable, slotBytes, type VsocExtern, type VsocFunction, type VsocGlobal, type VsocTable } from '../externs.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import type { Program, ProgramBytes } from '../interpreter/program.js';
import type { VsocMemory } from '../linear-memory.js';
import { resolveImport, type VsocResolver } from './linking.js';
import { functionSource, loopsOf } from '../source.js';
import { InstantiationTrap, type VsocTrap } from '../traps.js';
import { InstanceFunction, type MixedInstance } from '../tier/instance-function.js';
import { jitBuiltin, jitModule } from '../tier/jit-control.js';
import type { MixedMode } from '../tier/mixed.js';
import type { VsocValue } from '../values.js';
import type { Vsoc } from '../vsoc.js';

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
  readonly functions: VsocFunction[] = [];
  readonly tables: VsocTable[] = [];
  readonly memories: VsocMemory[] = [];
  readonly globals: VsocGlobal[] = [];
  readonly exports = new Map<string, VsocExtern>();
  /** Guest memory that routines read: contents of passive segments, pairs of records. */
  readonly constantData: { readonly address: number; readonly size: number }[] = [];
  private readonly dataRecords: number[] = [];
  private readonly elementRecords: number[] = [];
  private readonly descriptors = new Map<string, number>();
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
    this.allocate(resolve);
    this.isFixed = this.mayFixMemory();
    if (vsoc.interpreter === undefined) {
      this.memories[0]?.onResize(() => this.unfixMemory());
      this.compileAll();
    } else {
      this.program = this.interpretAll(vsoc.interpreter);
      if (vsoc.mixed !== undefined) this.mixed = this.joinMixedMode(vsoc.mixed, this.program);
    }
    this.initialiseTables();
    this.initialiseMemories();
    if (module.start !== undefined) {
      const { trap } = this.call(module.start, []);
      if (trap !== null) throw new InstantiationTrap(trap);
    }
  }

  // --- allocation -------------------------------------------------------------------------

  private allocate(resolve: VsocResolver): void {
    const { vsoc, validated } = this;
    const { module } = validated;
    const { dataMemory } = vsoc;
    const imports = module.imports.map((entry) => resolveImport(module, entry, (from, name) => resolve(from, name) ?? this.builtin(from, name), dataMemory));
    for (const extern of imports) this.add(extern);
    const slots = dataMemory.allocate(slotBytes * module.bodies.length);
    validated.functions.forEach((entry, index) => {
      this.functions.push(vsoc.store.createFunction(slots + slotBytes * index, entry.type));
    });
    for (const type of module.tables.slice(this.tables.length)) this.tables.push(createTable(dataMemory, type));
    for (const type of module.memories.slice(this.memories.length)) this.memories.push(vsoc.store.createMemory(type));
    module.globals.slice(this.globals.length).forEach((type, index) => {
      const init = module.globalInits[index];
      const { low, high } = wordsOfRaw(init === undefined ? 0 : evaluateConstant(this.constants, init));
      this.globals.push(createGlobal(dataMemory, type, low, high));
    });
    for (const segment of module.data) this.dataRecords.push(this.createDataRecord(segment));
    for (const segment of module.elements) this.elementRecords.push(this.createElementRecord(segment));
    const spaces = { function: this.functions, table: this.tables, memory: this.memories, global: this.globals };
    for (const entry of module.exports) {
      const extern = spaces[entry.kind][entry.index];
      if (extern !== undefined) this.exports.set(entry.name, extern);
    }
  }

  /** What every instance can import without anybody giving it. */
  private builtin(from: string, name: string): VsocFunction | undefined {
    if (from !== jitModule) return undefined;
    const found = jitBuiltin(this.vsoc.jit, name, (index) => this.functions[index]);
    return found === undefined ? undefined : this.vsoc.createHostFunction(found.type, found.call);
  }

  private add(extern: VsocExtern): void {
    if (extern.kind === 'function') this.functions.push(extern);
    else if (extern.kind === 'table') this.tables.push(extern);
    else if (extern.kind === 'memory') {
      this.memories.push(extern);
      extern.share();
    } else this.globals.push(extern);
  }

  private get constants(): ConstantContext {
    return {
      bytes: this.validated.module.bytes,
      globalValue: (index) => this.rawGlobal(index),
      functionReference: (index) => this.functions[index]?.slot ?? 0,
    };
  }

  private rawGlobal(index: number): RawValue {
    const global = this.globals[index];
    if (global === undefined) throw new InternalError(`no global ${index}`);
    const { dataMemory } = this.vsoc;
    const low = dataMemory.readWord(global.cell);
    if (global.type.type !== 'i64' && global.type.type !== 'f64') return low;
    return (BigInt(dataMemory.readWord(global.cell + 4) >>> 0) << 32n) | BigInt(low >>> 0);
  }

  /** Passive segments keep their bytes in guest memory; the others count as dropped. */
  private createDataRecord(segment: DataSegment): number {
    const { dataMemory } = this.vsoc;
    const record = dataMemory.allocate(8);
    if (segment.mode !== 'passive') return record;
    const bytes = this.validated.module.bytes.subarray(segment.content.start, segment.content.end);
    const address = this.allocateConstant(bytes.length);
    dataMemory.writeBytes(address, bytes);
    dataMemory.writeWord(record, bytes.length);
    dataMemory.writeWord(record + 4, address);
    return record;
  }

  private createElementRecord(segment: ElementSegment): number {
    const { dataMemory } = this.vsoc;
    const record = dataMemory.allocate(8);
    if (segment.mode !== 'passive') return record;
    const words = this.elementWords(segment);
    const address = this.allocateConstant(4 * words.length);
    words.forEach((word, index) => dataMemory.writeWord(address + 4 * index, word));
    dataMemory.writeWord(record, words.length);
    dataMemory.writeWord(record + 4, address);
    return record;
  }

  /** Guest memory that nothing writes while the instance lives. */
  private allocateConstant(size: number): number {
    const address = this.vsoc.dataMemory.allocate(size);
    this.constantData.push({ address, size });
    return address;
  }

  private elementWords({ init }: ElementSegment): number[] {
    if (init.kind === 'functions') return init.indices.map((index) => this.functions[index]?.slot ?? 0);
    return init.expressions.map((expression) => Number(evaluateConstant(this.constants, expression)));
  }

  // --- active segments --------------------------------------------------------------------

  private initialiseTables(): void {
    const { dataMemory } = this.vsoc;
    for (const segment of this.validated.module.elements) {
      if (segment.mode !== 'active' || segment.position === undefined) continue;
      const table = this.tables[segment.table];
      const words = this.elementWords(segment);
      const start = Number(evaluateConstant(this.constants, segment.position)) >>> 0;
      if (table === undefined || start + words.length > dataMemory.readWord(table.record) >>> 0) {
        throw new InstantiationTrap({ kind: 'out of bounds table access', wasmOffset: segment.offset, functionIndex: null });
      }
      words.forEach((word, index) => dataMemory.writeWord(table.elements + 4 * (start + index), word));
    }
  }

  private initialiseMemories(): void {
    const { module } = this.validated;
    for (const segment of module.data) {
      if (segment.mode !== 'active' || segment.position === undefined) continue;
      const memory = this.memories[segment.memory];
      const bytes = module.bytes.subarray(segment.content.start, segment.content.end);
      const start = Number(evaluateConstant(this.constants, segment.position)) >>> 0;
      if (memory === undefined || start + bytes.length > memory.byteLength) {
        throw new InstantiationTrap({ kind: 'out of bounds memory access', wasmOffset: segment.offset, functionIndex: null });
      }
      memory.bytes.set(bytes, start);
    }
  }

  // --- interpretation ---------------------------------------------------------------------

  private interpretAll(interpreter: Interpreter): Program {
    const { vsoc, validated } = this;
    const program = interpreter.install({
      validated,
      functions: this.functions,
      globals: this.globals.map(({ cell }) => cell),
      tables: this.tables.map(({ record }) => record),
      data: this.dataRecords,
      elements: this.elementRecords,
      memory: this.memories[0]?.record,
      typeNumber: (type) => vsoc.store.typeNumber(type),
    });
    if (vsoc.mixed === undefined && vsoc.safepoints.place !== undefined) program.countEndlessly();
    validated.functions.forEach(({ index }, position) => vsoc.store.setCode(this.slotOf(index), program.entryOf(position)));
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
          slot: this.slotOf(entry.index),
          source: functionSource(validated, entry),
          environment: () => (this.mixedEnvironment ??= this.environment()),
          memoryBytes: () => this.memories[0]?.byteLength ?? 0,
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
      vsoc.store.setCode(this.slotOf(index), 0);
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
      vsoc.codeMap.add({ index: entry.index, code, memoryBytes: () => this.memories[0]?.byteLength ?? 0 });
      vsoc.store.setCode(this.slotOf(entry.index), code.address);
    }
    vsoc.sandbox?.placed(this);
  }

  private slotOf(index: number): number {
    return this.functionAt(index).slot;
  }

  private functionAt(index: number): VsocFunction {
    const found = this.functions[index];
    if (found === undefined) throw new InternalError(`no function ${index}`);
    return found;
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
      slotAddress: (index) => this.slotOf(index),
      table: (index) => this.tables[index] ?? { record: 0, elements: 0 },
      typeNumber: (index) => vsoc.store.typeNumber(module.types[index] ?? { params: [], results: [] }),
      dataRecord: (segment) => this.dataRecords[segment] ?? 0,
      elementRecord: (segment) => this.elementRecords[segment] ?? 0,
      descriptorAddress: (op, a, b) => this.descriptor(op, a, b),
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

  /** The record or pair of records that a memory or table instruction's routine works on. */
  private descriptor(op: OpName, a: number, b: number): number {
    const memory = (): number => this.memories[0]?.record ?? 0;
    const table = (index: number): number => this.tables[index]?.record ?? 0;
    switch (op) {
      case 'memory.init':
        return this.recordPair(memory(), this.dataRecords[a] ?? 0);
      case 'table.init':
        return this.recordPair(table(b), this.elementRecords[a] ?? 0);
      case 'table.copy':
        return this.recordPair(table(a), table(b));
      case 'table.get':
      case 'table.set':
      case 'table.grow':
      case 'table.fill':
        return table(a);
      default:
        return memory();
    }
  }

  private recordPair(first: number, second: number): number {
    const key = `${first}:${second}`;
    let address = this.descriptors.get(key);
    if (address === undefined) {
      address = this.allocateConstant(8);
      this.vsoc.dataMemory.writeWord(address, first);
      this.vsoc.dataMemory.writeWord(address + 4, second);
      this.descriptors.set(key, address);
    }
    return address;
  }

  // --- calls ------------------------------------------------------------------------------

  /** Calls an exported function. */
  invoke(name: string, args: readonly VsocValue[]): CallOutcome {
    const found = this.validated.module.exports.find((entry) => entry.name === name && entry.kind === 'function');
    if (found === undefined) throw new UsageError(`no exported function "${name}"`);
    return this.call(found.index, args);
  }

  private call(index: number, args: readonly VsocValue[]): CallOutcome {
    return this.outcomeOf(this.vsoc.call(this.functionAt(index), args));
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
    return this.compiled.map(({ index, code }) => ({ begin: code.address, type: this.functionAt(index).type }));
  }

  /** Records of the segments, which dropping them writes. */
  get segmentRecords(): readonly number[] {
    return [...this.dataRecords, ...this.elementRecords];
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
