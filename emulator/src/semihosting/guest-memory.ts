import type { SystemBus } from '../machine/bus.js';

/** What firmware passed by address is not memory, or has no end. The call fails with EFAULT. */
export class BadAddress extends Error {}

/** Parameter blocks, buffers and texts in the firmware's memory; devices are not touched. */
export class GuestMemory {
  constructor(
    private readonly bus: SystemBus,
    /** Bytes of a word: 4 or 8. */
    readonly wordSize: 4 | 8,
  ) {}

  /** A view of [address, address + size). @throws BadAddress where that is not inside of one memory */
  bytes(address: number, size: number): Uint8Array {
    const view = this.#from(address);
    if (size > view.length) throw new BadAddress(`${size} bytes at 0x${address.toString(16)}`);
    return view.subarray(0, size);
  }

  /** Like `bytes`, of memory that may be written. */
  writable(address: number, size: number): Uint8Array {
    const place = this.bus.at(address);
    if (size > 0 && place?.kind === 'memory' && place.region.kind === 'rom') throw new BadAddress(`0x${address.toString(16)} is read-only`);
    return size === 0 ? new Uint8Array(0) : this.bytes(address, size);
  }

  /** A word of a parameter block. Values of 64 bits above 2^53 are no addresses, sizes or handles: they lose their low bits. */
  word(block: number, index: number): number {
    const bytes = this.bytes(block + index * this.wordSize, this.wordSize);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return this.wordSize === 4 ? view.getUint32(0, true) : Number(view.getBigUint64(0, true));
  }

  setWord(block: number, index: number, value: number): void {
    const bytes = this.writable(block + index * this.wordSize, this.wordSize);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (this.wordSize === 4) view.setUint32(0, value, true);
    else view.setBigUint64(0, BigInt(value), true);
  }

  /** Text of a known length, as UTF-8. */
  text(address: number, length: number): string {
    return new TextDecoder().decode(this.bytes(address, length));
  }

  /** The bytes up to a zero. */
  terminated(address: number): Uint8Array {
    const view = this.#from(address);
    const end = view.indexOf(0);
    if (end < 0) throw new BadAddress(`the text at 0x${address.toString(16)} has no end`);
    return view.subarray(0, end);
  }

  #from(address: number): Uint8Array {
    const place = this.bus.at(address);
    if (place?.kind !== 'memory') throw new BadAddress(`nothing at 0x${address.toString(16)}`);
    return place.region.bytes.subarray(place.offset);
  }
}
