import type { NumberType } from '@fireball/wasm';
import { accessAttack, memoryShapes } from './accesses.js';
import { boundaries, type Attack, type AttackFunction, type Random } from './program.js';

const repeat = (count: number, item: (index: number) => string): string => Array.from({ length: count }, (_, index) => item(index)).join(' ');
const i32s = (count: number): NumberType[] => Array.from({ length: count }, () => 'i32');

/** Bulk instructions on memory and tables with lengths and places that wrap. */
function bulkAttack(random: Random): Attack {
  const shape = random.pick(memoryShapes);
  const elements = random.pick([0, 1, 5, 300]);
  const places = boundaries(shape.bytes);
  const entries = boundaries(elements);
  const three = (name: string, aims: readonly (readonly number[])[]): AttackFunction => ({ name, params: ['i32', 'i32', 'i32'], aims });
  const text = `(module ${shape.text} (table $t ${elements} 310 funcref) (table $u 7 7 externref) (func $f) (elem declare func $f)
    (data $d "0123456789") (elem $e func $f $f $f)
    (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
    (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
    (func (export "init") (param i32 i32 i32) (memory.init $d (local.get 0) (local.get 1) (local.get 2)))
    (func (export "drop") (data.drop $d))
    (func (export "table copy") (param i32 i32 i32) (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
    (func (export "table init") (param i32 i32 i32) (table.init $t $e (local.get 0) (local.get 1) (local.get 2)))
    (func (export "table fill") (param i32 i32) (table.fill $t (local.get 0) (ref.func $f) (local.get 1)))
    (func (export "table set") (param i32) (table.set $t (local.get 0) (ref.func $f)))
    (func (export "table get") (param i32) (result i32) (ref.is_null (table.get $t (local.get 0))))
    (func (export "other get") (param i32) (result i32) (ref.is_null (table.get $u (local.get 0))))
    (func (export "table grow") (param i32) (result i32) (table.grow $t (ref.func $f) (local.get 0)))
    (func (export "elem drop") (elem.drop $e))
    (func (export "call") (param i32) (call_indirect $t (local.get 0))))`;
  const functions: AttackFunction[] = [
    three('copy', [places, places, places]),
    three('fill', [places, [0, 255, 256, -1], places]),
    three('init', [places, boundaries(10), boundaries(10)]),
    three('table copy', [entries, entries, entries]),
    three('table init', [entries, boundaries(3), boundaries(3)]),
    { name: 'table fill', params: ['i32', 'i32'], aims: [entries, entries] },
    { name: 'table set', params: ['i32'], aims: [entries] },
    { name: 'table get', params: ['i32'], aims: [entries] },
    { name: 'other get', params: ['i32'], aims: [boundaries(7)] },
    { name: 'table grow', params: ['i32'], aims: [[0, 1, 2, 5, 310, 311, -1, 1 << 31, 1 << 30]] },
    { name: 'call', params: ['i32'], aims: [entries] },
    ...(random.below(2) === 0
      ? [
          { name: 'drop', params: [], aims: [] },
          { name: 'elem drop', params: [], aims: [] },
        ]
      : []),
  ];
  return { modules: [{ name: 'main', text, ...(shape.pages === undefined ? {} : { pages: shape.pages }) }], functions };
}

/** Forged indices: calls through tables and branch tables beyond their ends, of wrong types, of nothing. */
function indexAttack(random: Random): Attack {
  const size = random.pick([1, 2, 8, 100]);
  const arms = random.pick([1, 3, 20, 70]);
  const typed = (name: string, type: string, args: string, tail = ''): string =>
    `(func (export "${name}") (param i32) ${tail} (${name.startsWith('tail') ? 'return_' : ''}call_indirect (type ${type}) ${args} (local.get 0)))`;
  const text = `(module (memory 1 1) (table ${size} ${size} funcref) (elem (i32.const 0) $a) ${size > 2 ? '(elem (i32.const 1) $b $c)' : ''}
    (type $i (func (result i32))) (type $ii (func (param i32 i32) (result i32))) (type $wide (func (param i64 i64 i64 i64 i64 i64) (result i64 i64 i64)))
    (func $a (result i32) (i32.const 1)) (func $b (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))
    (func $c (param i64 i64 i64 i64 i64 i64) (result i64 i64 i64) (local.get 0) (local.get 5) (local.get 3))
    ${typed('none', '$i', '', '(result i32)')} ${typed('two', '$ii', '(i32.const 9) (i32.const 4)', '(result i32)')}
    ${typed(
      'wide',
      '$wide',
      repeat(6, (index) => `(i64.const ${index})`),
      '(result i64 i64 i64)',
    )}
    ${typed('tail none', '$i', '', '(result i32)')} ${typed(
      'tail wide',
      '$wide',
      repeat(6, (index) => `(i64.const ${index})`),
      '(result i64 i64 i64)',
    )}
    (func (export "scaled") (param i32) (result i32) (call_indirect (type $i) (i32.mul (local.get 0) (i32.const 0x10001))))
    (func (export "branch") (param i32) (result i32)
      ${repeat(arms, () => '(block')} (br_table ${repeat(arms, (index) => String(index))} ${random.below(arms)} (local.get 0)) ${repeat(arms, (index) => `) (return (i32.const ${1000 + index}))`)} )
    (func (export "loop") (param i32) (result i32) (local i32)
      (loop $l (block $out (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br_if $out (i32.gt_u (local.get 1) (i32.const 9)))
        (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_table $out $l $l $out $l (local.get 0)))) (local.get 1)))`;
  const tableEnds = boundaries(size);
  const functions = ['none', 'two', 'wide', 'tail none', 'tail wide', 'scaled'].map((name) => ({ name, params: i32s(1), aims: [[...tableEnds, 0, 1, 2, 3]] }));
  return {
    modules: [{ name: 'main', text }],
    functions: [...functions, { name: 'branch', params: ['i32'], aims: [boundaries(arms)] }, { name: 'loop', params: ['i32'], aims: [boundaries(5)] }],
  };
}

/** Frames of every size, recursion to the end of the stack, tail calls with growing arguments. */
function stackAttack(random: Random): Attack {
  const locals = random.pick([0, 3, 40, 300, 1200]);
  const args = random.pick([1, 4, 9, 40, 200]);
  const list = `(local.get 0) ${repeat(args - 1, (index) => `(i32.add (local.get ${index + 1}) (i32.const ${index}))`)}`;
  const frame = (from: number): string =>
    `(local ${repeat(locals, () => 'i64')}) ${repeat(locals, (index) => `(local.set ${from + index} (i64.extend_i32_u (i32.add (local.get 0) (i32.const ${index}))))`)}`;
  const sum = (from: number): string => repeat(locals, (index) => `(local.set 0 (i32.xor (local.get 0) (i32.wrap_i64 (local.get ${from + index}))))`);
  const down = '(local.set 0 (i32.sub (local.get 0) (i32.const 1)))';
  const text = `(module (memory 1 1)
    (func $frame (export "frame") (param i32) (result i32) (local i32) ${frame(2)} (local.set 1 (local.get 0))
      (if (local.get 0) (then ${down} (local.set 1 (call $frame (local.get 0))))) ${sum(2)} (i32.add (local.get 0) (local.get 1)))
    (func $even (export "mutual") (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $odd (i32.sub (local.get 0) (i32.const 1)) (i64.const 3)))) (else (i32.const 0))))
    (func $odd (param i32 i64) (result i32) (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $even (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))
    (func $many (param ${repeat(args, () => 'i32')}) (result i32) (if (result i32) (local.get 0) (then ${down} (i32.add (i32.const 3) (call $many ${list}))) (else (local.get ${args - 1}))))
    (func (export "many") (param i32) (result i32) (call $many ${repeat(args, () => '(local.get 0)')}))
    (func $tail (param ${repeat(args, () => 'i32')}) (result i32) (if (local.get 0) (then ${down} (return_call $more (i64.const 1) ${list} ${repeat(12, (index) => `(i64.const ${index})`)}))) (local.get ${args - 1}))
    (func $more (param i64 ${repeat(args, () => 'i32')} ${repeat(12, () => 'i64')}) (result i32) (return_call $tail ${repeat(args, (index) => `(local.get ${index + 1})`)}))
    (func (export "tails") (param i32) (result i32) (call $tail ${repeat(args, () => '(local.get 0)')}))
    (func $results (param i32) (result i64 i64 i64 i32) (i64.const 1) (i64.extend_i32_s (local.get 0)) (i64.const 3) (local.get 0))
    (func (export "results") (param i32) (result i64) (local i32) (call $results (local.get 0)) (local.set 1) i64.sub i64.sub))`;
  const depths = [0, 1, 1, 2, 2, 3, 3, 5, 7, 10, 20, 50, 200, 1000, -1];
  const functions = ['frame', 'mutual', 'many', 'tails', 'results'].map((name) => ({
    name,
    params: i32s(1),
    aims: [name === 'tails' ? depths.slice(0, -2) : depths],
  }));
  return { modules: [{ name: 'main', text }], functions, exhausts: true };
}

/** Two instances that share memory, tables, globals and functions; each must keep to what it shares. */
function linkedAttack(random: Random): Attack {
  const shape = random.pick(memoryShapes);
  const max = shape.grows === undefined ? '' : ' (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))';
  const pages = shape.pages === undefined ? {} : { pages: shape.pages };
  const owner = `(module ${shape.text} (export "memory" (memory 0)) (table (export "table") 4 9 funcref) (global (export "g") (mut i32) (i32.const 5)) (global $own (mut i32) (i32.const 9))
    (type $s (func (param i32 i32))) (elem (i32.const 1) $store $peek)
    (func $store (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
    (func $peek (export "peek") (param i32) (result i32) (global.set $own (local.get 0)) (i32.load16_u offset=3 (local.get 0)))
    (func (export "tail") (param i32 i32) (return_call_indirect (type $s) (local.get 0) (local.get 1) (i32.const 3)))${max})`;
  const user = `(module (import "owner" "memory" ${shape.text.replace('(memory', '(memory $m')}) (import "owner" "table" (table 4 9 funcref)) (import "owner" "g" (global $g (mut i32)))
    (import "owner" "store" (func $store (param i32 i32))) (import "owner" "peek" (func $peek (param i32) (result i32))) (import "owner" "tail" (func $tail (param i32 i32)))
    ${shape.grows === undefined ? '' : '(import "owner" "grow" (func $grow (param i32) (result i32)))'}
    (type $s (func (param i32 i32))) (global $own (mut i64) (i64.const 3)) (elem (i32.const 3) $mine)
    (func $mine (param i32 i32) (global.set $own (i64.extend_i32_u (local.get 0))) (i32.store8 offset=1 (local.get 0) (local.get 1)))
    (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)) (call $store (local.get 0) (local.get 1)) (i64.store (local.get 0) (global.get $own)))
    (func (export "peek") (param i32) (result i32) (global.set $g (local.get 0)) (i32.add (call $peek (local.get 0)) (i32.load8_s (local.get 0))))
    (func (export "indirect") (param i32 i32 i32) (call_indirect (type $s) (local.get 0) (local.get 1) (local.get 2)) (i32.store16 (local.get 0) (local.get 1)))
    (func (export "tail") (param i32 i32) (return_call $tail (local.get 0) (local.get 1)))
    (func (export "tails") (param i32 i32) (call $tail (local.get 0) (local.get 1)) (global.set $g (i32.const 8)))
    ${shape.grows === undefined ? '' : '(func (export "grow") (param i32) (result i32) (call $grow (local.get 0)))'})`;
  const places = boundaries(shape.bytes);
  const functions: AttackFunction[] = [
    { name: 'store', params: i32s(2), aims: [places] },
    { name: 'peek', params: i32s(1), aims: [places] },
    { name: 'indirect', params: i32s(3), aims: [places, [], boundaries(4)].map((aim) => (aim.length === 0 ? [1, 2] : aim)) },
    { name: 'tail', params: i32s(2), aims: [places] },
    { name: 'tails', params: i32s(2), aims: [places] },
    ...(shape.grows === undefined ? [] : [{ name: 'grow', params: i32s(1), aims: [[0, 1, shape.grows, -1]] }]),
  ];
  return {
    modules: [
      { name: 'owner', text: owner, ...pages },
      { name: 'main', text: user, ...pages },
    ],
    functions,
  };
}

/** Every kind of hostile program; weights are shares of the executions. */
export const families = [
  { name: 'accesses', make: (random: Random) => accessAttack(random), weight: 5 },
  { name: 'bulk', make: bulkAttack, weight: 2 },
  { name: 'indices', make: indexAttack, weight: 1 },
  { name: 'stacks', make: stackAttack, weight: 1 },
  { name: 'instances', make: linkedAttack, weight: 2 },
] as const;
