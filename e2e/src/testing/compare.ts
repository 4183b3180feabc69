import { type Isa } from '@fireball/contracts';
import type { CallOutcome, VsocOptions } from '@fireball/vsoc';
import { instantiate, Store, type TrapKind, type Value } from '@fireball/wasm';
import { moduleOfText, withNative } from './native.js';

/** A call of an exported function; numbers are i32, bigints i64. */
export interface Call {
  readonly name: string;
  readonly args: readonly (number | bigint)[];
}

export type Outcome =
  | { readonly results: readonly unknown[] }
  | { readonly trap: TrapKind; readonly wasmOffset: number | null };

export interface Comparison {
  /** What the reference interpreter says, call by call, with the memory's contents at the end. */
  readonly expected: readonly Outcome[];
  readonly actual: readonly Outcome[];
  readonly memoriesAgree: boolean;
  /** Instructions executed from sealed code memory: 0 would prove nothing. */
  readonly nativeInstructions: number;
}

function valueOf(value: number | bigint): Value {
  return typeof value === 'bigint' ? { type: 'i64', value } : { type: 'i32', value };
}

/** Runs the calls one after the other on an instance of the reference interpreter and on one of the target. */
export function compareCalls(isa: Isa, text: string, calls: readonly Call[], options: Partial<VsocOptions> = {}): Comparison {
  const module = moduleOfText(text);
  const reference = instantiate(new Store(), module, () => undefined);
  const expected = calls.map(({ name, args }): Outcome => {
    const outcome = reference.invoke(name, args.map(valueOf));
    return 'results' in outcome ? { results: outcome.results } : { trap: outcome.trap.kind, wasmOffset: outcome.trap.offset ?? null };
  });
  return withNative(isa, module, (instance) => {
    const outcomes = calls.map(({ name, args }) => instance.invoke(name, args.map(valueOf)));
    const [memory] = reference.memories;
    return {
      expected,
      actual: outcomes.map(outcomeOf),
      memoriesAgree: memory === undefined || Buffer.compare(memory.bytes.subarray(0, memory.byteLength), instance.memory(0)) === 0,
      nativeInstructions: outcomes.reduce((sum, { statistics }) => sum + statistics.nativeInstructions, 0),
    };
  }, options);
}

function outcomeOf({ trap, results }: CallOutcome): Outcome {
  return trap === null ? { results } : { trap: trap.kind, wasmOffset: trap.wasmOffset };
}
