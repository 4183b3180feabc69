import { InternalError } from '@fireball/contracts';
import { instantiate, type ExecutionObserver, type Instance, type InvokeOutcome, type Value } from '@fireball/wasm';
import type { EngineOptions } from './engine.js';
import { createStandIns } from './imports/stand-ins.js';
import type { LoadedModule } from './inputs/module.js';
import { createStore, storeExtern, storeHost } from './interp-linker.js';

/** A call of the reference interpreter that somebody watches. */
export interface ReferenceCall {
  readonly instance: Instance;
  /** Makes it; to be called once. */
  run(observer: ExecutionObserver): InvokeOutcome;
}

/** Makes the call of an exported function in the reference interpreter, with what `debugCall` gives native code. Nothing of it has run yet, but the module's start function has. */
export function referenceCall({ file, module, validated }: LoadedModule, options: EngineOptions, entry: string, args: readonly Value[]): ReferenceCall {
  const store = createStore(options);
  const standIns = options.imports === undefined ? undefined : createStandIns(file, module, storeHost(store), options.imports, options.maxPages);
  const instance = instantiate(store, validated, (from, name) => storeExtern(standIns?.resolve(from, name)));
  standIns?.connect((index) => instance.memories[index]!.bytes);
  const callee = module.exports.find(({ kind, name }) => kind === 'function' && name === entry);
  if (callee === undefined) throw new InternalError(`no exported function ${entry}`);
  return { instance, run: (observer) => instance.invoke(callee.index, args, { fuel: options.fuel, observer }) };
}
