import { UsageError, type CodeView, type DebugTarget } from '@fireball/contracts';
import {
  BrokenBytes,
  expressionAt,
  indexedAddress,
  locate,
  valueOf,
  type DebugUnit,
  type LocationContext,
  type TreeEntry,
  type VariableLocation,
  type WasmPlace,
} from '@fireball/image';
import type { Frame } from '../session/frames.js';
import { Values, type Variable } from '../session/values.js';
import { at, attributeOf, littleEndian, reading, wholeOf } from './dwarf.js';
import type { InsideObject } from './inside-object.js';
import type { ModuleVariables, SourceLevel } from './module-variables.js';
import { SourceObject, type Held, type ObjectMemory } from './object.js';
import { sizeOf } from './types.js';

/** Largest value that is put together of pieces, in bytes. */
const mostBytes = 4096;
/** Most variables of one function that are shown. */
const mostShown = 1000;
/** What linkers write for the address of what they leave out. */
const dropped = 0xffff_ffff;
const missing = 'optimized out';

/** Variables of the source where an activation stands. */
export class FrameVariables {
  readonly #memory: ObjectMemory;
  readonly #values: Values;

  constructor(
    private readonly variables: ModuleVariables,
    private readonly target: DebugTarget,
    private readonly view: CodeView,
  ) {
    this.#memory = { read: (address, size) => this.#read(address, size) };
    this.#values = new Values(target, view);
  }

  #read(address: number, size: number): Uint8Array | undefined {
    const [base] = this.view.memories;
    return base === undefined || address + size > 2 ** 32 ? undefined : this.target.peek(base + address, size);
  }

  /** Parameters and variables of an activation's function, or the function inlined into it that is meant; of inner blocks first. @throws UsageError */
  of(frame: Frame): readonly InsideObject[] {
    return reading(() => {
      const level = this.#levelOf(frame);
      if (level === undefined) return [];
      const context = this.#context(frame, level, level.whole.unit);
      const names = new Set<string>();
      return level.variables.slice(0, mostShown).map((entry) => {
        const name = this.variables.nameOf(entry);
        // What one of an inner block hides has no name that means it.
        const evaluateName = names.has(name) || !/^[a-z_]/i.test(name) ? undefined : name;
        names.add(name);
        return { name, evaluateName, object: this.#object(entry, context, frame) };
      });
    });
  }

  /** What a name means there: the innermost variable, or else one of the whole program, or an enumerator; undefined where there is none. @throws UsageError */
  named(name: string, frame: Frame | undefined): SourceObject | undefined {
    return reading(() => {
      const level = frame === undefined ? undefined : this.#levelOf(frame);
      const entry = level?.variables.find((candidate) => this.variables.nameOf(candidate) === name);
      if (entry !== undefined && level !== undefined && frame !== undefined) return this.#object(entry, this.#context(frame, level, level.whole.unit), frame);
      const global = this.variables.globalNamed(name);
      if (global !== undefined) return this.#object(global, this.#context(undefined, undefined, global.unit), undefined);
      const enumerator = this.variables.enumeratorNamed(name);
      if (enumerator === undefined) return undefined;
      const { type, value } = enumerator;
      return new SourceObject(this.#memory, type, { kind: 'bytes', bytes: bytesOf(value, sizeOf(type) ?? 0) });
    });
  }

  #levelOf({ boundary, level }: Frame): SourceLevel | undefined {
    return boundary === undefined ? undefined : this.variables.levelsAt(this.variables.addressOf(boundary.wasmOffset))[level?.index ?? 0];
  }

  #object(entry: TreeEntry, context: LocationContext, frame: Frame | undefined): SourceObject {
    const type = this.variables.types.of(entry);
    const size = sizeOf(type) ?? 0;
    return new SourceObject(this.#memory, type, this.#held(entry, context, frame, size));
  }

  #held(entry: TreeEntry, context: LocationContext, frame: Frame | undefined, size: number): Held {
    try {
      const constant = attributeOf(this.variables.tree, entry, at.constantValue);
      if (constant instanceof Uint8Array) return { kind: 'bytes', bytes: constant };
      const whole = wholeOf(constant);
      if (whole !== undefined) return { kind: 'bytes', bytes: bytesOf(whole, size) };
      const value = attributeOf(this.variables.tree, entry, at.location);
      const address = frame?.boundary === undefined ? -1 : this.variables.addressOf(frame.boundary.wasmOffset);
      const expression = value === undefined ? undefined : expressionAt(value, address, entry.unit, this.variables.sections);
      const location = expression === undefined || expression.length === 0 ? undefined : locate(expression, context, entry.unit.addressSize);
      return location === undefined ? { kind: 'gone', why: missing } : heldAt(location, context, size);
    } catch (error) {
      if (error instanceof UsageError) return { kind: 'gone', why: error.message };
      if (error instanceof BrokenBytes) return { kind: 'gone', why: `debug information that cannot be read: ${error.message}` };
      throw error;
    }
  }

  #context(frame: Frame | undefined, level: SourceLevel | undefined, unit: DebugUnit): LocationContext {
    const lists = new Map<WasmPlace['kind'], readonly Variable[]>();
    const of: Readonly<Record<WasmPlace['kind'], () => readonly Variable[]>> = {
      local: () => (frame === undefined ? [] : this.#values.locals(frame)),
      operand: () => (frame === undefined ? [] : this.#values.operands(frame)),
      global: () => this.#values.globals(),
    };
    const wasm = ({ kind, index }: WasmPlace): bigint => {
      const list = lists.get(kind) ?? of[kind]();
      lists.set(kind, list);
      const found = list[index];
      const place = `WebAssembly ${kind} ${index}`;
      if (found?.words === undefined) throw new UsageError(`gone: ${found?.dead === true ? `nothing reads ${place} any more` : `nothing holds ${place}`}`);
      return found.words.reduceRight((value, word) => (value << 32n) | BigInt(word >>> 0), 0n);
    };
    let isOpen = false;
    return {
      wasm,
      memory: (address, size) => {
        const bytes = this.#read(address, size);
        if (bytes === undefined) throw new UsageError(`no memory is at @0x${address.toString(16)}`);
        return littleEndian(bytes);
      },
      frameBase() {
        const base = level?.whole.attributes.get(at.frameBase);
        if (!(base instanceof Uint8Array) || isOpen) throw new BrokenBytes('a function without a frame base');
        isOpen = true;
        try {
          return valueOf(base, this, unit.addressSize);
        } finally {
          isOpen = false;
        }
      },
      indexedAddress: (index) => indexedAddress(index, unit, this.variables.sections.addresses),
    };
  }
}

function bytesOf(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(8, Math.min(size, 64)));
  for (let index = 0; index < bytes.length; index++) bytes[index] = Number((value >> BigInt(8 * index)) & 0xffn);
  return bytes;
}

function heldAt(location: VariableLocation, context: LocationContext, size: number): Held {
  switch (location.kind) {
    case 'memory':
      return location.address === dropped ? { kind: 'gone', why: 'gone: the linker has left it out' } : { kind: 'memory', address: location.address };
    case 'wasm':
      return { kind: 'bytes', bytes: bytesOf(context.wasm(location.place), size), wasm: location.place };
    case 'value':
      return { kind: 'bytes', bytes: bytesOf(BigInt.asIntN(64, location.value), size) };
    case 'bytes':
      return { kind: 'bytes', bytes: location.bytes };
    case 'pieces':
      return heldInPieces(location.pieces, context, size);
  }
}

type Pieces = Extract<VariableLocation, { readonly kind: 'pieces' }>['pieces'];

/** What nothing holds of it is not known. */
function heldInPieces(pieces: Pieces, context: LocationContext, size: number): Held {
  if (size > mostBytes) return { kind: 'gone', why: `gone: ${size} bytes in pieces are too many` };
  const bytes = new Uint8Array(size);
  const known = Array.from({ length: size }, () => false);
  let at = 0;
  for (const { size: length, location } of pieces) {
    if (at >= size) break;
    const piece = location === undefined ? undefined : bytesOfPiece(location, context, Math.min(length, size - at));
    for (let index = 0; piece !== undefined && index < piece.length; index++) {
      bytes[at + index] = piece[index]!;
      known[at + index] = true;
    }
    at += length;
  }
  return { kind: 'bytes', bytes, known };
}

function bytesOfPiece(location: VariableLocation, context: LocationContext, size: number): Uint8Array | undefined {
  try {
    const held = heldAt(location, context, size);
    if (held.kind === 'bytes') return held.bytes.subarray(0, size);
    if (held.kind === 'gone') return undefined;
    return Uint8Array.from({ length: size }, (_, index) => Number(context.memory(held.address + index, 1)));
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
