import type { DebugTarget } from '@fireball/contracts';
import type { Place } from './interpreted/place.js';
import { mostPacketBytes } from './packets.js';
import { hex, numberOf, text } from './text.js';

/** Two digits a byte. */
const mostBytes = mostPacketBytes / 2 - 16;

/** `m`, `M` and `X` packets. */
export class Memory {
  constructor(
    private readonly target: DebugTarget,
    private readonly place: Place,
  ) {}

  /** `ADDRESS,LENGTH`: the bytes up to the end of the memory that the address lies in; undefined where it lies in none. */
  read(request: string): string | undefined {
    const range = rangeOf(request);
    if (range === undefined) return undefined;
    const shown = this.place.shown?.read(this.place.cachedOperands, range.address, Math.min(range.size, mostBytes));
    if (shown !== undefined) return hex.of(shown);
    const region = this.target.memoryMap().find(({ base, size }) => range.address >= base && range.address < base + size);
    if (region === undefined) return undefined;
    const size = Math.min(range.size, region.base + region.size - range.address, mostBytes);
    const bytes = this.target.peek(range.address, size);
    return bytes === undefined ? undefined : hex.of(bytes);
  }

  /** `ADDRESS,LENGTH:DIGITS`. */
  write(request: string): boolean {
    const [range = '', digits = ''] = request.split(':');
    const bytes = hex.bytes(digits);
    return bytes !== undefined && this.#write(range, bytes);
  }

  /** `XADDRESS,LENGTH:BYTES`, a whole packet. */
  writeBinary(content: Uint8Array): boolean {
    const colon = content.indexOf(0x3a);
    return colon > 0 && this.#write(text.of(content.subarray(1, colon)), content.subarray(colon + 1));
  }

  #write(request: string, bytes: Uint8Array): boolean {
    const range = rangeOf(request);
    // GDB asks with no bytes whether it may at all.
    return range?.size === bytes.length && (bytes.length === 0 || this.target.poke(range.address, bytes));
  }
}

function rangeOf(request: string): { readonly address: number; readonly size: number } | undefined {
  const [address, size] = request.split(',').map(numberOf);
  return address === undefined || size === undefined ? undefined : { address, size };
}
