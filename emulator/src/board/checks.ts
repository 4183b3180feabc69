import type { BoardDevice, CpuInput } from '../machine/board.js';
import type { DeviceClass } from '../machine/device.js';
import { wrong, type Origin } from './board-tree.js';

interface Placed {
  readonly name: string;
  readonly base: number;
  readonly size: number;
  readonly origin: Origin;
}

const range = ({ base, size }: Placed): string => `0x${base.toString(16)}..0x${(base + size - 1).toString(16)}`;

/**
 * Every address belongs to one memory or device at most.
 * @param file the board's own, not one that it extends
 */
export function checkPlaces(all: readonly Placed[], file: string): void {
  const sorted = all.filter(({ size }) => size > 0).sort((a, b) => a.base - b.base);
  for (const [index, after] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before === undefined || before.base + before.size <= after.base) continue;
    // To blame is what was added: in the board's own file, and later there.
    const lateness = ({ origin }: Placed): number => (origin.file === file ? 1e9 : 0) + origin.line;
    const [first, second] = lateness(after) >= lateness(before) ? [before, after] : [after, before];
    throw wrong(second.origin, `'${second.name}' at ${range(second)} overlaps '${first.name}' at ${range(first)} (${place(first.origin, second.origin)})`);
  }
  const names = new Map<string, Origin>();
  for (const { name, origin } of all) {
    const other = names.get(name);
    if (other !== undefined) throw wrong(origin, `there is a memory and a device called '${name}' (${place(other, origin)})`);
    names.set(name, origin);
  }
}

function place(origin: Origin, seenFrom: Origin): string {
  return origin.file === seenFrom.file ? `line ${origin.line}` : `${origin.file}, line ${origin.line}`;
}

/**
 * Inputs exist, and each is used by one device, unless the board says that it is shared.
 * @param inputs 0: a controller of the board checks them itself
 */
export function checkInterrupts(devices: readonly (BoardDevice & { readonly origin: Origin })[], inputs: number, shared: readonly number[]): void {
  const users = new Map<number | CpuInput, BoardDevice & { readonly origin: Origin }>();
  for (const device of devices) {
    for (const [output, input] of Object.entries(device.interrupts)) {
      const what = `device '${device.name}': interrupt ${output} is ${input}`;
      if (typeof input === 'number' && inputs > 0 && input >= inputs) throw wrong(device.origin, `${what}; the processor has the inputs 0 to ${inputs - 1}`);
      const other = users.get(input);
      if (other !== undefined && other !== device && (typeof input !== 'number' || !shared.includes(input))) {
        throw wrong(
          device.origin,
          `${what}, which '${other.name}' has (${place(other.origin, device.origin)})`,
          'where they share one input, name it in sharedInterrupts',
        );
      }
      users.set(input, device);
    }
  }
}

/** Chips behind one master have addresses, or pins that select them, of their own. */
export function checkChips(devices: readonly (BoardDevice & { readonly origin: Origin })[], classes: ReadonlyMap<string, DeviceClass>): void {
  const places = new Map<string, BoardDevice & { readonly origin: Origin }>();
  for (const device of devices) {
    const { bus, select, address = classes.get(device.device)?.parameters?.['address']?.default } = device.parameters;
    const where = typeof address === 'number' ? `address 0x${address.toString(16)}` : select;
    if (bus === undefined || where === undefined) continue;
    const key = `${where} of ${bus}`;
    const other = places.get(key);
    if (other !== undefined)
      throw wrong(device.origin, `device '${device.name}' is at ${key}, where '${other.name}' is (${place(other.origin, device.origin)})`);
    places.set(key, device);
  }
}
