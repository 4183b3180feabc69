import { describe, expect, it } from '@jest/globals';
import { FireballError } from '@fireball/contracts';
import fc from 'fast-check';
import { detectFormat, readImage } from './read-image.js';
import type { FirmwareImage, ImageFormat } from './firmware.js';
import { elfSample } from './testing/elf-sample.js';
import { encoders, type Pieces } from './testing/encoders.js';

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const shown = ({ segments, entry }: FirmwareImage): unknown => ({ entry, segments: segments.map(({ address, data }) => [address, [...data]]) });

describe('Intel HEX', () => {
  const end = ':00000001FF\n';
  it.each<[string, string, unknown]>([
    ['data', `:0400000001020304F2\n${end}`, { segments: [[0, [1, 2, 3, 4]]] }],
    ['lower case and CRLF', `:04000000aabbccddee\r\n:00000001ff\r\n`, { segments: [[0, [0xaa, 0xbb, 0xcc, 0xdd]]] }],
    ['neighbours in any order', `:020002000304F5\n:020000000102FB\n${end}`, { segments: [[0, [1, 2, 3, 4]]] }],
    ['an extended linear address', `:020000040800F2\n:01000000AA55\n${end}`, { segments: [[0x0800_0000, [0xaa]]] }],
    ['an extended segment address', `:020000021000EC\n:01FFFF000100\n${end}`, { segments: [[0x1_ffff, [1]]] }],
    [
      'data that wraps within its segment',
      `:020000021000EC\n:02FFFF000102FD\n${end}`,
      {
        segments: [
          [0x1_0000, [2]],
          [0x1_ffff, [1]],
        ],
      },
    ],
    ['data across a 64 KiB border', `:020000040800F2\n:02FFFF000102FD\n${end}`, { segments: [[0x0800_ffff, [1, 2]]] }],
    ['a start segment address', `:0400000300003800C1\n:010000000AF5\n${end}`, { entry: 0x3800, segments: [[0, [10]]] }],
    ['a start linear address', `:0400000508000101ED\n:010000000AF5\n${end}`, { entry: 0x0800_0101, segments: [[0, [10]]] }],
    ['a Universal Hex', `:0400000A9900C0DEBB\n:010000000AF5\n:0100000D0BE7\n${end}`, { segments: [[0, [10]]] }],
    ['up to the end-of-file record', `:010000000AF5\n${end}:0E0000FE616F5F696E746572727570742E6347\n:010001000BF3\n`, { segments: [[0, [10]]] }],
  ])('reads %s', (_name, text, expected) => {
    expect(shown(readImage(ascii(text)))).toEqual({ entry: undefined, ...(expected as object) });
  });

  it('says what it passed over', () => {
    expect(readImage(ascii(`:010000000AF5\n${end}symbols\n`)).remarks).toEqual(['Intel HEX: what is behind the end-of-file record was passed over (lines: 1)']);
  });

  it.each([
    ['a wrong checksum', ':0400000001020304F3\n', 'line 1, offset 0x0: checksum is 0xf3, 0xf2 expected'],
    ['a wrong length', `:010000000AF5\n:0500000001020304F2\n`, 'line 2, offset 0xe: a record of 9 bytes, though its length field asks for 10'],
    ['no digit', `:010000000AF5\n:01000000G0F5\n`, "line 2, offset 0xe: 'G' is no hexadecimal digit"],
    ['an odd number of digits', ':010000000AF5\n:000\n', 'line 2, offset 0xe: an odd number of hexadecimal digits'],
    ['an unknown type', ':010000000AF5\n:00000007F9\n', 'line 2, offset 0xe: record type 0x07; 0 to 5 exist'],
    ['an address record without one', ':010000000AF5\n:0100000408F3\n', 'line 2, offset 0xe: a record of type 4 holds 2 bytes, not 1'],
    ['no end', ':010000000AF5\n', 'line 2, offset 0xe: the end-of-file record (:00000001FF) is missing: the file is truncated'],
    ['an address given twice', `:020000000102FB\n:0100010005F9\n${end}`, 'line 2, offset 0x10: address 0x1 was given before, in line 1'],
    ['something else in between', `:010000000AF5\nhello\n${end}`, "line 2, offset 0xe: a record begins with ':'"],
    ['no data', end, 'offset 0x0: the file holds nothing to load'],
  ])('refuses %s', (_name, text, message) => {
    expect(() => readImage(ascii(text))).toThrow(message);
  });
});

describe('S-records', () => {
  it.each<[string, string, unknown]>([
    ['S1 and S9', 'S00600004844521B\nS1070000010203FFF3\nS9030000FC\n', { segments: [[0, [1, 2, 3, 255]]] }],
    ['S2, a count and S8', 'S205010000AA4F\nS5030001FB\nS804010000FA\n', { entry: 0x1_0000, segments: [[0x1_0000, [0xaa]]] }],
    ['S3 and S7', 'S306080000000AE7\nS70508000101F0\n', { entry: 0x0800_0101, segments: [[0x0800_0000, [10]]] }],
  ])('reads %s', (_name, text, expected) => {
    expect(shown(readImage(ascii(text)))).toEqual({ entry: undefined, ...(expected as object) });
  });

  it.each([
    ['a wrong checksum', 'S306080000000AE8\nS70508000101F0\n', 'line 1, offset 0x0: checksum is 0xe8, 0xe7 expected'],
    ['a wrong count', 'S306080000000AE7\nS5030002FA\n', 'line 2, offset 0x11: 1 data records stand before this one, which counts 2'],
    ['a wrong length', 'S307080000000AE7\n', 'line 1, offset 0x0: a record of 7 bytes, though its length field asks for 8'],
    ['S4', 'S306080000000AE7\nS4030000FC\n', 'line 2, offset 0x11: record type S4 does not exist'],
    ['no end', 'S306080000000AE7\n', 'the termination record (S7, S8 or S9) is missing'],
    ['data behind the end', 'S70508000101F0\nS306080000000AE7\n', 'line 2, offset 0xf: a record behind the termination record'],
  ])('refuses %s', (_name, text, message) => {
    expect(() => readImage(ascii(text))).toThrow(message);
  });
});

describe('TI-TXT', () => {
  it('reads addresses and bytes', () => {
    expect(shown(readImage(ascii('@F000\n31 40 00 03\n@F004\n0a\nq\n')))).toEqual({ entry: undefined, segments: [[0xf000, [0x31, 0x40, 0, 3, 10]]] });
  });

  it.each([
    ['a byte of three digits', '@F000\n31 400\nq\n', "line 2, offset 0x6: '400' is no byte of two hexadecimal digits"],
    ['a wrong address', '@F000\n31\n@F0Z0\nq\n', "line 3, offset 0x9: '@F0Z0' is no address"],
    ['no end', '@F000\n31\n', "the end, 'q', is missing"],
    ['data behind the end', '@F000\nq\n31\n', "line 3, offset 0x8: a line behind the end, 'q'"],
  ])('refuses %s', (_name, text, message) => {
    expect(() => readImage(ascii(text))).toThrow(message);
  });
});

describe('UF2', () => {
  const pieces: Pieces = [[0x1000_0000, Uint8Array.from({ length: 600 }, (_, index) => index)]];
  const block = (bytes: Uint8Array, index: number): Uint8Array => bytes.subarray(512 * index, 512 * (index + 1));
  const file = encoders.uf2(pieces);

  function changed(offset: number, value: number): Uint8Array {
    const copy = Uint8Array.from(file);
    new DataView(copy.buffer).setUint32(offset, value, true);
    return copy;
  }

  it('takes one family of several, and passes over what is not for flash', () => {
    const [rp2040, samd21] = [0xe48b_ff56, 0x68ed_2b88];
    const both = Uint8Array.from([...encoders.uf2([[0x1000_0000, Uint8Array.of(1)]], rp2040), ...encoders.uf2([[0x2000, Uint8Array.of(2)]], samd21)]);
    expect(() => readImage(both)).toThrow('blocks for several families: RP2040 (0xe48bff56), SAMD21 (0x68ed2b88) (choose one)');
    expect(shown(readImage(both, { family: samd21 }))).toEqual({ entry: undefined, segments: [[0x2000, [2]]] });
    expect(readImage(both, { family: samd21 }).remarks).toEqual(["1 of 2 blocks are not for this chip's flash and were passed over"]);
    expect(() => readImage(both, { family: 1 })).toThrow('no block is for family 0x00000001, only for RP2040 (0xe48bff56), SAMD21 (0x68ed2b88)');
  });

  it.each([
    ['a file that ends within a block', file.subarray(0, 700), 'offset 0x200: 700 bytes, not a multiple of 512: the file is truncated'],
    ['a missing last block', file.subarray(0, 1024), 'offset 0x400: block 2 of 3 is missing: the file is truncated'],
    ['a missing first block', file.subarray(512), 'block 0 of 3 is missing'],
    ['a block that begins wrongly', changed(512, 0), 'offset 0x200: no UF2 block begins here'],
    ['a block that ends wrongly', changed(512 + 508, 0), 'offset 0x3fc: the UF2 block does not end as one'],
    ['a payload that is too long', changed(512 + 16, 477), 'offset 0x210: a payload of 477 bytes; a block holds at most 476'],
    ['another count', changed(512 + 24, 9), 'offset 0x218: a block of 9, in a file whose first says 3'],
    ['a number beyond the count', changed(512 + 20, 3), 'offset 0x214: block 3 of 3'],
    ['a container of files', changed(8, 0x1000), 'offset 0x8: not supported: a UF2 container of files'],
    ['an address given twice', Uint8Array.from([...file, ...block(file, 0)]), 'offset 0x600: address 0x10000000 was given before, in offset 0x0'],
  ])('refuses %s', (_name, bytes, message) => {
    expect(() => readImage(bytes)).toThrow(message);
  });
});

describe('a raw image', () => {
  it('needs a base', () => {
    expect(shown(readImage(Uint8Array.of(1, 2), { base: 0x0800_0000 }))).toEqual({ entry: undefined, segments: [[0x0800_0000, [1, 2]]] });
    expect(() => readImage(Uint8Array.of(1, 2))).toThrow('a raw image does not say where it belongs');
    expect(() => readImage(new Uint8Array(0), { base: 0 })).toThrow('the file is empty');
  });

  it('loses its DFU suffix', () => {
    // bcdDevice, idProduct, idVendor, bcdDFU, "UFD", length; then the CRC of all before it.
    const body = Uint8Array.of(1, 2, 3, 4, 0xff, 0xff, 0x02, 0x60, 0x50, 0x1d, 0x00, 0x01, 0x55, 0x46, 0x44, 16);
    const withSuffix = Uint8Array.from([...body, ...dfuCrc(body)]);
    expect(shown(readImage(withSuffix, { base: 0 }))).toEqual({ entry: undefined, segments: [[0, [1, 2, 3, 4]]] });
    withSuffix[0] = 9;
    expect(readImage(withSuffix, { base: 0 }).segments[0]?.data).toHaveLength(20);
  });
});

/** Bit by bit, as the specification writes it down. */
function dfuCrc(bytes: Uint8Array): number[] {
  let crc = 0xffff_ffffn;
  for (const byte of bytes) {
    for (let bit = 0n; bit < 8n; bit++) {
      const out = (crc ^ (BigInt(byte) >> bit)) & 1n;
      crc = (crc >> 1n) ^ (out * 0xedb8_8320n);
    }
  }
  return [0n, 8n, 16n, 24n].map((shift) => Number((crc >> shift) & 0xffn));
}

describe('an ELF file', () => {
  it.each(['elf32', 'elf64'] as const)('of class %s gives its loadable segments at their physical addresses, entry and symbols', (kind) => {
    const image = readImage(elfSample(kind));
    expect(image).toMatchObject({ format: 'elf', bits: kind === 'elf32' ? 32 : 64, machine: 243, entry: 0x8000_0004 });
    expect(image.segments).toEqual([{ address: 0x8000_0000, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), memorySize: 24 }]);
    expect(image.symbols.filter(({ name }) => name !== '')).toEqual([{ name: 'main', value: 0x8000_0004, size: 4, type: 2, binding: 1, section: 1 }]);
  });

  it.each(['elf32', 'elf64'] as const)('of class %s, mutated or cut, is read or refused with a reason', (kind) => {
    const sample = elfSample(kind);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(sample.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }),
        fc.nat(sample.length),
        (changes, length) => {
          const bytes = Uint8Array.from(sample);
          for (const [at, value] of changes) bytes[at] = value;
          try {
            readImage(length % 2 === 0 ? bytes : bytes.subarray(0, length), { format: 'elf' });
          } catch (error) {
            if (!(error instanceof FireballError) || error.exitStatus !== 65) throw error;
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('that is an object file is refused with what to do', () => {
    const bytes = elfSample('elf32');
    bytes[16] = 1;
    expect(() => readImage(bytes)).toThrow('offset 0x10: the ELF file is no program (it is an object file: link it)');
  });
});

/** Pieces that do not touch, so that each is a segment. */
const anyPieces: fc.Arbitrary<Pieces> = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 70_000 }), fc.uint8Array({ minLength: 1, maxLength: 700 })), { minLength: 1, maxLength: 6 })
  .map((list) => {
    let at = 0x0fff_f000;
    return list.map(([gap, data]): [number, Uint8Array] => {
      const address = at + gap;
      at = address + data.length;
      return [address, data];
    });
  });

describe.each(Object.entries(encoders) as [ImageFormat, (pieces: Pieces) => Uint8Array][])('%s', (format, encode) => {
  it('is detected, and gives the pieces back that were written', () => {
    fc.assert(
      fc.property(anyPieces, (pieces) => {
        const bytes = encode(pieces);
        expect(detectFormat(bytes)).toBe(format);
        expect(readImage(bytes).segments.map(({ address, data }) => [address, [...data]])).toEqual(pieces.map(([address, data]) => [address, [...data]]));
      }),
      { numRuns: 50 },
    );
  });

  it('is read or refused with a reason, whatever is wrong with it', () => {
    fc.assert(
      fc.property(anyPieces, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }), fc.nat(), (pieces, changes, length) => {
        const bytes = encode(pieces);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const cut = bytes.subarray(0, length % 3 === 0 ? length % bytes.length : bytes.length);
        try {
          const { segments } = readImage(cut, { base: 0, format });
          expect(segments.every(({ data, address }) => data.length > 0 && address + data.length <= 2 ** 32)).toBe(true);
        } catch (error) {
          if (!(error instanceof FireballError) || error.exitStatus !== 65) throw error;
        }
      }),
      { numRuns: 200 },
    );
  });
});
