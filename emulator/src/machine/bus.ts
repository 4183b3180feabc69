import type { BusDevice } from '@fireball/contracts';
import type { AccessSize, BusMaster, Device, MemoryWriteHandler } from './device.js';

/** Memory of a machine, as the CPU and DMA see it. */
export interface MemoryRegion {
  readonly name: string;
  readonly base: number;
  readonly bytes: Uint8Array;
  readonly kind: 'ram' | 'rom';
  /** Of a `rom`: takes writes to it (a flash controller). False, or absent: a bus fault. */
  readonly onWrite?: MemoryWriteHandler;
}

/** A device at its place. */
export interface PlacedDevice {
  readonly name: string;
  readonly base: number;
  readonly size: number;
  readonly device: BusDevice & Pick<Device, 'registerAt' | 'fieldAt' | 'isSteady' | 'peek'> & { readonly observation?: Observation };
}

/** Where somebody hears of accesses to a device: what it has to hear of reads that the CPU repeats. */
export interface Observation {
  /** So many reads like the last one need not be heard of one by one. */
  readonly spare: number;
  /** So many were made. */
  again(offset: number, count: number): void;
}

/** Registers by address: `RCC.CR`, and the field that has a bit of it. */
interface RegisterNames {
  nameAt(address: number): string | undefined;
  fieldAt(address: number, bit: number): string | undefined;
}

/** What lies at an address. */
type Place =
  | { readonly kind: 'memory'; readonly region: MemoryRegion; readonly offset: number }
  | { readonly kind: 'device'; readonly placed: PlacedDevice; readonly offset: number };

/** The address space of a machine: who is where, for DMA, loaders, debuggers and reports. The CPU has its own mapping of the same. */
export class SystemBus implements BusMaster {
  readonly #regions: MemoryRegion[] = [];
  readonly #devices: PlacedDevice[] = [];
  /** Names of registers that somebody brought, before those of devices. */
  names: RegisterNames | undefined;

  addMemory(region: MemoryRegion): void {
    this.#regions.push(region);
  }

  addDevice(placed: PlacedDevice): void {
    this.#devices.push(placed);
  }

  get memories(): readonly MemoryRegion[] {
    return this.#regions;
  }

  get devices(): readonly PlacedDevice[] {
    return this.#devices;
  }

  /** What lies there; undefined where nothing does. */
  at(address: number): Place | undefined {
    for (const region of this.#regions) {
      if (address >= region.base && address < region.base + region.bytes.length) return { kind: 'memory', region, offset: address - region.base };
    }
    for (const placed of this.#devices) {
      if (address >= placed.base && address < placed.base + placed.size) return { kind: 'device', placed, offset: address - placed.base };
    }
    return undefined;
  }

  /** `uart0.DATA`, `ssram1 + 0x20`. */
  describe(address: number): string | undefined {
    const place = this.at(address);
    if (place === undefined) return undefined;
    if (place.kind === 'memory') return `${place.region.name} + 0x${place.offset.toString(16)}`;
    const named = this.names?.nameAt(address);
    if (named !== undefined) return named;
    const register = place.placed.device.registerAt?.(place.offset);
    return register === undefined ? `${place.placed.name} + 0x${place.offset.toString(16)}` : `${place.placed.name}.${register}`;
  }

  /** The field of a device's register that has a bit of what is read there. */
  fieldAt(address: number, bit: number): string | undefined {
    const place = this.at(address);
    return this.names?.fieldAt(address, bit) ?? (place?.kind === 'device' ? place.placed.device.fieldAt?.(place.offset, bit) : undefined);
  }

  /** Little-endian. Devices are accessed, with their effects. */
  read(address: number, size: AccessSize): number | undefined {
    const place = this.at(address);
    if (place === undefined) return undefined;
    if (place.kind === 'device') return place.placed.device.read(place.offset, size);
    if (place.offset + size > place.region.bytes.length) return undefined;
    let value = 0;
    for (let index = size - 1; index >= 0; index--) value = value * 256 + (place.region.bytes[place.offset + index] ?? 0);
    return value;
  }

  write(address: number, size: AccessSize, value: number): boolean {
    const place = this.at(address);
    if (place === undefined) return false;
    if (place.kind === 'device') {
      place.placed.device.write(place.offset, size, value);
      return true;
    }
    const { region, offset } = place;
    if (offset + size > region.bytes.length) return false;
    if (region.kind === 'rom') return region.onWrite?.(offset, size, value) ?? false;
    for (let index = 0, rest = value; index < size; index++, rest = Math.floor(rest / 256)) region.bytes[offset + index] = rest % 256;
    return true;
  }
}
