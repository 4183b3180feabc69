import { InvalidInputError, type CpuBackend, type Isa } from '@fireball/contracts';
import { elfMachine, elfType, type ElfFile, type ElfSegment } from '@fireball/image';
import type { DataMemory } from '../../chip/data-memory.js';
import type { AddressMap } from '../../chip/memory-map.js';

/** `p_type` and `p_flags` of ELF. */
const loadable = 1;
const [executable, writable] = [1, 2];

type Places = NonNullable<AddressMap['firmware']>;

/** Flash and RAM of a firmware image, mapped and filled; segments lie where they run. */
export class FirmwareMemory {
  private readonly regions: { readonly base: number; readonly bytes: Uint8Array }[] = [];

  /** @throws InvalidInputError where the image is for another machine or another address space */
  constructor(
    cpu: CpuBackend,
    private readonly data: DataMemory,
    image: ElfFile,
    places: Places,
  ) {
    checkKind(image, cpu.isa);
    const segments = image.segments.filter(({ type, memorySize }) => type === loadable && memorySize > 0);
    segments.forEach((segment) => checkPlace(segment, places));
    checkEntry(image.entry, segments);
    this.regions = Object.values(places).map((place) => {
      const isFlash = place === places.flash;
      return { base: place.base, bytes: cpu.mapRam(place.base, place.size, { read: true, write: !isFlash, execute: isFlash }) };
    });
    for (const { virtualAddress, data: content } of segments) this.view(virtualAddress, content.length)?.set(content);
    cpu.invalidateCode(places.flash.base, places.flash.size);
  }

  /** Is the address in flash or RAM of the firmware? */
  contains(address: number): boolean {
    return this.regions.some(({ base, bytes }) => address >= base && address < base + bytes.length);
  }

  /** Bytes that firmware names by their address: its own, or the stack's. Undefined where not all of them are memory. */
  view(address: number, length: number): Uint8Array | undefined {
    const region = this.regions.find(({ base, bytes }) => address >= base && address + length <= base + bytes.length);
    return region === undefined ? this.data.view(address, length) : region.bytes.subarray(address - region.base, address - region.base + length);
  }
}

function checkKind({ type, machine }: ElfFile, isa: Isa): void {
  if (type !== elfType.executable)
    throw new InvalidInputError(`an ELF file of type ${type}, not an executable`, { offset: 16, hint: 'link it with vsoc/guest/firmware/firmware.ld' });
  const wanted = isa === 'thumb2' ? elfMachine.arm : elfMachine.riscv;
  if (machine !== wanted)
    throw new InvalidInputError(`firmware for ELF machine ${machine}, this CPU is ${wanted}`, { offset: 18, hint: 'choose the other machine' });
}

function checkEntry(entry: number, segments: readonly ElfSegment[]): void {
  const isCode = ({ virtualAddress, data, flags }: ElfSegment): boolean =>
    (flags & executable) !== 0 && entry >= virtualAddress && entry < virtualAddress + data.length;
  if (!segments.some(isCode)) throw new InvalidInputError(`the entry, 0x${entry.toString(16)}, lies in no executable segment`, { offset: 24 });
}

function checkPlace({ virtualAddress, memorySize, flags }: ElfSegment, { flash, ram }: Places): void {
  const isIn = ({ base, size }: Places['flash']): boolean => virtualAddress >= base && virtualAddress + memorySize <= base + size;
  const hex = (address: number): string => `0x${address.toString(16)}`;
  const range = `${hex(virtualAddress)}..${hex(virtualAddress + memorySize)}`;
  if (isIn(flash) && (flags & writable) === 0) return;
  if (isIn(ram) && (flags & executable) === 0) return;
  throw new InvalidInputError(
    `a segment at ${range} is neither read-only in flash (${hex(flash.base)}, ${flash.size} bytes) nor data in RAM (${hex(ram.base)}, ${ram.size} bytes)`,
    {
      hint: 'link it with vsoc/guest/firmware/firmware.ld',
    },
  );
}
