import { describe, expect, it } from '@jest/globals';
import { UnsupportedError } from '@fireball/contracts';
import { decodeModule } from '../decoder.js';
import { buildModule, header, op, section } from '../testing/module-builder.js';
import { validateModule } from '../validator.js';

/** What is refused, the proposal by name, the module, and the offset of the first byte that needs the proposal. */
type Row = readonly [feature: string, bytes: readonly number[] | Uint8Array, offset: number];

const typeSection = (...content: number[]): number[] => [...header, ...section(1, content)];
const importSection = (...description: number[]): number[] => [...header, ...section(2, [1, 0, 0, ...description])];
const global = (...expression: number[]): number[] => [...header, ...section(6, [1, 0x7f, 0, ...expression])];

/** A function `[] -> []` of these instructions, behind one `nop`; they start at offset 0x18. */
const code = (...instructions: number[]): Uint8Array => buildModule({ functions: [{ body: [...op('nop'), ...instructions] }] });
const codeOffset = 0x18;
const instruction = (what: string, proposal: string, ...bytes: number[]): Row => [`instruction ${what} (${proposal})`, code(...bytes), codeOffset];

const simd: readonly Row[] = [
  ['type v128 (SIMD)', typeSection(1, 0x60, 1, 0x7b, 0), 13],
  ['type v128 (SIMD)', typeSection(1, 0x60, 0, 1, 0x7b), 14],
  ['type v128 (SIMD)', importSection(3, 0x7b, 0), 14],
  ['type v128 (SIMD)', [...header, ...section(6, [1, 0x7b, 0, 0xfd, 0x0c, ...Array<number>(16).fill(0), 0x0b])], 11],
  ['type v128 (SIMD)', [...header, ...section(1, [1, 0x60, 0, 0]), ...section(3, [1, 0]), ...section(10, [1, 4, 1, 1, 0x7b, 0x0b])], 24],
  ['type v128 (SIMD)', code(0x02, 0x7b, 0x0b), codeOffset + 1],
  ['instruction fd 0c (SIMD)', global(0xfd, 0x0c), 13],
  instruction('fd 00', 'SIMD', 0xfd, 0x00, 4, 0),
  instruction('fd 0c', 'SIMD', 0xfd, 0x0c, ...Array<number>(16).fill(0)),
  instruction('fd fd', 'SIMD', 0xfd, 0xfd, 0x01),
  // A padded number is the same instruction.
  instruction('fd 0c', 'SIMD', 0xfd, 0x8c, 0x80, 0x00),
];

const relaxedSimd: readonly Row[] = [instruction('fd 100', 'relaxed SIMD', 0xfd, 0x80, 0x02), instruction('fd 113', 'relaxed SIMD', 0xfd, 0x93, 0x02)];

const threads: readonly Row[] = [
  ['shared memory (threads)', [...header, ...section(5, [1, 3, 1, 1])], 11],
  ['shared memory (threads)', [...header, ...section(5, [1, 2, 1])], 11],
  ['shared memory (threads)', importSection(2, 3, 1, 1), 14],
  instruction('fe 03', 'threads', 0xfe, 0x03, 0x00),
  instruction('fe 00', 'threads', 0xfe, 0x00, 2, 0),
  instruction('fe 48', 'threads', 0xfe, 0x48, 2, 0),
];

const exceptions: readonly Row[] = [
  ['tag section (exception handling)', [...header, ...section(13, [0])], 8],
  ['tag section (exception handling)', [...header, ...section(1, [1, 0x60, 0, 0]), ...section(13, [1, 0, 0])], 14],
  ['tag imports (exception handling)', importSection(4, 0, 0), 13],
  ['tag exports (exception handling)', [...header, ...section(7, [1, 1, 0x74, 4, 0])], 13],
  ['type exn (exception handling)', typeSection(1, 0x60, 1, 0x69, 0), 13],
  ['type noexn (exception handling)', typeSection(1, 0x60, 1, 0x74, 0), 13],
  ['type exn (exception handling)', code(0xd0, 0x69), codeOffset + 1],
  instruction('try', 'exception handling', 0x06, 0x40),
  instruction('catch', 'exception handling', 0x07, 0x00),
  instruction('throw', 'exception handling', 0x08, 0x00),
  instruction('rethrow', 'exception handling', 0x09, 0x00),
  instruction('throw_ref', 'exception handling', 0x0a),
  instruction('delegate', 'exception handling', 0x18, 0x00),
  instruction('catch_all', 'exception handling', 0x19),
  instruction('try_table', 'exception handling', 0x1f, 0x40, 0),
];

const references: readonly Row[] = [
  ['type ref null (typed function references)', typeSection(1, 0x60, 1, 0x63, 0x70, 0), 13],
  ['type ref (typed function references)', typeSection(1, 0x60, 1, 0x64, 0x00, 0), 13],
  ['type ref (typed function references)', [...header, ...section(4, [1, 0x64, 0x00, 0, 1])], 11],
  ['type ref (typed function references)', [...header, ...section(9, [1, 5, 0x64, 0x00, 0])], 12],
  ['table initializers (typed function references)', [...header, ...section(4, [1, 0x40, 0, 0x70, 0, 1])], 11],
  ['ref.null of a type of its own (typed function references)', code(0xd0, 0x00), codeOffset + 1],
  instruction('call_ref', 'typed function references', 0x14, 0x00),
  instruction('return_call_ref', 'typed function references', 0x15, 0x00),
  instruction('ref.as_non_null', 'typed function references', 0xd4),
  instruction('br_on_null', 'typed function references', 0xd5, 0x00),
  instruction('br_on_non_null', 'typed function references', 0xd6, 0x00),
];

const gc: readonly Row[] = [
  ['struct types (garbage collection)', typeSection(1, 0x5f, 0), 11],
  ['array types (garbage collection)', typeSection(1, 0x5e, 0x7f, 0), 11],
  ['array types (garbage collection)', typeSection(2, 0x60, 0, 0, 0x5e, 0x78, 0), 14],
  ['recursive type groups (garbage collection)', typeSection(1, 0x4e, 0), 11],
  ['subtypes (garbage collection)', typeSection(1, 0x50, 0, 0x5f, 0), 11],
  ['final subtypes (garbage collection)', typeSection(1, 0x4f, 0, 0x5f, 0), 11],
  ...([0x6e, 0x6d, 0x6c, 0x6b, 0x6a, 0x71, 0x72, 0x73] as const).map((byte): Row => [
    `type ${{ 0x6e: 'any', 0x6d: 'eq', 0x6c: 'i31', 0x6b: 'struct', 0x6a: 'array', 0x71: 'none', 0x72: 'noextern', 0x73: 'nofunc' }[byte]} (garbage collection)`,
    typeSection(1, 0x60, 1, byte, 0),
    13,
  ]),
  ['instruction fb 1c (garbage collection)', global(0xfb, 0x1c, 0x0b), 13],
  instruction('fb 00', 'garbage collection', 0xfb, 0x00, 0x00),
  instruction('fb 1c', 'garbage collection', 0xfb, 0x1c),
  instruction('ref.eq', 'garbage collection', 0xd3),
];

const memory64: readonly Row[] = [
  ...[4, 5].map((flags): Row => ['64-bit memory (memory64)', [...header, ...section(5, [1, flags, 1, 1])], 11]),
  ['64-bit memory (memory64)', importSection(2, 4, 1), 14],
  ['64-bit tables (memory64)', [...header, ...section(4, [1, 0x70, 4, 1])], 12],
  ['64-bit tables (memory64)', [...header, ...section(4, [1, 0x70, 5, 1, 1])], 12],
  ['64-bit tables (memory64)', importSection(1, 0x70, 4, 1), 15],
];

const components: readonly Row[] = [
  ['components (component model)', [...header.slice(0, 4), 0x0d, 0, 1, 0], 4],
  ['components (component model)', [...header.slice(0, 4), 0x0a, 0, 1, 0], 4],
];

const others: readonly Row[] = [
  ['continuation types (stack switching)', typeSection(1, 0x5d, 0), 11],
  ['type cont (stack switching)', typeSection(1, 0x60, 1, 0x68, 0), 13],
  instruction('cont.new', 'stack switching', 0xe0, 0x00),
  instruction('switch', 'stack switching', 0xe6, 0x00, 0x00),
  instruction('i64.add128', 'wide arithmetic', 0xfc, 0x13),
  instruction('memory.discard', 'memory control', 0xfc, 0x12, 0x00),
];

/** Each group with the words that its hint must have. */
const groups: readonly (readonly [group: string, hint: string, rows: readonly Row[]])[] = [
  ['SIMD', '-mno-simd128', simd],
  ['relaxed SIMD', '-mno-relaxed-simd', relaxedSimd],
  ['threads', '-mno-atomics', threads],
  ['exceptions', '-fno-exceptions', exceptions],
  ['references', 'WebAssembly 2.0', references],
  ['GC', 'linear memory', gc],
  ['memory64', 'wasm32', memory64],
  ['components', 'wasm-tools component unbundle', components],
  ['others', 'compile without it', others],
];

describe.each(groups)('%s', (_, hint, rows) => {
  it.each(rows)('%s: refused by name, with offset and remedy', (feature, bytes, offset) => {
    let error: unknown;
    try {
      validateModule(decodeModule(Uint8Array.from(bytes)));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error).toMatchObject({ feature, facts: { offset, hint: expect.stringContaining(hint) } });
  });
});
