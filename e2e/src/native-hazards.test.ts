/** Small functions around what goes wrong in template JITs, compared with the reference interpreter. */
import { describe, expect, it } from '@jest/globals';
import { compareCalls, type Call } from './testing/compare.js';
import { targets } from './testing/native.js';

interface Hazard {
  readonly name: string;
  readonly text: string;
  readonly calls: readonly (readonly (number | bigint)[])[];
}

const repeat = (count: number, each: (index: number) => string): string => Array.from({ length: count }, (_, index) => each(index)).join(' ');

/** Locals `first`.. that are used so often that other locals live in their home slots. */
function pressure(first: number, count: number): { readonly before: string; readonly after: string } {
  const use = repeat(count, (index) => `(local.set ${first + index} (i32.add (local.get ${first + index}) (local.get 0)))`);
  return { before: `${use} ${use} ${use}`, after: `${use} ${repeat(count, (index) => `(i32.xor (local.get ${first + index}))`)}` };
}

const busy = pressure(3, 24);
const locals24 = `(local ${'i32 '.repeat(24)})`;

/** Mixes wide constants, so many and so often that they are worth registers, into local 1. */
const wide = repeat(3, () =>
  repeat(7, (index) => `(local.set 1 (i32.mul (i32.xor (local.get 1) (i32.const ${0x1234_5671 + 0x0123_4567 * index})) (i32.const 3)))`),
);
/** The same of constants that are worth registers as factors, but not to be moved. */
const factors = [0, 1, 2, 3, 4, 5, 6].map((index) => 1001 + 2 * index);
const narrow = repeat(3, () => factors.map((factor) => `(local.set 1 (i32.mul (local.get 1) (i32.const ${factor})))`).join(' '));
const moved = factors
  .map((factor) => `(local.set 2 (i32.const ${factor})) (local.set 1 (i32.mul (i32.xor (local.get 1) (local.get 2)) (local.get 2)))`)
  .join(' ');
/** A leaf that overwrites as many registers as it can. */
const overwriter = `(func $g (param i32 i32) (result i32) (local ${'i32 '.repeat(10)})
  (loop ${repeat(10, (index) => `(local.set ${index + 2} (i32.add (local.get ${((index + 3) % 12) + 0}) (local.get 0)))`)}
    (br_if 0 (i32.and (local.tee 1 (i32.sub (local.get 1) (i32.const 1))) (i32.const 3)))) ${repeat(12, (index) => `(local.get ${index})`)} ${'i32.xor '.repeat(11)})`;
const overwrite = '(local.set 1 (i32.add (local.get 1) (call $g (local.get 1) (local.get 0))))';
const turn = '(br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))';

/** Constants that have registers, and a call by which those may be lost that nothing seems to want behind it. */
const constantsAroundCalls = {
  'in front of a call alone': `${wide} ${overwrite}`,
  'in front of a call and behind it': `${wide} ${overwrite} ${wide}`,
  'in front of a call in a loop': `(loop ${wide} ${overwrite} ${turn})`,
  'in a loop in front of one with a call': `(loop ${wide} ${turn}) (local.set 0 (i32.const 3)) (loop ${overwrite} ${turn})`,
  'in a loop around one with a call': `(local.set 2 (i32.const 3)) (loop ${wide} (local.set 0 (i32.const 2)) (loop ${overwrite} ${turn})
    (br_if 0 (local.tee 2 (i32.sub (local.get 2) (i32.const 1)))))`,
  'behind a call with which the function is left': `(loop ${wide} (if (i32.eq (local.get 0) (i32.const 2)) (then (return (call $g (local.get 1) (local.get 0))))) ${wide} ${turn})`,
  'behind a call with which the function is left, and one more': `(loop ${wide} (if (i32.eq (local.get 0) (i32.const 2)) (then (return (call $g (local.get 1) (local.get 0)))))
    ${wide} ${turn}) ${overwrite} ${wide}`,
  'behind a call in front of a trap': `${wide} (if (i32.eq (local.get 0) (i32.const 2)) (then ${overwrite} unreachable)) ${wide}`,
  'in front of a loop with a call that moves them': `${narrow} (loop ${moved} ${overwrite} ${turn})`,
  'in front of a routine in a loop': `(loop ${wide} (local.set 1 (i32.wrap_i64 (i64.div_u (i64.extend_i32_u (local.get 1)) (i64.extend_i32_u (local.get 0))))) ${turn})`,
  'in front of an indirect call in a loop': `(loop ${wide} (local.set 1 (call_indirect (param i32 i32) (result i32) (local.get 1) (local.get 0) (i32.const 0))) ${turn})`,
} as const;

const hazards: readonly Hazard[] = [
  ...Object.entries(constantsAroundCalls).map(([where, code]) => ({
    name: `constants ${where}`,
    text: `(table 1 1 funcref) (elem (i32.const 0) $g) ${overwriter} (func (export "f") (param i32 i32) (result i32) (local i32) ${code} (local.get 1))`,
    calls: [
      [1, 5],
      [2, 6],
      [3, 7],
    ],
  })),
  {
    name: 'a leaf zeroes locals in far slots',
    text: `(func (export "f") (result i32) (local ${'i32 '.repeat(1200)}) ${repeat(1200, (index) => `(local.get ${index})`)} ${'i32.add '.repeat(1199)})`,
    calls: [[]],
  },
  {
    name: 'parameters of a leaf go to far slots',
    text: `(func (export "f") (param ${'i32 '.repeat(700)}) (result i32) (local ${'i32 '.repeat(500)}) ${repeat(700, (index) => `(i32.mul (local.get ${index}) (i32.const ${index + 1}))`)} ${'i32.add '.repeat(699)} (local.get 1199) i32.add)`,
    calls: [Array.from({ length: 700 }, (_, index) => index * 3 + 1)],
  },
  {
    name: 'a product of home slots is spilled at a block',
    text: `(func (export "f") (param i32 i32 i32) (result i32) ${locals24} ${busy.before}
      (i32.mul (local.get 1) (local.get 2)) (block (br_if 0 (local.get 0)) (local.set 1 (i32.const 5))) ${busy.after} (i32.add (local.get 1)))`,
    calls: [
      [0, 6, 7],
      [1, 6, 7],
    ],
  },
  {
    name: 'a sum of a home slot and a wide constant is spilled at a block',
    text: `(func (export "f") (param i32 i32 i32) (result i32) ${locals24} ${busy.before}
      (i32.add (local.get 1) (i32.const 305419896)) (block (br_if 0 (local.get 0)) (local.set 1 (i32.const 5))) ${busy.after} (i32.add (local.get 1)))`,
    calls: [
      [0, 6, 7],
      [1, 6, 7],
    ],
  },
  {
    name: 'pending operands of home slots become stack arguments',
    text: `(func $g (param ${'i32 '.repeat(14)}) (result i32) ${repeat(14, (index) => `(i32.mul (local.get ${index}) (i32.const ${2 * index + 3}))`)} ${'i32.add '.repeat(13)})
      (func (export "f") (param i32 i32 i32) (result i32) ${locals24} ${busy.before}
      ${repeat(4, () => '(i32.mul (local.get 1) (local.get 2)) (i32.add (local.get 1) (i32.const 305419896)) (i32.shl (local.get 2) (i32.const 3))')}
      (i32.mul (local.get 2) (local.get 1)) (local.get 1) (call $g) ${busy.after})`,
    calls: [
      [0, 6, 7],
      [3, -6, 0x7fff_ffff],
    ],
  },
  {
    name: 'arguments swap places',
    text: `(func $g (param i32 i32 i32 i32) (result i32) (i32.sub (i32.mul (local.get 0) (i32.const 3)) (i32.sub (i32.mul (local.get 1) (i32.const 5)) (i32.sub (i32.mul (local.get 2) (i32.const 7)) (local.get 3)))))
      (func (export "f") (param i32 i32 i32 i32) (result i32) (call $g (local.get 1) (local.get 0) (local.get 3) (local.get 2)))
      (func (export "g2") (param i32 i32 i32 i32) (result i32) (call $g (local.get 3) (local.get 0) (local.get 1) (local.get 2)))`,
    calls: [[1, 20, 300, 4000]],
  },
  {
    name: 'arguments rotate in front of a tail of arithmetic',
    text: `(func $g (param i32 i32 i32 i32) (result i32) (i32.sub (i32.mul (local.get 0) (i32.const 3)) (i32.sub (i32.mul (local.get 1) (i32.const 5)) (i32.sub (i32.mul (local.get 2) (i32.const 7)) (local.get 3)))))
      (func (export "f") (param i32 i32 i32 i32) (result i32) (call $g (local.get 3) (i32.add (local.get 0) (i32.const 99999)) (i32.mul (local.get 1) (local.get 0)) (i32.shl (local.get 2) (local.get 3))))`,
    calls: [
      [1, 20, 300, 4],
      [-5, 6, -7, 8],
    ],
  },
  {
    name: 'a call returns a pair while locals that it need not preserve hold its registers',
    text: `(func $pair (param i32) (result i64) (i64.const 0x1122334455667788))
      (func (export "f") (param i32 i32 i32 i32) (result i64) (local i32 i32)
        (local.set 4 (i32.add (i32.mul (local.get 1) (local.get 2)) (local.get 3)))
        (local.set 5 (i32.xor (local.get 4) (i32.mul (local.get 4) (local.get 1))))
        (local.set 4 (i32.add (local.get 5) (i32.add (local.get 4) (i32.add (local.get 5) (local.get 4)))))
        (call $pair (local.get 4)))`,
    calls: [[1, 2, 3, 4]],
  },
  {
    name: 'a call returns three values while locals that it need not preserve hold their registers',
    text: `(func $three (param i32) (result i32 i32 i32) (local.get 0) (i32.const 2) (i32.const 3))
      (func (export "f") (param i32 i32 i32 i32) (result i32) (local i32 i32)
        (local.set 4 (i32.add (i32.mul (local.get 1) (local.get 2)) (local.get 3)))
        (local.set 5 (i32.xor (local.get 4) (i32.mul (local.get 4) (local.get 1))))
        (local.set 4 (i32.add (local.get 5) (i32.add (local.get 4) (i32.add (local.get 5) (local.get 4)))))
        (call $three (local.get 4)) i32.sub i32.sub)`,
    calls: [[1, 2, 3, 4]],
  },
  {
    name: 'a local written in one arm is read in the other, behind a call',
    text: `(func $f (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
      (func (export "f") (param i32 i32) (result i32) (local i32 i32 i32)
        (local.set 2 (i32.mul (local.get 0) (local.get 1)))
        (local.set 3 (call $f (local.get 0)))
        (if (local.get 3) (then (local.set 2 (i32.const 4)) (local.set 4 (local.get 2))) (else (local.set 4 (local.get 2))))
        (local.get 4))`,
    calls: [
      [-1, 77],
      [3, 5],
    ],
  },
  {
    name: 'a local is live around a loop that is left at its head',
    text: `(func $f (param i32) (result i32) (i32.mul (local.get 0) (i32.const -1640531527)))
      (func (export "f") (param i32 i32) (result i32) (local i32)
        (local.set 2 (i32.mul (local.get 0) (local.get 1)))
        (block (loop (br_if 1 (i32.eqz (local.get 0))) (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (drop (call $f (local.get 0))) (br 0)) unreachable)
        (local.get 2))`,
    calls: [
      [5, 77],
      [0, 5],
    ],
  },
  {
    name: 'an index of a sum wraps before the offset is added',
    text: `(memory 1) (data (i32.const 0) "\\11\\22\\33\\44\\55\\66\\77\\88")
      (func (export "f") (param i32) (result i32) (i32.load8_u (i32.add (local.get 0) (i32.const 8))))
      (func (export "g") (param i32) (result i32) (i32.add (i32.load8_u offset=16384 (local.get 0)) (i32.load8_u (i32.add (local.get 0) (i32.const 16384)))))`,
    calls: [[-8], [-7], [-1], [-16384], [-16385], [65535], [65536], [49151]],
  },
  {
    name: 'negative indices of one group',
    text: `(memory 1) (data (i32.const 0) "\\11\\22\\33\\44\\55\\66\\77\\88")
      (func (export "f") (param i32) (result i32) (i32.add (i32.load (i32.sub (local.get 0) (i32.const 4))) (i32.add (i32.load (local.get 0)) (i32.load16_u (i32.add (local.get 0) (i32.const 6))))))`,
    calls: [[0], [3], [4], [8], [65528], [65529], [65532], [-1], [-4], [-8]],
  },
  {
    name: 'a group whose last member alone is out of bounds changes nothing',
    text: `(memory 1) (func (export "f") (param i32) (result i32) (i32.store (local.get 0) (i32.const -1)) (i32.store offset=4 (local.get 0) (i32.const -1)) (i32.store offset=8 (local.get 0) (i32.const -1)) (i32.const 7))`,
    calls: [[0], [65524], [65528], [65529], [65532], [-4], [-8]],
  },
  {
    name: 'a load follows a division that traps',
    text: `(memory 1) (func (export "f") (param i32 i32) (result i32) (i32.load (local.get 0)) (i32.div_s (i32.const 9) (local.get 1)) (i32.load offset=65532 (local.get 0)) i32.add i32.add)`,
    calls: [
      [0, 1],
      [4, 1],
      [4, 0],
      [0, 0],
      [-4, 0],
    ],
  },
  {
    name: 'br_table with values to different depths',
    text: `(func (export "f") (param i32 i32) (result i32)
        (block (result i32) (block (result i32) (block (result i32) (i32.mul (local.get 1) (i32.const 3)) (local.get 0) (br_table 0 1 2 3 1)) (i32.add (i32.const 100))) (i32.add (i32.const 1000))) (i32.add (i32.const 10000)))`,
    calls: [
      [0, 5],
      [1, 5],
      [2, 5],
      [3, 5],
      [4, 5],
      [-1, 5],
    ],
  },
  {
    name: 'br_table back to a loop',
    text: `(func (export "f") (param i32) (result i32) (local i32)
        (block (loop (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 10)) (local.get 0)))
          (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
          (br_table 1 0 0 0 1 (local.get 0)))) (local.get 1))`,
    calls: [[1], [2], [4], [5], [9]],
  },
  {
    name: 'blocks with parameters and several results',
    text: `(func (export "f") (param i32 i32) (result i32) (local.get 0) (local.get 1)
        (block (param i32 i32) (result i32 i32 i32) (i32.const 5) (br_if 0 (local.get 0)) drop i32.add (i32.const 11) (i32.const 13)) i32.sub i32.sub)`,
    calls: [
      [0, 5],
      [1, 5],
    ],
  },
  {
    name: 'an if with parameters and no else',
    text: `(func (export "f") (param i32 i32) (result i32) (i32.mul (local.get 0) (i32.const 7)) (local.get 1)
        (local.get 0) (if (param i32 i32) (result i32 i32) (then i32.sub (i32.const 3))) i32.sub)`,
    calls: [
      [0, 5],
      [1, 5],
    ],
  },
  {
    name: 'a loop with parameters that come back changed',
    text: `(func (export "f") (param i32 i32) (result i32) (local.get 0) (local.get 1)
        (loop (param i32 i32) (result i32) (local.set 1) (local.set 0) (local.get 1) (i32.sub (local.get 0) (i32.const 1)) (local.tee 0) (br_if 0 (i32.gt_s (local.get 0) (i32.const 0))) i32.add))`,
    calls: [
      [5, 3],
      [3, 100],
      [1, 1],
    ],
  },
  {
    name: 'a deep expression needs more registers than there are',
    text: `(func (export "f") (param i32 i32) (result i32) ${repeat(40, (index) => `(i32.xor (local.get ${index % 2}) (i32.mul (local.get 0) (i32.const ${index * 77 + 1})))`)} ${'i32.sub '.repeat(39)})`,
    calls: [
      [1, 2],
      [-1, 0x7fff_ffff],
    ],
  },
  {
    name: 'pending sums of a local that a loop changes',
    text: `(func (export "f") (param i32) (result i32) (local i32) (i32.add (local.get 0) (i32.const 12345678)) (local.get 0) (i32.shl (local.get 0) (i32.const 5))
        (loop (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if 0 (local.get 0))) (i32.add (local.get 0)) i32.add i32.add)`,
    calls: [[1], [7]],
  },
  {
    name: 'locals that only unreachable code names',
    text: `(func $id (param i32) (result i32) (local.get 0))
      (func (export "f") (param ${'i32 '.repeat(40)}) (result i32) (local ${'i32 '.repeat(10)}) (local.set 1 (call $id (local.get 1)))
        (loop (result i32) (return (i32.add (local.get 0) (local.get 1)))) ${repeat(50, (index) => `(i32.mul (local.get ${index}) (local.get ${index}))`)} ${'i32.add '.repeat(50)})`,
    calls: [Array.from({ length: 40 }, (_, index) => index + 1)],
  },
  {
    name: 'globals of both widths',
    text: `(global $a (mut i32) (i32.const 5)) (global $b (mut i64) (i64.const -1)) (global $c i32 (i32.const 77))
      (func (export "f") (param i32) (result i64) (global.set $a (i32.add (global.get $a) (local.get 0))) (global.set $b (select (global.get $b) (i64.const 0x123456789abcdef0) (global.get $a))) (global.get $b))
      (func (export "g") (param i32) (result i32) (i32.add (global.get $a) (global.get $c)))`,
    calls: [[1], [-6], [3]],
  },
  {
    name: 'recursion with values waiting on the stack',
    text: `(func $fib (export "f") (param i32) (result i32) (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0)) (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))`,
    calls: [[0], [1], [12]],
  },
];

function callsOf({ text, calls }: Hazard): Call[] {
  const names = [...text.matchAll(/\(export "(\w+)"\) \((?:param|result)/g)].map((match) => match[1] ?? '');
  return names.flatMap((name) => calls.map((args) => ({ name, args })));
}

describe.each(targets)('hazards on %s', (isa) => {
  it.each(hazards)('$name', async (hazard) => {
    expect(await compareCalls(isa, `(module ${hazard.text})`, callsOf(hazard))).toEqual([]);
  });
});
