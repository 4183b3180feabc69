export * from './templates/index.js';
export { checkTemplates, patch, PatchError, randomValues, readFields, type TemplateCheck } from './patch/index.js';
export { compileFunction, type CodeSite, type CompiledFunction, type LinkedCode } from './compile.js';
export type { FunctionSource, FunctionType } from './plan/body.js';
export type { LinkEnvironment } from './select/environment.js';
export { trapKinds, type TrapKind } from './select/machine.js';
export { hostCallPlan, type HostCallPlan } from './hostcall.js';
export { boundsRoutine, exitRoutine, exitTrapNumber, systemCallStub, type Routine } from './routines.js';
export { crc32Of, verifyStructure, VerifyError, type EntryRange } from './verify/structural.js';
