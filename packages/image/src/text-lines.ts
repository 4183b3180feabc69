import { InvalidInputError } from '@fireball/contracts';
import type { FilePlace } from './chunks.js';

/** Longest line that is shown or read: a record of 255 bytes has 521 characters. */
const longest = 4096;
const newline = 10;
const carriageReturn = 13;

/** Values of hexadecimal digits by their character; 255 for all others. */
const digitValues = new Uint8Array(256).fill(255);
for (const digit of '0123456789abcdefABCDEF') digitValues[digit.charCodeAt(0)] = parseInt(digit, 16);

/**
 * The lines of an ASCII file one after the other, with any of the three line ends; blank ones and spaces around the text are left out. Files have
 * tens of thousands of lines, so that nothing is made for one until it is asked for.
 */
export class TextLines {
  /** What `decode` has read last. */
  readonly decoded = new Uint8Array(longest / 2);
  /** The sum of its bytes, as a byte. */
  sum = 0;
  readonly #bytes: Uint8Array;
  /** Of the line, 1-based. */
  line = 0;
  /** Of its first character, in bytes. */
  offset = 0;
  /** The text of the line. */
  #start = 0;
  #end = 0;
  #next = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get place(): Required<FilePlace> {
    return { line: this.line, offset: this.offset };
  }

  get text(): string {
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + this.#start, this.#end - this.#start).toString('latin1');
  }

  /** The character with which the line begins. */
  get first(): number {
    return this.#bytes[this.#start] ?? 0;
  }

  /**
   * Goes on to the next line that is not blank.
   * @returns false where there is none
   * @throws InvalidInputError where it is too long
   */
  next(): boolean {
    const bytes = this.#bytes;
    while (this.#next < bytes.length) {
      const start = this.#next;
      let end = start;
      while (end < bytes.length && bytes[end] !== newline && bytes[end] !== carriageReturn) end++;
      this.line++;
      this.offset = start;
      this.#next = end + (bytes[end] === carriageReturn && bytes[end + 1] === newline ? 2 : 1);
      if (end - start > longest) throw new InvalidInputError(`a line of ${end - start} characters`, this.place);
      this.#start = start;
      this.#end = end;
      while (this.#start < this.#end && isSpace(bytes[this.#start])) this.#start++;
      while (this.#start < this.#end && isSpace(bytes[this.#end - 1])) this.#end--;
      if (this.#start < this.#end) return true;
    }
    return false;
  }

  /**
   * Reads pairs of hexadecimal digits of the line into `decoded`.
   * @param from characters of the text in front of the first
   * @param to the character behind the last; the end of the line where it is not given
   * @returns how many bytes they name
   * @throws InvalidInputError
   */
  decode(from: number, to = this.#end - this.#start): number {
    const bytes = this.#bytes;
    const { decoded } = this;
    let count = 0;
    let sum = 0;
    let at = this.#start + from;
    for (const end = this.#start + to; at < end; at += 2) {
      const high = digitValues[bytes[at]!]!;
      // Behind the last digit of an odd number stands what is none.
      const low = at + 1 < end ? digitValues[bytes[at + 1]!]! : 255;
      if (high === 255 || low === 255) throw this.#noDigits(this.text.slice(from, to));
      const byte = (high << 4) | low;
      decoded[count++] = byte;
      sum += byte;
    }
    this.sum = sum & 0xff;
    return count;
  }

  #noDigits(digits: string): InvalidInputError {
    const bad = /[^0-9a-fA-F]/.exec(digits);
    return new InvalidInputError(bad === null ? 'an odd number of hexadecimal digits' : `'${bad[0]}' is no hexadecimal digit`, this.place);
  }
}

function isSpace(character: number | undefined): boolean {
  return character === 32 || (character !== undefined && character >= 9 && character <= 13) || character === 0xa0;
}

/** The number that bytes of a range make, the first its highest. */
export function bigEndian(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) value = value * 256 + bytes[at]!;
  return value;
}
