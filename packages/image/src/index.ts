export * from './elf.js';
export { segmentFlags, writeElf32, type ElfWriterInput, type ElfWriterSegment, type ElfWriterSymbol } from './elf-writer.js';
export type { FirmwareImage, ImageFormat, ImageSegment } from './firmware.js';
export { detectFormat, readImage, type ImageOptions } from './read-image.js';
export { uf2Families } from './uf2.js';
export { LineTable, type SourceLine } from './debug/line-table.js';
export { ProgramSymbols, type SymbolAt } from './debug/program-symbols.js';
export type { DebugInformation } from './debug/debug-sections.js';
export type { DebugSections } from './debug/line-header.js';
