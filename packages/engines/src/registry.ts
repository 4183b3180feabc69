import { unknownName } from '@fireball/contracts';
import type { Engine } from './engine.js';
import { interpEngine } from './interp.js';
import { mixedEngine, nativeEngine, romInterpreterEngine } from './native.js';
import { v8Engine } from './v8/v8.js';

/** Every engine, the reference first. */
export const engines: readonly Engine[] = [
  interpEngine,
  v8Engine,
  nativeEngine('thumb2', 'Thumb-2 code on an emulated Cortex-M4'),
  nativeEngine('rv32', 'RV32 code on an emulated RV32IMC core'),
  romInterpreterEngine('thumb2', 'the interpreter in ROM, on an emulated Cortex-M4'),
  romInterpreterEngine('rv32', 'the interpreter in ROM, on an emulated RV32IMC core'),
  mixedEngine('thumb2', 'the interpreter in ROM until functions are hot, then Thumb-2 code under a budget'),
  mixedEngine('rv32', 'the interpreter in ROM until functions are hot, then RV32 code under a budget'),
];

/** The engine that says what is right. */
export const referenceEngine = engines[0]!;

/** The engines that run compiled code; each is named after the instruction set that it compiles to. */
export const nativeEngines: readonly Engine[] = engines.filter((engine) => engine.native);

/** The engines that interpret wasm on an emulated CPU: the baseline of compiled code. */
export const romInterpreters: readonly Engine[] = engines.filter((engine) => engine.romInterpreter);

/** The engines that are compared where nobody names any. */
export const usualEngines: readonly Engine[] = engines.filter((engine) => !engine.romInterpreter && !engine.mixedMode);

/** Names of the engines whose calls a debugger can follow: those on an emulated CPU. */
export const debuggedEngineNames: readonly string[] = engines.filter(({ vsoc }) => vsoc !== undefined).map(({ name }) => name);

/** Names that `--engine` takes. */
export const engineNames: readonly string[] = engines.map((engine) => engine.name);

/** The engine of this name; an unknown one is a usage error. */
export function engineNamed(name: string): Engine {
  const found = engines.find((engine) => engine.name === name);
  if (found === undefined) throw unknownName('engine', name, engineNames);
  return found;
}

/** Engines of a comma-separated list, without repetitions, in the list's order. */
export function enginesNamed(list: string): Engine[] {
  const names = list.split(',').map((name) => name.trim());
  return [...new Set(names)].map(engineNamed);
}
