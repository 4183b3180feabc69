import { readFileSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';

interface LoadedModule {
  readonly exports: object;
  importFile(file: string): Promise<unknown>;
}

/** A script as a CommonJS module is one: a function of these. */
type Body = (exports: object, require: (name: string) => unknown, module: LoadedModule, file: string, folder: string) => void;

interface Loaded {
  readonly script: Script;
  readonly module: LoadedModule;
}

/** Modules that Node loads when they are asked for, each with many others. Every command names them, and few use them. */
const late = new Set(['node:child_process', 'node:crypto', 'node:net', 'node:v8', 'node:worker_threads', 'node:zlib']);

/** A module that `load` loads where the first thing of it is wanted. */
function lateModule(load: () => object): object {
  return new Proxy(
    {},
    {
      get: (_, key) => Reflect.get(load(), key) as unknown,
      ownKeys: () => Reflect.ownKeys(load()),
      getOwnPropertyDescriptor: (_, key) => ({ ...Reflect.getOwnPropertyDescriptor(load(), key), configurable: true }),
    },
  );
}

const importFile = (file: string): Promise<unknown> => import(file);

/**
 * The bundled scripts of a folder. Each is compiled from what V8 made of it when the bundle was built, in a file beside it,
 * for V8 takes longer to compile the scripts of a short command than to run them. Another V8, or V8 with other flags,
 * refuses such a file and compiles the script itself.
 */
export class Scripts {
  private readonly loaded = new Map<string, Loaded>();
  private readonly require: (name: string) => unknown;

  constructor(private readonly folder: string) {
    const requireOther = createRequire(`${folder}/`);
    this.require = (name) => {
      if (name.startsWith('./')) return this.load(name);
      return late.has(name) ? lateModule(() => requireOther(name) as object) : requireOther(name);
    };
  }

  /** What a script exports; its name begins with `./`. */
  load(name: string): unknown {
    const before = this.loaded.get(name);
    if (before !== undefined) return before.module.exports;
    const file = join(this.folder, name);
    // The bundler writes ASCII.
    const source = readFileSync(file, 'latin1');
    const cachedData = compiledBefore(file);
    const script = new Script(Module.wrap(source), { filename: file, ...(cachedData && { cachedData }) });
    const module = { exports: {}, importFile };
    this.loaded.set(name, { script, module });
    (script.runInThisContext() as Body)(module.exports, this.require, module, file, this.folder);
    return module.exports;
  }

  /** Writes beside each script that was loaded what V8 has made of it so far: with the functions that were called. */
  keepCompiled(): void {
    for (const [name, { script }] of this.loaded) writeFileSync(compiledName(join(this.folder, name)), script.createCachedData());
  }
}

const compiledName = (file: string): string => `${file}.v8`;

function compiledBefore(file: string): Buffer | undefined {
  try {
    return readFileSync(compiledName(file));
  } catch {
    return undefined;
  }
}
