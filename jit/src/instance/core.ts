import { NoRoomError } from '@fireball/contracts';
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

/** The part of the JavaScript API that is used here; its types come with no library that we load. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;

/** A core whose memory has grown beyond that is not kept. */
const mostKept = 0x100_0000;

let compiled: object | undefined;
let kept: Core | undefined;

/** The core as WebAssembly, made when the first function comes, without anything of the function before. */
export function takeCore(): Core {
  if (kept !== undefined && isLarge(kept)) kept = undefined;
  if (kept === undefined) {
    kept = newInstance() as Core;
    writeOperations(kept.memory);
    writeRoles(kept.memory);
  }
  kept.reset();
  return kept;
}

/** Another one, for templates to be placed by. */
export function newPlacingCore(): PlacingCore {
  return newInstance() as PlacingCore;
}

function newInstance(): unknown {
  compiled ??= new Module(new Uint8Array(Buffer.from(coreBinary, 'base64')));
  return new Instance(compiled).exports;
}

/** Is so much memory of one that it should not be kept? */
export function isLarge({ memory }: Pick<Core, 'memory'>): boolean {
  return memory.buffer.byteLength > mostKept;
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
