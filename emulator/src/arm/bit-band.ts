import type { MmioCallbacks } from '@fireball/unicorn.js';
import type { AddressSpace } from '../machine/address-space.js';

/** The bit-band regions of Cortex-M3 and M4 (their TRM, 3.7): each word of the alias is a bit of the first MiB of the region. */
const regions = [0x2000_0000, 0x4000_0000];
const aliasOffset = 0x0200_0000;
const aliasSize = 0x0200_0000;

type Size = 1 | 2 | 4;

/** Maps the aliases. A write reads and writes the whole byte, halfword or word, as wide as the access of the alias is. */
export function mapBitBand(space: AddressSpace): void {
  for (const region of regions) space.mapCore(region + aliasOffset, aliasSize, callbacks(space, region));
}

function callbacks(space: AddressSpace, region: number): MmioCallbacks {
  const place = (offset: number, size: Size): { readonly address: number; readonly bit: number } => {
    const byte = offset >>> 5;
    const address = (region + byte) & ~(size - 1);
    return { address, bit: 8 * (byte & (size - 1)) + ((offset >>> 2) & 7) };
  };
  const read = (offset: number, size: number): number => {
    const width = widthOf(size);
    const { address, bit } = place(offset, width);
    const value = space.load(address, width);
    if (value === undefined) space.refuse('read', region + aliasOffset + offset, size);
    return ((value ?? 0) >>> bit) & 1;
  };
  return {
    read,
    write: (offset, size, written) => {
      const width = widthOf(size);
      const { address, bit } = place(offset, width);
      const value = space.load(address, width);
      const set = (Number(written) & 1) !== 0;
      const done = value !== undefined && space.store(address, width, (set ? value | (1 << bit) : value & ~(1 << bit)) >>> 0);
      if (!done) space.refuse('write', region + aliasOffset + offset, size);
    },
  };
}

/** Bytes of an access; those of 8, which no Cortex-M makes, are two of 4. */
export function widthOf(size: number): Size {
  return size === 1 || size === 2 ? size : 4;
}
