import { describe, expect, it } from '@jest/globals';
import { withInstance, targets } from '../testing/module.js';

/** `f` divides only where its first parameter is not 0; behind the division, nothing is left to do. */
const text = `(module (memory 1 1)
  (func (export "f") (param i32 i32) (result i32) (local i32)
    (block (br_if 0 (i32.eqz (local.get 0)))
      (local.set 2 (i32.div_s (i32.const 100) (local.get 1)))
      (local.set 2 (i32.add (local.get 2) (i32.load (local.get 0)))))
    (i32.add (local.get 2) (local.get 1))))`;
const call = [
  [0, 5],
  [1, 0],
  [4, 10],
  [70000, 1],
] as const;

describe.each(targets)('branch layout on %s', (isa) => {
  const outcomes = (options: object): unknown[] =>
    withInstance({ isa, ...options }, text, (instance) =>
      call.map((args) => {
        const { results, trap, statistics } = instance.invoke(
          'f',
          args.map((value) => ({ type: 'i32', value })),
        );
        return { results, trap, statistics: { codeBytes: statistics.codeBytes } };
      }),
    );
  const plain = outcomes({}) as { trap: { wasmOffset: number } | null; statistics: { codeBytes: number } }[];
  const laidOut = outcomes({ branches: () => ({ total: 10, isTrue: 9 }) }) as typeof plain;

  it('changes code, but no result and no place of a trap', () => {
    expect(laidOut[0]?.statistics.codeBytes).not.toBe(plain[0]?.statistics.codeBytes);
    expect(laidOut.map((outcome) => ({ ...outcome, statistics: {} }))).toEqual(plain.map((outcome) => ({ ...outcome, statistics: {} })));
    expect(plain.filter(({ trap }) => trap !== null)).toHaveLength(2);
  });

  it('leaves the code as it is where branches are not clearly one-sided', () => {
    expect(outcomes({ branches: () => ({ total: 9, isTrue: 6 }) })).toEqual(plain);
    expect(outcomes({ branches: () => undefined })).toEqual(plain);
  });
});
