/** The architectural state that a template can see and change, and the world that the bench builds around it. */
import type { Isa } from '@fireball/contracts';

/** Code lies in RAM full of traps; 16 MiB on both sides are the reach of the longest branch. */
export const codeBase = 0x0200_0000;
export const codeSize = 0x4000;
/** What fills code memory: a trap in every half-word. UDF #254 and C.EBREAK. */
export const trapHalfword = { thumb2: 0xdefe, rv32: 0x9002 } as const satisfies Record<Isa, number>;
/** Where instances are placed. */
export const instanceAddress = codeBase + 0x1000;
export const dataBase = 0x2000_0000;
export const dataSize = 0x1000;
/** Initial sp of the Arm bench, in the middle of the data. */
export const initialSp = dataBase + 0x800;

/** Register numbers whose content is compared: Arm r0-r14, RISC-V x0-x31. */
export const registerCounts = { thumb2: 15, rv32: 32 } as const satisfies Record<Isa, number>;
export const floatCount = 32;
export const sp = 13;
export const lr = 14;

/** Arm condition flags, each 0 or 1. */
export interface Flags {
  n: number;
  z: number;
  c: number;
  v: number;
}

export const flagsOf = (nzcv: number): Flags => ({
  n: (nzcv >> 3) & 1,
  z: (nzcv >> 2) & 1,
  c: (nzcv >> 1) & 1,
  v: nzcv & 1,
});
export const nzcvOf = ({ n, z, c, v }: Flags): number => (n << 3) | (z << 2) | (c << 1) | v;

/** Where an instance ends. A trap or an exception names the byte offset of the PC from the instance's start, a fault the address that nothing is at. */
export type Exit =
  | { readonly kind: 'next' }
  | { readonly kind: 'jump'; readonly target: number }
  | { readonly kind: 'trap'; readonly offset: number; readonly immediate?: number }
  | { readonly kind: 'fault'; readonly access: 'read' | 'write'; readonly address: number }
  | { readonly kind: 'exception'; readonly number: number; readonly offset: number; readonly immediate?: number };

/** Registers and flags as they were. */
export interface Snapshot {
  readonly registers: Int32Array;
  readonly floats: BigUint64Array;
  readonly nzcv: number;
}

export const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

/** Upper word of a single in a register for doubles. */
const boxed = 0xffff_ffff_0000_0000n;

/** Registers, flags, data memory; the model's copy of what the CPU has. */
export class MachineState {
  readonly registers: Int32Array;
  /** Bits of s0-s31 (the low words) or f0-f31. */
  readonly floats = new BigUint64Array(floatCount);
  readonly memory = new Uint8Array(dataSize);
  private readonly view = new DataView(this.memory.buffer);
  flags: Flags = flagsOf(0);
  exit: Exit = { kind: 'next' };

  constructor(readonly isa: Isa) {
    this.registers = new Int32Array(registerCounts[isa]);
  }

  snapshot(): Snapshot {
    return { registers: Int32Array.from(this.registers), floats: BigUint64Array.from(this.floats), nzcv: nzcvOf(this.flags) };
  }

  /** Signed 32 bits. */
  register(number: number): number {
    return this.registers[number] ?? 0;
  }

  setRegister(number: number, value: number): void {
    if (this.isa === 'rv32' && number === 0) return;
    // Armv7-M ARM, B1.4.1: bits 1:0 of sp are always zero.
    this.registers[number] = this.isa === 'thumb2' && number === sp ? value & ~3 : value;
  }

  /** A single as unsigned bits. RISC-V: one that is not NaN-boxed reads as the canonical NaN (F extension, 12.2). */
  single(number: number): number {
    const bits = this.floats[number] ?? 0n;
    return this.isa === 'rv32' && bits >> 32n !== boxed >> 32n ? 0x7fc0_0000 : Number(bits & 0xffff_ffffn);
  }

  setSingle(number: number, bits: number): void {
    this.floats[number] = BigInt(bits >>> 0) | (this.isa === 'rv32' ? boxed : 0n);
  }

  /** Unsigned, little-endian; `address` lies in the data. */
  load(address: number, bytes: 1 | 2 | 4): number {
    const offset = (address >>> 0) - dataBase;
    if (bytes === 1) return this.view.getUint8(offset);
    return bytes === 2 ? this.view.getUint16(offset, true) : this.view.getUint32(offset, true);
  }

  store(address: number, bytes: 1 | 2 | 4, value: number): void {
    const offset = (address >>> 0) - dataBase;
    if (bytes === 1) this.view.setUint8(offset, value);
    else if (bytes === 2) this.view.setUint16(offset, value, true);
    else this.view.setUint32(offset, value, true);
  }
}
