import type { BusDevice } from '@fireball/contracts';
import type { MmioCallbacks, Unicorn, UnicornModule } from '@fireball/unicorn.js';
import { AddressMap } from '../address-map.js';
import type { PlacedDevice } from '../machine/bus.js';

/** The library's page on RISC-V, in bytes. */
export const pageSize = 4096;

interface Memory {
  readonly base: number;
  readonly view: DataView;
}

/** What the CPU sees at its addresses. An address of a page with devices at which none is faults like one that is not mapped. */
export class AddressSpace {
  readonly #uc: UnicornModule;
  readonly #engine: Unicorn;
  readonly #map = new AddressMap(pageSize);
  readonly #memories: Memory[] = [];

  constructor(uc: UnicornModule, engine: Unicorn) {
    this.#uc = uc;
    this.#engine = engine;
    // Where the library is another one, stores are slower, and nothing else is different.
    engine.fast_stores();
    // Where the library is another one, stores are slower, and nothing else is different.
    engine.fast_stores();
  }

  #permissions(kind: 'ram' | 'rom'): number {
    return kind === 'ram' ? this.#uc.PROT_ALL : this.#uc.PROT_READ | this.#uc.PROT_EXEC;
  }

  /** @throws MemoryMapError */
  mapMemory(base: number, size: number, kind: 'ram' | 'rom'): Uint8Array {
    this.#map.checkFree(base, size);
    const buffer = this.#engine.mem_map_native(base, size, this.#permissions(kind));
    this.#add(base, new Uint8Array(buffer));
    return new Uint8Array(buffer);
  }

  /** @throws MemoryMapError */
  mapAlias(base: number, size: number, bytes: Uint8Array, kind: 'ram' | 'rom'): void {
    this.#map.checkFree(base, size);
    this.#engine.mem_map_ptr(base, size, this.#permissions(kind), bytes.buffer as ArrayBuffer, bytes.byteOffset);
    this.#add(base, bytes.subarray(0, size));
  }

  #add(base: number, bytes: Uint8Array): void {
    this.#map.add(base, bytes.length);
    this.#memories.push({ base, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) });
  }

  /** Devices anywhere, also several within a page. @throws MemoryMapError */
  mapDevices(devices: readonly PlacedDevice[]): void {
    const sorted = [...devices].sort((a, b) => a.base - b.base);
    let group: PlacedDevice[] = [];
    let end = 0;
    const map = (): void => {
      const begin = pageOf(group[0]?.base ?? 0);
      if (group.length === 0) return;
      this.#map.checkFree(begin, end - begin);
      this.#engine.mmio_map(begin, end - begin, this.#callbacks(begin, group));
      this.#map.add(begin, end - begin);
    };
    for (const device of sorted) {
      if (pageOf(device.base) >= end) {
        map();
        group = [];
      }
      group.push(device);
      end = Math.max(end, pageOf(device.base + device.size + pageSize - 1));
    }
    map();
  }

  #callbacks(begin: number, devices: readonly PlacedDevice[]): MmioCallbacks {
    // Most accesses are to the device of the last one.
    let [last] = devices;
    const at = (address: number): PlacedDevice | undefined => {
      if (last === undefined || address < last.base || address >= last.base + last.size) {
        last = devices.find(({ base, size }) => address >= base && address < base + size);
      }
      return last;
    };
    return inWords({
      read: (offset, size) => {
        const placed = at(begin + offset);
        if (placed !== undefined) return placed.device.read(begin + offset - placed.base, size);
        this.#engine.run_abort(this.#uc.MEM_READ_UNMAPPED, begin + offset, size);
        return 0;
      },
      write: (offset, size, value) => {
        const placed = at(begin + offset);
        if (placed !== undefined) placed.device.write(begin + offset - placed.base, size, value);
        else this.#engine.run_abort(this.#uc.MEM_WRITE_UNMAPPED, begin + offset, size);
      },
    });
  }

  /** A halfword of memory; undefined where there is none. */
  readHalf(address: number): number | undefined {
    const memory = this.#memories.find(({ base, view }) => address >= base && address + 2 <= base + view.byteLength);
    return memory?.view.getUint16(address - memory.base, true);
  }

  /** A word of memory, whose halves may lie in two. */
  readWord(address: number): number | undefined {
    const low = this.readHalf(address);
    const high = this.readHalf(address + 2);
    return low === undefined || high === undefined ? undefined : (low | (high << 16)) >>> 0;
  }
}

function pageOf(address: number): number {
  return Math.floor(address / pageSize) * pageSize;
}

/** Devices have registers of 32 bits: an access of 8 bytes is two, low first. */
function inWords(device: BusDevice): MmioCallbacks {
  return {
    read: (offset, size) => {
      if (size <= 4) return device.read(offset, size);
      const low = BigInt(device.read(offset, 4) >>> 0);
      return (BigInt(device.read(offset + 4, 4) >>> 0) << 32n) | low;
    },
    write: (offset, size, value) => {
      if (size <= 4) {
        device.write(offset, size, Number(value));
        return;
      }
      device.write(offset, 4, Number(BigInt(value) & 0xffff_ffffn));
      device.write(offset + 4, 4, Number(BigInt(value) >> 32n));
    },
  };
}
