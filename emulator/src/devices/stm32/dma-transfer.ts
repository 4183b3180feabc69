import type { AccessSize, BusMaster } from '../../machine/device.js';
import type { Pin } from '../../machine/signal.js';

/** One side of a transfer: where, how wide, and whether the address moves. */
export interface DmaSide {
  address: number;
  readonly size: 1 | 2 | 4;
  readonly increments: boolean;
}

/**
 * Moves one item from `source` to `target` and moves their addresses on. A wider target gets zeros above, a narrower one the low bytes
 * (RM0008 table 77). False: a bus error.
 */
export function moveItem(bus: BusMaster, source: DmaSide, target: DmaSide): boolean {
  const value = bus.read(source.address, source.size);
  if (value === undefined || !bus.write(target.address, target.size, lowBytes(value, target.size))) return false;
  if (source.increments) source.address += source.size;
  if (target.increments) target.address += target.size;
  return true;
}

export function lowBytes(value: number, size: AccessSize): number {
  return size >= 4 ? value >>> 0 : value & (2 ** (size * 8) - 1);
}

/** PSIZE and MSIZE; 3 is reserved. */
export function itemSize(field: number): 1 | 2 | 4 {
  return field === 0 ? 1 : field === 1 ? 2 : 4;
}

/** Requests of timers and of the DAC are pulses, one for each item: unlike a serial port's, nothing that is read or written takes them back. */
export function isPulseRequest({ name }: Pin): boolean {
  return /^(tim\d+|dac)\.dma-/.test(name);
}
