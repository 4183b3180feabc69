/** The guest gave an address outside of its memory: the call returns EFAULT and has changed nothing. */
export class GuestFault extends Error {
  constructor() {
    super('address outside of the memory');
    this.name = 'GuestFault';
  }
}

/** The memory of a WASI program for the time of one call. Addresses are unsigned; every access is checked. */
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
    if (address + length > this.bytes.length) throw new GuestFault();
  }

  readU32(address: number): number {
    this.check(address, 4);
    return this.view.getUint32(address, true);
  }

  writeU8(address: number, value: number): void {
    this.check(address, 1);
    this.view.setUint8(address, value);
  }

  writeU32(address: number, value: number): void {
    this.check(address, 4);
    this.view.setUint32(address, value, true);
  }

  writeU64(address: number, value: bigint): void {
    this.check(address, 8);
    this.view.setBigUint64(address, value, true);
  }
}
