import type { Core } from '../instance/core.js';
import { enteredLoops, writeFunction, type FunctionTarget } from '../instance/function.js';
import type { LinkEnvironment } from '../environment.js';
import { Analyses } from './analyses.js';
import { readIntoCore, type FunctionSource } from './body.js';
import type { Plan } from './result.js';

/**
 * The cheap first walk: weights for register allocation, and for every memory access the proof
 * that it will be in bounds. Reads nothing but the instructions; the selector follows its answers.
 * @param osrLoops offsets of loops that can also be entered from outside
 * @param module where the core has what is told of the module
 * @throws NoRoomError
 */
export function planFunction(
  source: FunctionSource,
  target: FunctionTarget,
  environment: LinkEnvironment,
  osrLoops: ReadonlySet<number>,
  core: Core,
  module: number,
  recordsLocations = false,
): Plan {
  readIntoCore(source, core);
  const analyses = new Analyses(core, source);
  writeFunction(core, source, target, environment, enteredLoops(core, osrLoops), module, () => core.nameOperands(), recordsLocations);
  analyses.must(core.planFunction());
  analyses.must(core.analyseUses());
  return { analyses };
}
