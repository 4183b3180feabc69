import { takeCore } from '../instance/core.js';
import { writeFunction, type FunctionTarget } from '../instance/function.js';
import type { WrittenModule } from '../instance/module-words.js';
import type { PlanEnvironment } from './accesses.js';
import { Analyses } from './analyses.js';
import { readIntoCore, type FunctionSource } from './body.js';
import { Plan } from './result.js';

const noLoops: ReadonlySet<number> = new Set();

/**
 * The cheap first walk: weights for register allocation, and for every memory access the proof
 * that it will be in bounds. Reads nothing but the instructions; the selector follows its answers.
 * @param osrLoops offsets of loops that can also be entered from outside
 * @param module what the core has of the module already
 * @throws NoRoomError
 */
export function planFunction(
  source: FunctionSource,
  target: FunctionTarget,
  environment: PlanEnvironment,
  osrLoops: ReadonlySet<number> = noLoops,
  core = takeCore(),
  module?: WrittenModule,
): Plan {
  readIntoCore(source, core);
  const analyses = new Analyses(core, source);
  writeFunction(core, source, target, environment, osrLoops, module);
  analyses.must(core.planFunction());
  analyses.must(core.analyseUses());
  return new Plan(source, analyses);
}
