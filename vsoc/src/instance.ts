import { InternalError, UnsupportedError, UsageError } from '@fireball/contracts';
import {
  boundsRoutine,
  compileFunction,
  hostCallPlan,
  type EntryRange,
  type LinkEnvironment,
  type LinkedCode,
} from '@fireball/jit';
import { instantiate, Store, type Instance, type ValidatedModule, type Value } from '@fireball/wasm';
import { memoryMap, memoryStride } from './memory-map.js';
import { functionSource } from './source.js';
import { trapOf, type VsocTrap } from './traps.js';
import { valueOfWords, wordCountOf, wordsOfValue } from './values.js';
import type { Vsoc } from './vsoc.js';

/** What one call cost. */
export interface CallStatistics {
  /** Guest instructions executed. */
  readonly instructions: number;
  /** Of those, the ones that were fetched from sealed code memory. */
  readonly nativeInstructions: number;
  /** Code of the module's functions, stubs and in-code tables included. */
  readonly codeBytes: number;
  /** Runtime routines that the module's functions share in code memory. */
  readonly routineBytes: number;
  readonly compiledFunctions: number;
  readonly fallbacks: number;
}

export type CallOutcome = { readonly statistics: CallStatistics } & (
  | { readonly results: readonly Value[]; readonly trap: null }
  | { readonly results: readonly []; readonly trap: VsocTrap }
);

/** A module whose functions are machine code in code memory, with its data in guest RAM. */
export class VsocInstance {
  private readonly globalsBase: number;
  private readonly slotsBase: number;
  private readonly linearMemory: Uint8Array | undefined;
  private readonly functions: LinkedCode[] = [];
  private routineBytes = 0;

  constructor(
    private readonly vsoc: Vsoc,
    private readonly validated: ValidatedModule,
  ) {
    const { module } = validated;
    if (module.imports.length > 0) {
      throw new UnsupportedError(`imports (${module.imports[0]?.module}.${module.imports[0]?.name})`, { section: 'import' });
    }
    const { dataMemory } = vsoc;
    this.globalsBase = dataMemory.allocate(8 * module.globals.length);
    this.slotsBase = dataMemory.allocate(4 * module.functionTypes.length);
    const initial = this.initialState();
    const environment = this.environment(initial);
    this.linearMemory = this.mapMemory(initial, environment);
    initial.globals.forEach((global, index) => this.writeGlobal(index, global.raw));
    this.compileAll(environment);
    if (module.start !== undefined) this.runStart(module.start);
  }

  /** The state behind instantiation but before the start function, as the reference semantics define it. */
  private initialState(): Instance {
    const module = { ...this.validated.module, start: undefined };
    return instantiate(new Store(), { ...this.validated, module }, () => undefined);
  }

  private environment(initial: Instance): LinkEnvironment & { readonly entries: EntryRange[] } {
    const { vsoc } = this;
    const entries: EntryRange[] = [];
    let memory: LinkEnvironment['memory'];
    const [first] = initial.memories;
    if (first !== undefined) {
      const record = vsoc.dataMemory.allocate(8);
      vsoc.dataMemory.writeWord(record, first.byteLength);
      const routine = boundsRoutine(vsoc.templates, record);
      const region = vsoc.codeMemory.reserve(routine.size);
      const { address, size } = region.seal(routine.linkAt(region.address));
      this.routineBytes += size;
      entries.push({ begin: address, end: address + size });
      memory = {
        base: memoryMap.linearMemory.base + memoryStride * vsoc.memories++,
        minBytes: first.byteLength,
        fixed: this.hasFixedMemory(),
        boundsRoutine: address,
      };
    }
    return {
      memory,
      entries,
      globalAddress: (index) => this.globalsBase + 8 * index,
      slotAddress: (index) => this.slotsBase + 4 * index,
      routineAddress: () => undefined,
      stackLimit: memoryMap.stack.base,
    };
  }

  /**
   * Can the memory's size not change while this instance's code is active? Growth needs an
   * instruction of ours or code of others that we call; a declared maximum may rule it out too.
   */
  private hasFixedMemory(): boolean {
    const { module, hasMemoryGrow } = this.validated;
    const { min, max } = module.memories[0]?.limits ?? { min: 0, max: 0 };
    const isClosed = module.imports.length === 0 && !module.exports.some((entry) => entry.kind === 'table');
    return min === max || (isClosed && !hasMemoryGrow);
  }

  private mapMemory(initial: Instance, environment: LinkEnvironment): Uint8Array | undefined {
    const [first] = initial.memories;
    if (first === undefined || environment.memory === undefined) return undefined;
    if (first.byteLength > memoryStride) throw new UnsupportedError(`a memory of ${first.byteLength} bytes`);
    const { pageSize } = this.vsoc.cpu;
    const length = Math.max(1, Math.ceil(first.byteLength / pageSize)) * pageSize;
    const ram = this.vsoc.cpu.mapRam(environment.memory.base, length, { read: true, write: true, execute: false });
    ram.set(first.bytes);
    return ram.subarray(0, first.byteLength);
  }

  private writeGlobal(index: number, raw: number | bigint): void {
    const address = this.globalsBase + 8 * index;
    const bits = BigInt.asUintN(64, BigInt(raw));
    this.vsoc.dataMemory.writeWord(address, Number(bits & 0xffff_ffffn));
    this.vsoc.dataMemory.writeWord(address + 4, Number(bits >> 32n));
  }

  private compileAll(environment: LinkEnvironment & { readonly entries: readonly EntryRange[] }): void {
    const { vsoc, validated } = this;
    for (const entry of validated.functions) {
      const compiled = compileFunction(functionSource(validated, entry), vsoc.templates, environment);
      const region = vsoc.codeMemory.reserve(compiled.size);
      const code = compiled.linkAt(region.address, environment.entries);
      region.seal(code.bytes);
      vsoc.codeMap.add({ index: entry.index, code });
      this.functions.push(code);
      const thumbBit = vsoc.isa === 'thumb2' ? 1 : 0;
      vsoc.dataMemory.writeWord(this.slotsBase + 4 * entry.index, code.address | thumbBit);
    }
  }

  private runStart(index: number): void {
    const { trap } = this.call(index, []);
    if (trap !== null) throw new StartTrap(trap);
  }

  /** Calls an exported function. */
  invoke(name: string, args: readonly Value[]): CallOutcome {
    const found = this.validated.module.exports.find((entry) => entry.name === name && entry.kind === 'function');
    if (found === undefined) throw new UsageError(`no exported function "${name}"`);
    return this.call(found.index, args);
  }

  private call(index: number, args: readonly Value[]): CallOutcome {
    const { vsoc } = this;
    const { cpu } = vsoc;
    const type = this.validated.functions[index]?.type;
    if (type === undefined) throw new InternalError(`no function ${index}`);
    const plan = hostCallPlan(type, vsoc.isa);
    const sp = vsoc.dataMemory.stackTop - plan.stackBytes;
    args.flatMap(wordsOfValue).forEach((word, position) => {
      const place = plan.arguments[position];
      if (place === undefined) throw new UsageError(`too many arguments for function ${index}`);
      if ('register' in place) cpu.writeRegister(place.register, word);
      else vsoc.dataMemory.writeWord(sp + place.stack, word);
    });
    cpu.writeRegister('sp', sp);
    cpu.writeRegister(plan.link, vsoc.isa === 'thumb2' ? vsoc.exitAddress | 1 : vsoc.exitAddress);
    const result = vsoc.run(vsoc.dataMemory.readWord(this.slotsBase + 4 * index) & ~1);
    const statistics = this.statistics(result.executed, result.executedInRange);
    if (result.reason.kind === 'invalid-instruction' && result.pc === vsoc.exitAddress) {
      if (cpu.readRegister('sp') >>> 0 !== vsoc.dataMemory.stackTop) throw new InternalError('sp is not where the call began');
      const words = plan.results.map((register) => cpu.readRegister(register));
      return { statistics, trap: null, results: this.results(type.results, words) };
    }
    return { statistics, results: [], trap: trapOf(vsoc, result) };
  }

  private results(types: readonly Value['type'][], words: readonly number[]): Value[] {
    let next = 0;
    return types.map((type) => {
      const low = words[next++] ?? 0;
      return valueOfWords(type, low, wordCountOf(type) === 2 ? (words[next++] ?? 0) : 0);
    });
  }

  private statistics(instructions: number, nativeInstructions: number): CallStatistics {
    return {
      instructions,
      nativeInstructions,
      codeBytes: this.codeBytes,
      routineBytes: this.routineBytes,
      compiledFunctions: this.functions.length,
      fallbacks: 0,
    };
  }

  get codeBytes(): number {
    return this.functions.reduce((bytes, code) => bytes + code.bytes.length, 0);
  }

  /** Machine code of each function with a body, in order, for listings. */
  get code(): readonly LinkedCode[] {
    return this.functions;
  }

  /** The memory's bytes as they are now. */
  memory(index: number): Uint8Array {
    if (index !== 0 || this.linearMemory === undefined) throw new UsageError(`no memory ${index}`);
    return this.linearMemory;
  }

  global(index: number): Value {
    const type = this.validated.module.globals[index]?.type;
    if (type === undefined) throw new UsageError(`no global ${index}`);
    const address = this.globalsBase + 8 * index;
    const { dataMemory } = this.vsoc;
    return valueOfWords(type, dataMemory.readWord(address), dataMemory.readWord(address + 4));
  }
}

/** The start function trapped: the instance does not come to life. */
export class StartTrap extends Error {
  constructor(readonly trap: VsocTrap) {
    super(`the start function trapped: ${trap.kind}`);
  }
}
