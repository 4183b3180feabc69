export * from './types.js';
export * from './trap.js';
export * from './opcodes.js';
export * from './module.js';
export { decodeModule } from './decoder.js';
export { maxLocals } from './binary/sections.js';
export { InstructionReader, decodeInstruction, type BlockType } from './binary/instruction.js';
export { validateModule, type ValidatedFunction, type ValidatedModule } from './validator.js';
export { LocalTypes } from './validate/locals.js';
export { BranchTable, ControlTable, type ControlKind } from './validate/tables.js';
export { formatF32, formatF64, formatInstruction } from './print.js';
export { isNumericOp, operationOf, semantics, type RawValue } from './semantics.js';
export type { NumericOperation } from './semantics/types.js';
export {
  canonicalNaN32,
  canonicalNaN64,
  f32FromBits,
  f32ToBits,
  f64FromBits,
  f64ToBits,
} from './semantics/bits.js';
