import { KeptReads } from '@fireball/unicorn.js';
import type { PlacedDevice } from './bus.js';

/** Reads that were left to the library, and of which somebody has not heard yet. */
interface Untold {
  /** Of those that were left to it, as it counts them. */
  left: number;
  readonly tell: (count: number) => void;
}

/** The library counts no longer than this: 2^32 - 1 is without end. */
const mostCounted = KeptReads.endless - 1;

/**
 * Reads of registers that are steady (`Device.isSteady`): after one of them the library answers the same by itself, until the program does
 * anything else to a device. Who hears of accesses is told of them later, but before anything else.
 */
export class SteadyReads {
  readonly #kept: KeptReads;
  readonly #untold = new Map<number, Untold>();

  constructor(kept: KeptReads) {
    this.#kept = kept;
  }

  /** To be called in the callback of a read, when it has been made. */
  read(device: PlacedDevice['device'], offset: number, address: number, size: number, value: number): void {
    const { observation } = device;
    const count = device.isSteady?.(offset, value) !== true ? 0 : observation === undefined ? KeptReads.endless : Math.min(observation.spare, mostCounted);
    if (count === 0) {
      this.#untold.clear();
      return;
    }
    this.#kept.keep(address, size, count);
    if (observation === undefined) return;
    const tell = (more: number): void => {
      observation.again(offset, more);
    };
    this.#untold.set(KeptReads.slotOf(address, size), { left: count, tell });
  }

  /** Tells of what has been read. */
  settle(): void {
    for (const [slot, untold] of this.#untold) {
      const left = this.#kept.left(slot);
      const count = untold.left - left;
      untold.left = left;
      if (count > 0) untold.tell(count);
    }
  }

  /** The same, when nothing is kept any more: after another access, and between runs. */
  end(): void {
    if (this.#untold.size === 0) return;
    this.settle();
    this.#untold.clear();
  }
}
