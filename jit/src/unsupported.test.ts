/** What the JIT refuses, by name. The lists stand here so that growing support shrinks them in plain sight. */
import { UnsupportedError, type Isa } from '@fireball/contracts';
import { opcodes, type ImmediateKind, type Opcode, type OpName } from '@fireball/wasm';
import { describe, expect, it } from '@jest/globals';
import { compileFunction } from './compile.js';
import { cores, type Feature, type Features } from './features.js';
import { loadTemplates } from './templates/index.js';
import { testEnvironment } from './testing/environment.js';
import { sourceOfText } from './testing/module.js';

/** Refused on every target, whatever routines the runtime has. */
const refused: readonly OpName[] = [];

/** Carried out by a routine of the runtime, on both targets: refused where it has none. */
const byRoutine: readonly OpName[] = [
  'table.get',
  'table.set',
  'table.init',
  'table.copy',
  'table.grow',
  'table.fill',
  'memory.grow',
  'memory.init',
  'memory.copy',
  'memory.fill',
  'f32.eq',
  'f32.ne',
  'f32.lt',
  'f32.gt',
  'f32.le',
  'f32.ge',
  'f32.ceil',
  'f32.floor',
  'f32.trunc',
  'f32.nearest',
  'f32.sqrt',
  'f32.add',
  'f32.sub',
  'f32.mul',
  'f32.div',
  'f32.min',
  'f32.max',
  'f32.convert_i32_s',
  'f32.convert_i32_u',
  'f32.convert_i64_s',
  'f32.convert_i64_u',
  'f32.demote_f64',
  'f64.eq',
  'f64.ne',
  'f64.lt',
  'f64.gt',
  'f64.le',
  'f64.ge',
  'f64.ceil',
  'f64.floor',
  'f64.trunc',
  'f64.nearest',
  'f64.sqrt',
  'f64.add',
  'f64.sub',
  'f64.mul',
  'f64.div',
  'f64.min',
  'f64.max',
  'f64.convert_i32_s',
  'f64.convert_i32_u',
  'f64.convert_i64_s',
  'f64.convert_i64_u',
  'f64.promote_f32',
  'i32.popcnt',
  'i32.trunc_f32_s',
  'i32.trunc_f32_u',
  'i32.trunc_f64_s',
  'i32.trunc_f64_u',
  'i32.trunc_sat_f32_s',
  'i32.trunc_sat_f32_u',
  'i32.trunc_sat_f64_s',
  'i32.trunc_sat_f64_u',
  'i64.clz',
  'i64.ctz',
  'i64.popcnt',
  'i64.div_s',
  'i64.div_u',
  'i64.rem_s',
  'i64.rem_u',
  'i64.trunc_f32_s',
  'i64.trunc_f32_u',
  'i64.trunc_f64_s',
  'i64.trunc_f64_u',
  'i64.trunc_sat_f32_s',
  'i64.trunc_sat_f32_u',
  'i64.trunc_sat_f64_s',
  'i64.trunc_sat_f64_u',
];

/** What a floating-point unit takes over from routines. */
const byUnit = {
  fpv4: [
    'f32.eq',
    'f32.ne',
    'f32.lt',
    'f32.gt',
    'f32.le',
    'f32.ge',
    'f32.sqrt',
    'f32.add',
    'f32.sub',
    'f32.mul',
    'f32.div',
    'f32.min',
    'f32.max',
    'f32.convert_i32_s',
    'f32.convert_i32_u',
    'i32.trunc_f32_s',
    'i32.trunc_f32_u',
    'i32.trunc_sat_f32_s',
    'i32.trunc_sat_f32_u',
  ],
  fpv5: ['f32.ceil', 'f32.floor', 'f32.trunc', 'f32.nearest'],
} as const satisfies Record<string, readonly OpName[]>;
const single: readonly OpName[] = [...byUnit.fpv4, ...byUnit.fpv5];
const double = single.map((name) => name.replace('f32', 'f64') as OpName);
/** By feature of a core; what needs two has the second. */
const units = {
  ...byUnit,
  f: single,
  d: [...double, 'f32.demote_f64', 'f64.promote_f32'],
} as const satisfies Record<Feature, readonly OpName[]>;

/** What one target has no instruction for. */
const alsoByRoutine: Readonly<Record<Isa, readonly OpName[]>> = { thumb2: [], rv32: ['i32.clz', 'i32.ctz'] };

/** Instructions whose operands depend on the context, in a complete body. */
const bodies: Partial<Record<OpName, string>> = {
  unreachable: 'unreachable',
  block: '(block)',
  loop: '(loop)',
  if: '(if (i32.const 1) (then))',
  else: '(if (i32.const 1) (then) (else (nop)))',
  end: '',
  br: '(br 0)',
  br_if: '(br_if 0 (i32.const 1))',
  br_table: '(br_table 0 0 (i32.const 1))',
  return: 'return',
  call: '(call 0)',
  call_indirect: '(call_indirect (type 0) (i32.const 0))',
  return_call: '(return_call 0)',
  return_call_indirect: '(return_call_indirect (type 0) (i32.const 0))',
  drop: '(drop (i32.const 0))',
  select: '(drop (select (i32.const 1) (i32.const 2) (i32.const 3)))',
  select_t: '(drop (select (result i32) (i32.const 1) (i32.const 2) (i32.const 3)))',
  'local.get': '(drop (local.get 0))',
  'local.set': '(local.set 0 (i32.const 1))',
  'local.tee': '(drop (local.tee 0 (i32.const 1)))',
  'global.get': '(drop (global.get 0))',
  'global.set': '(global.set 0 (i32.const 1))',
  'table.get': '(drop (table.get 0 (i32.const 0)))',
  'table.set': '(table.set 0 (i32.const 0) (ref.null func))',
  'table.grow': '(drop (table.grow 0 (ref.null func) (i32.const 0)))',
  'table.fill': '(table.fill 0 (i32.const 0) (ref.null func) (i32.const 0))',
  'ref.null': '(drop (ref.null func))',
  'ref.is_null': '(drop (ref.is_null (ref.null func)))',
  'ref.func': '(drop (ref.func 0))',
};

const immediates: Partial<Record<ImmediateKind, string>> = {
  i32: '1',
  i64: '1',
  f32: '1.5',
  f64: '1.5',
  table: '0',
  data: '0',
  elem: '0',
  data_memory: '0',
  elem_table: '0 0',
  table_table: '0 0',
};

function bodyOf({ name, signature, immediates: kind }: Opcode): string {
  const body = bodies[name];
  if (body !== undefined) return body;
  const operands = (signature?.params ?? []).map((type) => `(${type}.const 1)`).join(' ');
  const instruction = `(${name} ${immediates[kind] ?? ''} ${operands})`;
  return signature?.results.length === 1 ? `(drop ${instruction})` : instruction;
}

function compiles(isa: Isa, features: Features, opcode: Opcode, hasRoutines: boolean): boolean {
  const source = sourceOfText(`(module (type (func)) (memory 1) (table 4 funcref) (global (mut i32) (i32.const 0))
    (func) (elem func 0) (data "a") (elem declare func 0)
    (func (local i32) ${bodyOf(opcode)}))`);
  const environment = testEnvironment(undefined, features);
  try {
    compileFunction(source, loadTemplates(isa), hasRoutines ? environment : { ...environment, routineAddress: () => undefined });
    return true;
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    // Users read the instruction's name, and where it stands.
    expect(error.feature).toBe(opcode.name);
    expect(error.facts.offset).toBeGreaterThanOrEqual(source.start);
    expect(error.facts.offset).toBeLessThan(source.end);
    return false;
  }
}

const targets = (['thumb2', 'rv32'] as const).flatMap((isa) => Object.entries(cores[isa]).map(([cpu, features]) => ({ isa, cpu, features })));

describe.each(targets)('$cpu', ({ isa, features }) => {
  it('refuses these instructions by name and offset, and no others', () => {
    expect(opcodes.filter((opcode) => !compiles(isa, features, opcode, true)).map(({ name }) => name)).toEqual(refused);
  });

  it('leaves these instructions to routines, and no others', () => {
    const needRoutines = opcodes.filter((opcode) => compiles(isa, features, opcode, true) && !compiles(isa, features, opcode, false));
    const expected = [...byRoutine, ...alsoByRoutine[isa]].filter(
      (name) => ![...features].some((feature) => (units[feature] as readonly OpName[]).includes(name)),
    );
    expect(needRoutines.map(({ name }) => name).sort()).toEqual(expected.sort());
  });
});
