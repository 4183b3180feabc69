import { noFeatures, type Features } from '../features.js';
import type { EntryRange } from '../index.js';
import type { LinkEnvironment } from '../environment.js';

/** Where the functions under test are linked: behind the code that they may branch to. */
export const codeAddress = 0x0001_1000;
const routines: EntryRange = { begin: 0x0001_0000, end: codeAddress };
export const entries: readonly EntryRange[] = [routines];

/** Callees of direct calls, in front of the code. */
const firstEntry = routines.begin + 0xc00;

interface MemoryShape {
  readonly minBytes: number;
  /** Can the memory grow? */
  readonly fixed: boolean;
}

/** Addresses like those of the virtual SoC, the same for every test. */
export function testEnvironment(memory: MemoryShape = { minBytes: 65536, fixed: true }, features: Features = noFeatures): LinkEnvironment {
  return {
    features,
    memory: { base: 0x3000_0000, ...memory, boundsRoutine: routines.begin, record: 0x2000_0400, pageShift: 16 },
    table: (index) => ({ record: 0x2000_0500 + 16 * index, elements: 0x2000_0600 + 64 * index }),
    typeNumber: (typeIndex) => typeIndex + 1,
    dataRecord: (segment) => 0x2000_0700 + 8 * segment,
    elementRecord: (segment) => 0x2000_0780 + 8 * segment,
    descriptorAddress: (_op, a, b) => 0x2000_0800 + 16 * a + 4 * b,
    resultBuffer: 0x2000_0900,
    globalAddress: (index) => 0x2000_0000 + 8 * index,
    slotAddress: (index) => 0x2000_0a00 + 8 * index,
    routineAddress: () => routines.begin + 0x800,
    misaligned: 'hw',
    stackLimit: 0x2000_2000,
  };
}

/** The same with functions that call each other without slots. */
export function withDirectCalls(environment: LinkEnvironment): LinkEnvironment {
  return { ...environment, directCalls: { reaches: () => true, entryOf: (callee) => firstEntry + 4 * callee } };
}
