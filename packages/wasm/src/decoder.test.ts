import { describe, expect, it } from '@jest/globals';
import { InvalidInputError, UnsupportedError } from '@fireball/contracts';
import fc from 'fast-check';
import { ByteReader } from './binary/reader.js';
import { decodeModule } from './decoder.js';
import { functionName } from './module.js';
import { buildModule, header, leb, op, section, sleb } from './testing/module-builder.js';

function errorOf(bytes: readonly number[] | Uint8Array): unknown {
  try {
    decodeModule(Uint8Array.from(bytes));
  } catch (error) {
    return error;
  }
  return undefined;
}

const malformed: readonly [what: string, bytes: number[], problem: string, offset: number, section?: string][] = [
  ['nothing', [], 'unexpected end of section or function', 0, 'header'],
  ['half a magic', [0x00, 0x61], 'unexpected end of section or function', 2, 'header'],
  ['text', [0x28, 0x6d, 0x6f, 0x64], 'magic header not detected', 0, 'header'],
  ['no version', header.slice(0, 4), 'unexpected end of section or function', 4, 'header'],
  ['version 2', [...header.slice(0, 4), 2, 0, 0, 0], 'unknown binary version', 4, 'header'],
  ['a layer that there is not', [...header.slice(0, 4), 0x0d, 0, 2, 0], 'unknown binary version', 4, 'header'],
  ['section 14', [...header, 14, 0], 'malformed section id', 8],
  ['a section beyond the end', [...header, 1, 5, 0], 'length out of bounds', 9, 'type'],
  ['a section with more than its items', [...header, 1, 2, 0, 0], 'section size mismatch', 10, 'type'],
  ['a hostile count of types', [...header, ...section(1, [0xff, 0xff, 0xff, 0xff, 0x0f])], 'unexpected end of section or function', 15, 'type'],
  ['a size with six bytes', [...header, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0], 'integer representation too long', 13, 'type'],
  ['a size beyond 32 bits', [...header, 1, 0x80, 0x80, 0x80, 0x80, 0x10], 'integer too large', 13, 'type'],
  ['sections in disorder', [...header, ...section(3, [0]), ...section(1, [0])], 'unexpected content after last section', 11, 'type'],
  ['two type sections', [...header, ...section(1, [0]), ...section(1, [0])], 'unexpected content after last section', 11, 'type'],
  ['a type form 0x61', [...header, ...section(1, [1, 0x61, 0, 0])], 'malformed function type', 11, 'type'],
  ['a value type 0x10', [...header, ...section(1, [1, 0x60, 1, 0x10, 0])], 'malformed value type', 13, 'type'],
  ['a table of i32', [...header, ...section(4, [1, 0x7f, 0, 1])], 'malformed reference type', 11, 'table'],
  ['table flags 2', [...header, ...section(4, [1, 0x70, 2, 1])], 'integer too large', 12, 'table'],
  ['memory flags 0x10', [...header, ...section(5, [1, 0x10, 1])], 'malformed limits flags', 11, 'memory'],
  ['a page size of 2', [...header, ...section(5, [1, 8, 1, 1])], 'invalid custom page size', 13, 'memory'],
  ['mutability 2', [...header, ...section(6, [1, 0x7f, 2, 0x41, 0, 0x0b])], 'malformed mutability', 12, 'global'],
  ['import kind 5', [...header, ...section(2, [1, 0, 0, 5])], 'malformed import kind', 13, 'import'],
  ['export kind 5', [...header, ...section(7, [1, 0, 5, 0])], 'malformed export kind', 12, 'export'],
  ['a name that is not UTF-8', [...header, ...section(7, [1, 1, 0xff, 0, 0])], 'malformed UTF-8 encoding', 12, 'export'],
  ['element kind 8', [...header, ...section(9, [1, 8])], 'malformed elements segment kind', 11, 'element'],
  ['data kind 3', [...header, ...section(11, [1, 3])], 'malformed data segment kind', 11, 'data'],
  [
    'a function without body',
    [...header, ...section(1, [1, 0x60, 0, 0]), ...section(3, [1, 0])],
    'function and code section have inconsistent lengths',
    18,
    'code',
  ],
  ['a wrong data count', [...header, ...section(12, [2]), ...section(11, [0])], 'data count and data section have inconsistent lengths', 13, 'data'],
  [
    '4 billion locals',
    [...header, ...section(1, [1, 0x60, 0, 0]), ...section(3, [1, 0]), ...section(10, [1, 10, 2, ...leb(0xffff_ffff), 0x7f, ...leb(2), 0x7f, 0x0b])],
    'too many locals',
    22,
    'code',
  ],
  ['an opcode 0xff in a constant', [...header, ...section(6, [1, 0x7f, 0, 0xff, 0x0b])], 'illegal opcode ff', 13, 'global'],
  ['an opcode fc 7f in a constant', [...header, ...section(6, [1, 0x7f, 0, 0xfc, 0x7f, 0x0b])], 'illegal opcode fc 7f', 13, 'global'],
];

describe.each(malformed)('%s', (_, bytes, problem, offset, name) => {
  it(`is refused: ${problem}`, () => {
    const error = errorOf(bytes);
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error).toMatchObject({ problem, facts: { offset, section: name } });
  });
});

describe('50001 locals', () => {
  it('are refused with the limit', () => {
    const error = errorOf([...header, ...section(1, [1, 0x60, 0, 0]), ...section(3, [1, 0]), ...section(10, [1, 6, 1, ...leb(50_001), 0x7f, 0x0b])]);
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error).toMatchObject({ feature: '50001 locals in one function (at most 50000)', facts: { offset: 22 } });
  });
});

describe('LEB128', () => {
  const read = <T>(bytes: readonly number[], take: (reader: ByteReader) => T): T => {
    const reader = new ByteReader(Uint8Array.from(bytes));
    const value = take(reader);
    expect(reader.remaining).toBe(0);
    return value;
  };

  it('round-trips', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (x) => read(leb(x), (r) => r.u32()) === x));
    fc.assert(fc.property(fc.integer(), (x) => read(sleb(x), (r) => r.s32()) === x));
    fc.assert(fc.property(fc.integer({ min: -(2 ** 32), max: 2 ** 32 - 1 }), (x) => read(sleb(x), (r) => r.s33()) === x));
    fc.assert(fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (x) => read(sleb(x), (r) => r.s64()) === x));
  });

  it.each([
    ['s32', [0xff, 0xff, 0xff, 0xff, 0x0f], 'integer too large'],
    ['s32', [0x80, 0x80, 0x80, 0x80, 0x08], 'integer too large'],
    ['s32', [0x80, 0x80, 0x80, 0x80, 0x77], 'integer too large'],
    ['s32', [0x80, 0x80, 0x80, 0x80, 0x70], 'integer too large'],
    ['s32', [0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 'integer representation too long'],
    ['s64', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], 'integer too large'],
    ['s64', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 'integer representation too long'],
    ['s33', [0x80, 0x80, 0x80, 0x80, 0x20], 'integer too large'],
  ] as const)('%s of %j: %s', (kind, bytes, problem) => {
    expect(() => new ByteReader(Uint8Array.from(bytes))[kind]()).toThrow(problem);
  });

  it('accepts padded numbers', () => {
    expect(read([0x80, 0x80, 0x80, 0x80, 0x00], (r) => r.u32())).toBe(0);
    expect(read([0xff, 0xff, 0xff, 0xff, 0x7f], (r) => r.s32())).toBe(-1);
  });
});

describe('a decoded module', () => {
  const nameSection = [...[0, 4, 3, 0x6d, 0x6f, 0x64], ...[1, 6, 1, 1, 3, 0x61, 0x64, 0x64], ...[2, 6, 1, 1, 1, 0, 1, 0x78]];
  const bytes = buildModule({
    imports: [['env', 'f', [0, 0]]],
    functions: [{ params: ['i32'], results: ['i32'], locals: ['i64', 'i64'], body: op('local.get', 0), export: 'run' }],
    tables: [[0x70, 1, 2, 9]],
    memories: [[9, 1, 3, 0]],
    globals: [[0x7e, 1, ...op('i64.const', 5), 0x0b]],
    elements: [[0, ...op('i32.const', 1), 0x0b, 1, 1]],
    data: [[1, 2, 7, 8]],
    dataCount: 1,
    custom: [
      ['name', nameSection],
      ['.debug_line', [1, 2, 3]],
      ['producers', [1, 8, ...new TextEncoder().encode('language'), 1, 1, 0x43, 2, 0x31, 0x31]],
    ],
  });
  const module = decodeModule(bytes);

  it('has all its parts', () => {
    expect(module).toMatchObject({
      imported: { function: 1, table: 0, memory: 0, global: 0 },
      functionTypes: [0, 0],
      tables: [{ element: 'funcref', limits: { min: 2, max: 9 } }],
      memories: [{ limits: { min: 1, max: 3 }, pageSize: 1 }],
      globals: [{ type: 'i64', mutable: true }],
      exports: [{ name: 'run', kind: 'function', index: 1 }],
      elements: [{ mode: 'active', type: 'funcref', table: 0, init: { kind: 'functions', indices: [1] } }],
      dataCount: 1,
      producers: [{ field: 'language', name: 'C', version: '11' }],
    });
    expect([...module.data]).toMatchObject([{ mode: 'passive', position: undefined }]);
    expect(module.bodies[0]?.locals).toEqual([
      { count: 1, type: 'i64' },
      { count: 1, type: 'i64' },
    ]);
    const { start, end } = module.bodies[0]?.code ?? { start: 0, end: 0 };
    expect([...bytes.subarray(start, end)]).toEqual([0x20, 0, 0x0b]);
  });

  it('has names and locates DWARF', () => {
    expect(module.names.module).toBe('mod');
    expect(functionName(module, 1)).toBe('add');
    expect(module.names.locals.get(1)?.get(0)).toBe('x');
    const line = module.dwarf.get('.debug_line');
    expect([...bytes.subarray(line?.start, line?.end)]).toEqual([1, 2, 3]);
  });

  it('keeps what is readable of a broken name section', () => {
    const broken = decodeModule(buildModule({ custom: [['name', [...nameSection.slice(0, 6), 1, 0xff, 0xff, 0xff, 0xff, 0x0f]]] }));
    expect(broken.names.module).toBe('mod');
    expect(broken.names.functions.size).toBe(0);
  });
});
