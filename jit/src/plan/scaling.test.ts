/** What the core does for a function grows as the function does: counted as loads, where it is plain TypeScript. */
import { expect, it } from '@jest/globals';
import { sourceOfText } from '../testing/module.js';
import { planAlone } from '../testing/plan-alone.js';
import { portableCore } from '../testing/portable-core.js';
import { readBody } from '../testing/read-body.js';
import type { FunctionSource } from './body.js';

const factor = 8;
/** Of loads. Tables that double make some more of it. Blocks lie beside one another here: scaling.test.ts of e2e has the others, and judges them by their time. */
const mostExponent = 1.15;

const each = (count: number, text: (index: number) => string): string => Array.from({ length: count }, (_, index) => text(index)).join(' ');
const shapes: readonly { readonly what: string; readonly n: number; readonly locals?: number; readonly body: (n: number) => string }[] = [
  { what: 'sums', n: 100, body: (n) => each(n, (index) => `(local.set 0 (i32.add (local.get 1) (i32.const ${index})))`) },
  { what: 'constants', n: 100, body: (n) => each(n, (index) => `(local.set 0 (i32.xor (local.get 0) (i32.const ${0x1234_5678 + 7919 * index})))`) },
  { what: 'accesses by one local', n: 100, body: (n) => each(n, (index) => `(drop (i32.load offset=${8 * index} (local.get 0)))`) },
  { what: 'accesses by many locals', n: 200, locals: 100, body: (n) => each(n, (index) => `(i32.store (local.get ${2 + (index % 98)}) (i32.const 1))`) },
  {
    what: 'facts of many locals',
    n: 100,
    locals: 100,
    body: (n) => each(n, (index) => `(local.set ${index % 100} (i32.const 5)) (block (br_if 0 (local.get 0)))`),
  },
  { what: 'loops behind loops', n: 30, locals: 50, body: (n) => each(n, (index) => `(loop (local.set ${index % 50} (i32.const 8)) (br_if 0 (local.get 0)))`) },
  { what: 'operands below loops', n: 50, body: (n) => `${each(n, () => '(local.get 0) (loop (nop))')} ${each(n, () => '(drop)')}` },
  { what: 'ifs', n: 100, body: (n) => each(n, () => '(if (local.get 0) (then (local.set 1 (i32.const 1))) (else (local.set 1 (i32.const 2))))') },
];

interface Loads {
  getInt32: (this: DataView, offset: number, isLittle?: boolean) => number;
  getUint8: (this: DataView, offset: number) => number;
}

/** How many loads planning takes. */
function loadsFor(source: FunctionSource, osrLoops: ReadonlySet<number>): number {
  const prototype: Loads = DataView.prototype;
  const { getInt32, getUint8 } = prototype;
  let loads = 0;
  prototype.getInt32 = function (offset, isLittle) {
    loads++;
    return getInt32.call(this, offset, isLittle);
  };
  prototype.getUint8 = function (offset) {
    loads++;
    return getUint8.call(this, offset);
  };
  try {
    portableCore.reset();
    planAlone(source, 'thumb2', { osrLoops, core: portableCore });
  } finally {
    Object.assign(prototype, { getInt32, getUint8 });
  }
  return loads;
}

it.each(shapes)('$what', ({ n, locals = 2, body }) => {
  const [small, large] = [n, factor * n].map((size) => {
    const source = sourceOfText(`(module (memory 1) (func (param i32 i32) (local ${'i32 '.repeat(locals)}) ${body(size)}))`);
    const loops = readBody(source).flatMap(({ op, offset }) => (op === 'loop' ? [offset] : []));
    return [new Set<number>(), new Set(loops)].map((osrLoops) => loadsFor(source, osrLoops));
  });
  small!.forEach((loads, index) => {
    expect(loads).toBeGreaterThan(n);
    expect(Math.log(large![index]! / loads) / Math.log(factor)).toBeLessThan(mostExponent);
  });
});
