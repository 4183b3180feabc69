import type { PlacedDevice } from './bus.js';
import type { AccessSize, BusMaster } from './device.js';

/** Hears of a load or store of the CPU where the board has nothing: address, bytes, value (0 of a load) and direction. */
export type UnmappedListener = (address: number, size: AccessSize, value: number, write: boolean) => void;

/** All that a 32-bit bus reaches. */
export const wholeBus = { base: 0, size: 2 ** 32 } as const;

/**
 * Answers the CPU where the board has nothing: what stands in for devices, and behind that, where somebody hears of it, loads give 0 and stores
 * do nothing. Anything else is refused.
 */
export class Background implements BusMaster {
  readonly #standIns: readonly PlacedDevice[];
  readonly #hear: UnmappedListener | undefined;
  #last: PlacedDevice | undefined;

  constructor(standIns: readonly PlacedDevice[], hear: UnmappedListener | undefined) {
    this.#standIns = standIns;
    this.#hear = hear;
  }

  #at(address: number): PlacedDevice | undefined {
    const isAt = (placed: PlacedDevice): boolean => address >= placed.base && address < placed.base + placed.size;
    if (this.#last !== undefined && isAt(this.#last)) return this.#last;
    this.#last = this.#standIns.find(isAt);
    return this.#last;
  }

  read(address: number, size: AccessSize): number | undefined {
    const placed = this.#at(address);
    if (placed !== undefined) return placed.device.read(address - placed.base, size);
    this.#hear?.(address, size, 0, false);
    return this.#hear === undefined ? undefined : 0;
  }

  write(address: number, size: AccessSize, value: number): boolean {
    const placed = this.#at(address);
    if (placed !== undefined) {
      placed.device.write(address - placed.base, size, value);
      return true;
    }
    this.#hear?.(address, size, value, true);
    return this.#hear !== undefined;
  }
}
