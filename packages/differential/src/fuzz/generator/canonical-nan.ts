import { canonicalNaN32, canonicalNaN64 } from '@fireball/wasm';
import { apply, localGet, localTee, node, type Node } from '../tree.js';
import type { FunctionGenerator } from './function.js';

/**
 * The value, or the canonical NaN in place of any other: sign and payload of a NaN may differ between engines, so that
 * they must not reach memory, integers or signs (hazard 10).
 */
export function canonicalised(generator: FunctionGenerator, type: 'f32' | 'f64', value: Node): Node {
  const local = generator.scratchLocal(type);
  const kept = localTee(local, type, value);
  const nan = node(`${type}.const`, [], [type], { a: canonicalNaN32, wide: canonicalNaN64 });
  return node('select', [kept, nan, apply(`${type}.eq`, localGet(local, type), localGet(local, type))], [type]);
}
