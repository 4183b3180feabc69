/**
 * A generator of bytes that repeats for a seed: xoshiro128** (Blackman and Vigna, 2018), its state spread from the seed by
 * splitmix32. Not for secrets.
 * @param seed taken modulo 2^32
 */
export function seededBytes(seed: number): (bytes: Uint8Array) => void {
  let mixed = seed >>> 0;
  const spread = (): number => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let z = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let a = spread();
  let b = spread();
  let c = spread();
  let d = spread();
  const next = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
  return (bytes) => {
    let word = 0;
    for (let index = 0; index < bytes.length; index++) {
      word = index % 4 === 0 ? next() : word >>> 8;
      bytes[index] = word;
    }
  };
}

function rotateLeft(word: number, count: number): number {
  return (word << count) | (word >>> (32 - count));
}
