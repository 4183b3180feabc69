import { NoRoomError } from '@fireball/contracts';
import { CoreProgram, isLargeCore } from '@fireball/wasm';
import { coreBinary } from '../generated/core.js';
import { writeOperations } from './operations.js';
import { writeRoles } from './roles.js';

/** What compiles functions, one after the other: the sources in `core`, as WebAssembly or as they are. */
export interface Core {
  readonly memory: { readonly buffer: ArrayBufferLike };
  reset(): void;
  allocate(bytes: number): number;
  readBody(start: number, end: number, offset: number): boolean;
  planFunction(): boolean;
  analyseLocals(): boolean;
  analyseUses(): boolean;
  findCandidates(): boolean;
  allocateRegisters(target: number, withheld: number, ownsLink: number): boolean;
  findLiveLocals(locals: number): boolean;
  findRegions(withTables: number): boolean;
}

/** What places templates: the same sources, in a memory of their own. */
export interface PlacingCore extends Pick<Core, 'memory' | 'allocate'> {
  freeFrom(address: number): void;
  prepareChecksums(): void;
  layOut(): number;
  link(): number;
  verify(): number;
  crc32(start: number, end: number): number;
}

const program = new CoreProgram<Core & PlacingCore>(coreBinary);

let kept: Core | undefined;

/** The core as WebAssembly, made when the first function comes, without anything of the function before. */
export function takeCore(): Core {
  if (kept !== undefined && isLargeCore(kept)) kept = undefined;
  if (kept === undefined) {
    kept = program.instantiate();
    writeOperations(kept.memory);
    writeRoles(kept.memory);
  }
  kept.reset();
  return kept;
}

/** Another one, for templates to be placed by. */
export function newPlacingCore(): PlacingCore {
  return program.instantiate();
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
