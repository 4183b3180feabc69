import { InternalError } from '@fireball/contracts';
import { InstructionReader } from '../binary/instruction.js';
import type { ConstantExpression } from '../module.js';
import type { NumericOpName, OpName } from '../opcodes.js';
import { isNumericOp, operationOf, type RawValue } from '../semantics.js';
import { isConstantOp } from '../validate/constant.js';

/** What a constant expression may read. */
export interface ConstantContext {
  /** The module's. */
  readonly bytes: Uint8Array;
  globalValue(index: number): RawValue;
  /** A reference to the function as the context keeps them; null is 0. */
  functionReference(index: number): number;
}

/** Evaluates a validated constant expression (extended constants included) to a raw value. */
export function evaluateConstant(context: ConstantContext, expression: ConstantExpression): RawValue {
  const reader = new InstructionReader(context.bytes, expression.start);
  const operands: RawValue[] = [];
  while (reader.offset < expression.end) {
    reader.read();
    const { name, signature } = reader.op;
    if (name === 'end') break;
    if (isNumericOp(name)) operands.push(operationOf(name)(...operands.splice(operands.length - (signature?.params.length ?? 0))));
    else operands.push(immediateValue(context, reader, name));
  }
  return operands[0] ?? 0;
}

function immediateValue(context: ConstantContext, { a, i64 }: InstructionReader, name: Exclude<OpName, NumericOpName | 'end'>): RawValue {
  if (!isConstantOp(name)) throw new InternalError(`${name} in a constant expression survived validation`);
  switch (name) {
    case 'i32.const':
    case 'f32.const':
      return a;
    case 'i64.const':
    case 'f64.const':
      return i64;
    case 'global.get':
      return context.globalValue(a);
    case 'ref.func':
      return context.functionReference(a);
    case 'ref.null':
      return 0;
  }
}
