import './integers.js';
export * from './types.js';
export * from './trap.js';
export * from './opcodes.js';
export * from './module.js';
export { DataSegments, type DataSegment } from './data-segments.js';
export { decodeModule } from './decoder.js';
export { maxLocals } from './binary/sections.js';
export { InstructionReader, decodeInstruction, type BlockType } from './binary/instruction.js';
export type { InterpreterFacts } from './validate/bodies.js';
export { prepareValidation, validateModule, type PreparedValidation, type ValidatedFunction, type ValidatedModule } from './validator.js';
export { validationContents, validationDefinitions, validationModule } from './validate/device.js';
export { LocalTypes } from './validate/locals.js';
export { operandTypesOf } from './validate/operand-types.js';
export { BranchTable, ControlTable, type ControlKind, type Jump, type TableRows } from './validate/tables.js';
export { CoreProgram, isLargeCore, type CoreExports } from './core-program.js';
export { allocate, clearArea, copyWords, freeAll, makeArea, makeAreaIn, makeRoomIn, take, usedBytes } from './core/areas.js';
export { commonEnd, heap, isFull, limitField, next, usedField } from './core/layout/common.js';
export {
  growMemory,
  isBelow,
  leadingZeros,
  load16,
  load32,
  load8,
  loadFloat,
  memoryPages,
  portableMemory,
  quotient,
  rotateRight,
  store16,
  store32,
  store8,
  storeFloat,
} from './core/memory.js';
export { formatF32, formatF64, formatInstruction } from './print.js';
export { isNumericOp, operationOf, semantics, type RawValue } from './semantics.js';
export type { NumericOperation, Operation, OperationsOf, Raw as RawOf, RawList as RawListOf } from './semantics/types.js';
export { canonicalNaN32, canonicalNaN64, f32FromBits, f32ToBits, f64FromBits, f64ToBits } from './semantics/bits.js';
export { Store, type StoreOptions } from './interp/store.js';
export { evaluateConstant, type ConstantContext } from './interp/constant.js';
export { instantiate } from './interp/instantiate.js';
export { Instance, invokeFunction, type InvokeOptions, type InvokeOutcome } from './interp/instance.js';
export type { ExecutionObserver, ExecutionView, FramePosition, Work } from './interp/executor.js';
export { observeLoop, resumeAtLoop } from './interp/loops.js';
export { LinkError, resolveImport, type ImportResolver, type ProvidedType } from './linking.js';
export { TypeNumbers } from './type-numbers.js';
export { InstantiationTrap, type BacktraceEntry, type TrapReport } from './interp/trap-report.js';
export { HostFunction, WasmFunction, type Extern, type FunctionInstance, type HostCall, type ModuleInstance, type Value } from './interp/structure.js';
export { formatValue, isNaNValue, parseValue, sameValue, valueDocument, type AnyValue } from './values.js';
export { MemoryInstance } from './interp/memory.js';
export { memorySpace, mostTableElements, SizeLimits, tableGrowth, type MemoryGrant, type MemoryPlace, type MemorySpace } from './limits.js';
export { TableInstance } from './interp/table.js';
export { GlobalInstance } from './interp/global.js';
export * from './wasi/index.js';
export type { FileNode, FolderEntry, FolderNode, LinkNode, Node as VolumeNode, NodeFacts, SpecialNode, Times as VolumeTimes } from './wasi/files/node.js';
export type { Name as VolumeName } from './wasi/files/volume.js';
