import { readFileSync } from 'node:fs';
import { MissingPartError, type Isa } from '@fireball/contracts';
import { segmentFlags, writeElf32, type ElfWriterSegment, type ElfWriterSymbol } from '@fireball/image';
import { coreAlignment, type CoreImage } from './core-image.js';
import { elfKind, mappingSymbols } from './elf-kind.js';
import type { MemoryRange } from './board.js';

/** Section of the compiler, in which linker scripts find it. */
const sectionName = '.text.fireball_core';
const { read, execute } = segmentFlags;

/** An object file: a linker places it, at a multiple of 16. */
export function coreObject(image: CoreImage): Uint8Array {
  return elfFile(image, 0, true);
}

/** An executable without an entry that has it at an address: for loaders and debuggers, and for linkers by its symbols alone. */
export function coreExecutable(image: CoreImage, address: number): Uint8Array {
  return elfFile(image, address, false);
}

function elfFile({ isa, bytes, entries, parts }: CoreImage, address: number, isRelocatable: boolean): Uint8Array {
  const segment: ElfWriterSegment = {
    name: sectionName,
    flags: read | execute,
    virtualAddress: address,
    physicalAddress: address,
    data: bytes,
    align: coreAlignment,
  };
  const symbols = [...entries].map(([name, offset]): ElfWriterSymbol => ({
    name,
    value: address + offset + thumbBit(isa),
    size: 0,
    kind: 'function',
    local: false,
  }));
  return writeElf32({
    ...elfKind(isa),
    entry: isRelocatable ? 0 : address,
    isRelocatable,
    segments: [segment],
    symbols: [...mappingSymbols(isa, [address], [address + bytes.length - parts.tables]), ...symbols],
  });
}

function thumbBit(isa: Isa): number {
  return isa === 'thumb2' ? 1 : 0;
}

/** A C source: the same as an array, and functions that go there. */
export function coreSource({ isa, bytes, entries }: CoreImage, header: string): string {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += bytesOfRow) rows.push(`  ${bytes.subarray(at, at + bytesOfRow).join(',')},`);
  const at = (name: string): string => `((uintptr_t)fireball_core_image + ${entries.get(name)! + thumbBit(isa)}u)`;
  const functions = signatures
    .filter(([name]) => entries.has(name))
    .map(([name, result, parameters]) => {
      const names = parameters.map((parameter) => /\w+$/.exec(parameter)![0]);
      const types = parameters.map((parameter) => parameter.replace(/ ?\w+$/, ''));
      const list = parameters.length === 0 ? 'void' : parameters.join(', ');
      return `${result} ${name}(${list}) { return ((${result}(*)(${parameters.length === 0 ? 'void' : types.join(', ')}))${at(name)})(${names.join(', ')}); }`;
    });
  return [
    `/* Fireball's compiler for ${isa}, as bytes of machine code: written by \`fireball compile-core\`. They must be executable. */`,
    `#include "${header}"`,
    '',
    `const uint8_t fireball_core_image[${bytes.length}] __attribute__((aligned(${coreAlignment}))) = {`,
    ...rows,
    '};',
    '',
    ...functions,
    '',
  ].join('\n');
}

const bytesOfRow = 32;

/** As the header declares them; a test compares. */
const signatures: readonly (readonly [name: string, result: string, parameters: readonly string[]])[] = [
  ['fireball_core_init', 'int32_t', []],
  ['fireball_core_module', 'int32_t', ['const struct fireball_module *module']],
  ['fireball_core_bounds', 'int32_t', ['uint32_t *into', 'uint32_t memory_record']],
  ['fireball_core_compile', 'int32_t', ['uint32_t function', 'const uint8_t *body', 'uint32_t bytes', 'uint32_t offset', 'struct fireball_code *code']],
  ['fireball_core_place', 'int32_t', ['uint32_t *into', 'struct fireball_code *code']],
  ['fireball_core_fault', 'uint32_t', ['uint32_t pc']],
  ['fireball_program_load', 'int32_t', ['struct fireball_program *program', 'const struct fireball_setup *setup']],
  ['fireball_program_export', 'uint32_t', ['const struct fireball_program *program', 'const char *name']],
  ['fireball_program_compile', 'int32_t', ['struct fireball_program *program', 'uint32_t function', 'struct fireball_code *code']],
  ['fireball_program_install', 'int32_t', ['struct fireball_program *program', 'uint32_t function', 'const uint32_t *code']],
];

/** The same from src and from dist. */
function readHeader(name: string): string {
  try {
    return readFileSync(new URL(`../../guest/core/${name}`, import.meta.url), 'utf8');
  } catch (error) {
    throw new MissingPartError(`the header of the compiler, vsoc/guest/core/${name}`, 'restore the file', { cause: error });
  }
}

/** The header: what is said of every compiler, and of this one. */
export function coreHeader({ isa, boundsChecks, interpreter, bytes, memoryBytes, boundsBytes }: CoreImage, cpu: string, ram: MemoryRange): string {
  const facts = [
    `/* For ${isa}, ${cpu}: its code and tables, and the RAM that is its own, of which functions have what is behind tables and stack. */`,
    `#define FIREBALL_CORE_BYTES ${bytes.length}u`,
    `#define FIREBALL_CORE_BOUNDS_BYTES ${boundsBytes}u`,
    `#define FIREBALL_CORE_RAM 0x${ram.base.toString(16)}u`,
    `#define FIREBALL_CORE_RAM_BYTES ${ram.size}u`,
    `#define FIREBALL_CORE_MEMORY_BYTES ${memoryBytes}u`,
    '/* Does it check that its own accesses stay in its memory? 0 where it was made with --bounds-checks none. */',
    `#define FIREBALL_CORE_BOUNDS_CHECKS ${Number(boundsChecks === 'all')}`,
  ];
  const text = readHeader('fireball-core.h') + (interpreter ? `\n${readHeader('fireball-interpreter.h')}` : '');
  return text.replace('#include <stdint.h>\n', `#include <stdint.h>\n\n${facts.join('\n')}\n`);
}
