import { InstructionReader } from '../binary/instruction.js';
import type { ConstantExpression } from '../module.js';
import { isNumericOp, operationOf, type RawValue } from '../semantics.js';
import type { ModuleInstance } from './structure.js';

/** Evaluates a validated constant expression; references come as the store's numbers. */
export function evaluateConstant(instance: ModuleInstance, expression: ConstantExpression): RawValue {
  const reader = new InstructionReader(instance.module.bytes, expression.start);
  const operands: RawValue[] = [];
  while (reader.offset < expression.end) {
    reader.read();
    const { name, signature } = reader.op;
    if (name === 'end') break;
    if (isNumericOp(name)) {
      const taken = operands.splice(operands.length - (signature?.params.length ?? 0));
      operands.push(operationOf(name)(...taken));
    } else {
      operands.push(immediateValue(instance, reader));
    }
  }
  return operands[0] ?? 0;
}

function immediateValue(instance: ModuleInstance, reader: InstructionReader): RawValue {
  switch (reader.op.immediates) {
    case 'i64':
    case 'f64':
      return reader.i64;
    case 'global':
      return instance.globals[reader.a]?.raw ?? 0;
    case 'func':
      return instance.store.codec.functions.numberOf(instance.functions[reader.a] ?? null);
    case 'ref_type':
      return 0;
    default:
      return reader.a;
  }
}
