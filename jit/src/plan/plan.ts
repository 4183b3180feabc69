import { takeCore } from '../instance/core.js';
import { writeFunction, type FunctionTarget } from '../instance/function.js';
import type { PlanEnvironment } from './accesses.js';
import { Analyses } from './analyses.js';
import { layOutLocals, readBody, type FunctionSource } from './body.js';
import type { Plan } from './result.js';

/**
 * The cheap first walk: weights for register allocation, and for every memory access the proof
 * that it will be in bounds. Reads nothing but the instructions; the selector follows its answers.
 * @param osrLoops offsets of loops that can also be entered from outside
 * @throws NoRoomError
 */
export function planFunction(
  source: FunctionSource,
  target: FunctionTarget,
  environment: PlanEnvironment,
  osrLoops: ReadonlySet<number> = new Set(),
  core = takeCore(),
): Plan {
  const body = readBody(source, core);
  const locals = layOutLocals(source);
  const analyses = new Analyses(core, source, locals);
  writeFunction(core, source, body, target, environment, osrLoops);
  analyses.must(core.planFunction());
  analyses.must(core.analyseUses());
  return {
    body,
    locals,
    extended: analyses.extended,
    analyses,
  };
}
