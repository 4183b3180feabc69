import { func, row, type Family } from './row.js';

const nops = (count: number): string => '(nop)'.repeat(count);
/** `count` instructions that change local 1, so that what they stand in is long. */
const long = (count: number): string => '(local.set 1 (i32.mul (i32.add (local.get 1) (i32.const 3)) (i32.const 5)))'.repeat(count);

export const blocks: Family = {
  name: 'blocks and branches',
  rows: [
    func('an empty function', '', '', [[[], []]]),
    func('block with a result', '(result i32)', '(block (result i32) (i32.const 7))', [[[], 7]]),
    func('nested blocks with results', '(param i32) (result i32)', '(block (result i32) (i32.add (i32.const 1) (block (result i32) (i32.add (i32.const 10) (block (result i32) (drop (br_if 0 (i32.const 100) (local.get 0))) (drop (br_if 1 (i32.const 1000) (i32.eqz (local.get 0)))) (i32.const 5))))))', [[[1], 111], [[0], 1001]]),
    func('br out of two levels', '(result i32)', '(block (result i32) (block (block (br 2 (i32.const 3))) (unreachable)) (i32.const 4))', [[[], 3]]),
    func('br to the function body', '(param i32) (result i32)', '(block (drop (br_if 1 (i32.const 8) (local.get 0)))) (i32.const 9)', [[[1], 8], [[0], 9]]),
    func('br_if keeps its operand', '(param i32) (result i32)', '(block (result i32) (i32.add (i32.const 1) (br_if 0 (i32.const 20) (local.get 0))))', [[[1], 20], [[0], 21]]),
    func('br drops what lies under its operand', '(param i32) (result i32)', '(block (result i32) (i32.const 1) (i32.const 2) (br 0 (local.get 0)))', [[[42], 42]]),
    func('br_if drops what lies under its operand when taken', '(param i32) (result i32)', '(block (result i32) (i32.const 100) (i32.const 20) (i32.const 3) (br_if 0 (local.get 0)) (i32.add) (i32.add))', [[[1], 3], [[0], 123]]),
    func('return from inside, with operands left', '(param i32) (result i32)', '(i32.const 5) (loop (block (if (local.get 0) (then (return (i32.const 6)))))) (drop) (i32.const 7)', [[[1], 6], [[0], 7]]),
    func('code behind br is not run', '(result i32) (local i32)', '(block (br 0) (local.set 0 (i32.const 1)) (unreachable)) (local.get 0)', [[[], 0]]),
    func('polymorphic stack behind unreachable', '(param i32) (result i32)', '(if (result i32) (local.get 0) (then (i32.const 1)) (else (unreachable) (i32.add) (drop) (i64.eqz)))', [[[1], 1], [[0], 'unreachable']]),
    func('dead nested blocks', '(param i32) (result i32)', '(return (local.get 0)) (block (result i32) (loop (br 0)) (if (i32.const 1) (then (br 1 (i32.const 2)))) (i32.const 3))', [[[9], 9]]),
    func('several results of a block', '(param i32) (result i32)', '(block (result i32 i32 i32) (i32.const 1) (local.get 0) (i32.const 3)) (i32.sub) (i32.sub)', [[[10], -6]]),
    func('parameters of a block', '(param i32 i32) (result i32)', '(local.get 0) (local.get 1) (block (param i32 i32) (result i32) (i32.sub))', [[[10, 3], 7]]),
    func('a branch that permutes results', '(param i32) (result i32) (local i32 i32)', '(block (result i32 i32) (i32.const 1) (i32.const 2) (br_if 0 (local.get 0)) (local.set 1) (local.set 2) (local.get 1) (local.get 2)) (i32.mul (i32.const 10)) (i32.add)', [[[1], 21], [[0], 12]]),
    func('i64 results', '(param i32) (result i64)', '(block (result i64) (i64.add (i64.const 0x100000000) (br_if 0 (i64.const -1) (local.get 0))))', [[[1], -1n], [[0], 0xffff_ffffn]]),
    func('mixed results', '(param i32) (result f64) (local $s f64)', '(block (result i32 f64 i64) (i32.const 3) (f64.const 0.5) (i64.const 4) (br_if 0 (local.get 0)) (drop) (drop) (drop) (i32.const 5) (f64.const 0.25) (i64.const 6)) (f64.convert_i64_s) (f64.add) (local.set $s) (f64.convert_i32_s) (f64.add (local.get $s))', [[[1], 7.5], [[0], 11.25]]),
  ],
};

export const conditions: Family = {
  name: 'if',
  rows: [
    func('if without else', '(param i32) (result i32) (local i32)', '(if (local.get 0) (then (local.set 1 (i32.const 5)))) (local.get 1)', [[[0], 0], [[1], 5], [[-1], 5], [[0x100], 5], [[-0x8000_0000], 5]]),
    func('if with results', '(param i32) (result i32)', '(if (result i32) (local.get 0) (then (i32.const 1)) (else (i32.const 2)))', [[[0], 2], [[7], 1]]),
    func('if with parameters', '(param i32 i32) (result i32)', '(local.get 1) (if (param i32) (result i32) (local.get 0) (then (i32.add (i32.const 1))) (else (i32.mul (i32.const 2))))', [[[1, 10], 11], [[0, 10], 20]]),
    func('if with parameters and no else', '(param i32 i32) (result i32)', '(local.get 1) (if (param i32) (result i32) (local.get 0) (then (i32.add (i32.const 1))))', [[[1, 10], 11], [[0, 10], 10]]),
    func('else if chain', '(param i32) (result i32)', '(if (result i32) (i32.lt_s (local.get 0) (i32.const 0)) (then (i32.const -1)) (else (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0)) (else (if (result i32) (i32.gt_u (local.get 0) (i32.const 100)) (then (i32.const 2)) (else (i32.const 1)))))))', [[[-5], -1], [[0], 0], [[50], 1], [[101], 2]]),
    func('both arms branch out', '(param i32) (result i32)', '(block (result i32) (if (local.get 0) (then (br 1 (i32.const 3))) (else (br 1 (i32.const 4)))) (unreachable))', [[[1], 3], [[0], 4]]),
    func('one arm returns', '(param i32) (result i32)', '(if (result i32) (local.get 0) (then (return (i32.const 3))) (else (i32.const 4))) (i32.add (i32.const 10))', [[[1], 3], [[0], 14]]),
    func('one arm traps', '(param i32) (result i32)', '(if (result i32) (local.get 0) (then (unreachable)) (else (i32.const 4)))', [[[1], 'unreachable'], [[0], 4]]),
    func('a condition that is a constant', '(result i32)', '(i32.add (if (result i32) (i32.const 1) (then (i32.const 1)) (else (unreachable))) (if (result i32) (i32.const 0) (then (unreachable)) (else (i32.const 2))))', [[[], 3]]),
    func('a condition that is computed before and used later', '(param i32 i32) (result i32)', '(i32.lt_s (local.get 0) (local.get 1)) (local.set 0 (i32.const 100)) (local.set 1 (i32.const -100)) (if (result i32) (then (i32.add (local.get 0) (local.get 1))) (else (i32.sub (local.get 0) (local.get 1))))', [[[1, 2], 0], [[2, 1], 200]]),
    func('and of two comparisons', '(param i32 i32) (result i32)', '(if (result i32) (i32.and (i32.gt_s (local.get 0) (i32.const 0)) (i32.gt_s (local.get 1) (i32.const 0))) (then (i32.const 1)) (else (i32.const 0)))', [[[1, 1], 1], [[1, 0], 0], [[0, 1], 0], [[-1, -1], 0]]),
    func('or of two comparisons', '(param i32 i32) (result i32)', '(if (result i32) (i32.or (i32.eq (local.get 0) (i32.const 5)) (i32.eq (local.get 1) (i32.const 5))) (then (i32.const 1)) (else (i32.const 0)))', [[[5, 1], 1], [[1, 5], 1], [[1, 1], 0], [[5, 5], 1]]),
    func('test of one bit', '(param i32) (result i32)', '(if (result i32) (i32.and (local.get 0) (i32.const 0x400)) (then (i32.const 1)) (else (i32.const 0)))', [[[0x400], 1], [[0x3ff], 0], [[-1], 1], [[-0x401], 0]]),
    func('a difference as condition', '(param i32 i32) (result i32)', '(if (result i32) (i32.sub (local.get 0) (local.get 1)) (then (i32.const 1)) (else (i32.const 0)))', [[[3, 3], 0], [[3, 4], 1], [[0, -0x8000_0000], 1]]),
    func('eqz of eqz', '(param i32) (result i32)', '(if (result i32) (i32.eqz (i32.eqz (local.get 0))) (then (i32.const 1)) (else (i32.const 0)))', [[[0], 0], [[4], 1]]),
    func('a comparison of i64 as condition', '(param i64 i64) (result i32)', '(if (result i32) (i64.lt_u (local.get 0) (local.get 1)) (then (i32.const 1)) (else (i32.const 0)))', [[[1n, -1n], 1], [[-1n, 1n], 0], [[0x1_0000_0000n, 1n], 0]]),
    func('a comparison of floats as condition', '(param f32 f32) (result i32)', '(if (result i32) (f32.lt (local.get 0) (local.get 1)) (then (i32.const 1)) (else (i32.const 0)))', [[[1, 2], 1], [[2, 1], 0], [[NaN, 1], 0], [[1, NaN], 0]]),
    func('a negated comparison of floats as condition', '(param f32 f32) (result i32)', '(if (result i32) (i32.eqz (f32.lt (local.get 0) (local.get 1))) (then (i32.const 1)) (else (i32.const 0)))', [[[1, 2], 0], [[2, 1], 1], [[NaN, 1], 1], [[1, NaN], 1]]),
    func('an arm too long for a short branch', '(param i32) (result i32) (local i32)', `(if (local.get 0) (then ${long(60)}) (else (local.set 1 (i32.const 1)))) (local.get 1)`, [[[0], 1], [[1], -942804260]]),
    func('arms far too long for a short branch', '(param i32) (result i32) (local i32)', `(block (br_if 0 (local.get 0)) ${long(700)} (return (local.get 1))) (i32.const 7)`, [[[1], 7], [[0], 1929684316]]),
  ],
};

export const loops: Family = {
  name: 'loop',
  rows: [
    func('a loop that is left at once', '(result i32)', '(loop (result i32) (i32.const 3))', [[[], 3]]),
    func('counts down', '(param i32) (result i32) (local i32)', '(block (loop (br_if 1 (i32.eqz (local.get 0))) (local.set 1 (i32.add (local.get 1) (local.get 0))) (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br 0))) (local.get 1)', [[[0], 0], [[1], 1], [[100], 5050], [[10000], 50005000]]),
    func('loop with parameters', '(param i32) (result i32)', '(i32.const 1) (local.get 0) (loop (param i32 i32) (result i32) (local.set 0) (i32.mul (local.get 0)) (i32.sub (local.get 0) (i32.const 1)) (local.tee 0) (br_if 0 (i32.gt_s (local.get 0) (i32.const 1))) (drop))', [[[5], 120], [[1], 1], [[10], 3628800]]),
    func('nested loops', '(param i32 i32) (result i32) (local $i i32) (local $j i32) (local $n i32)', '(local.set $i (local.get 0)) (loop $outer (local.set $j (local.get 1)) (loop $inner (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $inner (local.tee $j (i32.sub (local.get $j) (i32.const 1))))) (br_if $outer (local.tee $i (i32.sub (local.get $i) (i32.const 1))))) (local.get $n)', [[[3, 4], 12], [[1, 1], 1], [[100, 100], 10000]]),
    func('continue and break', '(param i32) (result i32) (local $i i32) (local $s i32)', '(block $out (loop $next (br_if $out (i32.ge_s (local.get $i) (local.get 0))) (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $next (i32.and (local.get $i) (i32.const 1))) (local.set $s (i32.add (local.get $s) (local.get $i))) (br $next))) (local.get $s)', [[[0], 0], [[10], 30], [[11], 30]]),
    func('values swapped in each turn', '(param i32) (result i32) (local $a i32) (local $b i32) (local $t i32)', '(local.set $b (i32.const 1)) (block (loop (br_if 1 (i32.eqz (local.get 0))) (local.set $t (local.get $a)) (local.set $a (local.get $b)) (local.set $b (i32.add (local.get $t) (local.get $b))) (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br 0))) (local.get $a)', [[[0], 0], [[1], 1], [[10], 55], [[47], -1323752223]]),
    func('values swapped through the operand stack', '(param i32) (result i32) (local $a i32) (local $b i32)', '(local.set $b (i32.const 1)) (block (loop (br_if 1 (i32.eqz (local.get 0))) (local.get $b) (i32.add (local.get $a) (local.get $b)) (local.set $b) (local.set $a) (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br 0))) (local.get $a)', [[[0], 0], [[10], 55]]),
    func('an operand below the loop', '(param i32) (result i32)', '(i32.const 1000) (local.get 0) (loop (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if 0 (i32.gt_s (local.get 0) (i32.const 0)))) (i32.add) (i32.add (local.get 0))', [[[5], 1005]]),
    func('a loop over i64', '(param i64) (result i64) (local i64)', '(local.set 1 (i64.const 1)) (loop (local.set 1 (i64.mul (local.get 1) (local.get 0))) (br_if 0 (i64.gt_s (local.tee 0 (i64.sub (local.get 0) (i64.const 1))) (i64.const 1)))) (local.get 1)', [[[20n], 2432902008176640000n], [[2n], 2n]]),
    func('a loop over floats', '(param i32) (result f32) (local f32)', '(loop (local.set 1 (f32.add (local.get 1) (f32.const 0.5))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1)', [[[1], 0.5], [[9], 4.5]]),
    func('a loop whose body is long', '(param i32) (result i32) (local i32)', `(loop ${long(300)} (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1)`, [[[1], 795960268], [[2], 343685464]]),
    func('a loop of nothing but nops', '(param i32) (result i32)', `(loop ${nops(50)} (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 0)`, [[[3], 0]]),
    func('a loop that a trap ends', '(param i32) (result i32)', '(loop (result i32) (drop (i32.div_u (i32.const 1) (local.get 0))) (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br 0))', [[[5], 'integer divide by zero']]),
  ],
};

/** A switch over `count` cases with `targets` targets in turn: target n returns 100 + n, the default -1. */
const switchBody = (count: number, targets: number): string => {
  // Written flat and not too deep: wabt's parser takes neither deep folded blocks nor hundreds of nested ones.
  const table = Array.from({ length: count }, (_, index) => index % targets).join(' ');
  const cases = Array.from({ length: targets }, (_, n) => `end i32.const ${100 + n} return`).join(' ');
  return `${'block '.repeat(targets + 1)} local.get 0 br_table ${table} ${targets} ${cases} end i32.const -1`;
};

export const switches: Family = {
  name: 'br_table',
  rows: [
    func('only a default', '(param i32) (result i32)', '(block (br_table 0 (local.get 0))) (i32.const 3)', [[[0], 3], [[-1], 3], [[99], 3]]),
    func('one case', '(param i32) (result i32)', '(block (block (br_table 0 1 (local.get 0))) (return (i32.const 1))) (i32.const 2)', [[[0], 1], [[1], 2], [[-1], 2], [[-0x8000_0000], 2]]),
    func('four cases', '(param i32) (result i32)', switchBody(4, 4), [[[0], 100], [[1], 101], [[3], 103], [[4], -1], [[5], -1], [[-1], -1], [[0x7fff_ffff], -1]]),
    func('300 cases, 40 targets', '(param i32) (result i32)', switchBody(300, 40), [[[0], 100], [[39], 139], [[40], 100], [[255], 115], [[256], 116], [[299], 119], [[300], -1], [[-300], -1], [[-0x8000_0000], -1]]),
    func('5,000 cases', '(param i32) (result i32)', switchBody(5000, 3), [[[0], 100], [[4094], 102], [[4096], 101], [[4999], 101], [[5000], -1], [[-1], -1]]),
    func('the same target many times', '(param i32) (result i32)', '(block (block (br_table 0 1 0 1 1 0 1 (local.get 0))) (return (i32.const 10))) (i32.const 20)', [[[0], 10], [[1], 20], [[2], 10], [[5], 10], [[6], 20], [[100], 20]]),
    func('with an operand', '(param i32) (result i32)', '(block (result i32) (i32.add (i32.const 1) (block (result i32) (br_table 0 1 0 (i32.const 50) (local.get 0)))))', [[[0], 51], [[1], 50], [[2], 51], [[-1], 51]]),
    func('drops what lies under its operand, more or less deep', '(param i32) (result i32)', '(block (result i32) (i32.const 7) (block (result i32) (i32.const 8) (i32.const 9) (br_table 0 1 2 (i32.const 50) (local.get 0))) (i32.add))', [[[0], 57], [[1], 50], [[2], 50]]),
    func('to loops and blocks', '(param i32) (result i32) (local i32)', '(block (loop (local.set 1 (i32.add (local.get 1) (i32.const 1))) (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_table 1 0 0 0 1 (local.get 0)))) (local.get 1)', [[[1], 1], [[2], 2], [[4], 4], [[5], 1]]),
    func('to the function body', '(param i32) (result i32)', '(block (result i32) (br_table 0 1 (i32.const 5) (local.get 0))) (drop) (i32.const 6)', [[[0], 6], [[1], 5]]),
    func('with an i64 operand', '(param i32) (result i64)', '(block (result i64) (i64.add (i64.const 1) (block (result i64) (br_table 0 1 (i64.const 0xffffffff) (local.get 0)))))', [[[0], 0x1_0000_0000n], [[1], 0xffff_ffffn]]),
    func('an index that is computed', '(param i32) (result i32)', '(block (block (block (br_table 0 1 2 (i32.sub (local.get 0) (i32.const 10)))) (return (i32.const 1))) (return (i32.const 2))) (i32.const 3)', [[[10], 1], [[11], 2], [[12], 3], [[9], 3], [[0], 3]]),
    func('an index that is a constant', '(result i32)', '(block (block (br_table 0 1 0 (i32.const 1))) (return (i32.const 1))) (i32.const 2)', [[[], 2]]),
    func('two operands', '(param i32) (result i32) (local i32)', '(block (result i32 i32) (i32.const 1) (i32.const 2) (br_table 0 0 (local.get 0))) (i32.sub)', [[[0], -1], [[1], -1]]),
    func('in a loop: a state machine', '(param i32) (result i32) (local $state i32) (local $out i32)', '(loop $next (block $c (block $b (block $a (br_table $a $b $c (local.get $state))) (local.set $out (i32.add (local.get $out) (i32.const 1))) (local.set $state (i32.const 1)) (br $next)) (local.set $out (i32.mul (local.get $out) (i32.const 3))) (local.set $state (i32.shl (i32.gt_s (local.get $out) (local.get 0)) (i32.const 1))) (br $next))) (local.get $out)', [[[0], 3], [[10], 12], [[100], 120]]),
  ],
};

export const traps: Family = {
  name: 'order of traps',
  rows: [
    func('unreachable', '', '(unreachable)', [[[], 'unreachable']]),
    func('the left operand traps first', '(param i32) (result i32)', '(i32.add (i32.div_s (i32.const 1) (local.get 0)) (unreachable))', [[[0], 'integer divide by zero'], [[1], 'unreachable']]),
    func('the address traps before the value', '(param i32 i32)', '(i32.store (i32.div_u (i32.const 8) (local.get 0)) (i32.rem_u (i32.load (local.get 1)) (i32.const 3)))', [[[0, -1], 'integer divide by zero'], [[1, -1], 'out of bounds memory access'], [[1, 0], []]], '(memory 1 1)'),
    func('a division whose result is dropped', '(param i32) (result i32)', '(drop (i32.div_s (i32.const 1) (local.get 0))) (i32.const 3)', [[[0], 'integer divide by zero'], [[1], 3]]),
    func('a remainder whose result is dropped', '(param i64) (result i32)', '(drop (i64.rem_u (i64.const 1) (local.get 0))) (i32.const 3)', [[[0n], 'integer divide by zero'], [[1n], 3]]),
    func('a conversion whose result is dropped', '(param f32) (result i32)', '(drop (i32.trunc_f32_s (local.get 0))) (i32.const 3)', [[[NaN], 'invalid conversion to integer'], [[1], 3]]),
    row('what was stored before a trap stays', '(module (memory 1 1) (global $g (mut i32) (i32.const 0)) (func (export "f") (param i32) (i32.store (i32.const 8) (i32.const 5)) (global.set $g (i32.const 6)) (drop (i32.div_u (i32.const 1) (local.get 0))) (i32.store (i32.const 8) (i32.const 7))) (func (export "sum") (result i32) (i32.add (i32.load (i32.const 8)) (global.get $g))))', [['sum', [], 0], ['f', [0], 'integer divide by zero'], ['sum', [], 11], ['f', [1], []], ['sum', [], 13]]),
    row('a trap deep in calls leaves a usable instance', '(module (func $deep (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1))))) (else (unreachable)))) (func (export "deep") (param i32) (result i32) (call $deep (local.get 0))) (func (export "fine") (result i32) (i32.const 4)))', [['deep', [50], 'unreachable'], ['fine', [], 4], ['deep', [0], 'unreachable'], ['fine', [], 4]]),
    func('constants that trap', '(result i32)', '(i32.div_s (i32.const 1) (i32.const 0))', [[[], 'integer divide by zero']]),
    func('constants that overflow', '(result i64)', '(i64.div_s (i64.const -0x8000000000000000) (i64.const -1))', [[[], 'integer overflow']]),
  ],
};
