import { InternalError } from '@fireball/contracts';
import { wasmSection, wideLeb } from '@fireball/testkit';
import { describe, expect, it } from '@jest/globals';
import { decodeModule, validateModule, type ValidatedModule } from '@fireball/wasm';
import { targets } from '../../testing/module.js';
import { callReach, FunctionPlaces } from './function-places.js';

/** An import, then functions with so many bytes of `nop`. */
function moduleOfSizes(sizes: readonly number[]): ValidatedModule {
  const bodies = sizes.map((size) => Buffer.concat([Uint8Array.from([...wideLeb(size + 2), 0]), Buffer.alloc(size, 1), Uint8Array.of(0x0b)]));
  return validateModule(
    decodeModule(
      new Uint8Array(
        Buffer.concat([
          Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0),
          wasmSection(1, Uint8Array.of(1, 0x60, 0, 0)),
          wasmSection(2, Uint8Array.of(1, 1, 0x61, 1, 0x62, 0, 0)),
          wasmSection(3, Uint8Array.from([sizes.length, ...sizes.map(() => 0)])),
          wasmSection(10, Buffer.concat([Uint8Array.of(sizes.length), ...bodies])),
        ]),
      ),
    ),
  );
}

describe.each(targets)('places of functions on %s', (isa) => {
  const reach = callReach[isa];
  /** Three quarters of the reach, in the middle function. */
  const module = moduleOfSizes([10, Math.floor((0.75 * reach) / 1.7), 10, Math.floor((0.5 * reach) / 1.7), 10]);

  it.each([
    { name: 'an import', caller: 1, callee: 0, expected: false },
    { name: 'itself', caller: 1, callee: 1, expected: true },
    { name: 'a function behind a long one', caller: 1, callee: 3, expected: true },
    { name: 'one in front of it', caller: 3, callee: 1, expected: true },
    { name: 'the last function', caller: 1, callee: 5, expected: false },
    { name: 'the first one', caller: 5, callee: 1, expected: false },
    { name: 'one that is near the end of the caller only', caller: 2, callee: 5, expected: false },
  ])('before they are known, $name: $expected', ({ caller, callee, expected }) => {
    expect(new FunctionPlaces(isa, module).reaches(caller, callee)).toBe(expected);
  });

  it('count from both ends of the caller, as soon as they are known', () => {
    const places = new FunctionPlaces(isa, module);
    expect(() => places.entryOf(1)).toThrow(InternalError);
    places.put(1, { address: 0x1000, size: 0x100 });
    places.put(2, { address: 0x1100, size: reach - 0x200 });
    places.put(3, { address: 0x1000 + reach - 0x100, size: 0x100 });
    expect(places.entryOf(3)).toBe(0xf00 + reach);
    expect(places.areClose).toBe(false);
    expect([places.isInReach(1, [2, 3]), places.isInReach(2, [1, 3]), places.isInReach(3, [2]), places.isInReach(3, [1, 2])]).toEqual([
      true,
      true,
      true,
      false,
    ]);
    places.put(3, { address: 0x1000 + reach - 0x101, size: 0x100 });
    expect(places.areClose).toBe(true);
  });

  it('are given up for all calls of a function', () => {
    const places = new FunctionPlaces(isa, module);
    places.giveUp(1);
    expect([places.reaches(1, 2), places.reaches(1, 1), places.reaches(2, 1)]).toEqual([false, false, true]);
  });
});
