import type { DebugTarget } from '@fireball/contracts';

/** Numbers in a target's memory; undefined where there is none. */
export class TargetWords {
  /** Bytes of a word. */
  readonly width: 4 | 8;

  constructor(private readonly target: DebugTarget) {
    this.width = target.architecture === 'rv64' ? 8 : 4;
  }

  bits(address: number): bigint | undefined {
    const bytes = this.target.peek(address, this.width);
    if (bytes === undefined) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    return this.width === 8 ? view.getBigUint64(0, true) : BigInt(view.getUint32(0, true));
  }

  word(address: number): number | undefined {
    const bits = this.bits(address);
    return bits === undefined ? undefined : Number(bits);
  }

  half(address: number): number | undefined {
    const bytes = this.target.peek(address, 2);
    return bytes === undefined ? undefined : bytes[0]! | (bytes[1]! << 8);
  }

  byte(address: number): number | undefined {
    return this.target.peek(address, 1)?.[0];
  }

  /** Up to a zero, what cannot be printed as `?`. */
  text(address: number, most: number): string {
    const bytes = this.target.peek(address, most) ?? new Uint8Array();
    return Buffer.from(bytes)
      .toString('latin1')
      .split('\0')[0]!
      .replaceAll(/[^ -~]/g, '?');
  }
}
