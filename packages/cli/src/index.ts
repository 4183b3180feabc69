export {
  ModuleTrapError,
  type CallStatistics,
  type Engine,
  type EngineInstance,
  type EngineOptions,
  type Outcome,
  type TrapReport,
} from './engines/engine.js';
export { UnlinkableError, type Extern, type HostExterns, type LinkableModule, type LinkedInstance, type Linker } from './engines/linker.js';
export { engineNamed, engineNames, engines } from './engines/registry.js';
export { explain, type ExplainedInstruction, type ExplainedSite, type Explanation } from './diff/explain/explain.js';
export { formatExplanation } from './diff/explain/format.js';
export type { ValueDifference } from './diff/explain/values.js';
export { decodeInput, loadModule, type LoadedModule } from './inputs/module.js';
export { describeOutcome, missingProof } from './diff/compare.js';
export { parseFeatures } from './fuzz/features.js';
export { caseOfSeed } from './fuzz/source.js';
export { assembleText } from './inputs/text-format.js';
export { formatValue, sameValue } from './values.js';
export { runScript } from './spec/runner.js';
