import { type Isa } from '@fireball/contracts';
import { Comparison } from '@fireball/differential';
import { decodeInput, engineNamed, referenceEngine, type EngineOptions, type Outcome } from '@fireball/engines';
import type { Value } from '@fireball/wasm';
import { bytesOfText } from './native.js';

/** A call of an exported function; numbers are i32, bigints i64. */
export interface Call {
  readonly name: string;
  readonly args: readonly (number | bigint)[];
}

function valueOf(value: number | bigint): Value {
  return typeof value === 'bigint' ? { type: 'i64', value } : { type: 'i32', value };
}

/**
 * Runs the calls one after the other on an instance of the reference interpreter and on one of the target, and says in what the
 * target differs, a line each: results, traps and their places, memories, globals, and whether native code ran. Empty
 * where nothing differs.
 */
export async function compareCalls(isa: Isa, text: string, calls: readonly Call[], options: Partial<EngineOptions> = {}): Promise<string[]> {
  const engine = engineNamed(isa);
  const loaded = decodeInput('test.wat', bytesOfText(text));
  const { comparison, verdict } = await Comparison.start(loaded, referenceEngine, [engine], { fuel: 100_000, maxPages: 16, ...options });
  try {
    const lines = verdict.findings.map(({ expected, actual }) => `start: expected ${expected}, got ${actual}`);
    if (lines.length > 0) return lines;
    for (const { name, args } of calls) {
      const { expected, exhausted, inconclusive, outcomes, findings } = comparison.call(name, args.map(valueOf));
      const call = `${name}(${args.join(', ')})`;
      lines.push(...findings.map(({ expected, actual }) => `${call}: expected ${expected}, got ${actual}`));
      if (exhausted || inconclusive.length > 0) lines.push(`${call}: fuel or stack ran out`);
      const [wanted, got] = [placeOf(expected), placeOf(outcomes.get(engine))];
      if (wanted !== got) lines.push(`${call}: expected a trap ${wanted}, got one ${got}`);
    }
    return lines;
  } finally {
    comparison.close();
  }
}

function placeOf(outcome: Outcome | undefined): string {
  const trap = outcome?.trap ?? null;
  return trap === null ? 'nowhere' : `at ${trap.wasmOffset ?? 'no offset'}`;
}
