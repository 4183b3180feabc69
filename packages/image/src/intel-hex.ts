/**
 * Intel HEX. Source: Intel Hexadecimal Object File Format Specification, revision A (1988).
 * A micro:bit Universal Hex keeps the first board's data in ordinary records and the second's in records
 * of its own (types 0x0a to 0x0e), which are passed over.
 */
import { InvalidInputError } from '@fireball/contracts';
import { Chunks } from './chunks.js';
import type { FirmwareImage } from './firmware.js';
import { bigEndian, hexBytes, textLines, type TextLine } from './text-lines.js';

interface Record {
  readonly offset: number;
  readonly type: number;
  readonly data: Uint8Array;
}

/** Bytes that records of a type must hold. */
const sizes: Readonly<{ [type: number]: number }> = { 1: 0, 2: 2, 3: 4, 4: 2, 5: 4 };
const universalHex = { first: 0x0a, last: 0x0e } as const;

/**
 * Reads record types 0 to 5.
 * @throws InvalidInputError with the line, for a wrong checksum, length, type or order
 */
export function readIntelHex(bytes: Uint8Array): FirmwareImage {
  const chunks = new Chunks();
  // Records 2 give the base of a segment, within which addresses wrap; records 4 the upper half of a linear address.
  let base = 0;
  let wraps = true;
  let entry: number | undefined;
  let ended = false;
  let passedOver = 0;
  let last: TextLine | undefined;
  for (const line of textLines(bytes)) {
    if (ended) throw new InvalidInputError('a record behind the end-of-file record', line);
    last = line;
    const { offset, type, data } = parseRecord(line);
    switch (type) {
      case 0: {
        if (!wraps) {
          const address = base + offset;
          const room = Math.min(data.length, 2 ** 32 - address);
          chunks.add(address, data.subarray(0, room), line);
          chunks.add(0, data.subarray(room), line);
        } else {
          const room = Math.min(data.length, 0x1_0000 - offset);
          chunks.add(base + offset, data.subarray(0, room), line);
          chunks.add(base, data.subarray(room), line);
        }
        break;
      }
      case 1:
        ended = true;
        break;
      case 2:
        base = bigEndian(data) * 16;
        wraps = true;
        break;
      case 3:
        entry = bigEndian(data.subarray(0, 2)) * 16 + bigEndian(data.subarray(2));
        break;
      case 4:
        base = bigEndian(data) * 0x1_0000;
        wraps = false;
        break;
      case 5:
        entry = bigEndian(data);
        break;
      default:
        passedOver++;
    }
  }
  if (!ended)
    throw new InvalidInputError('the end-of-file record (:00000001FF) is missing: the file is truncated', {
      line: (last?.line ?? 0) + 1,
      offset: bytes.length,
    });
  const remarks = passedOver === 0 ? [] : [`Universal Hex: ${passedOver} records for other boards were passed over`];
  return { format: 'ihex', segments: chunks.segments(), entry, machine: undefined, bits: undefined, symbols: [], debug: undefined, remarks };
}

function parseRecord(line: TextLine): Record {
  if (!line.text.startsWith(':')) throw new InvalidInputError("a record begins with ':'", line);
  const bytes = hexBytes(line.text.slice(1), line);
  const length = bytes[0] ?? 0;
  if (bytes.length < 5 || bytes.length !== length + 5) {
    throw new InvalidInputError(`a record of ${bytes.length} bytes, though its length field asks for ${length + 5}`, line);
  }
  const sum = bytes.reduce((total, byte) => (total + byte) & 0xff, 0);
  if (sum !== 0) {
    const stored = bytes[bytes.length - 1]!;
    throw new InvalidInputError(`checksum is ${hex(stored)}, ${hex((stored - sum) & 0xff)} expected`, line);
  }
  const type = bytes[3]!;
  if (type > 5 && (type < universalHex.first || type > universalHex.last)) throw new InvalidInputError(`record type ${hex(type)}; 0 to 5 exist`, line);
  const size = sizes[type];
  if (size !== undefined && size !== length) throw new InvalidInputError(`a record of type ${type} holds ${size} bytes, not ${length}`, line);
  return { offset: (bytes[1]! << 8) | bytes[2]!, type, data: bytes.subarray(4, 4 + length) };
}

const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, '0')}`;
