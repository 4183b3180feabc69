import { node, type Node } from '../tree.js';
import type { FunctionGenerator } from './function.js';

/** Code for every value that `producer` leaves: each goes into a local or away. */
export function consume(generator: FunctionGenerator, producer: Node): Node {
  let left = producer;
  for (let results = producer.results; results.length > 0; results = left.results) {
    const type = results.at(-1)!;
    const rest = results.slice(0, -1);
    const kept = generator.random.chance(75) && type !== 'funcref' && type !== 'externref';
    left = kept ? node('local.set', [left], rest, { a: generator.writableLocal(type) }) : node('drop', [left], rest);
  }
  return left;
}
