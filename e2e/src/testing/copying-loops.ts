/** Random functions whose loops load and store by turns through a few pointers, upwards or downwards, as unrolled loops that copy do. */
import fc from 'fast-check';

const pointers = ['$p', '$q', '$r'] as const;
const ops = { 1: ['i32.load8_u', 'i32.store8'], 2: ['i32.load16_s', 'i32.store16'], 4: ['i32.load', 'i32.store'], 8: ['i64.load', 'i64.store'] } as const;

/** One pointer's way: what is added to it from one access to the next. */
interface Way {
  readonly pointer: (typeof pointers)[number];
  readonly first: number;
  readonly step: number;
}

const way = fc.record({
  pointer: fc.constantFrom(...pointers),
  first: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: -9, max: 40 })),
  step: fc.constantFrom(1, 1, 2, 4, 4, 8, -1, -4, 0, 700),
});

interface Turn {
  readonly width: keyof typeof ops;
  /** What else stands there: another load, a constant address, an operation on flags, a change of a pointer, a value that waits. */
  readonly between: 'nothing' | 'load' | 'static' | 'compare' | 'move' | 'multiply' | 'tee';
  readonly isOffset: boolean;
}

const turn: fc.Arbitrary<Turn> = fc.record({
  width: fc.constantFrom(1, 1, 2, 4, 8),
  between: fc.constantFrom('nothing', 'nothing', 'nothing', 'load', 'static', 'compare', 'move', 'multiply', 'tee'),
  isOffset: fc.boolean(),
});

const sum = (name: string, c: number): string => (c === 0 ? `(local.get ${name})` : `(i32.add (local.get ${name}) (i32.const ${c}))`);

function textOfTurn({ width, between, isOffset }: Turn, index: number, from: Way, to: Way): string {
  const [load, store] = ops[width];
  const address = ({ pointer, first, step }: Way): string => {
    const c = first + step * index;
    return isOffset && c >= 0 ? `offset=${c} (local.get ${pointer})` : sum(pointer, c);
  };
  const extra = {
    nothing: '',
    load: `(local.set $sum (i32.xor (local.get $sum) (i32.load8_u ${address(to)})))`,
    static: `(i32.store (i32.const ${64 + 4 * index}) (local.get $sum))`,
    compare: '(local.set $sum (i32.add (local.get $sum) (i32.lt_u (local.get $p) (local.get $q))))',
    move: `(local.set ${to.pointer} ${sum(to.pointer, 3)})`,
    multiply: '(local.set $sum (i32.mul (i32.shl (local.get $sum) (i32.and (local.get $q) (i32.const 3))) (i32.const 31)))',
    tee: `(local.set $sum (i32.sub (local.tee $other (i32.load8_u ${address(from)})) (local.get $sum)))`,
  }[between];
  return `(${store} ${address(to)} (${load} ${address(from)})) ${extra}`;
}

const loop = fc.record({
  turns: fc.array(turn, { minLength: 2, maxLength: 9 }),
  ways: fc.tuple(way, way, way),
  moves: fc.tuple(fc.constantFrom(1, 4, 8, -4), fc.constantFrom(1, 4, 8, -8)),
});

/** Ends of memory, and of the numbers. */
const place = fc.oneof(
  fc.integer({ min: 65536 - 60, max: 65536 }),
  fc.integer({ min: 65536 - 300, max: 65536 }),
  fc.integer({ min: -12, max: 50 }),
  fc.integer({ min: 61000, max: 61500 }),
);

/** A module with `f`, and arguments for some calls: three pointers and the number of turns. */
export const copyingLoops = fc.record({
  text: fc.tuple(fc.array(loop, { minLength: 1, maxLength: 2 }), fc.boolean()).map(
    ([loops, isGrowing]) => `(module (memory (export "memory") 1 ${isGrowing ? 2 : 1})
      (func (export "f") (param $p i32) (param $q i32) (param $r i32) (param $n i32) (result i32) (local $sum i32) (local $other i32)
        ${loops
          .map(
            ({ turns, ways: [a, b, c], moves: [first, second] }) => `(loop $again
          ${turns.map((each, index) => textOfTurn(each, index, index % 3 === 2 ? c : a, b)).join('\n')}
          (local.set $p ${sum('$p', first)}) (local.set $q ${sum('$q', second)})
          (br_if $again (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))`,
          )
          .join('\n')}
        (i32.add (local.get $sum) (local.get $other))))`,
  ),
  calls: fc.array(fc.tuple(place, place, place, fc.integer({ min: 1, max: 12 })), { minLength: 3, maxLength: 6 }),
});
