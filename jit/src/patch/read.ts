/** Reads a patched instance back: the inverse of the scatter, for the verifier, listings and tests. */
import type { Field } from '../templates/field.js';
import type { Template } from '../templates/template.js';

/**
 * The value in every field of the instance at `at`, in the order of `template.fields`: the bits
 * [shift, shift + masks) of the scattered value, moved down to bit 0. Bits that do not reach the
 * code (the low bits of a scaled offset) read as 0.
 * @returns undefined if the bytes are no instance of the template
 */
export function readFields(code: Uint8Array, at: number, template: Template): number[] | undefined {
  if (!keepsFixedBits(code, at, template)) return undefined;
  const values: number[] = [];
  for (const field of template.fields) {
    const value = readField(code, at, template, field);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

/** Are all bits at `at` that belong to no field the template's own? */
function keepsFixedBits(code: Uint8Array, at: number, { bytes, fixed }: Template): boolean {
  if (at < 0 || at + bytes.length > code.length) return false;
  for (let index = 0; index < bytes.length; index++) {
    if ((((code[at + index] as number) ^ (bytes[index] as number)) & (fixed[index] as number)) !== 0) return false;
  }
  return true;
}

/** The value in one field; undefined where no value has these bits. */
function readField(code: Uint8Array, at: number, template: Template, field: Field): number | undefined {
  const word = (readWord(code, at, field) ^ readWord(template.bytes, 0, field)) & field.footprint;
  return field.run >= 0 ? (word >>> field.run) | 0 : solve(field, word);
}

function readWord(bytes: Uint8Array, at: number, { offset, unit }: Field): number {
  const start = at + offset;
  const low = (bytes[start] as number) | ((bytes[start + 1] as number) << 8);
  return unit === 2 ? low : low | ((bytes[start + 2] as number) << 16) | ((bytes[start + 3] as number) << 24);
}

/** The bits whose masks give `word`; those that change nothing are 0. */
function solve({ inverse }: Field, word: number): number | undefined {
  let rest = word;
  let value = 0;
  for (const row of inverse) {
    if ((rest & row.pivot) === 0) continue;
    rest ^= row.mask;
    value ^= row.bits;
  }
  return rest === 0 ? value : undefined;
}
