/** Modules through the reference interpreter and through generated code, with what each of their calls gave. */
import { readFileSync } from 'node:fs';
import { FireballError } from '@fireball/contracts';
import { createVsoc, type VsocOptions } from '@fireball/vsoc';
import { decodeModule, instantiate, Store, validateModule, type ValidatedModule, type Value } from '@fireball/wasm';

export interface Call {
  readonly name: string;
  readonly args: readonly number[];
}

const kernels = new URL('../../../packages/kernels/data/', import.meta.url);

export function load(bytes: Uint8Array): ValidatedModule {
  return validateModule(decodeModule(bytes));
}

export function kernel(name: string): ValidatedModule {
  return load(new Uint8Array(readFileSync(new URL(`wasm/${name}.wasm`, kernels))));
}

const valuesOf = ({ args }: Call): Value[] => args.map((value) => ({ type: 'i32', value }));
const resultText = (results: readonly { readonly value: unknown }[]): string => results.map(({ value }) => String(value)).join(' ');

/** One line per call: results, or the trap. */
export function reference(module: ValidatedModule, calls: readonly Call[]): string[] {
  const instance = instantiate(new Store(), module, () => undefined);
  return calls.map((call) => {
    const outcome = instance.invoke(call.name, valuesOf(call));
    return 'trap' in outcome ? `trap: ${outcome.trap.kind}` : resultText(outcome.results);
  });
}

/** The same for generated code. Code that leaves its world is an error of ours, and a line too. */
export function native(module: ValidatedModule, calls: readonly Call[], options: VsocOptions): string[] {
  const vsoc = createVsoc(options);
  try {
    const instance = vsoc.instantiate(module);
    return calls.map((call) => {
      const { trap, results } = instance.invoke(call.name, valuesOf(call));
      return trap === null ? resultText(results) : `trap: ${trap.kind}`;
    });
  } catch (error) {
    if (error instanceof FireballError) return [`${error.name}: ${error.message}`];
    throw error;
  } finally {
    vsoc.close();
  }
}
