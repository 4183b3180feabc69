import { NoRoomError } from '@fireball/contracts';
import { CoreProgram, heap, isLargeCore, usedField } from '@fireball/wasm';
import { heapStart } from '../core/layout/blocks.js';
import { functionHeap, mostHeap } from '../core/layout/placing.js';
import { coreBinary } from '../generated/core.js';
import { coreBinary as deviceCoreBinary } from '../generated/device-core.js';
import { keepWords } from './kept-words.js';
import { writeOperations } from './operations.js';
import { writeRoles } from './roles.js';
import { writeFamilies } from './selection-table.js';

/** What compiles functions, one after the other: the sources in `core`, as WebAssembly or as they are. */
export interface Core {
  readonly memory: { readonly buffer: ArrayBufferLike };
  /** What it executes is counted: it does nothing beside its work. */
  readonly isCounted?: boolean;
  makeRoom(bytes: number): boolean;
  reset(): void;
  allocate(bytes: number): number;
  readBody(start: number, end: number, offset: number): boolean;
  planFunction(): boolean;
  findExtendedLocals(): boolean;
  analyseUses(): boolean;
  findCandidates(): boolean;
  allocateRegisters(target: number, withheld: number, ownsLink: number): boolean;
  nameOperands(): boolean;
  giveRegisters(): boolean;
  findLiveLocals(locals: number): boolean;
  findRegions(withTables: number): boolean;
  selectByNeed(): number;
  scanBody(start: number, end: number, offset: number): boolean;
  compileBaseline(): number;
  frameBytes(): number;
  savedPlaces(): number;
  placeSystemCallStub(service: number, stackBytes: number): void;
  placeYieldStub(service: number): void;
  prepareChecksums(): void;
  layOut(): number;
  layOutPlaced(): number;
  link(): number;
  fillFirst(unsigned: number): number | boolean;
  verify(): number;
  readFunction(index: number, start: number, end: number, offset: number): number;
  compileFunction(): number;
  placeFunction(address: number): number;
  crc32(start: number, end: number): number;
}

const program = new CoreProgram<Core>(coreBinary);
const deviceProgram = new CoreProgram<Core>(deviceCoreBinary);

let viewed: Int32Array = new Int32Array();

/** The words of a core's memory as it is now: others once it has grown. */
export function wordsIn({ memory }: Pick<Core, 'memory'>): Int32Array {
  const { buffer } = memory;
  if (viewed.buffer !== buffer) viewed = new Int32Array(buffer);
  return viewed;
}

/** Copies what an area of a core's memory has, by the address of its fields. */
export function areaAt(words: Int32Array, at: number): Int32Array {
  return keepWords(words, words[at >> 2]! >> 2, words[(at + usedField) >> 2]! >> 2);
}

let kept: Core | undefined;

/** The core as WebAssembly, made when somebody wants it, with what it has of the function before. */
export function keptCore(): Core {
  if (kept === undefined || isLargeCore(kept)) kept = newCore();
  return kept;
}

/** The same, without anything of the function before. */
export function takeCore(): Core {
  const core = keptCore();
  core.reset();
  return core;
}

/** Another one. */
export function newCore(): Core {
  const core = program.instantiate();
  prepareCore(core);
  return core;
}

/** Writes what is the same for all functions. */
export function prepareCore(core: Core): void {
  core.makeRoom(0);
  core.prepareChecksums();
  writeOperations(core.memory);
  writeFamilies(core.memory);
  writeRoles(core.memory);
}

/** The core as a module for a device, where code is smaller and little is gained by putting functions in line. */
export function deviceCoreModule(): Uint8Array {
  return deviceProgram.bytes;
}

/** What of a core's memory is in use, in bytes. */
export interface CoreMemoryUse {
  /** Of fixed size: what is the same for all functions, and fields. */
  readonly fixed: number;
  /** Tables of the template set, and signatures and routines of the module in question, which stay from one function to the next. */
  readonly tables: number;
  /** The most that the function has taken at one time so far. */
  readonly taken: number;
}

/** Memory in use as it is now. */
export function memoryUseOf(core: Pick<Core, 'memory'>): CoreMemoryUse {
  const words = wordsIn(core);
  const tablesEnd = words[functionHeap >> 2]!;
  return { fixed: heapStart, tables: tablesEnd - heapStart, taken: Math.max(words[heap >> 2]!, words[mostHeap >> 2]!) - tablesEnd };
}

/** Writes bytes into the core's memory, and returns their address. */
export function writeBytes(core: Core, bytes: Uint8Array, functionIndex: number): number {
  const address = core.allocate(bytes.length);
  if (address === 0) throw noRoom(functionIndex);
  new Uint8Array(core.memory.buffer).set(bytes, address);
  return address;
}

/** What a function is refused with that the core has no memory for. */
export function noRoom(functionIndex: number): NoRoomError {
  return new NoRoomError(`function ${functionIndex}, whose compilation needs more than 2 GiB`);
}
