import { UnsupportedError, wasmPageSize } from '@fireball/contracts';
import type { LoadedModule } from '../../inputs/module.js';
import { ModuleTrapError, type Engine } from '../engine.js';
import { codeShift, exposeState } from './expose.js';
import { createInstance, reportTrap } from './instance.js';
import { createV8Linker, importObject, type Imports } from './linker.js';
import { enableExtendedConstants, WebAssembly } from './webassembly.js';

/** The WebAssembly engine inside Node: a second oracle that shares no code with ours. */
export const v8Engine: Engine = {
  name: 'v8',
  summary: "Node's own WebAssembly engine, the independent second oracle",
  native: false,
  nanByClass: true,
  createLinker: createV8Linker,
  async instantiate(loaded, { maxPages }) {
    const imports = importObject(loaded.module, () => undefined);
    refuseUnsupported(loaded, imports);
    enableExtendedConstants();
    const exposed = exposeState(loaded.module, maxPages);
    const shift = codeShift(loaded.module, exposed);
    try {
      const compiled = await WebAssembly.compile(exposed);
      return createInstance(loaded.module, new WebAssembly.Instance(compiled, imports), shift);
    } catch (error) {
      if (error instanceof WebAssembly.CompileError) throw new V8RefusalError(loaded.file, error);
      const trap = reportTrap(loaded.module, error, shift);
      throw trap === undefined ? error : new ModuleTrapError(loaded.file, trap);
    }
  },
};

/** V8 finds a module invalid that our validator accepted: a difference, not an error of the user's. */
export class V8RefusalError extends Error {
  constructor(file: string, cause: Error) {
    super(`${file}: V8 refuses this module: ${cause.message}`, { cause });
    this.name = 'V8RefusalError';
  }
}

function refuseUnsupported({ file, module }: LoadedModule, imports: Imports): void {
  if (module.memories.some((memory) => memory.pageSize !== wasmPageSize)) {
    throw new UnsupportedError('custom page sizes in the v8 engine', { file });
  }
  const wanted = module.imports.find((entry) => imports[entry.module]?.[entry.name] === undefined);
  if (wanted !== undefined) throw new UnsupportedError(`the import ${wanted.module}.${wanted.name}`, { file });
}
