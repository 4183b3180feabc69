/** Linear systems over GF(2) whose unknowns are bit masks; rows are added one at a time. */
interface Row {
  coefficients: bigint;
  value: bigint;
}

export class Gf2System {
  /** Reduced rows by pivot column. */
  private readonly rows = new Map<number, Row>();

  /**
   * Adds the equation: the XOR of the unknowns selected by `coefficients` equals `value`.
   * @returns false if it contradicts the rows before it; the system is unchanged then.
   */
  add(coefficients: bigint, value: bigint): boolean {
    let rest = coefficients;
    let result = value;
    for (const [pivot, row] of this.rows)
      if ((rest >> BigInt(pivot)) & 1n) {
        rest ^= row.coefficients;
        result ^= row.value;
      }
    if (rest === 0n) return result === 0n;
    const pivot = lowestBit(rest);
    for (const row of this.rows.values())
      if ((row.coefficients >> BigInt(pivot)) & 1n) {
        row.coefficients ^= rest;
        row.value ^= result;
      }
    this.rows.set(pivot, { coefficients: rest, value: result });
    return true;
  }

  /** The solution in which unknowns that no equation fixes are 0. */
  solve(columns: number): bigint[] {
    return Array.from({ length: columns }, (_, column) => this.rows.get(column)?.value ?? 0n);
  }
}

function lowestBit(value: bigint): number {
  let bit = 0;
  while (((value >> BigInt(bit)) & 1n) === 0n) bit++;
  return bit;
}
