import { WasiError } from './errno.js';

/** Longest path in bytes, as PATH_MAX of most systems. */
const maxPath = 4096;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * The memory of a WASI program for the time of one call. Addresses are unsigned; every access is checked, and one outside of the
 * memory is EFAULT.
 */
export class GuestMemory {
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The bytes [address, address + length), in place. */
  slice(address: number, length: number): Uint8Array {
    this.check(address, length);
    return this.bytes.subarray(address, address + length);
  }

  /** Proves that [address, address + length) lies inside, before anything is changed. */
  check(address: number, length: number): void {
    if (address + length > this.bytes.length) throw new WasiError('fault');
  }

  /** A text of the guest: UTF-8 without NUL. */
  text(address: number, length: number): string {
    const bytes = this.slice(address, length);
    if (length > maxPath) throw new WasiError('nametoolong');
    if (bytes.includes(0)) throw new WasiError('inval');
    try {
      return utf8.decode(bytes.slice());
    } catch {
      throw new WasiError('ilseq');
    }
  }

  readU8(address: number): number {
    this.check(address, 1);
    return this.view.getUint8(address);
  }

  readU16(address: number): number {
    this.check(address, 2);
    return this.view.getUint16(address, true);
  }

  readU32(address: number): number {
    this.check(address, 4);
    return this.view.getUint32(address, true);
  }

  readU64(address: number): bigint {
    this.check(address, 8);
    return this.view.getBigUint64(address, true);
  }

  writeU8(address: number, value: number): void {
    this.check(address, 1);
    this.view.setUint8(address, value);
  }

  writeU16(address: number, value: number): void {
    this.check(address, 2);
    this.view.setUint16(address, value, true);
  }

  writeU32(address: number, value: number): void {
    this.check(address, 4);
    this.view.setUint32(address, value, true);
  }

  writeU64(address: number, value: bigint): void {
    this.check(address, 8);
    this.view.setBigUint64(address, value, true);
  }

  /** Writes as much of `bytes` as `room` has place for, and returns how many. */
  writeSome(address: number, room: number, bytes: Uint8Array): number {
    const part = bytes.subarray(0, room);
    this.slice(address, part.length).set(part);
    return part.length;
  }
}

/** A text's bytes, as guests have them. */
export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}
