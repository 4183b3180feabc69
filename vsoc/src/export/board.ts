import { SettingError, UsageError, type Isa } from '@fireball/contracts';
import type { AddressMap } from '../chip/memory-map.js';

/** Guest addresses from `base` on, `size` bytes. */
export interface MemoryRange {
  readonly base: number;
  readonly size: number;
}

/** Memories of a system that bare ELF files are made for. */
export interface Board {
  readonly isa: Isa;
  /** Holds code, constants and the initial contents of RAM. Execution starts at its base. */
  readonly rom: MemoryRange;
  /** The first holds data and the stack, the last linear memories; one may do for both. */
  readonly ram: readonly MemoryRange[];
}

/**
 * Boards of QEMU. Sources: Arm DAI 0386 (AN386), table 3-1; Arm DAI 0505 (AN505), table 3-1, by the secure addresses, at which the core
 * starts; QEMU hw/riscv/virt.c, which has RAM only.
 */
export const boards = {
  'mps2-an386': {
    isa: 'thumb2',
    rom: { base: 0, size: 0x40_0000 },
    ram: [
      { base: 0x2000_0000, size: 0x40_0000 },
      { base: 0x2100_0000, size: 0x100_0000 },
    ],
  },
  'mps2-an505': {
    isa: 'thumb2',
    rom: { base: 0x1000_0000, size: 0x40_0000 },
    ram: [
      { base: 0x3800_0000, size: 0x40_0000 },
      { base: 0x8000_0000, size: 0x100_0000 },
    ],
  },
  virt: {
    isa: 'rv32',
    rom: { base: 0x8000_0000, size: 0x100_0000 },
    ram: [{ base: 0x8100_0000, size: 0x700_0000 }],
  },
} as const satisfies Record<string, Board>;

/** A multiple of the CPU library's pages on both instruction sets. */
const unit = 4096;
/** ROM routines and the driver; generated code lies behind. */
const romPart = 0x1_0000;
/** A direct call on RISC-V reaches 1 MiB. */
const mostCodeBytes = 0xe_0000;
const lowDataBytes = 0x1c00;
const reserveBytes = 0x400;

/** Where everything lies on a board, and how large the stack is. */
export interface BoardLayout {
  readonly map: AddressMap;
  readonly stackBytes: number;
}

/** How the memories of a board are divided. */
export interface LayoutOptions {
  /** Most of the first RAM unless told otherwise: 64 KiB, or a quarter where that is less. */
  readonly stackBytes?: number;
  /** Address space for a linear memory to grow in; all that is left unless told otherwise. */
  readonly growth?: number;
}

/**
 * Where everything lies on a board.
 * @throws SettingError where a memory is too small, not aligned, or over another
 */
export function layOutBoard({ rom, ram }: Board, options: LayoutOptions = {}): BoardLayout {
  const first = ram[0];
  const last = ram.at(-1);
  if (first === undefined || last === undefined) throw new UsageError('a board needs RAM');
  checkRange('rom', rom);
  for (const range of ram) checkRange('ram', range);
  checkApart(rom, ram);
  const codeBytes = Math.min(mostCodeBytes, rom.size - romPart);
  if (codeBytes < unit)
    throw new SettingError(
      'rom',
      `${describeRange('ROM', rom)} is too small: code begins ${romPart} bytes behind its start, at least ${romPart + unit} are needed`,
    );
  const stackBytes = options.stackBytes ?? Math.max(unit, Math.min(0x1_0000, wholeUnits(first.size / 4)));
  if (stackBytes % unit !== 0 || stackBytes === 0) throw new SettingError('stack', `the stack must be a multiple of ${unit} bytes, not ${stackBytes}`);
  const resultBuffer = { base: first.base + lowDataBytes + reserveBytes + stackBytes, size: resultBufferBytes(first) };
  const dataBase = resultBuffer.base + resultBuffer.size;
  const left = first.base + first.size - dataBase;
  const dataBytes = last === first ? wholeUnits(left / 4) : left;
  if (left < 0)
    throw new SettingError(
      'ram',
      `${describeRange('RAM', first)} is too small for a stack of ${stackBytes} bytes and ${dataBase - first.base - stackBytes} bytes besides`,
    );
  const linearMemory = last === first ? { base: dataBase + dataBytes, size: left - dataBytes } : last;
  return {
    stackBytes,
    map: {
      rom: { base: rom.base, size: romPart },
      code: { base: rom.base + romPart, size: wholeUnits(codeBytes) },
      lowData: { base: first.base, size: lowDataBytes },
      stackReserve: { base: first.base + lowDataBytes, size: reserveBytes },
      stack: { base: first.base + lowDataBytes + reserveBytes },
      resultBuffer,
      highData: { base: dataBase, size: dataBytes },
      linearMemory,
      memoryPlaces: [{ upTo: Infinity, alignment: unit, growth: options.growth ?? linearMemory.size }],
    },
  };
}

/** Room for a thousand results of two words, what engines allow (WebAssembly JavaScript Interface, section 6.1); less on small boards. */
function resultBufferBytes({ size }: MemoryRange): number {
  return size >= 0x4_0000 ? 2 * unit : unit;
}

const names = { rom: 'ROM', ram: 'RAM' } as const;

function checkRange(part: keyof typeof names, range: MemoryRange): void {
  const { base, size } = range;
  const what = describeRange(names[part], range);
  if (base % unit !== 0 || size % unit !== 0) throw new SettingError(part, `${what}: address and size must be multiples of ${unit}`);
  if (size === 0 || base + size > 0x1_0000_0000) throw new SettingError(part, `${what} is no range of a 32-bit address space`);
}

function checkApart(rom: MemoryRange, ram: readonly MemoryRange[]): void {
  for (const [index, range] of ram.entries()) {
    const others: ['ROM' | 'RAM', MemoryRange][] = [['ROM', rom], ...ram.slice(0, index).map((other): ['RAM', MemoryRange] => ['RAM', other])];
    const found = others.find(([, other]) => range.base < other.base + other.size && other.base < range.base + range.size);
    if (found !== undefined) throw new SettingError('ram', `${describeRange('RAM', range)} overlaps ${describeRange(...found)}`);
  }
}

/** A memory for messages, e.g. `the RAM at 0x20000000 of 65536 bytes`. */
export function describeRange(name: 'ROM' | 'RAM', { base, size }: MemoryRange): string {
  return `the ${name} at 0x${base.toString(16)} of ${size} bytes`;
}

function wholeUnits(bytes: number): number {
  return Math.floor(bytes / unit) * unit;
}
