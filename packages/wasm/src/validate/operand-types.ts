import type { ByteOffset } from '@fireball/contracts';
import { InstructionReader } from '../binary/instruction.js';
import type { WasmModule } from '../module.js';
import type { ValueType } from '../types.js';
import type { ValidatedFunction } from '../validator.js';
import { ExpressionValidator } from './expression.js';
import { checks } from './instructions.js';

/** The types of the operands in front of each instruction that can be reached, by its offset, deepest first. */
export function operandTypesOf(module: WasmModule, { code, locals, type, deadRanges }: ValidatedFunction): ReadonlyMap<ByteOffset, readonly ValueType[]> {
  const validator = new ExpressionValidator(module, undefined);
  const reader = new InstructionReader(module.bytes, code.start);
  validator.begin(reader, locals, type.results);
  const found = new Map<ByteOffset, readonly ValueType[]>();
  let dead = 0;
  while (!validator.finished) {
    while (dead < deadRanges.length && reader.offset >= deadRanges[dead + 1]!) dead += 2;
    if (dead === deadRanges.length || reader.offset < deadRanges[dead]!) found.set(reader.offset, validator.operandTypes);
    reader.read();
    checks[reader.op.id]?.(validator);
  }
  return found;
}
