import type { AccessSize, BusMaster, DeviceEnvironment } from '../../machine/device.js';
import type { Pin, Signal } from '../../machine/signal.js';

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

/**
 * Of those of `wires` that ask now: what tells them that one item is left. An I2C that receives does not acknowledge the byte behind that (EOT_1,
 * RM0090 27.3.8).
 */
export function endSignals(environment: DeviceEnvironment, requests: readonly Pin[]): (wires: readonly Pin[]) => readonly Signal[] {
  const signals = new Map(
    requests.flatMap((request) => {
      const receiver = /^(i2c\d+)\.dma-rx$/.exec(request.name)?.[1];
      return receiver === undefined ? [] : [[request, environment.wire(`${receiver}.dma-last`)] as const];
    }),
  );
  const none: readonly Signal[] = [];
  return (wires) => (wires.some((wire) => signals.has(wire) && wire.level) ? wires.flatMap((wire) => (wire.level ? (signals.get(wire) ?? none) : none)) : none);
}
