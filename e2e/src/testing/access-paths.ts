/** Random functions whose memory accesses share their proofs of bounds along many paths. */
import fc from 'fast-check';

/** One statement; `text` gets the labels of the blocks around it, and how many loops there are. */
interface Statement {
  text(labels: readonly string[], loops: number): string;
}

const pages = 65536;
/** Loops within loops, each with a counter of its own. */
const mostLoops = 3;
const local = fc.constantFrom('$p', '$q', '$r');
const step = fc.constantFrom(0, 0, 1, 2, 4, -4, 8, -8, 60, 100);
const offset = fc.constantFrom(0, 0, 0, 1, 3, 4, 8, 12, 64);
const plus = (name: string, c: number): string => (c === 0 ? `(local.get ${name})` : `(i32.add (local.get ${name}) (i32.const ${c}))`);
const leaf = (text: string): Statement => ({ text: () => text });
/** The next bit of what the caller gave. */
const bit = '(i32.and (local.tee $b (i32.rotr (local.get $b) (i32.const 1))) (i32.const 1))';
const pick = (labels: readonly string[], choice: number): string => labels[choice % labels.length]!;

const access = fc
  .tuple(local, step, offset, fc.constantFrom('i32.load', 'i32.load8_u', 'i32.load16_s', 'i32.store', 'i32.store8', 'i32.store16'))
  .map(([name, c, at, op]) =>
    leaf(
      op.includes('load')
        ? `(local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (${op} offset=${at} ${plus(name, c)})))`
        : `(${op} offset=${at} ${plus(name, c)} (local.get $sum))`,
    ),
  );
const change = fc
  .tuple(local, local, fc.nat(5), step)
  .map(([to, from, kind, c]) =>
    leaf(
      `(local.set ${to} ${
        [
          plus(from, c),
          `(i32.and (local.get ${from}) (i32.const 0xfff8))`,
          `(i32.shl (i32.and (local.get ${from}) (i32.const 0x3fff)) (i32.const 2))`,
          `(i32.load8_u (i32.and (local.get ${from}) (i32.const 0xff)))`,
          `(i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const ${c}))`,
          `(i32.add (i32.and (local.get ${from}) (i32.const 0xff)) (i32.const ${pages - 0xff - 1 - Math.abs(c)}))`,
        ][kind]
      })`,
    ),
  );
const other = fc.constantFrom('(drop (memory.grow (i32.const 1)))', '(call $more)', '(local.set $sum (i32.add (local.get $sum) (local.get $p)))').map(leaf);
const jump = fc.tuple(fc.nat(3), fc.nat(7), fc.nat(7)).map(([kind, a, b]) => ({
  text: (labels: readonly string[]): string =>
    labels.length === 0
      ? ''
      : [
          `(br_if ${pick(labels, a)} ${bit})`,
          `(br_if ${pick(labels, a)} (i32.lt_u (local.get $p) (i32.const 64)))`,
          `(if ${bit} (then (br_table ${pick(labels, a)} ${pick(labels, b)} ${pick(labels, a + b)} (local.get $b))))`,
          `(if ${bit} (then (br ${pick(labels, a)})))`,
        ][kind]!,
}));

const { list } = fc.letrec<{ list: readonly Statement[]; statement: Statement }>((tie) => ({
  list: fc.array(tie('statement'), { minLength: 1, maxLength: 6, depthIdentifier: 'path' }),
  statement: fc.oneof(
    { depthIdentifier: 'path', maxDepth: 4, withCrossShrink: true },
    { weight: 6, arbitrary: access },
    { weight: 2, arbitrary: change },
    { weight: 1, arbitrary: other },
    { weight: 3, arbitrary: jump },
    {
      weight: 3,
      arbitrary: fc.tuple(tie('list'), fc.option(tie('list'))).map(([then, otherwise]) => ({
        text: (labels: readonly string[], loops: number): string =>
          `(if ${bit} (then ${all(then, labels, loops)}) ${otherwise === null ? '' : `(else ${all(otherwise, labels, loops)})`})`,
      })),
    },
    {
      weight: 3,
      arbitrary: tie('list').map((body) => ({
        text: (labels: readonly string[], loops: number): string => `(block $l${labels.length} ${all(body, [...labels, `$l${labels.length}`], loops)})`,
      })),
    },
    {
      weight: 2,
      arbitrary: tie('list').map((body) => ({
        text: (labels: readonly string[], loops: number): string =>
          loops === mostLoops
            ? all(body, labels, loops)
            : `(local.set $n${loops} (i32.const 3)) (loop $again${loops} ${all(body, labels, loops + 1)}
                 (br_if $again${loops} (local.tee $n${loops} (i32.sub (local.get $n${loops}) (i32.const 1)))))`,
      })),
    },
  ),
}));

function all(statements: readonly Statement[], labels: readonly string[], loops: number): string {
  return statements.map((statement) => statement.text(labels, loops)).join('\n');
}

const start = fc.oneof(
  fc.integer({ min: pages - 80, max: pages }),
  fc.integer({ min: 2 * pages - 16, max: 2 * pages }),
  fc.integer({ min: -16, max: 100 }),
  fc.nat(pages),
);

/** A module with `f`, whose memory may grow or not, and arguments for some calls. */
export const accessPaths = fc.record({
  text: fc.tuple(list, fc.boolean()).map(
    ([statements, growing]) => `(module (memory (export "memory") 1 ${growing ? 4 : 1})
      (data (i32.const 0) "${Array.from({ length: 256 }, (_, index) => `\\${((index * 37) & 255).toString(16).padStart(2, '0')}`).join('')}")
      (func $more (i32.store offset=300 (i32.const 0) (memory.grow (i32.const 1))))
      (func (export "f") (param $p i32) (param $q i32) (param $b i32) (result i32)
        (local $r i32) (local $sum i32) (local $n0 i32) (local $n1 i32) (local $n2 i32)
        ${all(statements, [], 0)}
        (i32.add (local.get $sum) (i32.add (local.get $p) (i32.add (local.get $q) (local.get $r))))))`,
  ),
  calls: fc.array(fc.tuple(start, start, fc.integer()), { minLength: 3, maxLength: 6 }),
});
