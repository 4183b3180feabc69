import { UsageError } from '@fireball/contracts';
import { BrokenBytes, type WasmPlace } from '@fireball/image';
import { binary128Of, numberOfBinary128 } from './binary128.js';
import { littleEndian, reading } from './dwarf.js';
import { plain, sizeOf, type Inside, type Member, type SourceType } from './types.js';

/** Largest part of memory that is read for one value. */
const mostBytes = 1 << 20;
/** Most members that are looked through for one. */
const mostSearched = 4000;
/** `DW_ATE_*`. */
export const encoding = { boolean: 2, float: 4, signed: 5, signedCharacter: 6, unsigned: 7, unsignedCharacter: 8, character: 16 } as const;
const signedEncodings: readonly number[] = [encoding.signed, encoding.signedCharacter];

/** Where the bytes of an object are, or what they are. */
export type Held =
  /** An offset in linear memory. */
  | { readonly kind: 'memory'; readonly address: number }
  /** `known`: which of them something holds; all, where it is absent. `wasm`: what holds the value, where that is all that it holds. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly known?: readonly boolean[]; readonly wasm?: WasmPlace }
  | { readonly kind: 'gone'; readonly why: string };

/** Linear memory as it is now. */
export interface ObjectMemory {
  /** Undefined where not all of it is there. */
  read(address: number, size: number): Uint8Array | undefined;
}

/** A variable, or a part of one, with its type. */
export class SourceObject {
  constructor(
    readonly memory: ObjectMemory,
    readonly type: SourceType,
    readonly held: Held,
    private readonly bits?: { readonly lowest: number; readonly size: number },
  ) {}

  /** @throws UsageError where it has no bytes */
  bytes(size = reading(() => sizeOf(this.type)) ?? 0): Uint8Array {
    const { held } = this;
    if (size > mostBytes) throw new UsageError(`${size} bytes are too many for one value`);
    if (held.kind === 'gone') throw new UsageError(held.why);
    if (held.kind === 'bytes') {
      if (held.known?.slice(0, size).includes(false) === true || size > held.bytes.length) throw new UsageError('gone: nothing holds all of its value');
      return held.bytes.subarray(0, size);
    }
    const bytes = this.memory.read(held.address, size);
    if (bytes === undefined) throw new UsageError(`no memory is at @0x${held.address.toString(16)}`);
    return bytes;
  }

  /** A whole number, or a floating-point one. @throws UsageError where it is neither */
  scalar(): bigint | number {
    const type = reading(() => plain(this.type));
    // An array is where its first element is, and a function where it is.
    if (type.kind === 'array' || type.kind === 'function') return this.address();
    if (type.kind === 'structure' || type.kind === 'void') throw new UsageError('a structure has no value of its own: name one of its members');
    const bytes = this.bytes();
    if (type.kind === 'base' && type.encoding === encoding.float) return floatOf(bytes);
    const all = littleEndian(bytes);
    const isSigned = type.kind === 'enumeration' || (type.kind === 'base' && signedEncodings.includes(type.encoding));
    const { lowest, size } = this.bits ?? { lowest: 0, size: 8 * bytes.length };
    const value = all >> BigInt(lowest);
    return isSigned ? BigInt.asIntN(size, value) : BigInt.asUintN(size, value);
  }

  /** Is its value a place in linear memory? */
  get isPlace(): boolean {
    return ['pointer', 'array'].includes(reading(() => plain(this.type)).kind);
  }

  /** Offset in linear memory. @throws UsageError where it is not there */
  address(): bigint {
    const { held } = this;
    if (held.kind !== 'memory' || this.bits !== undefined) throw new UsageError(held.kind === 'gone' ? held.why : 'it is in no memory: no address is its own');
    return BigInt(held.address);
  }

  /** What a pointer points to, or an array begins with. @throws UsageError for others */
  pointee(): SourceObject {
    return this.element(0n);
  }

  /** Of an array, or of what a pointer points to. @throws UsageError for others */
  element(index: bigint): SourceObject {
    return reading(() => {
      const type = plain(this.type);
      if (type.kind === 'pointer') {
        const target = type.target();
        const size = sizeOf(target);
        if (size === undefined && plain(target).kind !== 'function') throw new UsageError('what it points to has no size');
        return this.#at(target, Number(BigInt.asUintN(32, BigInt(this.scalar()) + index * BigInt(size ?? 0))));
      }
      if (type.kind !== 'array') throw new UsageError('only pointers and arrays have elements');
      const of: SourceType = type.counts.length > 1 ? { ...type, counts: type.counts.slice(1) } : type.element();
      const size = sizeOf(of);
      if (size === undefined) throw new BrokenBytes('an array of what has no size');
      return this.part(of, Number(index) * size);
    });
  }

  /** By its name, those of base classes and of parts without a name too. @throws UsageError where it has none of that name */
  member(name: string): SourceObject {
    const type = reading(() => plain(this.type));
    if (type.kind === 'pointer') return this.pointee().member(name);
    if (type.kind !== 'structure') throw new UsageError(`only structures have members such as ${name}`);
    let wholes: readonly SourceObject[] = [this];
    for (let searched = 0; wholes.length > 0 && searched < mostSearched;) {
      const all = wholes.flatMap((whole) => whole.members());
      const found = all.find((member) => member.name === name && !member.isBase);
      if (found !== undefined) return found.object;
      searched += all.length;
      wholes = all.filter((member) => member.name === undefined || member.isBase).map(({ object }) => object);
    }
    throw new UsageError(`there is no member ${name}`);
  }

  /** Of a structure or union, with those of the variant that is there; none of others. @throws UsageError */
  members(): { readonly name: string | undefined; readonly isBase: boolean; readonly object: SourceObject }[] {
    return reading(() => {
      const type = plain(this.type);
      if (type.kind !== 'structure') return [];
      const inside = type.inside();
      return [...inside.members, ...this.#variant(inside)].map((member) => ({ name: member.name, isBase: member.isBase, object: this.#part(member) }));
    });
  }

  #variant({ variants }: Inside): readonly Member[] {
    if (variants === undefined) return [];
    const value = this.#part(variants.discriminant).scalar();
    const { choices } = variants;
    return (choices.find((choice) => choice.value === value) ?? choices.find((choice) => choice.value === undefined))?.members ?? [];
  }

  #part({ type, offset, bits }: Member): SourceObject {
    return this.part(type, offset, bits);
  }

  /** What lies within it. */
  part(type: SourceType, offset: number, bits?: Member['bits']): SourceObject {
    const { held } = this;
    switch (held.kind) {
      case 'memory':
        return this.#at(type, (held.address + offset) >>> 0, bits);
      case 'bytes':
        return new SourceObject(
          this.memory,
          type,
          { kind: 'bytes', bytes: held.bytes.slice(offset), ...(held.known === undefined ? {} : { known: held.known.slice(offset) }) },
          bits,
        );
      case 'gone':
        return new SourceObject(this.memory, type, held, bits);
    }
  }

  #at(type: SourceType, address: number, bits?: Member['bits']): SourceObject {
    return new SourceObject(this.memory, type, { kind: 'memory', address }, bits);
  }

  /** What points to it. @throws UsageError where it is not in memory */
  pointer(): SourceObject {
    return this.#pointer({ kind: 'pointer', name: undefined, size: 4, isReference: false, target: () => this.type }, this.address());
  }

  #pointer(type: SourceType, address: bigint): SourceObject {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(address);
    return new SourceObject(this.memory, type, { kind: 'bytes', bytes });
  }

  /** A pointer so many elements further on; undefined where it is none. @throws UsageError */
  moved(by: bigint): SourceObject | undefined {
    const type = reading(() => plain(this.type));
    if (type.kind !== 'pointer' && type.kind !== 'array') return undefined;
    const pointer: SourceType = type.kind === 'pointer' ? this.type : { kind: 'pointer', name: undefined, size: 4, isReference: false, target: type.element };
    return this.#pointer(pointer, this.element(by).address());
  }

  /**
   * The bytes that it has when a number is written to it: those of its bit-field alone change.
   * @throws UsageError for what no number can be written to
   */
  bytesFor(value: bigint | number): Uint8Array {
    const type = reading(() => plain(this.type));
    if (type.kind !== 'base' && type.kind !== 'pointer' && type.kind !== 'enumeration')
      throw new UsageError('only numbers, pointers and enumerators can be written: name one of its members');
    const bytes = Uint8Array.from(this.bytes());
    const view = new DataView(bytes.buffer);
    if (type.kind === 'base' && type.encoding === encoding.float) {
      if (bytes.length === 4) view.setFloat32(0, Number(value), true);
      else if (bytes.length === 8) view.setFloat64(0, Number(value), true);
      else if (bytes.length === 16) bytes.set(binary128Of(Number(value)));
      else throw new UsageError(`a floating-point number of ${bytes.length} bytes cannot be written`);
      return bytes;
    }
    if (typeof value === 'number') throw new UsageError(`${value} is no whole number`);
    const { lowest, size } = this.bits ?? { lowest: 0, size: 8 * bytes.length };
    checkFits(value, size);
    const mask = ((1n << BigInt(size)) - 1n) << BigInt(lowest);
    const all = (littleEndian(bytes) & ~mask) | ((value << BigInt(lowest)) & mask);
    return bytes.map((_, index) => Number((all >> BigInt(8 * index)) & 0xffn));
  }
}

/** A number may be meant with or without a sign. @throws UsageError where its place has too few bits for either */
export function checkFits(value: bigint, bits: number): void {
  if (value < -(1n << BigInt(bits - 1)) || value >= 1n << BigInt(bits)) throw new UsageError(`${value} does not fit into ${bits} bits`);
}

function floatOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length === 4) return view.getFloat32(0, true);
  if (bytes.length === 8) return view.getFloat64(0, true);
  if (bytes.length === 16) return numberOfBinary128(bytes);
  throw new UsageError(`a floating-point number of ${bytes.length} bytes cannot be read`);
}
