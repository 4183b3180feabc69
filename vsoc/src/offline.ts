import type { Isa } from '@fireball/contracts';
import { featuresOf, type EntryRange, type LinkEnvironment } from '@fireball/jit';
import { opcodes, type OpName, type ValidatedModule } from '@fireball/wasm';
import { memoryMap } from './memory-map.js';
import { defaultCpu } from './vsoc.js';

/** Where code is compiled for that nobody will run. */
export interface OfflineEnvironment extends LinkEnvironment {
  /** Places outside of a function that it may branch to. */
  readonly entries: readonly EntryRange[];
  /** For `linkAt`; the same for all functions. */
  readonly codeAddress: number;
}

/** Bytes of one routine of the ROM, and of the bounds routine. */
const routineBytes = { rom: 0x40, bounds: 0x100 } as const;
const slotBytes = 8;
const recordBytes = 16;

/**
 * Addresses as a virtual SoC of the default core would give them, without one: for measuring or verifying what the compiler makes of a module whose
 * imports nobody provides, or whose code is larger than code memory. Everything has a place of its own.
 */
export function offlineEnvironment({ module }: ValidatedModule, isa: Isa): OfflineEnvironment {
  const { rom, code, highData, resultBuffer, stack, linearMemory } = memoryMap;
  let next: number = highData.base;
  const allocate = (count: number, bytes: number): ((index: number) => number) => {
    const begin = next;
    next += count * bytes;
    return (index) => begin + bytes * index;
  };
  const globalAddress = allocate(module.globals.length, 8);
  const slotAddress = allocate(module.functionTypes.length, slotBytes);
  const dataRecord = allocate(module.data.length, recordBytes);
  const elementRecord = allocate(module.elements.length, recordBytes);
  const memoryRecord = allocate(1, recordBytes)(0);
  const tables = module.tables.map(({ limits }) => ({ record: allocate(1, recordBytes)(0), elements: allocate(limits.min, 4)(0) }));
  const typeKeys = module.types.map(({ params, results }) => `${params.join(' ')}:${results.join(' ')}`);
  const routines = new Map<OpName, number>(opcodes.map(({ name }, index) => [name, rom.base + routineBytes.rom * index]));
  const descriptors = new Map<string, number>();
  const [memory] = module.memories;
  return {
    features: featuresOf(isa, defaultCpu[isa]),
    entries: [{ begin: rom.base, end: rom.base + rom.size }, { begin: code.base, end: code.base + routineBytes.bounds }],
    codeAddress: code.base + routineBytes.bounds,
    memory:
      memory === undefined
        ? undefined
        : {
            base: linearMemory.base,
            minBytes: memory.limits.min * memory.pageSize,
            fixed: false,
            boundsRoutine: code.base,
            record: memoryRecord,
            pageShift: Math.log2(memory.pageSize),
          },
    table: (index) => tables[index] ?? { record: 0, elements: 0 },
    typeNumber: (index) => typeKeys.indexOf(typeKeys[index] ?? '') + 1,
    dataRecord,
    elementRecord,
    descriptorAddress: (op, a, b) => {
      const key = `${op} ${a} ${b}`;
      const address = descriptors.get(key) ?? allocate(1, recordBytes)(0);
      descriptors.set(key, address);
      return address;
    },
    resultBuffer: resultBuffer.base,
    globalAddress,
    slotAddress,
    routineAddress: (op) => routines.get(op),
    misaligned: 'hw',
    stackLimit: stack.base,
  };
}
