import type { ValueType } from '@fireball/wasm';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { recordOps } from '../../plan/ops.js';
import { wordCount } from '../../plan/words.js';
import { argumentPlaces, resultRegisterCount } from '../../target/arguments.js';
import { smallFrame } from '../../core/select/frame.js';
import { trapKinds } from '../../target/trap-kinds.js';
import { rv32Roles } from '../../target/rv32/roles.js';
import { thumb2Roles } from '../../target/thumb2/roles.js';
import { abiOf, contractOf, recordRoutines, resultBufferBytes, trapKindCount, uncheckedFrameBytes } from './abi.js';

const types = fc.array(fc.constantFrom<ValueType>('i32', 'i64', 'f32', 'f64', 'funcref', 'externref'), { maxLength: 24 });

describe.each([
  { isa: 'thumb2', roles: thumb2Roles },
  { isa: 'rv32', roles: rv32Roles },
] as const)('selector and deep verifier agree on the ABI of $isa', ({ isa, roles }) => {
  it('in registers', () => {
    const { args, saved, zero } = abiOf[isa];
    expect({ args, saved: [...saved].sort(), zero }).toEqual({ args: roles.args, saved: [...roles.saved].sort(), zero: roles.zero });
  });

  it('in where arguments and results travel', () => {
    fc.assert(
      fc.property(types, types, (params, results) => {
        const { places, stackBytes } = argumentPlaces({ params, results }, roles.args);
        expect(contractOf(isa, { params, results })).toEqual({
          argumentWords: places.filter((place) => 'reg' in place).length,
          stackBytes,
          resultWords: Math.min(wordCount(results), resultRegisterCount),
        });
        expect(resultBufferBytes(results)).toBe(4 * Math.max(0, wordCount(results) - resultRegisterCount));
      }),
    );
  });
});

it('selector and deep verifier agree on frames, traps and routines', () => {
  expect([uncheckedFrameBytes, trapKindCount]).toEqual([smallFrame, trapKinds.length]);
  const wanted = Object.entries(recordOps).map(([op, { operands, results }]) => [op, { argumentWords: operands + 1, resultWords: wordCount(results) }]);
  expect(recordRoutines).toEqual(Object.fromEntries(wanted));
});
