/** Motorola S-records, types S0 to S3 and S5 to S9. Source: M68000 Family Programmer's Reference Manual, appendix C. */
import { InvalidInputError } from '@fireball/contracts';
import { Chunks } from './chunks.js';
import type { FirmwareImage } from './firmware.js';
import { bigEndian, hexBytes, textLines, type TextLine } from './text-lines.js';

interface Record {
  readonly type: number;
  readonly address: number;
  readonly data: Uint8Array;
}

/** Bytes of the address, by record type. */
const addressSizes: Readonly<{ [type: number]: number }> = { 0: 2, 1: 2, 2: 3, 3: 4, 5: 2, 6: 3, 7: 4, 8: 3, 9: 2 };

/**
 * @throws InvalidInputError with the line, for a wrong checksum, length, type, count or order
 */
export function readSrec(bytes: Uint8Array): FirmwareImage {
  const chunks = new Chunks();
  let count = 0;
  let entry: number | undefined;
  let ended = false;
  for (const line of textLines(bytes)) {
    if (ended) throw new InvalidInputError('a record behind the termination record', line);
    const { type, address, data } = parseRecord(line);
    if (type >= 1 && type <= 3) {
      chunks.add(address, data, line);
      count++;
    } else if (type === 5 || type === 6) {
      if (address !== count) throw new InvalidInputError(`${count} data records stand before this one, which counts ${address}`, line);
    } else if (type >= 7) {
      // 0 is what tools write that know no entry.
      entry = address === 0 ? undefined : address;
      ended = true;
    }
  }
  if (!ended) throw new InvalidInputError('the termination record (S7, S8 or S9) is missing: the file is truncated', { offset: bytes.length });
  return { format: 'srec', segments: chunks.segments(), entry, machine: undefined, bits: undefined, symbols: [], debug: undefined, remarks: [] };
}

function parseRecord(line: TextLine): Record {
  const match = /^S([0-9])(.*)$/.exec(line.text);
  if (match === null) throw new InvalidInputError("a record begins with 'S' and a digit", line);
  const type = Number(match[1]);
  const addressSize = addressSizes[type];
  if (addressSize === undefined) throw new InvalidInputError(`record type S${type} does not exist`, line);
  const bytes = hexBytes(match[2]!, line);
  const length = bytes[0] ?? 0;
  if (bytes.length !== length + 1 || length < addressSize + 1) {
    throw new InvalidInputError(
      `a record of ${bytes.length} bytes, though its length field asks for ${length + 1} and an S${type} has at least ${addressSize + 2}`,
      line,
    );
  }
  const sum = bytes.subarray(0, length).reduce((total, byte) => (total + byte) & 0xff, 0);
  const stored = bytes[length]!;
  if ((sum ^ 0xff) !== stored) throw new InvalidInputError(`checksum is 0x${stored.toString(16)}, 0x${(sum ^ 0xff).toString(16)} expected`, line);
  return { type, address: bigEndian(bytes.subarray(1, 1 + addressSize)), data: bytes.subarray(1 + addressSize, length) };
}
