import type { NumberType } from '@fireball/wasm';
import { localTee, node } from '../tree.js';
import type { ValueMaker } from './function.js';

/** The value of a local that is changed right then; other operands may have read it before. */
export const tee =
  (type: NumberType): ValueMaker =>
  (generator, depth) => {
    const value = generator.value(type, depth);
    return localTee(generator.writableLocal(type), type, value);
  };

export const selection =
  (type: NumberType): ValueMaker =>
  (generator, depth) => {
    const args = [...generator.valuesOf([type, type], depth), generator.condition(depth)];
    return generator.features.has('references') && generator.random.chance(10)
      ? node('select_t', args, [type], { types: [type] })
      : node('select', args, [type]);
  };
