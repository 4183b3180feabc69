/** Random functions whose loops count, up, down and past the end of the numbers, and reach memory by their counters and by pointers beside them. */
import fc from 'fast-check';

interface Shape {
  readonly start: number;
  readonly step: number;
  readonly turns: number;
  /** Added to the number that the loop ends at: where it is not 0, the loop may miss it. */
  readonly miss: number;
  readonly test: (typeof tests)[number];
  readonly place: 'behind' | 'in front' | 'behind, reversed';
  readonly pointer: { readonly from: 'constant' | 'around'; readonly start: number; readonly step: number };
  readonly body: readonly Part[];
}

type Part =
  | { readonly kind: 'access'; readonly op: string; readonly by: 'counter' | 'pointer' | 'sum' | 'scaled'; readonly c: number; readonly offset: number }
  | { readonly kind: 'if'; readonly body: readonly Part[] }
  | { readonly kind: 'again'; readonly counts: boolean }
  | { readonly kind: 'jump'; readonly step: number }
  | { readonly kind: 'loop'; readonly shape: Shape };

const tests = ['ne', 'ne', 'ne', 'lt_u', 'le_u', 'lt_s', 'gt_u', 'ge_u', 'gt_s', 'ge_s'] as const;
const step = fc.constantFrom(1, 1, 2, 4, 4, 6, 16, 128, -1, -2, -4, -8);
const edge = fc.oneof(fc.integer({ min: 65536 - 300, max: 65536 }), fc.integer({ min: -64, max: 300 }), fc.constantFrom(4096, 0, 0x8000));
const mostDepth = 2;

function parts(depth: number): fc.Arbitrary<readonly Part[]> {
  const access = fc.record({
    kind: fc.constant('access' as const),
    op: fc.constantFrom('i32.load', 'i32.load8_u', 'i32.load16_s', 'i32.store', 'i32.store8', 'i32.store16'),
    by: fc.constantFrom('counter' as const, 'pointer' as const, 'sum' as const, 'scaled' as const),
    c: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, edge),
    offset: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0, 1, 4) }, fc.integer({ min: 65000, max: 65536 })),
  });
  const rest: fc.MaybeWeightedArbitrary<Part>[] = [
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('again' as const), counts: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('jump' as const), step }) },
  ];
  if (depth < mostDepth) {
    const body = fc.constant(0).chain(() => parts(depth + 1));
    rest.push({ weight: 2, arbitrary: fc.record({ kind: fc.constant('if' as const), body }) });
    rest.push({ weight: 2, arbitrary: fc.record({ kind: fc.constant('loop' as const), shape: shapes(depth + 1) }) });
  }
  return fc.array(fc.oneof({ weight: 6, arbitrary: access }, ...rest), { minLength: 1, maxLength: 4 });
}

function shapes(depth: number): fc.Arbitrary<Shape> {
  return fc.record({
    start: edge,
    step,
    turns: fc.integer({ min: 1, max: 20 }),
    miss: fc.constantFrom(0, 0, 0, 0, 1, -1),
    test: fc.constantFrom(...tests),
    place: fc.constantFrom('behind', 'behind', 'in front', 'behind, reversed'),
    pointer: fc.record({ from: fc.constantFrom('constant' as const, 'around' as const), start: edge, step }),
    body: fc.constant(0).chain(() => parts(depth)),
  });
}

/** The next bit of what the caller gave. */
const bit = '(i32.and (local.tee $b (i32.rotr (local.get $b) (i32.const 1))) (i32.const 1))';
const plus = (name: string, c: number): string => `(i32.add (local.get ${name}) (i32.const ${c}))`;

const inverse = { ne: 'eq', lt_u: 'ge_u', le_u: 'gt_u', lt_s: 'ge_s', gt_u: 'le_u', ge_u: 'lt_u', gt_s: 'le_s', ge_s: 'lt_s' } as const;

function textOfLoop(shape: Shape, depth: number): string {
  const [counter, pointer] = [`$c${depth}`, `$p${depth}`];
  const { start, test, place } = shape;
  const limit = (start + shape.step * shape.turns + shape.miss) | 0;
  const count = `(local.tee ${counter} ${plus(counter, shape.step)})`;
  const begin = shape.pointer.from === 'around' && depth > 0 ? plus(`$p${depth - 1}`, shape.pointer.start % 64) : `(i32.const ${shape.pointer.start})`;
  const move = `(local.set ${pointer} ${plus(pointer, shape.pointer.step)})`;
  const spent = `(br_if $done (i32.eqz (local.tee $fuel (i32.sub (local.get $fuel) (i32.const 1)))))`;
  const body = shape.body.map((part) => textOfPart(part, shape, depth)).join('\n');
  const loops = {
    behind: `${spent} ${body} ${move} (br_if $again${depth} (i32.${test} ${count} (i32.const ${limit})))`,
    'in front': `(br_if $out${depth} (i32.${inverse[test]} (local.get ${counter}) (i32.const ${limit}))) ${spent} ${body} ${move} (drop ${count}) (br $again${depth})`,
    'behind, reversed': `${body} ${move} ${spent} (if (i32.${test} ${count} (i32.const ${limit})) (then (br $again${depth})))`,
  };
  return `(local.set ${counter} (i32.const ${start})) (local.set ${pointer} ${begin}) (block $out${depth} (loop $again${depth} ${loops[place]}))`;
}

function textOfPart(part: Part, shape: Shape, depth: number): string {
  const [counter, pointer] = [`$c${depth}`, `$p${depth}`];
  switch (part.kind) {
    case 'access': {
      const base = {
        counter: `(local.get ${counter})`,
        pointer: `(local.get ${pointer})`,
        sum: `(i32.add (local.get ${counter}) (local.get ${pointer}))`,
        scaled: `(i32.shl (local.get ${counter}) (i32.const 2))`,
      }[part.by];
      const address = part.c === 0 ? base : `(i32.add ${base} (i32.const ${part.c}))`;
      return part.op.includes('load')
        ? `(local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (${part.op} offset=${part.offset} ${address})))`
        : `(${part.op} offset=${part.offset} ${address} (local.get $sum))`;
    }
    case 'if':
      return `(if ${bit} (then ${part.body.map((each) => textOfPart(each, shape, depth)).join('\n')}))`;
    case 'again':
      return `(if ${bit} (then (br_if $done (i32.eqz (local.tee $fuel (i32.sub (local.get $fuel) (i32.const 1))))) ${
        part.counts ? `(local.set ${counter} ${plus(counter, shape.step)})` : ''
      } (br $again${depth})))`;
    case 'jump':
      return `(if ${bit} (then (local.set ${pointer} ${plus(pointer, part.step)})))`;
    case 'loop':
      return depth < mostDepth ? textOfLoop(part.shape, depth + 1) : '';
  }
}

/** A module with `f`, and arguments for some calls: random bits. */
export const countedLoops = fc.record({
  text: fc.tuple(fc.array(shapes(0), { minLength: 1, maxLength: 2 }), fc.boolean()).map(
    ([loops, growing]) => `(module (memory (export "memory") 1 ${growing ? 2 : 1})
      (func (export "f") (param $b i32) (param $fuel i32) (result i32)
        (local $sum i32) ${[0, 1, 2].map((depth) => `(local $c${depth} i32) (local $p${depth} i32)`).join(' ')}
        (block $done ${loops.map((loop) => textOfLoop(loop, 0)).join('\n')})
        (local.get $sum)))`,
  ),
  calls: fc.array(fc.tuple(fc.integer(), fc.integer({ min: 1, max: 600 })), { minLength: 2, maxLength: 3 }),
});
