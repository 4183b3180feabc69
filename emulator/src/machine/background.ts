import type { AccessSize, BusMaster } from './device.js';

/** Hears of a load or store of the CPU where the board has nothing: address, bytes, value (0 of a load) and direction. */
export type UnmappedListener = (address: number, size: AccessSize, value: number, write: boolean) => void;

/** All that a 32-bit bus reaches. */
export const wholeBus = { base: 0, size: 2 ** 32 } as const;

/** Where the board has nothing: loads give 0, stores do nothing, and somebody hears of both. */
export class Background implements BusMaster {
  readonly #hear: UnmappedListener;

  constructor(hear: UnmappedListener) {
    this.#hear = hear;
  }

  read(address: number, size: AccessSize): number {
    this.#hear(address, size, 0, false);
    return 0;
  }

  write(address: number, size: AccessSize, value: number): boolean {
    this.#hear(address, size, value, true);
    return true;
  }
}
