import type { DebugFunction } from '@fireball/contracts';
import { textAt } from './boundaries.js';

type Site = DebugFunction['sites'][number];

/** The name of a WebAssembly instruction as the text format has it: `i32.load offset=4` is an `i32.load`. */
export function operationOf(text: string): string {
  return /^\S*/.exec(text)?.[0] ?? '';
}

/** Placed templates of a name, or the first ones of instructions of a name: `load_w`, `i32.load`. */
export function sitesOf(code: DebugFunction, name: string): Site[] {
  const byTemplate = code.sites.filter(({ template }) => template === name);
  if (byTemplate.length > 0) return byTemplate;
  const seen = new Set<number>();
  return code.sites.filter(({ wasmOffset }) => {
    const isFirst = operationOf(textAt(code, wasmOffset)) === name && !seen.has(wasmOffset);
    if (isFirst) seen.add(wasmOffset);
    return isFirst;
  });
}

/** Every name that `sitesOf` finds something by. */
export function kindsOf(functions: readonly DebugFunction[]): readonly string[] {
  const kinds = new Set<string>();
  for (const code of functions) {
    for (const { template, wasmOffset } of code.sites) kinds.add(template).add(operationOf(textAt(code, wasmOffset)));
  }
  return [...kinds];
}

/** Every wasm instruction that a trace comes by, by name: also those that became nothing, such as constants that the next one takes. */
export function operationsOf(functions: readonly DebugFunction[]): readonly string[] {
  return [...new Set(functions.flatMap((code) => code.locations.boundaries.map(({ wasmOffset }) => operationOf(textAt(code, wasmOffset)))))];
}
