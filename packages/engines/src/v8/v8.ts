import { FireballError, UnsupportedError } from '@fireball/contracts';
import { SizeLimits, wasmPageSize } from '@fireball/wasm';
import type { LoadedModule } from '../inputs/module.js';
import { withStandIns } from '../imports/stand-ins.js';
import { timeBound } from '../bounds.js';
import type { Engine, EngineOptions } from '../engine.js';
import { ModuleTrapError, type EngineInstance } from '../instance.js';
import type { ImportResolver } from '../linker.js';
import { codeShift, exposeState } from './expose.js';
import { createInstance, reportTrap } from './instance.js';
import { beyondV8, createV8Linker, importObject, v8Host } from './linker.js';
import { withTimeLimit } from './time-limit.js';
import { enableExtendedConstants, WebAssembly, type WasmCompiledModule } from './webassembly.js';

/** Well below what Node gives its main thread, 984 KiB, of which our own calls use some. */
const stackBytes = 256 * 1024;

/** The WebAssembly engine inside Node: a second oracle that shares no code with ours. */
export const v8Engine: Engine = {
  name: 'v8',
  summary: "Node's own WebAssembly engine, the independent second oracle",
  native: false,
  stackBytes,
  nanByClass: true,
  createLinker: createV8Linker,
  async instantiate(loaded, options) {
    refuseCustomPages(loaded);
    enableExtendedConstants();
    const limits = new SizeLimits(options.maxPages);
    const exposed = exposeState(loaded.module, limits);
    const compiled = await compile(loaded.file, exposed);
    return withStandIns(loaded, v8Host(limits), options, (resolve) => start(loaded, compiled, codeShift(loaded.module, exposed), resolve, options));
  },
};

/** V8 finds a module invalid that our validator accepted: a difference, not an error of the user's. */
export class V8RefusalError extends FireballError {
  readonly exitStatus = 1;
  constructor(file: string, cause: Error) {
    super(`${file}: V8 refuses this module: ${cause.message}`, { cause });
  }
}

async function compile(file: string, bytes: Uint8Array): Promise<WasmCompiledModule> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw error instanceof WebAssembly.CompileError ? new V8RefusalError(file, error) : error;
  }
}

function start(
  { file, module }: LoadedModule,
  compiled: WasmCompiledModule,
  shift: number,
  resolve: ImportResolver,
  { fuel, reference }: EngineOptions,
): EngineInstance {
  const imports = importObject(module, resolve);
  const missing = module.imports.find((entry) => imports[entry.module]?.[entry.name] === undefined);
  if (missing !== undefined) throw new UnsupportedError(`the import ${missing.module}.${missing.name}`, { file });
  try {
    const instance = withTimeLimit(timeBound(reference, fuel), () => new WebAssembly.Instance(compiled, imports));
    return createInstance(module, instance, shift, fuel);
  } catch (error) {
    const trap = reportTrap(module, error, shift);
    if (trap !== undefined) throw new ModuleTrapError(file, trap);
    throw error instanceof RangeError ? beyondV8(error, file) : error;
  }
}

function refuseCustomPages({ file, module }: LoadedModule): void {
  if (module.memories.some((memory) => memory.pageSize !== wasmPageSize)) {
    throw new UnsupportedError('custom page sizes in the v8 engine', { file });
  }
}
