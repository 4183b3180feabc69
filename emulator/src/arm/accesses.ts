/** Loads and stores, decoded: for addresses of faults, and for memory whose writes mean something else to its controller than to the CPU. */

interface Access {
  readonly address: number;
  readonly size: 1 | 2 | 4;
  /** The general register that is loaded or stored; undefined: one of the FPU. */
  readonly register: number | undefined;
}

/** What an instruction does to memory, all of it. */
export interface AccessInstruction {
  readonly store: boolean;
  readonly accesses: readonly Access[];
  /** A base register that it changes, and its new value. */
  readonly writeBack: { readonly register: number; readonly value: number } | undefined;
  /** LDRT, STRT and the like: with the rights of unprivileged code, whoever executes them. */
  readonly unprivileged?: true;
  /** Bytes. */
  readonly length: 2 | 4;
}

type Register = (number: number) => number;
type Size = 1 | 2 | 4;

/**
 * The encodings of Armv7-M (DDI0403, A5.2.4, A5.3.5 to A5.3.9, A6.5). Undefined for what accesses no memory.
 * @param register of a number, SP and the PC that the instruction sees included
 */
export function decodeAccess(first: number, second: number, register: Register): AccessInstruction | undefined {
  if (first < 0xe800) return narrow(first, register);
  if ((first & 0xfe00) === 0xf800) return wideSingle(first, second, register);
  if ((first & 0xfe00) === 0xe800) return wideMultiple(first, second, register);
  return (first & 0xfe00) === 0xec00 && (second & 0xe00) === 0xa00 ? floats(first, second, register) : undefined;
}

function one(store: boolean, address: number, size: Size, register: number, length: 2 | 4, writeBack?: AccessInstruction['writeBack']): AccessInstruction {
  return { store, accesses: [{ address: address >>> 0, size, register }], writeBack, length };
}

/** Words of these registers from an address on. */
function words(address: number, registers: readonly (number | undefined)[]): Access[] {
  return registers.map((register, index) => ({ address: (address + 4 * index) >>> 0, size: 4, register }));
}

function listed(list: number): number[] {
  return Array.from({ length: 16 }, (_, number) => number).filter((number) => (list & (1 << number)) !== 0);
}

/** LDM and STM, upwards from the base or down to there. */
function multiple(
  store: boolean,
  base: number,
  list: number,
  register: Register,
  length: 2 | 4,
  options: { readonly down: boolean; readonly writeBack: boolean },
): AccessInstruction {
  const registers = listed(list);
  const start = register(base);
  const bytes = options.down ? -4 * registers.length : 4 * registers.length;
  return {
    store,
    accesses: words(options.down ? start + bytes : start, registers),
    writeBack: options.writeBack ? { register: base, value: (start + bytes) >>> 0 } : undefined,
    length,
  };
}

function narrow(first: number, register: Register): AccessInstruction | undefined {
  const data = first & 7;
  const base = register((first >>> 3) & 7);
  const immediate = (first >>> 6) & 31;
  const store = (first & 0x800) === 0;
  const high = (first >>> 8) & 7;
  switch (first >>> 12) {
    case 0x4:
      return (first & 0x800) === 0 ? undefined : one(false, (register(15) & ~3) + 4 * (first & 0xff), 4, high, 2);
    case 0x5: {
      // STR, STRH, STRB, LDRSB, LDR, LDRH, LDRB, LDRSH
      const operation = (first >>> 9) & 7;
      const size = ([4, 2, 1, 1, 4, 2, 1, 2] as const)[operation] ?? 4;
      return one(operation < 3, base + register((first >>> 6) & 7), size, data, 2);
    }
    case 0x6:
      return one(store, base + 4 * immediate, 4, data, 2);
    case 0x7:
      return one(store, base + immediate, 1, data, 2);
    case 0x8:
      return one(store, base + 2 * immediate, 2, data, 2);
    case 0x9:
      return one(store, register(13) + 4 * (first & 0xff), 4, high, 2);
    case 0xb: {
      const link = (first & 0x100) !== 0;
      if ((first & 0xfe00) === 0xb400) return multiple(true, 13, (first & 0xff) | (link ? 1 << 14 : 0), register, 2, { down: true, writeBack: true });
      if ((first & 0xfe00) === 0xbc00) return multiple(false, 13, (first & 0xff) | (link ? 1 << 15 : 0), register, 2, { down: false, writeBack: true });
      return undefined;
    }
    case 0xc:
      return multiple(store, high, first & 0xff, register, 2, { down: false, writeBack: true });
    default:
      return undefined;
  }
}

function wideSingle(first: number, second: number, register: Register): AccessInstruction | undefined {
  const size = ([1, 2, 4] as const)[(first >>> 5) & 3];
  if (size === undefined) return undefined;
  const store = (first & 0x10) === 0;
  const number = first & 15;
  const data = second >>> 12;
  const up = (first & 0x80) !== 0;
  if (number === 15) return one(store, (register(15) & ~3) + (up ? second & 0xfff : -(second & 0xfff)), size, data, 4);
  const base = register(number);
  if (up) return one(store, base + (second & 0xfff), size, data, 4);
  if ((second & 0x800) === 0) return one(store, base + (register(second & 15) << ((second >>> 4) & 3)), size, data, 4);
  const moved = base + ((second & 0x200) !== 0 ? second & 0xff : -(second & 0xff));
  const address = (second & 0x400) !== 0 ? moved : base;
  if ((second & 0xf00) === 0xe00) return { ...one(store, address, size, data, 4), unprivileged: true };
  return one(store, address, size, data, 4, (second & 0x100) !== 0 ? { register: number, value: moved >>> 0 } : undefined);
}

function wideMultiple(first: number, second: number, register: Register): AccessInstruction | undefined {
  const number = first & 15;
  const base = register(number);
  const store = (first & 0x10) === 0;
  const moves = (first & 0x20) !== 0;
  if ((first & 0x40) === 0) return multiple(store, number, second, register, 4, { down: (first & 0x100) !== 0, writeBack: moves });
  const offset = 4 * (second & 0xff);
  if ((first & 0x120) !== 0) {
    // LDRD and STRD.
    const from = number === 15 ? base & ~3 : base;
    const moved = from + ((first & 0x80) !== 0 ? offset : -offset);
    const registers = [second >>> 12, (second >>> 8) & 15];
    const writeBack = moves ? { register: number, value: moved >>> 0 } : undefined;
    return { store, accesses: words((first & 0x100) !== 0 ? moved : from, registers), writeBack, length: 4 };
  }
  // STREX and LDREX; TBB, TBH and those of bytes and halfwords.
  if ((first & 0x80) === 0) return one(store, base + offset, 4, second >>> 12, 4);
  const table = (second & 0xe0) === 0;
  if (table) {
    const half = (second & 0x10) !== 0;
    return one(false, base + (register(second & 15) << (half ? 1 : 0)), half ? 2 : 1, 15, 4);
  }
  return one(store, base, (second & 0x10) !== 0 ? 2 : (second & 0x20) !== 0 ? 4 : 1, second >>> 12, 4);
}

/** VLDR, VSTR, VLDM, VSTM. */
function floats(first: number, second: number, register: Register): AccessInstruction | undefined {
  const number = first & 15;
  const store = (first & 0x10) === 0;
  const offset = 4 * (second & 0xff);
  const up = (first & 0x80) !== 0;
  const moves = (first & 0x20) !== 0;
  const base = number === 15 ? register(15) & ~3 : register(number);
  const single = (first & 0x120) === 0x100;
  // VMOV of two registers.
  if (!single && !up && !moves) return undefined;
  const count = single ? ((second & 0x100) !== 0 ? 2 : 1) : second & 0xff;
  const from = single ? base + (up ? offset : -offset) : up ? base : base - offset;
  const writeBack = !single && moves ? { register: number, value: (base + (up ? offset : -offset)) >>> 0 } : undefined;
  return {
    store,
    accesses: words(
      from,
      Array.from({ length: count }, () => undefined),
    ),
    writeBack,
    length: 4,
  };
}
