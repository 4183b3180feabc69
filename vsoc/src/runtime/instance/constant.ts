import { InstructionReader, isNumericOp, operationOf, type ConstantExpression, type RawValue } from '@fireball/wasm';

/** What a constant expression may read. References are guest addresses of slots. */
interface ConstantContext {
  readonly bytes: Uint8Array;
  globalValue(index: number): RawValue;
  functionReference(index: number): number;
}

/** Evaluates a validated constant expression (extended constants included) to raw bits. */
export function evaluateConstant(context: ConstantContext, expression: ConstantExpression): RawValue {
  const reader = new InstructionReader(context.bytes, expression.start);
  const operands: RawValue[] = [];
  while (reader.offset < expression.end) {
    reader.read();
    const { name, signature, immediates } = reader.op;
    if (name === 'end') break;
    if (isNumericOp(name)) operands.push(operationOf(name)(...operands.splice(operands.length - (signature?.params.length ?? 0))));
    else if (immediates === 'i64' || immediates === 'f64') operands.push(reader.i64);
    else if (immediates === 'global') operands.push(context.globalValue(reader.a));
    else if (immediates === 'func') operands.push(context.functionReference(reader.a));
    else if (immediates === 'ref_type') operands.push(0);
    else operands.push(reader.a);
  }
  return operands[0] ?? 0;
}

/** The two words of a raw value. */
export function wordsOfRaw(raw: RawValue): { low: number; high: number } {
  const bits = BigInt.asUintN(64, BigInt(raw));
  return { low: Number(bits & 0xffff_ffffn), high: Number(bits >> 32n) };
}
