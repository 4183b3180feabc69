/**
 * A 32-bit value: symbol + add modulo 2^32. Symbol 0 is the number 0, so that its values are constants.
 * Equal values of equal symbols are the same number at run time, on every path to this point.
 */
export interface Value {
  readonly symbol: number;
  readonly add: number;
}

export function constant(value: number): Value {
  return { symbol: 0, add: value >>> 0 };
}

export function plus(value: Value, distance: number): Value {
  return distance === 0 ? value : { symbol: value.symbol, add: (value.add + distance) >>> 0 };
}

export function same(a: Value | undefined, b: Value | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.symbol === b.symbol && a.add === b.add);
}
