/** Branch tables in functions so large that entries do not reach their targets: jumps behind the table do. */
import { describe, expect, it } from '@jest/globals';
import { callI32, compiledTargets, moduleOfText, withNative } from './testing/native.js';

/** At least 6 bytes of code each, on either target. */
const filling = '(global.set 0 (i32.add (global.get 0) (i32.const 0x12345678)))';

/** The third block ends behind more than an entry of Thumb-2 reaches, 2 * 65,535 bytes. */
const module = moduleOfText(`(module (global (mut i32) (i32.const 0))
  (func (export "f") (param i32) (result i32)
    (block (block (block (br_table 0 1 2 1 2 (local.get 0))) (return (i32.const 10))) ${filling.repeat(24_000)} (return (i32.const 20))) (i32.const 30)))`);

describe.each(compiledTargets)('entries of tables that do not reach on $isa, code by the $compiler compiler', ({ isa, compiler }) => {
  it('lead to their targets by jumps', () => {
    withNative(
      isa,
      module,
      (instance) => {
        expect(instance.code[0]!.bytes.length).toBeGreaterThan(2 * 65_535);
        expect([0, 1, 2, 3, 4, 5].map((index) => callI32(instance, 'f', [index]))).toEqual([10, 20, 30, 20, 30, 30]);
      },
      { compiler },
    );
  });
});
