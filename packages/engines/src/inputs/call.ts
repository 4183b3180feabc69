import { UsageError } from '@fireball/contracts';
import { parseValue, type Value } from '@fireball/wasm';
import { chooseFunction, exportedFunctions, type ExportedFunction, type LoadedModule } from './module.js';

/** A call as the command line names it. */
export interface NamedCall {
  /** The call in the terms in which it was written: `add(1, 0x2)`. */
  readonly label: string;
  readonly entry: ExportedFunction;
  readonly args: readonly Value[];
}

/**
 * Reads `NAME[=ARGS]`, with arguments separated by commas; without a text, the function that `chooseFunction` takes. A name may have `=` in it.
 * @throws UsageError where the function or the arguments are none of the module's
 */
export function parseCall(loaded: LoadedModule, text: string | undefined): NamedCall {
  const isName = exportedFunctions(loaded.module).some(({ name }) => name === text);
  const at = isName ? -1 : (text?.indexOf('=') ?? -1);
  const name = at < 0 ? text : text?.slice(0, at);
  return callWith(chooseFunction(loaded, name), text === undefined || at < 0 ? [] : text.slice(at + 1).split(','));
}

/**
 * A call of a function with arguments in the text format.
 * @throws UsageError where they are too many, too few, or of other types
 */
export function callWith(entry: ExportedFunction, args: readonly string[]): NamedCall {
  const { params } = entry.type;
  if (args.length !== params.length) {
    throw new UsageError(`${entry.name} takes ${params.length} argument(s)${params.length === 0 ? '' : ` (${params.join(' ')})`}, ${args.length} given`);
  }
  return { label: `${entry.name}(${args.join(', ')})`, entry, args: params.map((type, index) => parseValue(type, args[index]!)) };
}
