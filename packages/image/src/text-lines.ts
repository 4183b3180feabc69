import { InvalidInputError } from '@fireball/contracts';

/** A line that is not blank. */
export interface TextLine {
  readonly text: string;
  /** 1-based. */
  readonly line: number;
  /** Byte offset of its first character. */
  readonly offset: number;
}

/** Longest line that is shown or read: a record of 255 bytes has 521 characters. */
const longest = 4096;

/** The lines of an ASCII file, with any of the three line ends; blank ones and spaces around the text are left out. */
export function* textLines(bytes: Uint8Array): Iterable<TextLine> {
  let line = 1;
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let start = 0; start < bytes.length; line++) {
    let end = start;
    while (end < bytes.length && bytes[end] !== 10 && bytes[end] !== 13) end++;
    if (end - start > longest) throw new InvalidInputError(`a line of ${end - start} characters`, { line, offset: start });
    const text = file.toString('latin1', start, end).trim();
    if (text !== '') yield { text, line, offset: start };
    start = end + (bytes[end] === 13 && bytes[end + 1] === 10 ? 2 : 1);
  }
}

/** The bytes that pairs of hexadecimal digits name. */
export function hexBytes(digits: string, { line, offset }: TextLine): Uint8Array {
  // Reading ends at what is no pair of digits.
  const bytes = Buffer.from(digits, 'hex');
  if (bytes.length * 2 === digits.length) return bytes;
  const bad = /[^0-9a-fA-F]/.exec(digits);
  throw new InvalidInputError(bad === null ? 'an odd number of hexadecimal digits' : `'${bad[0]}' is no hexadecimal digit`, { line, offset });
}

export function bigEndian(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}
