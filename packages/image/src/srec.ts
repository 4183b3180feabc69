/** Motorola S-records, types S0 to S3 and S5 to S9. Source: M68000 Family Programmer's Reference Manual, appendix C. */
import { InvalidInputError } from '@fireball/contracts';
import { Chunks } from './chunks.js';
import type { FirmwareImage } from './firmware.js';
import { bigEndian, TextLines } from './text-lines.js';

/** Bytes of the address, by record type. */
const addressSizes: Readonly<{ [type: number]: number }> = { 0: 2, 1: 2, 2: 3, 3: 4, 5: 2, 6: 3, 7: 4, 8: 3, 9: 2 };

/**
 * @throws InvalidInputError with the line, for a wrong checksum, length, type, count or order
 */
export function readSrec(bytes: Uint8Array): FirmwareImage {
  const chunks = new Chunks();
  const lines = new TextLines(bytes);
  let count = 0;
  let entry: number | undefined;
  let ended = false;
  while (lines.next()) {
    if (ended) throw new InvalidInputError('a record behind the termination record', lines.place);
    const { type, addressSize } = checkRecord(lines);
    const record = lines.decoded;
    const dataStart = 1 + addressSize;
    const address = bigEndian(record, 1, dataStart);
    if (type >= 1 && type <= 3) {
      chunks.add(address, record, dataStart, record[0]!, lines);
      count++;
    } else if (type === 5 || type === 6) {
      if (address !== count) throw new InvalidInputError(`${count} data records stand before this one, which counts ${address}`, lines.place);
    } else if (type >= 7) {
      // 0 is what tools write that know no entry.
      entry = address === 0 ? undefined : address;
      ended = true;
    }
  }
  if (!ended) throw new InvalidInputError('the termination record (S7, S8 or S9) is missing: the file is truncated', { offset: bytes.length });
  return { format: 'srec', segments: chunks.segments(), entry, machine: undefined, bits: undefined, symbols: [], debug: undefined, remarks: [] };
}

/** Decodes the line, and checks what every record must be. */
function checkRecord(lines: TextLines): { readonly type: number; readonly addressSize: number } {
  const start = /^S([0-9])/.exec(lines.text);
  if (start === null) throw new InvalidInputError("a record begins with 'S' and a digit", lines.place);
  const type = Number(start[1]);
  const addressSize = addressSizes[type];
  if (addressSize === undefined) throw new InvalidInputError(`record type S${type} does not exist`, lines.place);
  const count = lines.decode(2);
  const record = lines.decoded;
  const length = count === 0 ? 0 : record[0]!;
  if (count !== length + 1 || length < addressSize + 1) {
    throw new InvalidInputError(
      `a record of ${count} bytes, though its length field asks for ${length + 1} and an S${type} has at least ${addressSize + 2}`,
      lines.place,
    );
  }
  // The checksum is the complement of all before it.
  if (lines.sum !== 0xff) {
    const stored = record[length]!;
    throw new InvalidInputError(`checksum is 0x${stored.toString(16)}, 0x${((stored - lines.sum - 1) & 0xff).toString(16)} expected`, lines.place);
  }
  return { type, addressSize };
}
