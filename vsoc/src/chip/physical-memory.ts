import type { CodeMemory } from './code-memory.js';
import type { DataMemory } from './data-memory.js';
import type { PhysicalMemory } from './dma.js';

/** A linear memory as it lies in RAM. */
interface MappedMemory {
  readonly base: number;
  readonly byteLength: number;
  readonly bytes: Uint8Array;
}

/** Memory as a bus master beside the CPU sees it: RAM, linear memories, and code memory behind the instruction cache. */
export function physicalMemory(code: CodeMemory, data: DataMemory, memories: readonly MappedMemory[]): PhysicalMemory {
  const ram = (address: number, length: number): Uint8Array | undefined => {
    const memory = memories.find(({ base, byteLength }) => address >= base && address + length <= base + byteLength);
    return memory === undefined ? data.view(address, length) : memory.bytes.subarray(address - memory.base, address - memory.base + length);
  };
  return {
    read: (address, length) => (code.contains(address, length) ? code.stored(address, length) : ram(address, length)?.slice()),
    write(address, bytes) {
      if (code.contains(address, bytes.length)) {
        code.writePhysical(address, bytes);
        return true;
      }
      const place = ram(address, bytes.length);
      place?.set(bytes);
      return place !== undefined;
    },
  };
}
