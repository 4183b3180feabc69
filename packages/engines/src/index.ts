export { instructionBound, stackBound } from './bounds.js';
export { debugCall, type DebugCall, type ProgramWorld } from './debug-call.js';
export { boundaryValues } from './boundary-values.js';
export { checkCpus } from './cpus.js';
export { CpuPool } from '@fireball/emulator';
export { openVerifier, verifyLevels, type VerifyLevel } from './deep-verification.js';
export type { Engine, EngineOptions, MixedSettings, VsocPlace } from './engine.js';
export { ModuleTrapError, noStatistics, type CallStatistics, type EngineInstance, type Outcome, type TrapReport } from './instance.js';
export { compareHostCalls, type HostCall, type HostCallRecord } from './imports/host-calls.js';
export {
  answerKinds,
  checkNamedImports,
  importPolicy,
  type AnswerKind,
  type FunctionAnswer,
  type ImportPolicy,
  type Word as AnswerWord,
} from './imports/policy.js';
export { createStandIns, type StandIns } from './imports/stand-ins.js';
export { callWith, parseCall, type NamedCall } from './inputs/call.js';
export { expandPaths, readInput } from './inputs/files.js';
export { chooseFunction, decodeInput, exportedFunctions, loadModule, moduleEndings, type ExportedFunction, type LoadedModule } from './inputs/module.js';
export { assembleText, convertScript } from './inputs/text-format.js';
export { createStore, storeExtern, storeHost } from './interp-linker.js';
export { interpEngine } from './interp.js';
export { referenceCall, type ReferenceCall } from './reference-call.js';
export { isJitImport } from './jit-imports.js';
export { UnlinkableError, type Extern, type HostExterns, type ImportResolver, type LinkableModule, type LinkedInstance, type Linker } from './linker.js';
export {
  formatFunction,
  listFunction,
  listInstructions,
  summarizeFunction,
  symbolsOf,
  type FunctionSummary,
  type ListedFunction,
  type ListedSite,
} from './listing.js';
export { socOptions, vsocExtern, vsocHost } from './native-linker.js';
export { Random } from './random.js';
export {
  debuggedEngineNames,
  engineNamed,
  engineNames,
  engines,
  enginesNamed,
  nativeEngines,
  referenceEngine,
  romInterpreters,
  usualEngines,
} from './registry.js';
export { addTier, formatTier, type TierTotals } from './tier-totals.js';
export { v8Engine, V8RefusalError } from './v8/v8.js';
export { WebAssembly } from './v8/webassembly.js';
export { readDescriptor, writeDescriptor } from './wasi/console.js';
export { openFolders, type FolderMapping } from './wasi/folders.js';
export { createHost, type HostSettings } from './wasi/host.js';
export { ProgramInput } from './wasi/program-input.js';
export { isProgram, runProgram, type ProgramEnd } from './wasi/program.js';
export type { ConvertedScript } from './inputs/wabt-worker.js';
