import { boundaryValues } from '@fireball/engines';
import type { Value, ValueType } from '@fireball/wasm';

/** Numbers 0 .. 2^32 - 1 from a seed, the same on every machine (mulberry32). */
function randomWords(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

function randomValue(type: ValueType, word: () => number): Value {
  const wide = (): bigint => (BigInt(word()) << 32n) | BigInt(word());
  switch (type) {
    case 'i32':
      return { type, value: word() | 0 };
    case 'i64':
      return { type, value: BigInt.asIntN(64, wide()) };
    case 'f32':
      return { type, value: word() };
    case 'f64':
      return { type, value: wide() };
    case 'funcref':
    case 'externref':
      return { type, value: null };
  }
}

/**
 * Argument lists to call a function with: one empty list for a function without parameters; otherwise `count` lists, the
 * first ones walking through the boundary values of every parameter, the rest drawn half from those and half at random.
 */
export function argumentLists(params: readonly ValueType[], count: number, seed: number): Value[][] {
  if (params.length === 0) return [[]];
  const word = randomWords(seed);
  const tables = params.map(boundaryValues);
  const walk = Math.min(Math.max(...tables.map((table) => table.length)), Math.ceil(count / 2));
  return Array.from({ length: count }, (_, call) =>
    params.map((type, position) => {
      const table = tables[position]!;
      // Different strides pair each parameter's boundaries with different ones of its neighbours.
      if (call < walk) return table[(call * (2 * position + 1)) % table.length]!;
      return word() % 2 === 0 ? table[word() % table.length]! : randomValue(type, word);
    }),
  );
}
