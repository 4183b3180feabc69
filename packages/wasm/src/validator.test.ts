import { describe, expect, it } from '@jest/globals';
import { InvalidInputError } from '@fireball/contracts';
import { decodeModule } from './decoder.js';
import { buildModule, leb, op, type FunctionSource, type ModuleSource } from './testing/module-builder.js';
import { validateModule } from './validator.js';

const validate = (source: ModuleSource) => validateModule(decodeModule(buildModule(source)));

/** A one-function module with one memory, two tables and two globals. */
function around(body: readonly number[], more: Partial<FunctionSource> = {}): ModuleSource {
  return {
    types: [{ params: ['i32'], results: ['i32'] }],
    functions: [{ body, ...more }],
    tables: [
      [0x70, 0, 1],
      [0x6f, 0, 1],
    ],
    memories: [[0, 1]],
    globals: [
      [0x7f, 0, ...op('i32.const', 0), 0x0b],
      [0x7f, 1, ...op('i32.const', 0), 0x0b],
    ],
  };
}

const zero = op('i32.const', 0);
const empty = 0x40;

describe.each<[string, readonly number[], Partial<FunctionSource>?]>([
  ['nothing', []],
  ['an unreachable polymorphic stack', [...op('unreachable'), ...op('i64.add'), ...op('drop')]],
  ['code behind br', [...op('br', 0), ...op('i32.add'), ...op('drop')]],
  ['a block with parameters', [...zero, ...op('block', 0), ...op('i32.eqz'), ...op('end'), ...op('drop')]],
  ['a loop with parameters, repeated', [...zero, ...op('loop', 0), ...zero, ...op('br_if', 0), ...op('end'), ...op('drop')]],
  ['if with else', [...zero, ...op('if', 0x7f), ...zero, ...op('else'), ...zero, ...op('end')], { results: ['i32'] }],
  ['if without else, type [i32] -> [i32]', [...zero, ...zero, ...op('if', 0), ...op('end'), ...op('drop')]],
  ['select of unknowns', [...op('unreachable'), ...op('select'), ...op('drop')]],
  ['a misaligned hint', [...zero, ...op('i32.load', 0, 4), ...op('drop')]],
  ['a tail call of itself', op('return_call', 0)],
  ['br_table over equal types', [...zero, ...op('br_table', 2, 0, 0, 0)]],
  ['externref in table 1', [...zero, ...op('ref.null', 0x6f), ...op('table.set', 1)]],
])('%s', (_, body, more) => {
  it('is valid', () => {
    expect(() => validate(around(body, more))).not.toThrow();
  });
});

describe.each<[string, readonly number[], string, Partial<FunctionSource>?]>([
  ['an operand that is missing', op('drop'), 'type mismatch'],
  ['i32.add of an i64', [...zero, ...op('i64.const', 0), ...op('i32.add'), ...op('drop')], 'type mismatch: expected i32, found i64'],
  ['a result that is missing', [], 'type mismatch: expected i32, but the stack is empty', { results: ['i32'] }],
  ['a value too many', zero, 'type mismatch: 1 more operand'],
  ['operands of an outer block', [...zero, ...op('block', empty), ...op('drop'), ...op('end')], 'type mismatch'],
  ['if without else that makes a value', [...zero, ...op('if', 0x7f), ...zero, ...op('end'), ...op('drop')], 'type mismatch'],
  [
    'an else arm behind an unreachable first arm',
    [...zero, ...op('if', empty), ...op('unreachable'), ...op('else'), ...op('drop'), ...op('end')],
    'type mismatch',
  ],
  ['else outside of if', op('else'), 'END opcode expected'],
  ['a second else', [...zero, ...op('if', empty), ...op('else'), ...op('else'), ...op('end')], 'END opcode expected'],
  ['a missing end', op('block', empty), 'unexpected end of section or function'],
  ['code behind the end', [...op('end'), ...op('nop')], 'section size mismatch'],
  ['local 3', op('local.get', 3), 'unknown local 3'],
  ['global 9', op('global.get', 9), 'unknown global 9'],
  ['writing a constant global', [...zero, ...op('global.set', 0)], 'global is immutable'],
  ['label 1', op('br', 1), 'unknown label 1'],
  ['function 7', op('call', 7), 'unknown function 7'],
  ['type 9', [...zero, ...op('call_indirect', 9, 0)], 'unknown type 9'],
  ['type 9 of a block', [...op('block', 9), ...op('end')], 'unknown type 9'],
  ['table 2', [...zero, ...op('table.get', 2), ...op('drop')], 'unknown table 2'],
  ['an indirect call through externrefs', [...zero, ...zero, ...op('call_indirect', 0, 1), ...op('drop')], 'type mismatch: table 1 holds externref'],
  ['an excessive alignment', [...zero, ...op('i32.load', 3, 0), ...op('drop')], 'alignment must not be larger than natural'],
  ['data segment 0', [...zero, ...zero, ...zero, ...op('memory.init', 0, 0)], 'unknown data segment 0'],
  ['element segment 0', op('elem.drop', 0), 'unknown elem segment 0'],
  ['an undeclared function reference', [...op('ref.func', 0), ...op('drop')], 'undeclared function reference 0'],
  ['select of references', [...op('ref.null', 0x70), ...op('ref.null', 0x70), ...zero, ...op('select'), ...op('drop')], 'type mismatch'],
  ['select of different types', [...zero, ...op('i64.const', 0), ...zero, ...op('select'), ...op('drop')], 'type mismatch: select between i32 and i64'],
  ['select with two types', [...op('unreachable'), ...op('select_t', 2, 0x7f, 0x7f)], 'invalid result arity'],
  [
    'br_table of different arity',
    [...op('block', 0x7f), ...zero, ...zero, ...op('br_table', 1, 0, 1), ...op('end'), ...op('drop')],
    'type mismatch: labels of br_table differ in arity',
  ],
  ['table.copy between types', [...zero, ...zero, ...zero, ...op('table.copy', 0, 1)], 'type mismatch: table.copy'],
  ['ref.is_null of a number', [...zero, ...op('ref.is_null'), ...op('drop')], 'type mismatch: expected a reference'],
])('%s', (_, body, problem, more) => {
  it(`is invalid: ${problem}`, () => {
    let error: unknown;
    try {
      validate(around(body, more));
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(InvalidInputError);
    const { problem: actual, facts } = error as InvalidInputError;
    expect(actual.slice(0, problem.length)).toBe(problem);
    expect(facts).toMatchObject({ section: 'code', offset: expect.any(Number) });
  });
});

describe.each<[string, ModuleSource, string]>([
  ['a function of type 4', { imports: [['m', 'f', [0, 4]]] }, 'unknown type 4'],
  [
    'two memories',
    {
      memories: [
        [0, 1],
        [0, 1],
      ],
    },
    'multiple memories',
  ],
  ['65537 pages', { memories: [[0, ...leb(65537)]] }, 'memory size must be at most 65536 pages (4GiB)'],
  ['min above max', { memories: [[1, 2, 1]] }, 'size minimum must not be greater than maximum'],
  ['a table with min above max', { tables: [[0x70, 1, 2, 1]] }, 'size minimum must not be greater than maximum'],
  ['a global of another type', { globals: [[0x7e, 0, ...zero, 0x0b]] }, 'type mismatch'],
  ['a global that calls', { globals: [[0x7f, 0, ...op('memory.size', 0), 0x0b]] }, 'constant expression required'],
  [
    'a global made from an own one',
    {
      globals: [
        [0x7f, 0, ...zero, 0x0b],
        [0x7f, 0, ...op('global.get', 0), 0x0b],
      ],
    },
    'unknown global 0',
  ],
  [
    'a global made from a mutable one',
    { imports: [['m', 'g', [3, 0x7f, 1]]], globals: [[0x7f, 0, ...op('global.get', 0), 0x0b]] },
    'constant expression required',
  ],
  [
    'an export twice',
    {
      memories: [[0, 1]],
      exports: [
        ['m', [2, 0]],
        ['m', [2, 0]],
      ],
    },
    'duplicate export name',
  ],
  ['an export of nothing', { exports: [['g', [3, 0]]] }, 'unknown global 0'],
  ['a start function with results', { functions: [{ results: ['i32'], body: zero }], start: 0 }, 'start function'],
  ['start of nothing', { start: 3 }, 'unknown function 3'],
  ['elements without table', { elements: [[0, ...zero, 0x0b, 0]] }, 'unknown table 0'],
  ['elements of another type', { tables: [[0x6f, 0, 1]], elements: [[0, ...zero, 0x0b, 0]] }, 'type mismatch'],
  ['elements of no function', { tables: [[0x70, 0, 1]], elements: [[0, ...zero, 0x0b, 1, 4]] }, 'unknown function 4'],
  ['data without memory', { data: [[0, ...zero, 0x0b, 0]] }, 'unknown memory 0'],
  ['memory.init without count', { memories: [[0, 1]], data: [[1, 0]], functions: [{ body: op('data.drop', 0) }] }, 'data count section required'],
  ['a load without memory', { functions: [{ body: [...zero, ...op('i32.load', 0, 0), ...op('drop')] }] }, 'unknown memory 0'],
  ['a tail call with other results', { functions: [{ body: op('return_call', 1) }, { results: ['i32'], body: zero }] }, 'type mismatch: tail call'],
])('%s', (_, source, problem) => {
  it(`is invalid: ${problem}`, () => {
    expect(() => validate(source)).toThrow(InvalidInputError);
    expect(() => validate(source)).toThrow(problem);
  });
});

describe('extended constants and page sizes', () => {
  it('are valid', () => {
    const validated = validate({
      imports: [['m', 'g', [3, 0x7f, 0]]],
      memories: [[8, 100, 0]],
      globals: [[0x7f, 0, ...op('global.get', 0), ...op('i32.const', 3), ...op('i32.mul'), 0x0b]],
    });
    expect(validated.module.memories[0]?.pageSize).toBe(1);
  });
});

describe('side tables', () => {
  const body = [
    ...op('block', empty),
    ...zero,
    ...op('if', empty),
    ...op('loop', empty),
    ...zero,
    ...op('br_table', 2, 0, 1, 3),
    ...op('nop'),
    ...op('end'),
    ...op('else'),
    ...op('br', 1),
    ...op('end'),
    ...op('end'),
  ];
  const validated = validate({ functions: [{ body }] });
  const [entry] = validated.functions;
  if (entry === undefined) throw new Error('no function');
  const { controls, branches, code } = entry;
  const at = (offset: number) => offset - code.start;

  it('hold the control frames in order', () => {
    expect(controls.count).toBe(4);
    const rows = [0, 1, 2, 3].map((row) => ({
      kind: controls.kind(row),
      start: at(controls.start(row)),
      end: at(controls.end(row)),
      elseAt: controls.elseAt(row) === undefined ? undefined : at(controls.elseAt(row) ?? 0),
      parent: controls.parent(row),
      loopDepth: controls.loopDepth(row),
      branches: controls.branchCount(row),
      target: at(controls.branchTarget(row)),
    }));
    expect(rows).toEqual([
      { kind: 'function', start: 0, end: 22, elseAt: undefined, parent: -1, loopDepth: 0, branches: 1, target: 22 },
      { kind: 'block', start: 0, end: 21, elseAt: undefined, parent: 0, loopDepth: 0, branches: 1, target: 21 },
      { kind: 'if', start: 4, end: 20, elseAt: 17, parent: 1, loopDepth: 0, branches: 1, target: 20 },
      { kind: 'loop', start: 6, end: 16, elseAt: undefined, parent: 2, loopDepth: 1, branches: 1, target: 8 },
    ]);
  });

  it('hold the branches and the dead code', () => {
    const rows = Array.from({ length: branches.count }, (_, row) => [at(branches.at(row)), branches.control(row), branches.arity(row)]);
    expect(rows).toEqual([
      [10, 3, 0],
      [10, 2, 0],
      [10, 0, 0],
      [18, 1, 0],
    ]);
    expect(branches.find(code.start + 18)).toBe(3);
    expect(branches.find(code.start + 10)).toBe(0);
    expect(branches.find(code.start + 11)).toBe(-1);
    expect([...entry.deadRanges].map(at)).toEqual([15, 16]);
  });

  it('hold the function-wide facts', () => {
    expect(entry).toMatchObject({ maxOperandHeight: 1, isLeaf: true, usesMemory: false, hasMemoryGrow: false });
    const growing = validate(around([...zero, ...op('memory.grow', 0), ...op('drop'), ...op('call', 0)]));
    expect(growing.functions[0]).toMatchObject({ isLeaf: false, usesMemory: true, hasMemoryGrow: true });
    expect(growing.hasMemoryGrow).toBe(true);
  });

  it('keep 50,000 locals compact', () => {
    const bytes = buildModule({ functions: [{ params: ['i64'], body: [] }] });
    // Rewrite the body: one run of 49,999 f32.
    const run = [...bytes.slice(0, -6), 0x0a, 8, 1, 6, 1, ...leb(49_999), 0x7d, 0x0b];
    const { locals } = validateModule(decodeModule(Uint8Array.from(run))).functions[0] ?? { locals: undefined };
    expect(locals?.count).toBe(50_000);
    expect(locals?.runs).toHaveLength(2);
    expect([0, 1, 49_999, 50_000].map((index) => locals?.typeAt(index))).toEqual(['i64', 'f32', 'f32', undefined]);
  });
});
