import type { Isa } from '@fireball/contracts';
import type { LinkEnvironment } from '../environment.js';
import { noFeatures } from '../features.js';
import { takeCore, type Core } from '../instance/core.js';
import { writeFunction } from '../instance/function.js';
import { ModuleWords } from '../instance/module-words.js';
import { placerOf } from '../instance/placer.js';
import type { Analyses } from '../plan/analyses.js';
import type { FunctionSource } from '../plan/body.js';
import { planFunction } from '../plan/plan.js';
import type { Plan } from '../plan/result.js';
import { loadTemplates } from '../templates/index.js';
import { analysed } from './analyses.js';
import { testEnvironment } from './environment.js';

interface AloneOptions {
  readonly environment?: LinkEnvironment;
  readonly osrLoops?: Iterable<number>;
  readonly core?: Core;
}

/** The plan of a function that nothing else is made of, for a processor without features. */
export function planAlone(source: FunctionSource, isa: Isa, { environment = testEnvironment(), osrLoops = [], core = takeCore() }: AloneOptions = {}): Plan {
  return planFunction(source, { isa, features: noFeatures }, environment, new Set(osrLoops), core, prepare(source, isa, environment, core));
}

/** What is found out of a function's locals, whose instructions have been told what they name. */
export function namedAlone(source: FunctionSource, isa: Isa): Analyses {
  const environment = testEnvironment();
  const core = takeCore();
  const module = prepare(source, isa, environment, core);
  const analyses = analysed(source, core);
  writeFunction(core, source, { isa, features: noFeatures }, environment, [], module, () => core.nameOperands());
  return analyses;
}

function prepare(source: FunctionSource, isa: Isa, environment: LinkEnvironment, core: Core): number {
  return placerOf(core).prepare(loadTemplates(isa), noFeatures, ModuleWords.of(environment, source));
}
