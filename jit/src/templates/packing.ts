/** How operands lie in words, as records of placed templates have them: all but the last one are bytes of one word. Templates that do not fit have a word for each. */
import { UnsupportedError } from '@fireball/contracts';
import { mostOperands, mostOperandsOfBytes, sizeBits, sizeShift } from '../core/layout/placed.js';
import type { Operand } from './field.js';
import type { Template } from './template.js';

/** Where an operand lies: which word, and, unless it is all of that, which byte. */
interface OperandPlace {
  readonly word: number;
  readonly byte: number | undefined;
}

const bytesOfWord = 4;

function isByte({ kind, min, max }: Operand): boolean {
  return kind !== 'reglist' && min >= 0 && max <= 0xff;
}

/** Does it fit into the record of a placed template? */
export function isPacked({ operands }: Template): boolean {
  const bytes = operands.length <= mostOperandsOfBytes ? operands.slice(0, -1) : operands;
  return operands.length <= mostOperands && bytes.every(isByte);
}

/** @throws UnsupportedError where it does not */
export function checkPlaced(template: Template): void {
  if (!isPacked(template)) throw new UnsupportedError(`template ${template.name} cannot be placed: only its last operand may be no byte`);
}

/** What the head of a record says of its template: number, and size. */
export function identityOf({ id, size }: Template): number {
  return id | (size > 2 * sizeBits ? 0 : (size >> 1) << sizeShift);
}

/** Where an operand of a template lies. */
export function operandPlace(template: Template, index: number): OperandPlace {
  const { length } = template.operands;
  if (!isPacked(template)) return { word: index, byte: undefined };
  if (length <= mostOperandsOfBytes && index === length - 1) return { word: 1, byte: undefined };
  return { word: Math.floor(index / bytesOfWord), byte: index % bytesOfWord };
}

/** The words of operands; undefined where one is no byte that is to be one. */
export function packOperands(template: Template, values: ArrayLike<number>): Int32Array | undefined {
  const words = new Int32Array(Math.max(2, values.length));
  for (let index = 0; index < values.length; index++) {
    const { word, byte } = operandPlace(template, index);
    const value = values[index]!;
    if (byte !== undefined && (value & 0xff) !== value) return undefined;
    words[word]! |= byte === undefined ? value : value << (8 * byte);
  }
  return words;
}

/** A bit for each of these words that is 2^31 or more, of a bit for each operand. */
export function unsignedWords(template: Template, unsigned: number): number {
  return isPacked(template) ? ((unsigned >>> (template.operands.length - 1)) & 1) << 1 : unsigned;
}
