import { InvalidInputError, listNames, standardInputName, unknownName, UnsupportedError, UsageError } from '@fireball/contracts';
import { decodeModule, functionTypeOf, validateModule, type FunctionType, type ValidatedModule, type WasmModule } from '@fireball/wasm';
import { readInput } from './files.js';
import { assembleText } from './text-format.js';

/** Name endings of the inputs that commands look for in a folder. */
export const moduleEndings = ['.wasm', '.wat'] as const;

/** A module that was read, decoded and validated. */
export interface LoadedModule {
  /** As the user named it; appears in every report. */
  readonly file: string;
  readonly module: WasmModule;
  readonly validated: ValidatedModule;
}

/** A function that can be called by name. */
export interface ExportedFunction {
  readonly name: string;
  readonly index: number;
  readonly type: FunctionType;
}

/** Reads, assembles where it is text, decodes and validates a module. Errors name the file. */
export async function loadModule(file: string): Promise<LoadedModule> {
  const content = readInput(file);
  const name = file === standardInputName ? '(standard input)' : file;
  return decodeInput(name, isText(file, content) ? await assembleText(name, content) : content);
}

/** What a file holds is seen in it, whatever its name; a name counts only where the content is neither. */
function isText(file: string, content: Uint8Array): boolean {
  if (startsWith(content, '\0asm')) return false;
  return file.endsWith('.wat') || /^\s*[(;]/.test(new TextDecoder().decode(content.subarray(0, sniffedBytes)));
}

const sniffedBytes = 4096;

function startsWith(content: Uint8Array, beginning: string): boolean {
  return Buffer.from(content.subarray(0, beginning.length)).toString('latin1') === beginning;
}

/** Decodes and validates a module that was read from `file`. Errors name the file. */
export function decodeInput(file: string, bytes: Uint8Array): LoadedModule {
  try {
    const module = decodeModule(bytes);
    return { file, module, validated: validateModule(module) };
  } catch (error) {
    throw error instanceof InvalidInputError || error instanceof UnsupportedError ? error.inFile(file) : error;
  }
}

/** The exported functions, in the order of the export section. */
export function exportedFunctions(module: WasmModule): ExportedFunction[] {
  return module.exports.filter((entry) => entry.kind === 'function').map(({ name, index }) => ({ name, index, type: functionTypeOf(module, index)! }));
}

/** The function to call: the one named, else `run`, else the only one there is. */
export function chooseFunction({ file, module }: LoadedModule, name: string | undefined): ExportedFunction {
  const functions = exportedFunctions(module);
  const names = functions.map((candidate) => candidate.name);
  const wanted = name ?? (names.includes('run') ? 'run' : undefined);
  if (wanted === undefined) {
    if (functions.length === 1) return functions[0]!;
    throw new UsageError(`${file}: --invoke NAME is needed; exported functions: ${listNames(names)}`);
  }
  const found = functions.find((candidate) => candidate.name === wanted);
  if (found === undefined) throw unknownName('exported function', wanted, names);
  return found;
}
