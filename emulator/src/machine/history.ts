import type { PlacedDevice } from './bus.js';

/** Hears of an access to a device, as the bus saw it: the device's name and base, offset and bytes of the access, value, direction. */
export type AccessObserver = (device: string, base: number, offset: number, size: number, value: number, write: boolean) => void;

/** The same device, whose accesses somebody hears. */
export function observed(name: string, base: number, device: PlacedDevice['device'], hear: AccessObserver): PlacedDevice['device'] {
  return {
    registerAt: (offset) => device.registerAt?.(offset),
    fieldAt: (offset, bit) => device.fieldAt?.(offset, bit),
    read: (offset, size) => {
      const value = device.read(offset, size);
      hear(name, base, offset, size, value, false);
      return value;
    },
    write: (offset, size, value) => {
      device.write(offset, size, value);
      hear(name, base, offset, size, value, true);
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

  /** Oldest first. */
  list(): T[] {
    return this.#items.length < this.most ? [...this.#items] : [...this.#items.slice(this.#next), ...this.#items.slice(0, this.#next)];
  }
}
