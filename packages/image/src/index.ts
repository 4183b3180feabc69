export * from './elf.js';
export { segmentFlags, writeElf32, type ElfWriterInput, type ElfWriterSegment, type ElfWriterSymbol } from './elf-writer.js';
