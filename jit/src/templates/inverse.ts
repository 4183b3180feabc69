/** One step of reading a field back: where the bit `pivot` of the word is 1, `mask` leaves the word and `bits` enter the value. */
export interface InverseRow {
  readonly pivot: number;
  readonly mask: number;
  readonly bits: number;
}

/**
 * The inverse of a scatter, by Gauss-Jordan over GF(2). Value bits whose mask is empty, or the sum of others, have no row.
 * @param masks what bit i of the value flips in the instruction word
 */
export function inverseOf(masks: Int32Array): InverseRow[] {
  const rows: InverseRow[] = [];
  masks.forEach((original, bit) => {
    let mask = original;
    let bits = 1 << bit;
    for (const row of rows)
      if (mask & row.pivot) {
        mask ^= row.mask;
        bits ^= row.bits;
      }
    if (mask !== 0) rows.push({ pivot: mask & -mask, mask, bits });
  });
  return rows;
}
