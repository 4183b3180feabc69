import {
  compileFunction,
  type CompilerName,
  featuresOf,
  functionSource,
  type CompilerCore,
  type EntryRange,
  type FunctionSource,
  type LinkedCode,
  type LinkEnvironment,
  type TemplateSet,
} from '@fireball/jit';
import type { Isa } from '@fireball/contracts';
import { TypeNumbers, type ValidatedFunction, type ValidatedModule } from '@fireball/wasm';
import { defaultCpu } from '../chip/default-cpu.js';
import { fixedCount, globalBytes, slotBytes } from '../runtime/externs.js';
import { memoryMap } from '../chip/memory-map.js';
import { loadRom } from '../chip/rom.js';
import { FunctionPlaces } from '../runtime/instance/function-places.js';

/** Where code is compiled for that nobody will run. */
export interface OfflineEnvironment extends LinkEnvironment {
  /** Places outside of a function that it may branch to. */
  readonly entries: readonly EntryRange[];
  /** For `linkAt`; the same for all functions. */
  readonly codeAddress: number;
}

/** Code that nothing runs: made to be measured, compared or verified. */
export interface OfflineCode {
  readonly source: FunctionSource;
  readonly code: LinkedCode;
}

/** Bytes before the code: of the bounds routine, and of memory.grow. */
const routineBytes = 0x100;
const recordBytes = 16;
/** In front of the code: where a function begins that is called directly. */
const entryBytes = 4;

/**
 * Addresses as a virtual SoC of the default core would give them, without one: for what the compiler makes of a module whose
 * imports nobody provides, or whose code is larger than code memory. Everything has a place of its own.
 * @param calls `direct`: as where all functions are compiled and stay
 */
export function offlineEnvironment(validated: ValidatedModule, isa: Isa, calls: 'through slots' | 'direct' = 'through slots'): OfflineEnvironment {
  const { module } = validated;
  const { rom, code, resultBuffer, stack, linearMemory } = memoryMap;
  const routines = loadRom(isa).entries;
  const data = new Places();
  const memoryRecord = data.allocate(1, recordBytes)(0);
  const globalAddress = data.allocate(module.globals.length, globalBytes);
  const slotAddress = data.allocateHigh(module.functionTypes.length, slotBytes);
  const dataRecord = data.allocateHigh(module.data.length, recordBytes);
  const elementRecord = data.allocateHigh(module.elements.length, recordBytes);
  const tables = module.tables.map(({ limits }) => ({
    record: data.allocateHigh(1, recordBytes)(0),
    elements: data.allocateHigh(limits.min, 4)(0),
    count: fixedCount(limits),
  }));
  const numbers = new TypeNumbers();
  const typeNumbers = module.types.map((type) => numbers.of(type));
  const descriptors = new Map<string, number>();
  const [memory] = module.memories;
  const firstEntry = code.base + 2 * routineBytes;
  const codeAddress = firstEntry + (calls === 'direct' ? entryBytes * module.functionTypes.length : 0);
  const places = new FunctionPlaces(isa, validated);
  return {
    features: featuresOf(isa, defaultCpu[isa]),
    entries: [
      { begin: rom.base, end: rom.base + rom.size },
      { begin: code.base, end: codeAddress },
    ],
    codeAddress,
    memory:
      memory === undefined
        ? undefined
        : {
            base: linearMemory.base,
            minBytes: memory.limits.min * memory.pageSize,
            fixed: memory.limits.min === memory.limits.max,
            boundsRoutine: code.base,
            record: memoryRecord,
            pageShift: Math.log2(memory.pageSize),
          },
    table: (index) => tables[index] ?? { record: 0, elements: 0 },
    typeNumber: (index) => typeNumbers[index] ?? 0,
    dataRecord,
    elementRecord,
    descriptorAddress: (op, a, b) => {
      const key = `${op} ${a} ${b}`;
      const address = descriptors.get(key) ?? data.allocateHigh(1, recordBytes)(0);
      descriptors.set(key, address);
      return address;
    },
    resultBuffer: resultBuffer.base,
    globalAddress,
    slotAddress,
    directCalls:
      calls === 'direct' ? { reaches: (caller, callee) => places.reaches(caller, callee), entryOf: (callee) => firstEntry + entryBytes * callee } : undefined,
    routineAddress: (op) => (op === 'memory.grow' ? code.base + routineBytes : routines.get(op)),
    misaligned: 'hw',
    stackLimit: stack.base,
  };
}

/**
 * Compiles functions one by one for `offlineEnvironment`.
 * @param wanted which functions with a body; all unless told otherwise
 * @param core what compiles them; the host's unless told otherwise
 */
export function* compileOffline(
  validated: ValidatedModule,
  templates: TemplateSet,
  wanted: (entry: ValidatedFunction, position: number) => boolean = () => true,
  core?: CompilerCore,
  compiler?: CompilerName,
): Generator<OfflineCode, void> {
  const environment: OfflineEnvironment = { ...offlineEnvironment(validated, templates.isa), compiler };
  for (const [position, entry] of validated.functions.entries()) {
    if (!wanted(entry, position)) continue;
    const source = functionSource(validated, entry);
    yield {
      source,
      code: compileFunction(source, templates, environment, { origins: core?.isCounted !== true }, core).linkAt(environment.codeAddress, environment.entries),
    };
  }
}

/** Hands out guest addresses; the cheap low part first, as `DataMemory` does. */
class Places {
  private low: number = memoryMap.lowData.base;
  private high: number = memoryMap.highData.base;

  allocate(count: number, bytes: number): (index: number) => number {
    const { base, size } = memoryMap.lowData;
    if (this.low + count * bytes > base + size) return this.allocateHigh(count, bytes);
    const begin = this.low;
    this.low += count * bytes;
    return (index) => begin + bytes * index;
  }

  allocateHigh(count: number, bytes: number): (index: number) => number {
    const begin = this.high;
    this.high += count * bytes;
    return (index) => begin + bytes * index;
  }
}
