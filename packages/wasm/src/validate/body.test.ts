import { describe, expect, it } from '@jest/globals';
import { InvalidInputError, NoRoomError } from '@fireball/contracts';
import { isFull } from '../core/layout/common.js';
import { decodeModule } from '../decoder.js';
import { opcodes, type ImmediateKind } from '../opcodes.js';
import { buildModule, leb, op } from '../testing/module-builder.js';
import { portableCore } from '../testing/portable-core.js';
import { v8 } from '../testing/v8.js';
import type { ValueType } from '../types.js';
import { validateModuleBy, type ValidatedFunction, type ValidatedModule } from '../validator.js';
import type { WithCore } from './bodies.js';
import { takeCore, withCore, type Core } from './core.js';
import { operandTypesOf } from './operand-types.js';

const push: Readonly<Record<ValueType, readonly number[]>> = {
  i32: op('i32.const', 0),
  i64: op('i64.const', 0),
  f32: op('f32.const', 0, 0, 0, 0),
  f64: op('f64.const', 0, 0, 0, 0, 0, 0, 0, 0),
  funcref: op('ref.null', 0x70),
  externref: op('ref.null', 0x6f),
};
const types = Object.keys(push) as ValueType[];

/** Immediates as they are written for names of one byte, of two, and with a name that is not there. Instructions that need an `end` of their own are not asked for. */
const immediates: Readonly<Record<ImmediateKind, readonly (readonly number[])[]>> = {
  none: [[]],
  block: [],
  label: [[0], [1]],
  br_table: [
    [1, 0, 0],
    [0, 1],
  ],
  func: [[0], [1], [130 | 0x80, 1]],
  type_table: [
    [0, 0],
    [2, 0],
    [1, 1],
  ],
  local: [[0], [1], [5], [6], [...leb(200)], [...leb(201)]],
  global: [[0], [1], [2], [0x81, 0]],
  table: [[0], [1], [2]],
  memarg: [
    [0, 0],
    [3, ...leb(200)],
    [4, 0],
    [0x80, 0, ...leb(2 ** 32 - 1)],
  ],
  memory: [[0], [1]],
  i32: [[0], [...leb(2 ** 31 - 1)]],
  i64: [[0], [...leb(2 ** 40)]],
  f32: [[0, 0, 0, 0]],
  f64: [[0, 0, 0, 0, 0, 0, 0, 0]],
  select_types: [[1, 0x7e], [1, 0x70], [0]],
  ref_type: [[0x6f]],
  data: [[0], [1]],
  elem: [[0], [1]],
  data_memory: [
    [0, 0],
    [1, 0],
  ],
  memory_memory: [[0, 0]],
  elem_table: [
    [0, 0],
    [0, 1],
    [1, 0],
  ],
  table_table: [
    [0, 0],
    [1, 0],
    [1, 1],
  ],
};

/** Modules with one function in question: locals of every type first, then many of i64; two tables; a global that can be set and one that cannot. */
function moduleWith(body: readonly number[], memories: readonly (readonly number[])[] = [[0, 1]]): Uint8Array {
  return buildModule({
    types: [{ params: ['i64', 'i32'], results: [] }],
    functions: [
      { locals: [...types, ...Array.from({ length: 195 }, (): ValueType => 'i64')], body },
      { params: ['i32', 'i64'], results: ['f32'], body: op('unreachable') },
    ],
    tables: [
      [0x70, 0, 1],
      [0x6f, 0, 1],
    ],
    memories,
    globals: [
      [0x7f, 0, ...push.i32, 0x0b],
      [0x7d, 1, ...push.f32, 0x0b],
    ],
    exports: [['f', [0, 0]]],
    elements: [[1, 0, 1, 0]],
    dataCount: 1,
    data: [[1, 1, 9]],
  });
}

/** All that the walk over a body found out, in order. */
function findingsOf(entry: ValidatedFunction): unknown[] {
  const { controls, branches, deadRanges, maxOperandHeight, isLeaf, usesMemory, hasMemoryGrow } = entry;
  const controlRows = Array.from({ length: controls.count }, (_, row) => [
    controls.kind(row),
    controls.signature(row),
    controls.start(row),
    controls.body(row),
    controls.elseAt(row),
    controls.end(row),
    controls.height(row),
    controls.parent(row),
    controls.loopDepth(row),
    controls.branchCount(row),
  ]);
  const branchRows = Array.from({ length: branches.count }, (_, row) => [branches.at(row), branches.control(row), branches.arity(row)]);
  const forInterpreter = [false, true].map((countsLoops) => {
    const { jumps, hasWideValues, hasLongImmediates } = entry.forInterpreter(countsLoops);
    return [Array.from({ length: jumps.count }, (_, row) => jumps.row(row)), hasWideValues, hasLongImmediates];
  });
  return [controlRows, branchRows, [...deadRanges], maxOperandHeight, isLeaf, usesMemory, hasMemoryGrow, forInterpreter];
}

/** What is found out of a module's bodies, the same by both forms of the core; undefined where one breaks a rule. */
function validateByBoth(bytes: Uint8Array): ValidatedModule | undefined {
  const byPortable: WithCore = (use) => use(portableCore);
  const [validated, portable] = [withCore, byPortable].map((by) => {
    try {
      return validateModuleBy(by, decodeModule(bytes));
    } catch (error) {
      if (error instanceof InvalidInputError) return undefined;
      throw error;
    }
  });
  expect(JSON.stringify(portable?.functions.map(findingsOf))).toBe(JSON.stringify(validated?.functions.map(findingsOf)));
  return validated;
}

/** Both passes' verdict: where the first one refuses and the second finds nothing, that is an internal error. */
function isValid(bytes: Uint8Array): boolean {
  const validated = validateByBoth(bytes);
  // What the first one accepts the second one must not refuse.
  for (const entry of validated?.functions ?? []) operandTypesOf(validated!.module, entry);
  return validated !== undefined;
}

/** Operands of each type: none, one, and those twos and threes that instructions take, and some that none takes. */
const operandLists: readonly (readonly ValueType[])[] = [
  [],
  ...types.map((type) => [type]),
  ...types.flatMap((type, index): ValueType[][] => [
    [type, type],
    ['i32', type],
    [type, types[(index + 1) % types.length]!],
  ]),
  ...types.map((type): ValueType[] => [type, type, 'i32']),
  ['i32', 'funcref', 'i32'],
  ['i32', 'i32', 'i64'],
];
/** Enough for immediates. */
const fewLists: readonly (readonly ValueType[])[] = [[], ['i32'], ['i64'], ['i32', 'i32'], ['i64', 'i64'], ['i32', 'i64'], ['i32', 'i32', 'i32']];

describe.each([...new Set(opcodes.map((opcode) => opcode.immediates))])('immediates %s', (kind) => {
  it('each instruction takes the operands that V8 lets it take, in code that is reached and in code that is not', () => {
    for (const { name } of opcodes.filter((opcode) => opcode.immediates === kind && opcode.name !== 'else' && opcode.name !== 'end')) {
      for (const [index, written] of immediates[kind].entries()) {
        for (const list of index === 0 ? operandLists : fewLists) {
          // What is missing in code that is not reached may be of any type: no more than one operand is there.
          for (const start of list.length < 2 ? [[], op('unreachable')] : [[]]) {
            const bytes = moduleWith([...start, ...list.flatMap((type) => push[type]), ...op(name, ...written), ...op('unreachable')]);
            if (isValid(bytes) !== v8.validate(bytes)) throw new Error(`${name} ${written.join()} on ${list.join()}${start.length > 0 ? ', not reached' : ''}`);
          }
        }
      }
    }
  });
});

describe('a module that ends behind an opcode', () => {
  it('is refused as both passes and V8 do', () => {
    for (const { name, code } of opcodes.filter((opcode) => opcode.code < 0x100 && opcode.name !== 'end')) {
      for (const list of fewLists) {
        const bytes = buildModule({ functions: [{ body: list.flatMap((type) => push[type]) }], memories: [[0, 1]] });
        bytes[bytes.length - 1] = code;
        if (isValid(bytes) || v8.validate(bytes)) throw new Error(`${name} behind ${list.join()}`);
      }
    }
  });
});

describe('blocks with lists of types', () => {
  const swap = 0;
  const two = 1;
  const same = 2;
  const blockTypes = [
    { params: ['i32', 'i64'], results: ['i64', 'i32'] },
    { params: [], results: ['i32', 'i32'] },
    { params: ['i32'], results: ['i32'] },
  ] as const;
  const end = op('end');
  const drop = op('drop');

  it.each<[string, readonly (readonly number[])[], boolean]>([
    ['parameters are taken and results left', [push.i32, push.i64, op('block', swap), drop, drop, push.i64, push.i32, end, drop, drop], true],
    ['a parameter of another type', [push.i64, push.i64, op('block', swap), drop, drop, push.i64, push.i32, end, drop, drop], false],
    ['a parameter below the frame', [push.i32, op('block', 0x40), push.i64, op('block', swap), end, drop, drop, end, drop], false],
    ['results in another order', [push.i32, push.i64, op('block', swap), end, drop, drop], false],
    ['a number of two bytes', [push.i32, op('block', 0x80 | same, 0), end, drop], true],
    ['a negative number', [push.i32, op('block', 0x80 | same, 0x40), end, drop], false],
    ['a branch to a loop carries parameters', [push.i32, op('loop', same), op('br', 0), end, drop], true],
    ['a branch to a loop lacks parameters', [push.i32, op('loop', same), drop, op('br', 0), end, drop], false],
    ['an else has the parameters again', [push.i32, push.i32, op('if', same), op('else'), op('i32.eqz'), end, drop], true],
    ['no else, but what comes goes', [push.i32, push.i32, op('if', same), op('i32.eqz'), end, drop], true],
    ['no else, and nothing comes', [push.i32, op('if', two), push.i32, push.i32, end, drop, drop], false],
    ['br_if leaves what it carries', [op('block', two), push.i32, push.i32, push.i32, op('br_if', 0), end, drop, drop], true],
    ['br_table carries two', [op('block', two), push.i32, push.i32, push.i32, op('br_table', 1, 0, 0), end, drop, drop], true],
    ['br_table with labels of other arities', [op('block', two), push.i32, push.i32, push.i32, op('br_table', 1, 0, 1), end, drop, drop], false],
    ['br_table of operands that are not there', [op('block', two), op('unreachable'), push.i32, op('br_table', 1, 0, 0), end, drop, drop], true],
    ['br_table of one operand of another type', [op('block', two), op('unreachable'), push.i64, push.i32, op('br_table', 1, 0, 0), end, drop, drop], false],
    ['operands of any type at an end', [op('block', two), op('unreachable'), push.i32, end, drop, drop], true],
    ['too many operands at an end', [op('block', two), op('unreachable'), push.i32, push.i32, push.i32, end, drop, drop], false],
  ])('%s', (_name, body, expected) => {
    const bytes = buildModule({ types: blockTypes, functions: [{ body: body.flat() }] });
    expect([isValid(bytes), v8.validate(bytes)]).toEqual([expected, expected]);
  });
});

describe('what a body needs room for', () => {
  const many = 8_000;
  const times = <T>(count: number, part: readonly T[]): T[] => Array.from({ length: count }, () => part).flat();
  const block = op('block', 0x40);

  it.each<[string, readonly number[], number[]]>([
    ['blocks in one another', [...times(many, block), ...times(many, op('end'))], [many + 1, 0, 0]],
    ['blocks one after the other', times(many, [...block, ...op('br', 0), ...op('end')]), [many + 1, many, 0]],
    ['labels of a table', [...push.i32, ...op('br_table', ...leb(many), ...times(many + 1, [0]))], [1, many + 1, 0]],
    ['ranges that are not reached', times(many, [...block, ...op('unreachable'), ...op('nop'), ...op('end')]), [many + 1, 0, many]],
    ['bodies', times(10, block).concat(times(10, op('end'))), [11, 0, 0]],
  ])('%s', (name, body, [controls, branches, dead]) => {
    const bytes = buildModule({ functions: times(name === 'bodies' ? many / 10 : 2, [{ body }]) });
    for (const entry of validateByBoth(bytes)!.functions) {
      expect([entry.controls.count, entry.branches.count, entry.deadRanges.length / 2]).toEqual([controls, branches, dead]);
    }
  });

  it('locals, of which a body may have more than the one before', () => {
    const body = (locals: readonly ValueType[]): { locals: readonly ValueType[]; body: number[] } => ({
      locals,
      body: locals.length === 0 ? [] : [...op('local.get', ...leb(locals.length - 1)), ...op('drop')],
    });
    expect(isValid(buildModule({ functions: [body([]), body(times<ValueType>(many, ['f64', 'i32'])), body(['i64'])] }))).toBe(true);
  });

  it('br_table has as many labels as in V8, and more are refused by name', () => {
    const table = (count: number): Uint8Array =>
      buildModule({ functions: [{ body: [...push.i32, ...op('br_table', ...leb(count), ...times(count + 1, [0]))] }] });
    expect(isValid(table(65_520))).toBe(true);
    expect(() => validateModuleBy(withCore, decodeModule(table(65_521)))).toThrow('br_table with 65521 labels (at most 65520 beside the default)');
  });

  it('is refused by name where there is none', () => {
    const module = decodeModule(buildModule({ functions: [{ body: [] }] }));
    const core = takeCore();
    const full: Core = {
      ...core,
      memory: core.memory,
      validateBodies: (first) => {
        new Int32Array(core.memory.buffer)[isFull / 4] = 1;
        return first;
      },
    };
    for (const other of [{ ...full, allocate: () => 0 }, full]) expect(() => validateModuleBy((use) => use(other), module)).toThrow(NoRoomError);
    expect(validateModuleBy((use) => use(core), module).functions).toHaveLength(1);
  });
});
