import { constants, inflateSync } from 'node:zlib';
import type { ElfFile, ElfSection } from '../elf.js';
import type { DebugSections } from './line-header.js';

/** `sh_flags`: occupies memory, holds instructions, is compressed. */
const sectionFlag = { allocated: 2, executable: 4, compressed: 0x800 } as const;
const compressionZlib = 1;
/** Far above real tables, and little beside what an input file may have itself. */
const mostUnpacked = 256 * 1024 * 1024;

/** What an ELF file says of its code beside symbols. */
export interface DebugInformation extends DebugSections {
  /** Addresses of sections with instructions. */
  readonly code: readonly { readonly start: number; readonly end: number }[];
}

/** Undefined where there are no line numbers. */
export function debugInformation({ bits, sections }: ElfFile): DebugInformation | undefined {
  const find = (name: string): Uint8Array | undefined => {
    const section = sections.find((candidate) => candidate.name === name);
    return section === undefined ? undefined : unpacked(section, bits);
  };
  const line = find('.debug_line');
  if (line === undefined) return undefined;
  const wanted = sectionFlag.allocated | sectionFlag.executable;
  const code = sections.filter(({ flags }) => (flags & wanted) === wanted).map(({ address, size }) => ({ start: address, end: address + size }));
  return { line, lineStrings: find('.debug_line_str'), strings: find('.debug_str'), code };
}

/** Contents without compression (`Elf32_Chdr`, `Elf64_Chdr`); undefined where they cannot be had. */
function unpacked({ flags, data }: ElfSection, bits: 32 | 64): Uint8Array | undefined {
  if ((flags & sectionFlag.compressed) === 0) return data;
  const headerSize = bits === 32 ? 12 : 24;
  if (data.length < headerSize || new DataView(data.buffer, data.byteOffset).getUint32(0, true) !== compressionZlib) return undefined;
  try {
    return inflateSync(data.subarray(headerSize), { maxOutputLength: mostUnpacked, finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return undefined;
  }
}
