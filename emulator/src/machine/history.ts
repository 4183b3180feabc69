import type { PlacedDevice } from './bus.js';

/** Hears of accesses to devices, by CPU and DMA. */
export interface AccessObserver {
  /**
   * An access, as the bus saw it: the device's name and base, offset and bytes of the access, value, direction.
   * @returns of a read, how many more like it, with the same result and nothing else done to a device between them, it need not hear of one by
   *   one: `again` tells of them together, before the next call
   */
  hear(device: string, base: number, offset: number, size: number, value: number, write: boolean): number;
  /** So many more reads like the last one there. */
  again(base: number, offset: number, count: number): void;
}

/**
 * The same device, whose accesses somebody hears.
 * @param settle tells of reads that nobody has heard of yet
 */
export function observed(name: string, base: number, device: PlacedDevice['device'], observer: AccessObserver, settle: () => void): PlacedDevice['device'] {
  const observation = {
    spare: 0,
    again: (offset: number, count: number): void => {
      observer.again(base, offset, count);
    },
  };
  return {
    observation,
    registerAt: (offset) => device.registerAt?.(offset),
    fieldAt: (offset, bit) => device.fieldAt?.(offset, bit),
    isSteady: (offset, value) => device.isSteady?.(offset, value) === true,
    peek: (offset, size) => device.peek?.(offset, size),
    read: (offset, size) => {
      settle();
      const value = device.read(offset, size);
      observation.spare = observer.hear(name, base, offset, size, value, false);
      return value;
    },
    write: (offset, size, value) => {
      settle();
      device.write(offset, size, value);
      observer.hear(name, base, offset, size, value, true);
    },
  };
}

/** The last ones of many: a ring. */
export class Recent<T> {
  readonly #items: T[] = [];
  #next = 0;

  constructor(private readonly most: number) {}

  add(item: T): void {
    this.#items[this.#next] = item;
    this.#next = (this.#next + 1) % this.most;
  }

  get last(): T | undefined {
    return this.#items[(this.#next + this.most - 1) % this.most];
  }

  /** Oldest first. */
  list(): T[] {
    return this.#items.length < this.most ? [...this.#items] : [...this.#items.slice(this.#next), ...this.#items.slice(0, this.#next)];
  }
}
