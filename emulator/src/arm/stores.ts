/** Store instructions, decoded: for memory whose writes mean something else to its controller than to the CPU. */

export interface Store {
  readonly address: number;
  readonly size: 1 | 2 | 4;
  readonly value: number;
}

/** What a store instruction does, all of it. */
export interface StoreInstruction {
  readonly stores: readonly Store[];
  /** A base register that it changes, and its new value. */
  readonly writeBack: { readonly register: number; readonly value: number } | undefined;
  /** Bytes. */
  readonly length: 2 | 4;
}

type Register = (number: number) => number;
type Size = 1 | 2 | 4;

/** The encodings of Armv7-M (DDI0403, A5.2.4, A5.3.5, A5.3.6, A5.3.10). Undefined for what is no store, and for those of the FPU and exclusive ones. */
export function decodeStore(first: number, second: number, register: Register): StoreInstruction | undefined {
  return first < 0xe800 ? narrow(first, register) : (wideSingle(first, second, register) ?? wideMultiple(first, second, register));
}

function single(address: number, size: Size, value: number, length: 2 | 4, writeBack?: StoreInstruction['writeBack']): StoreInstruction {
  const mask = size === 4 ? 0xffff_ffff : 2 ** (8 * size) - 1;
  return { stores: [{ address: address >>> 0, size, value: (value & mask) >>> 0 }], writeBack, length };
}

function narrow(first: number, register: Register): StoreInstruction | undefined {
  const data = register(first & 7);
  const base = register((first >>> 3) & 7);
  const immediate = (first >>> 6) & 31;
  switch (first >>> 11) {
    case 0b01010: {
      // By register: STR, STRH, STRB, and LDRSB.
      const size = ([4, 2, 1] as const)[(first >>> 9) & 3];
      return size === undefined ? undefined : single(base + register((first >>> 6) & 7), size, data, 2);
    }
    case 0b01100:
      return single(base + 4 * immediate, 4, data, 2);
    case 0b01110:
      return single(base + immediate, 1, data, 2);
    case 0b10000:
      return single(base + 2 * immediate, 2, data, 2);
    case 0b10010:
      return single(register(13) + 4 * (first & 0xff), 4, register((first >>> 8) & 7), 2);
    case 0b11000: {
      const number = (first >>> 8) & 7;
      return multiple(register(number), first & 0xff, register, 2, number, register(number));
    }
    default:
      return undefined;
  }
}

/** Registers of a list, ascending, from `address` on, or up to there; `base` moves along. */
function multiple(address: number, list: number, register: Register, length: 2 | 4, base?: number, start = 0, down = false): StoreInstruction {
  const numbers = Array.from({ length: 16 }, (_, number) => number).filter((number) => (list & (1 << number)) !== 0);
  const bytes = 4 * numbers.length;
  const from = down ? address - bytes : address;
  return {
    stores: numbers.map((number, index) => ({ address: (from + 4 * index) >>> 0, size: 4, value: register(number) >>> 0 })),
    writeBack: base === undefined ? undefined : { register: base, value: (start + (down ? -bytes : bytes)) >>> 0 },
    length,
  };
}

function wideSingle(first: number, second: number, register: Register): StoreInstruction | undefined {
  if ((first & 0xff10) !== 0xf800) return undefined;
  const size = ([1, 2, 4] as const)[(first >>> 5) & 3];
  if (size === undefined) return undefined;
  const number = first & 15;
  const base = register(number);
  const data = register(second >>> 12);
  if ((first & 0x80) !== 0) return single(base + (second & 0xfff), size, data, 4);
  if ((second & 0x800) === 0) return single(base + (register(second & 15) << ((second >>> 4) & 3)), size, data, 4);
  const moved = base + ((second & 0x200) !== 0 ? second & 0xff : -(second & 0xff));
  const address = (second & 0x400) !== 0 ? moved : base;
  return single(address, size, data, 4, (second & 0x100) !== 0 ? { register: number, value: moved >>> 0 } : undefined);
}

function wideMultiple(first: number, second: number, register: Register): StoreInstruction | undefined {
  const number = first & 15;
  const base = register(number);
  // STM and STMDB.
  if ((first & 0xffd0) === 0xe880 || (first & 0xffd0) === 0xe900) {
    return multiple(base, second & 0x5fff, register, 4, (first & 0x20) !== 0 ? number : undefined, base, (first & 0x100) !== 0);
  }
  // STRD, by offset and with a changed base.
  if ((first & 0xfe50) !== 0xe840 || (first & 0x120) === 0) return undefined;
  const offset = 4 * (second & 0xff);
  const moved = base + ((first & 0x80) !== 0 ? offset : -offset);
  const address = (first & 0x100) !== 0 ? moved : base;
  const words = [second >>> 12, (second >>> 8) & 15];
  return {
    stores: words.map((source, index) => ({ address: (address + 4 * index) >>> 0, size: 4, value: register(source) >>> 0 })),
    writeBack: (first & 0x20) !== 0 ? { register: number, value: moved >>> 0 } : undefined,
    length: 4,
  };
}
