/**
 * Intel HEX. Source: Intel Hexadecimal Object File Format Specification, revision A (1988).
 * A micro:bit Universal Hex keeps the first board's data in ordinary records and the second's in records
 * of its own (types 0x0a to 0x0e), which are passed over.
 */
import { InvalidInputError } from '@fireball/contracts';
import { Chunks } from './chunks.js';
import type { FirmwareImage } from './firmware.js';
import { bigEndian, TextLines } from './text-lines.js';

/** Bytes that records of a type must hold. */
const sizes: Readonly<{ [type: number]: number }> = { 1: 0, 2: 2, 3: 4, 4: 2, 5: 4 };
const universalHex = { first: 0x0a, last: 0x0e } as const;
const colon = 0x3a;
/** Of a record's data, behind length, address and type. */
const dataStart = 4;

/**
 * Reads record types 0 to 5, up to the end-of-file record.
 * @throws InvalidInputError with the line, for a wrong checksum, length, type or order
 */
export function readIntelHex(bytes: Uint8Array): FirmwareImage {
  const chunks = new Chunks();
  const lines = new TextLines(bytes);
  const record = lines.decoded;
  // Records 2 give the base of a segment, within which addresses wrap; records 4 the upper half of a linear address.
  let base = 0;
  let wraps = true;
  let entry: number | undefined;
  let ended = false;
  let passedOver = 0;
  let behindEnd = 0;
  while (lines.next()) {
    // As other readers do: some tools put symbols there, in records of their own.
    if (ended) {
      behindEnd++;
      continue;
    }
    checkRecord(lines);
    const dataEnd = dataStart + record[0]!;
    switch (record[3]) {
      case 0: {
        const offset = bigEndian(record, 1, 3);
        const room = wraps ? 0x1_0000 - offset : 2 ** 32 - base - offset;
        const split = Math.min(dataEnd, dataStart + room);
        chunks.add(base + offset, record, dataStart, split, lines);
        if (split < dataEnd) chunks.add(wraps ? base : 0, record, split, dataEnd, lines);
        break;
      }
      case 1:
        ended = true;
        break;
      case 2:
        base = bigEndian(record, dataStart, dataEnd) * 16;
        wraps = true;
        break;
      case 3:
        entry = bigEndian(record, dataStart, dataStart + 2) * 16 + bigEndian(record, dataStart + 2, dataEnd);
        break;
      case 4:
        base = bigEndian(record, dataStart, dataEnd) * 0x1_0000;
        wraps = false;
        break;
      case 5:
        entry = bigEndian(record, dataStart, dataEnd);
        break;
      default:
        passedOver++;
    }
  }
  if (!ended)
    throw new InvalidInputError('the end-of-file record (:00000001FF) is missing: the file is truncated', {
      line: lines.place.line + 1,
      offset: bytes.length,
    });
  const remarks = [
    ...(passedOver === 0 ? [] : [`Universal Hex: ${passedOver} records for other boards were passed over`]),
    ...(behindEnd === 0 ? [] : [`Intel HEX: what is behind the end-of-file record was passed over (lines: ${behindEnd})`]),
  ];
  return { format: 'ihex', segments: chunks.segments(), entry, machine: undefined, bits: undefined, symbols: [], debug: undefined, remarks };
}

/** Decodes the line, and checks what every record must be. */
function checkRecord(lines: TextLines): void {
  if (lines.first !== colon) throw new InvalidInputError("a record begins with ':'", lines.place);
  const count = lines.decode(1);
  const record = lines.decoded;
  const length = count === 0 ? 0 : record[0]!;
  if (count < 5 || count !== length + 5) {
    throw new InvalidInputError(`a record of ${count} bytes, though its length field asks for ${length + 5}`, lines.place);
  }
  if (lines.sum !== 0) {
    const stored = record[count - 1]!;
    throw new InvalidInputError(`checksum is ${hex(stored)}, ${hex((stored - lines.sum) & 0xff)} expected`, lines.place);
  }
  const type = record[3]!;
  if (type > 5 && (type < universalHex.first || type > universalHex.last)) throw new InvalidInputError(`record type ${hex(type)}; 0 to 5 exist`, lines.place);
  const size = sizes[type];
  if (size !== undefined && size !== length) throw new InvalidInputError(`a record of type ${type} holds ${size} bytes, not ${length}`, lines.place);
}

const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, '0')}`;
