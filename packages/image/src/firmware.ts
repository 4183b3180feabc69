import type { DebugInformation } from './debug/debug-sections.js';
import type { ElfSymbol } from './elf.js';

/** Forms of firmware files, by which `--format` names them. */
export type ImageFormat = 'elf' | 'ihex' | 'srec' | 'uf2' | 'ti-txt' | 'raw';

/** Bytes that belong at an address before the CPU starts. */
export interface ImageSegment {
  /** Where it is loaded (an ELF file's `p_paddr`), not where code may move it later. */
  readonly address: number;
  readonly data: Uint8Array;
  /** Bytes in memory; those behind `data` are zeros. */
  readonly memorySize: number;
}

/** A firmware file in one form, whatever the file's own. */
export interface FirmwareImage {
  readonly format: ImageFormat;
  /** Sorted by address, none empty, none overlapping. */
  readonly segments: readonly ImageSegment[];
  /** Where the file says that execution begins; absent where it says nothing. On Arm with bit 0 as it stands there. */
  readonly entry: number | undefined;
  /** `e_machine` of an ELF file: the architecture that it is for. */
  readonly machine: number | undefined;
  /** Width of an address in the file's own form, where it has one. */
  readonly bits: 32 | 64 | undefined;
  /** Of an ELF file that was not stripped. */
  readonly symbols: readonly ElfSymbol[];
  /** Of an ELF file with line numbers. */
  readonly debug: DebugInformation | undefined;
  /** What was passed over, a sentence each: for the log. */
  readonly remarks: readonly string[];
}
