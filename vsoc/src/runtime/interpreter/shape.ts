import type { Isa } from '@fireball/contracts';
import { hostCallPlan, wordCount } from '@fireball/jit';
import type { FunctionType } from '@fireball/wasm';
import { shape } from './layout.js';

/** Slots are 8 bytes, whatever they hold. */
export const slotSize = 8;

/** A type's shape record, a multiple of 4 bytes long. */
export function shapeRecord(type: FunctionType, isa: Isa): Uint8Array {
  const plan = hostCallPlan(type, isa);
  let word = 0;
  let registers = 0;
  let wide = 0;
  for (const param of type.params) {
    const place = plan.arguments[word];
    if (place === undefined || !('register' in place)) break;
    const words = wordCount([param]);
    if (words === 2) wide |= 1 << registers;
    registers++;
    word += words;
  }
  const bytes = new Uint8Array((shape.RESULT_WORDS + type.results.length + 3) & ~3);
  const view = new DataView(bytes.buffer);
  const set = (offset: number, value: number): void => view.setUint32(offset, value, true);
  set(shape.REGISTERS, registers);
  set(shape.WIDE_REGISTERS, wide);
  set(shape.PARAMETERS, slotSize * type.params.length);
  set(shape.STACK, plan.stackBytes);
  set(shape.STACK_SLOTS, slotSize * (type.params.length - registers));
  set(shape.RESULTS, type.results.length);
  set(shape.RESULT_AREA, (slotSize * (type.results.length + 1) + 15) & ~15);
  type.results.forEach((result, index) => (bytes[shape.RESULT_WORDS + index] = wordCount([result])));
  return bytes;
}
