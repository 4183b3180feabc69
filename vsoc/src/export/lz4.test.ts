import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { packLz4 } from './lz4.js';

/** As the format is described (github.com/lz4/lz4, doc/lz4_Block_format.md). */
function unpack(packed: Uint8Array): Uint8Array {
  const bytes: number[] = [];
  let at = 0;
  const length = (inToken: number): number => {
    let sum = inToken;
    if (inToken === 15) for (let more = 255; more === 255; sum += more) more = packed[at++]!;
    return sum;
  };
  for (;;) {
    const token = packed[at++]!;
    const literals = length(token >> 4);
    bytes.push(...packed.subarray(at, at + literals));
    at += literals;
    if (at === packed.length) return Uint8Array.from(bytes);
    const distance = packed[at]! | (packed[at + 1]! << 8);
    at += 2;
    if (distance === 0 || distance > bytes.length) throw new RangeError(`distance ${distance} behind ${bytes.length} bytes`);
    const count = length(token & 15) + 4;
    for (let index = 0; index < count; index++) bytes.push(bytes[bytes.length - distance]!);
  }
}

describe('packing', () => {
  it('is undone by unpacking', () => {
    const pieces = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc
          .tuple(fc.uint8Array({ minLength: 1, maxLength: 6 }), fc.nat(400))
          .map(([piece, count]) => Uint8Array.from({ length: piece.length * count }, (_, at) => piece[at % piece.length]!)),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
        expect(Buffer.from(unpack(packLz4(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it.each([
    { what: 'nothing', bytes: new Uint8Array(), most: 1 },
    { what: 'zeros', bytes: new Uint8Array(30_000), most: 130 },
    { what: 'the same eight bytes again and again', bytes: Uint8Array.from({ length: 8000 }, (_, at) => 31 * (at % 8)), most: 60 },
    { what: 'what never repeats', bytes: Uint8Array.from({ length: 256 }, (_, at) => at), most: 259 },
  ])('makes little of $what', ({ bytes, most }) => {
    const packed = packLz4(bytes);
    expect(packed.length).toBeLessThanOrEqual(most);
    expect(Buffer.from(unpack(packed))).toEqual(Buffer.from(bytes));
  });
});
