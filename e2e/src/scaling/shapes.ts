/** Modules of one kind, in the text format, of every size, with a function `run(i32) -> i32`. */
export interface Shape {
  readonly name: string;
  /** Number of repeated elements in the larger of the two modules that are compared. */
  readonly n: number;
  text(n: number): string;
}

type Part = string | ((index: number) => string);

function repeat(n: number, part: Part): string {
  return Array.from({ length: n }, (_, index) => (typeof part === 'string' ? part : part(index))).join('\n');
}

/** A module with this function; `fields` are the others of the module. */
function run(body: string, fields = '', locals = 0): string {
  return `(module ${fields} (func (export "run") (param i32) (result i32) ${locals === 0 ? '' : `(local ${repeat(locals, 'i32')})`} ${body}))`;
}

/** A row of the table: of a function's body, whose module has `fields` and `locals` more locals. */
function body(name: string, n: number, code: (n: number) => string, { fields = '', locals = false }: { fields?: string; locals?: boolean } = {}): Shape {
  return { name, n, text: (count) => run(code(count), fields, locals ? count : 0) };
}

/** A row of the table: of the fields of a module whose function does nothing. */
function fields(name: string, n: number, write: (n: number) => string): Shape {
  return { name, n, text: (count) => run('local.get 0', write(count)) };
}

/** Operands of one kind that lie on the stack together before they are added up. */
function operands(name: string, one: Part, add: string, { n = 2500, after = '', module = '' } = {}): Shape {
  return body(name, n, (count) => `${repeat(count, one)} ${repeat(count - 1, add)} ${after}`, { fields: module });
}

const memory = '(memory 1)';
const sumOfLocals = (n: number): string => `i32.const 0 ${repeat(n, (i) => `local.get ${i + 1} i32.add`)}`;

const locals = [
  body('locals, each set and read', 5000, (n) => `${repeat(n, (i) => `local.get 0 local.set ${i + 1}`)} ${sumOfLocals(n)}`, { locals: true }),
  body(
    'locals that live across branches',
    2000,
    (n) => `${repeat(n, (i) => `block local.get 0 br_if 0 i32.const 1 local.set ${i + 1} end`)} ${sumOfLocals(n)}`,
    { locals: true },
  ),
  body(
    'locals that live across calls',
    2000,
    (n) => `${repeat(n, (i) => `loop i32.const 0 call $f local.set ${i + 1} local.get 0 i32.eqz br_if 0 end`)} ${sumOfLocals(n)}`,
    {
      fields: '(func $f (param i32) (result i32) local.get 0)',
      locals: true,
    },
  ),
  body(
    'locals set in nested loops',
    500,
    (n) => `${repeat(n, (i) => `loop local.get ${i + 1} i32.const 1 i32.add local.set ${i + 1}`)} ${repeat(n, 'end')} ${sumOfLocals(n)}`,
    { locals: true },
  ),
  {
    name: 'locals of two types in turn',
    n: 2000,
    text: (n) =>
      `(module (func (export "run") (param i32) (result i32) (local ${repeat(n, (i) => (i % 2 === 0 ? 'i64' : 'f32'))}) ${repeat(n, (i) => `local.get ${i + 1} drop`)} i32.const 0))`,
  },
] satisfies readonly Shape[];

const control = [
  body('nested blocks', 1000, (n) => `${repeat(n, 'block')} ${repeat(n, 'end')} local.get 0`),
  body('nested blocks with results', 1000, (n) => `${repeat(n, 'block (result i32)')} local.get 0 ${repeat(n, 'end i32.const 1 i32.add')}`),
  body('nested blocks with a branch out of each', 1000, (n) => `${repeat(n, 'block')} ${repeat(n, (i) => `local.get 0 br_if ${n - 1 - i} end`)} local.get 0`),
  body('nested loops', 20_000, (n) => `${repeat(n, 'loop')} ${repeat(n, 'end')} local.get 0`),
  body('nested ifs', 1000, (n) => `${repeat(n, 'local.get 0 if')} ${repeat(n, 'end')} local.get 0`),
  body('nested ifs with else', 1000, (n) => `${repeat(n, 'local.get 0 if (result i32) local.get 0 else')} local.get 0 ${repeat(n, 'end')}`),
  body(
    'an else-if chain',
    1000,
    (n) => `${repeat(n, (i) => `local.get 0 i32.const ${i} i32.eq if (result i32) i32.const ${i} else`)} local.get 0 ${repeat(n, 'end')}`,
  ),
  body('blocks in a row', 4000, (n) => `${repeat(n, 'block local.get 0 br_if 0 end')} local.get 0`),
  body('loops in a row', 2000, (n) => `${repeat(n, 'loop local.get 0 i32.eqz br_if 0 end')} local.get 0`),
  body('ifs in a row', 4000, (n) => `${repeat(n, 'local.get 0 if i32.const 1 local.set 0 end')} local.get 0`),
  body('branches to one label', 4000, (n) => `block ${repeat(n, 'local.get 0 br_if 0 local.get 0 i32.const 1 i32.add local.set 0')} end local.get 0`),
  body(
    'branches back to one loop',
    4000,
    (n) => `loop ${repeat(n, 'local.get 0 i32.eqz br_if 0 local.get 0 i32.const 1 i32.add local.set 0')} end local.get 0`,
  ),
  body('returns from the middle', 2000, (n) => `${repeat(n, 'local.get 0 i32.eqz if i32.const 1 return end')} local.get 0`),
  body('br_table to one target', 8000, (n) => `block local.get 0 br_table ${repeat(n, '0')} 0 end local.get 0`),
  body(
    'br_table with a target each',
    1000,
    (n) => `${repeat(n, 'block')} local.get 0 br_table ${repeat(n, (i) => String(i))} ${repeat(n, (i) => `end i32.const ${i} local.set 0`)} local.get 0`,
  ),
  body(
    'br_table with values for a target each',
    500,
    (n) =>
      `${repeat(n, 'block (result i32)')} i32.const 7 local.get 0 br_table ${repeat(n, (i) => String(i))} ${repeat(n, (i) => `end i32.const ${i} i32.add`)}`,
  ),
  body(
    'br_tables to the same targets',
    2000,
    (n) => `${repeat(4, 'block')} ${repeat(n, 'block local.get 0 br_table 0 0 1 2 3 4 0 end')} ${repeat(4, 'end')} local.get 0`,
  ),
  body('unreachable blocks', 1000, (n) => `unreachable ${repeat(n, 'block')} ${repeat(n, 'end')}`),
  body('a long body', 10_000, (n) => `${repeat(n, 'local.get 0 local.get 0 i32.add local.set 0')} local.get 0`),
] satisfies readonly Shape[];

const values = [
  operands('operands, locals', 'local.get 0', 'i32.add'),
  operands('operands, computed', (i) => `local.get 0 i32.const ${i + 1} i32.mul`, 'i32.add'),
  operands('operands, i64', (i) => `local.get 0 i64.extend_i32_u i64.const ${i + 1} i64.add`, 'i64.add', { after: 'i32.wrap_i64' }),
  operands('operands, f32', 'local.get 0 f32.convert_i32_s', 'f32.add', { after: 'i32.reinterpret_f32' }),
  operands('operands, f64', 'local.get 0 f64.convert_i32_s', 'f64.add', { after: 'drop local.get 0' }),
  operands('operands of a local that is set', 'local.get 0 i32.const 1 i32.add local.tee 0', 'i32.add'),
  operands('operands below blocks', 'local.get 0 block local.get 0 br_if 0 end', 'i32.add'),
  operands('operands below calls', 'local.get 0 call $f', 'i32.add', { n: 1000, module: '(func $f (param i32) (result i32) local.get 0)' }),
  operands('operands below loads and stores', 'local.get 0 i32.load i32.const 0 local.get 0 i32.store offset=4', 'i32.add', { module: memory }),
  body('constants', 8000, (n) => `local.get 0 ${repeat(n, (i) => `i32.const ${(i * 0x9e3779b1) | 0} i32.add`)}`),
  body('constants in a loop', 4000, (n) => `loop ${repeat(n, (i) => `local.get 0 i32.const ${(i * 0x9e3779b1) | 0} i32.mul local.set 0`)} end local.get 0`),
  body('selects', 4000, (n) => `local.get 0 ${repeat(n, 'local.get 0 local.get 0 select')}`),
  body('loads from one local', 4000, (n) => `${repeat(n, (i) => `local.get 0 i32.load offset=${(i * 64) % 65_000} drop`)} local.get 0`, { fields: memory }),
  body('loads from places far apart', 4000, (n) => `${repeat(n, (i) => `local.get 0 i32.const ${(i * 5000) % 65_000} i32.add i32.load drop`)} local.get 0`, {
    fields: memory,
  }),
  body('loads of computed addresses', 4000, (n) => `local.get 0 ${repeat(n, 'i32.load')}`, { fields: memory }),
  body(
    'stores to places far apart',
    4000,
    (n) => `${repeat(n, (i) => `local.get 0 i32.const ${(i * 5000) % 65_000_000} i32.add local.get 0 i32.store`)} local.get 0`,
    { fields: '(memory 1000)' },
  ),
  body('stores', 4000, (n) => `${repeat(n, (i) => `local.get 0 local.get 0 i32.store offset=${(i * 4) % 65_000}`)} local.get 0`, { fields: memory }),
] satisfies readonly Shape[];

const calls = [
  body('calls', 4000, (n) => `local.get 0 ${repeat(n, 'call $f')}`, { fields: '(func $f (param i32) (result i32) local.get 0)' }),
  body('indirect calls', 4000, (n) => `local.get 0 ${repeat(n, 'i32.const 0 call_indirect (type $t)')}`, {
    fields: '(type $t (func (param i32) (result i32))) (table 1 funcref) (elem (i32.const 0) $f) (func $f (type $t) local.get 0)',
  }),
  {
    name: 'parameters of a function',
    n: 125,
    text: (n) =>
      run(
        `${repeat(n, 'local.get 0')} call $f`,
        `(func $f (param ${repeat(n, 'i32')}) (result i32) ${repeat(n, (i) => `local.get ${i}`)} ${repeat(n - 1, 'i32.add')})`,
      ),
  },
  {
    name: 'results of a function',
    n: 125,
    text: (n) => run(`call $f ${repeat(n - 1, 'i32.add')}`, `(func $f (result ${repeat(n, 'i32')}) ${repeat(n, (i) => `i32.const ${i}`)})`),
  },
  body('results of a block', 125, (n) => `block (result ${repeat(n, 'i32')}) ${repeat(n, 'local.get 0')} local.get 0 br_if 0 end ${repeat(n - 1, 'i32.add')}`),
] satisfies readonly Shape[];

/** A function type for each index, all different. */
function type(index: number): string {
  return `(type (func (param ${Array.from((index + 2).toString(2), (bit) => (bit === '1' ? 'i32' : 'i64')).join(' ')})))`;
}

const sections = [
  fields('functions', 2000, (n) => repeat(n, '(func (param i32) (result i32) local.get 0)')),
  fields('functions with names', 2000, (n) => repeat(n, (i) => `(func $f${i} (param i32) (result i32) local.get 0)`)),
  fields('functions that are exported', 2000, (n) => repeat(n, (i) => `(func (export "f${i}") (param i32) (result i32) local.get 0)`)),
  fields('functions that call each other', 2000, (n) => repeat(n, (i) => `(func (param i32) (result i32) local.get 0 call ${(i * 7919) % n})`)),
  fields('functions of a type each', 1000, (n) => repeat(n, type) + repeat(n, (i) => `(func (type ${i}))`)),
  fields('types', 4000, (n) => repeat(n, type)),
  fields('imported functions', 500, (n) => repeat(n, (i) => `(import "m" "f${i}" (func (param i32)))`)),
  fields('globals', 4000, (n) => repeat(n, '(global (mut i32) (i32.const 0))')),
  {
    name: 'globals that are used',
    n: 2000,
    text: (n) => run(`${repeat(n, (i) => `global.get ${i} i32.const 1 i32.add global.set ${i}`)} local.get 0`, repeat(n, '(global (mut i32) (i32.const 0))')),
  },
  fields('globals that are exported', 2000, (n) => repeat(n, (i) => `(global (export "g${i}") i32 (i32.const 0))`)),
  fields('tables', 250, (n) => repeat(n, '(table 1 funcref)')),
  fields('element segments', 4000, (n) => `(table ${n} funcref) ${repeat(n, (i) => `(elem (i32.const ${i}) 0)`)}`),
  fields('elements', 8000, (n) => `(table ${n} funcref) (elem (i32.const 0) ${repeat(n, '0')})`),
  fields('data segments', 4000, (n) => `${memory} ${repeat(n, (i) => `(data (i32.const ${i % 60_000}) "a")`)}`),
  fields('passive data segments', 4000, (n) => `${memory} ${repeat(n, '(data "a")')}`),
  fields('bytes of data', 500_000, (n) => `(memory ${Math.ceil(n / 0x1_0000)}) (data (i32.const 0) "${'a'.repeat(n)}")`),
] satisfies readonly Shape[];

export const shapes: readonly Shape[] = [...locals, ...control, ...values, ...calls, ...sections];
