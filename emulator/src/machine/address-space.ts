import type { MmioCallbacks, Unicorn, UnicornModule } from '@fireball/unicorn.js';
import { AddressMap } from '../address-map.js';
import { busCallbacks } from '../bus.js';
import type { PlacedDevice } from './bus.js';
import type { AccessSize, BusMaster } from './device.js';
import { SteadyReads } from './steady-reads.js';

interface Memory {
  readonly base: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly writable: boolean;
}

/** A device, or part of one, at [begin, end). */
interface Span {
  readonly begin: number;
  readonly end: number;
  readonly placed: PlacedDevice;
}

interface Pages {
  readonly base: number;
  readonly size: number;
}

/**
 * What the CPU sees at its addresses: memory and devices, as the library has them mapped and as the exception model reads and writes
 * them. An address of a mapped page at which no device is faults like one that is not mapped.
 */
export class AddressSpace {
  readonly #uc: UnicornModule;
  readonly #engine: Unicorn;
  readonly #pageSize: number;
  readonly #map: AddressMap;
  readonly #memories: Memory[] = [];
  readonly #devices: PlacedDevice[] = [];
  readonly steadyReads: SteadyReads;
  /** Answers where nothing else is; undefined: those accesses are bus faults. */
  #background: BusMaster | undefined;
  readonly #backgroundPages: Pages[] = [];

  /** @param pageSize the library's smallest page, in bytes */
  constructor(uc: UnicornModule, engine: Unicorn, pageSize: number) {
    this.#uc = uc;
    this.#engine = engine;
    this.#pageSize = pageSize;
    this.#map = new AddressMap(pageSize);
    this.steadyReads = new SteadyReads(engine.kept_reads);
    // Where the library is another one, stores are slower, and nothing else is different.
    engine.fast_stores();
  }

  #permissions(kind: 'ram' | 'rom'): number {
    return kind === 'ram' ? this.#uc.PROT_ALL : this.#uc.PROT_READ | this.#uc.PROT_EXEC;
  }

  /** @throws MemoryMapError */
  mapMemory(base: number, size: number, kind: 'ram' | 'rom'): Uint8Array {
    this.#map.checkFree(base, size);
    const bytes = new Uint8Array(this.#engine.mem_map_native(base, size, this.#permissions(kind)));
    this.#add(base, bytes, kind);
    return bytes;
  }

  /** @throws MemoryMapError */
  mapAlias(base: number, size: number, bytes: Uint8Array, kind: 'ram' | 'rom'): void {
    this.#map.checkFree(base, size);
    this.#engine.mem_map_ptr(base, size, this.#permissions(kind), bytes.buffer as ArrayBuffer, bytes.byteOffset);
    this.#add(base, bytes.subarray(0, size), kind);
  }

  #add(base: number, bytes: Uint8Array, kind: 'ram' | 'rom'): void {
    this.#map.add(base, bytes.length);
    this.#memories.push({ base, bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), writable: kind === 'ram' });
  }

  /** Devices anywhere, also several within a page. @throws MemoryMapError */
  mapDevices(devices: readonly PlacedDevice[]): void {
    const sorted = [...devices].sort((a, b) => a.base - b.base);
    for (let at = 0; at < sorted.length;) {
      const begin = this.#pageOf(sorted[at]?.base ?? 0);
      let end = begin;
      const spans: Span[] = [];
      for (; at < sorted.length; at++) {
        const placed = sorted[at];
        if (placed === undefined || (spans.length > 0 && this.#pageOf(placed.base) >= end)) break;
        spans.push({ begin: placed.base, end: placed.base + placed.size, placed });
        end = Math.max(end, this.#pageOf(placed.base + placed.size + this.#pageSize - 1));
      }
      this.#map.checkFree(begin, end - begin);
      this.#engine.mmio_map(begin, end - begin, this.#callbacks(begin, spans));
      this.#map.add(begin, end - begin);
    }
    this.#devices.push(...sorted);
  }

  #pageOf(address: number): number {
    return Math.floor(address / this.#pageSize) * this.#pageSize;
  }

  /** A device of the core, which looks after itself. */
  mapCore(base: number, size: number, callbacks: MmioCallbacks): void {
    this.#map.checkFree(base, size);
    this.#engine.mmio_map(base, size, callbacks);
    this.#map.add(base, size);
  }

  /**
   * Has loads and stores answered where nothing else is mapped: in the free pages of the given ranges, and between the devices of a page. What it
   * does not answer is a bus fault as before. Instructions are not fetched from there. To be called once, after everything else is mapped.
   */
  mapBackground(background: BusMaster, ranges: readonly Pages[]): void {
    this.#background = background;
    for (const range of ranges) {
      for (const { base, size } of this.#map.gaps(range.base, range.size)) {
        this.#engine.mmio_map(base, size, this.#callbacks(base, []));
        this.#map.add(base, size);
        this.#backgroundPages.push({ base, size });
      }
    }
  }

  /** Is the page mapped for the background alone? */
  isBackground(address: number): boolean {
    return this.#backgroundPages.some(({ base, size }) => address >= base && address < base + size);
  }

  #callbacks(begin: number, spans: readonly Span[]): MmioCallbacks {
    // Most accesses are to the device of the last one.
    let [last] = spans;
    const at = (address: number): Span | undefined => {
      if (last === undefined || address < last.begin || address >= last.end) last = spans.find((span) => address >= span.begin && address < span.end);
      return last;
    };
    const callbacks = busCallbacks({
      read: (offset, size) => {
        const span = at(begin + offset);
        if (span !== undefined) return span.placed.device.read(begin + offset - span.begin, size);
        const value = this.#background?.read(begin + offset, size as AccessSize);
        if (value === undefined) this.refuse('read', begin + offset, size);
        return value ?? 0;
      },
      write: (offset, size, value) => {
        const span = at(begin + offset);
        if (span !== undefined) span.placed.device.write(begin + offset - span.begin, size, value);
        else if (this.#background?.write(begin + offset, size as AccessSize, value) !== true) this.refuse('write', begin + offset, size);
      },
    });
    return {
      read: (offset, size) => {
        const value = callbacks.read(offset, size);
        const span = size <= 4 ? at(begin + offset) : undefined;
        if (span === undefined) this.steadyReads.end();
        else this.steadyReads.read(span.placed.device, begin + offset - span.begin, begin + offset, size, Number(value));
        return value;
      },
      write: (offset, size, value) => {
        callbacks.write(offset, size, value);
        this.steadyReads.end();
      },
    };
  }

  /** In a device's callback: the access is a bus fault. */
  refuse(access: 'read' | 'write', address: number, size: number): void {
    this.#engine.run_abort(access === 'read' ? this.#uc.MEM_READ_UNMAPPED : this.#uc.MEM_WRITE_UNMAPPED, address, size);
  }

  /** As a load of the CPU finds it: memory, a device, or what answers for nothing. Undefined: a bus fault. */
  load(address: number, size: 1 | 2 | 4): number | undefined {
    return this.read(address, size) ?? (this.deviceAt(address) === undefined ? this.#background?.read(address, size) : undefined);
  }

  /** As a store of the CPU. False: a bus fault. */
  store(address: number, size: 1 | 2 | 4, value: number): boolean {
    if (this.write(address, size, value)) return true;
    return !this.isMemory(address, size) && this.#background?.write(address, size, value) === true;
  }

  #memoryAt(address: number, size: number): Memory | undefined {
    return this.#memories.find(({ base, bytes }) => address >= base && address + size <= base + bytes.length);
  }

  deviceAt(address: number): PlacedDevice | undefined {
    return this.#devices.find(({ base, size }) => address >= base && address < base + size);
  }

  /** Is memory there, whatever it permits? */
  isMemory(address: number, size: number): boolean {
    return this.#memoryAt(address, size) !== undefined;
  }

  /** Of memory or a device, little-endian; undefined where nothing is. */
  read(address: number, size: 1 | 2 | 4): number | undefined {
    const value = this.readMemory(address, size);
    if (value !== undefined) return value;
    const placed = this.deviceAt(address);
    return placed?.device.read(address - placed.base, size);
  }

  /** Of memory only, little-endian; undefined where there is none. */
  readMemory(address: number, size: 1 | 2 | 4): number | undefined {
    const memory = this.#memoryAt(address, size);
    if (memory === undefined) return undefined;
    const offset = address - memory.base;
    if (size === 4) return memory.view.getUint32(offset, true);
    return size === 2 ? memory.view.getUint16(offset, true) : memory.view.getUint8(offset);
  }

  /** False where nothing takes it: nothing there, or memory that is read only. */
  write(address: number, size: AccessSize, value: number): boolean {
    const memory = this.#memoryAt(address, size);
    if (memory === undefined) {
      const placed = this.deviceAt(address);
      placed?.device.write(address - placed.base, size, value);
      return placed !== undefined;
    }
    if (!memory.writable) return false;
    const offset = address - memory.base;
    if (size === 4) memory.view.setUint32(offset, value, true);
    else if (size === 2) memory.view.setUint16(offset, value, true);
    else memory.view.setUint8(offset, value);
    return true;
  }

  /** The bytes of `count` words of memory; undefined where they are not in one memory that may be written, where that is asked for. */
  words(address: number, count: number, write: boolean): { readonly view: DataView; readonly offset: number } | undefined {
    const memory = this.#memoryAt(address, 4 * count);
    return memory === undefined || (write && !memory.writable) ? undefined : { view: memory.view, offset: address - memory.base };
  }
}
