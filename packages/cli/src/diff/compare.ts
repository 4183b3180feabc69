import { isExhaustionTrap, type Value, type WasmModule } from '@fireball/wasm';
import type { Engine, EngineInstance, Outcome } from '../engines/engine.js';
import { compareHostCalls } from '../imports/host-calls.js';
import { formatValue, sameValue } from '../values.js';

/** One way in which two engines disagree, in words. */
export interface Difference {
  readonly expected: string;
  readonly actual: string;
}

/** Running out of something says nothing about the generated code: limits differ between engines (hazard 15). */
export function isExhaustion(outcome: Outcome): boolean {
  return outcome.trap?.kinds.some(isExhaustionTrap) ?? false;
}

/** Compares what a call asked of its host, and how it ended: trap kinds, or results bit for bit. */
export function compareOutcomes(expected: Outcome, actual: Outcome, nanByClass: boolean): Difference | undefined {
  const agree =
    expected.trap === null || actual.trap === null
      ? expected.trap === actual.trap && sameValues(expected.results, actual.results, nanByClass)
      : expected.trap.kinds.some((kind) => actual.trap!.kinds.includes(kind));
  const hostCalls = compareHostCalls(expected.hostCalls ?? [], actual.hostCalls ?? [], nanByClass);
  if (hostCalls !== undefined) return hostCalls;
  return agree ? undefined : { expected: describeOutcome(expected), actual: describeOutcome(actual) };
}

function sameValues(a: readonly Value[], b: readonly Value[], nanByClass: boolean): boolean {
  return a.length === b.length && a.every((value, index) => sameValue(value, b[index]!, nanByClass));
}

/**
 * What is missing in the proof that an engine ran a call as it claims: compiled code and nothing else, or the interpreter in
 * ROM and nothing compiled. A first instruction that trapped is not retired, but known by its place. Undefined where nothing
 * is missing.
 */
export function missingProof({ native, romInterpreter, mixedMode }: Pick<Engine, 'native' | 'romInterpreter' | 'mixedMode'>, { statistics, trap }: Outcome): Difference | undefined {
  const { fallbacks, instructions, nativeInstructions, interpreterInstructions, compiledFunctions } = statistics;
  const trapped = typeof trap?.wasmOffset === 'number';
  if (native && (fallbacks > 0 || (nativeInstructions === 0 && !trapped))) {
    return {
      expected: 'every function compiled, instructions retired in sealed code',
      actual: `${fallbacks} functions not compiled, ${nativeInstructions} instructions retired in sealed code`,
    };
  }
  if (romInterpreter && (compiledFunctions > 0 || nativeInstructions > 0 || (interpreterInstructions === 0 && !trapped))) {
    return {
      expected: 'no function compiled, instructions retired in the interpreter',
      actual: `${compiledFunctions} functions compiled, ${interpreterInstructions} instructions retired in the interpreter`,
    };
  }
  if (mixedMode && instructions === 0 && !trapped) {
    return { expected: 'instructions executed on the emulated CPU', actual: 'none' };
  }
  return undefined;
}

export function describeOutcome({ results, trap }: Outcome): string {
  if (trap !== null) return `trap: ${trap.kinds.join(' or ')}`;
  return results.length === 0 ? 'no result' : results.map(formatValue).join(', ');
}

/** Compares everything that a call leaves behind: all bytes of all memories, all globals. */
export function compareState(
  module: WasmModule,
  expected: EngineInstance,
  actual: EngineInstance,
  nanByClass: boolean,
): Difference | undefined {
  for (const index of module.memories.keys()) {
    const difference = compareMemories(index, expected.memory(index), actual.memory(index));
    if (difference !== undefined) return difference;
  }
  for (const index of module.globals.keys()) {
    const [a, b] = [expected.global(index), actual.global(index)];
    if (!sameValue(a, b, nanByClass)) {
      return { expected: `global ${index} = ${formatValue(a)}`, actual: `global ${index} = ${formatValue(b)}` };
    }
  }
  return undefined;
}

function compareMemories(index: number, expected: Uint8Array, actual: Uint8Array): Difference | undefined {
  if (expected.length !== actual.length) {
    return { expected: `memory ${index}: ${expected.length} bytes`, actual: `memory ${index}: ${actual.length} bytes` };
  }
  if (Buffer.compare(expected, actual) === 0) return undefined;
  const address = expected.findIndex((byte, at) => byte !== actual[at]);
  const at = (bytes: Uint8Array): string => `memory ${index}[0x${address.toString(16)}] = 0x${bytes[address]!.toString(16).padStart(2, '0')}`;
  return { expected: at(expected), actual: at(actual) };
}
