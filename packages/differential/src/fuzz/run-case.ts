import { UnsupportedError } from '@fireball/contracts';
import { referenceEngine, V8RefusalError, type Engine, type EngineOptions, type TierTotals } from '@fireball/engines';
import { decodeModule, validateModule } from '@fireball/wasm';
import type { Difference } from '../diff/compare.js';
import { Comparison, type Finding, type Verdict } from '../diff/comparison.js';
import type { FuzzCall } from './generator/module.js';

/** What went wrong where; `call` is null where the module did not start. */
interface CaseFailure extends Difference {
  readonly engine: string;
  /** `mismatch`: another result; `fallback`: no compiled code ran; `error`: our own bug showed itself. */
  readonly kind: 'mismatch' | 'fallback' | 'error';
  readonly call: number | null;
}

export interface CaseResult {
  /** Calls that were compared on every engine. */
  readonly calls: number;
  /** Calls that ended in a trap, of those. */
  readonly traps: number;
  /** Calls that say nothing: the reference ran out of fuel or stack, or an engine of a stack that need not have sufficed. */
  readonly inconclusive: boolean;
  /** Features that an engine does not have, with the engine's name. */
  readonly unsupported: readonly { readonly engine: string; readonly feature: string }[];
  /** What mixed mode did, by engine. */
  readonly tier: Readonly<Record<string, TierTotals>>;
  /** The first one of each engine. */
  readonly failures: readonly CaseFailure[];
}

/** Compares one case on all engines. An engine that differs once takes no further part. */
export async function runCase(bytes: Uint8Array, calls: readonly FuzzCall[], engines: readonly Engine[], options: EngineOptions): Promise<CaseResult> {
  const module = decodeModule(bytes);
  const loaded = { file: 'case', module, validated: validateModule(module) };
  const others = engines.filter((engine) => engine !== referenceEngine);
  const { comparison, verdict } = await Comparison.start(loaded, referenceEngine, others, options);
  const notes = new Notes();
  let compared = 0;
  let traps = 0;
  try {
    notes.add(comparison, verdict, null);
    for (const [index, { function: name, args }] of calls.entries()) {
      if (!comparison.started || comparison.engines.length === 0) break;
      const verdict = comparison.call(name, args);
      notes.add(comparison, verdict, index);
      if (verdict.exhausted) break;
      compared += 1;
      if (verdict.expected.trap !== null) traps += 1;
    }
  } finally {
    comparison.close();
  }
  const { inconclusive, unsupported, failures } = notes;
  return { calls: compared, traps, inconclusive, unsupported, tier: comparison.tier, failures };
}

/** What verdicts said so far. */
class Notes {
  inconclusive = false;
  readonly unsupported: { engine: string; feature: string }[] = [];
  readonly failures: CaseFailure[] = [];

  /** @param call null: instantiation */
  add(comparison: Comparison, { exhausted, inconclusive, findings }: Verdict, call: number | null): void {
    if (exhausted || inconclusive.length > 0) this.inconclusive = true;
    for (const engine of inconclusive) comparison.drop(engine);
    for (const finding of findings) {
      comparison.drop(finding.engine);
      this.addFinding(finding, call);
    }
  }

  private addFinding(finding: Finding, call: number | null): void {
    const { engine, error } = finding;
    if (finding.kind === 'refused' && error instanceof UnsupportedError) {
      this.unsupported.push({ engine: engine.name, feature: error.feature });
    } else if (!this.failures.some((failure) => failure.engine === engine.name)) {
      this.failures.push({ engine: engine.name, call, ...failureOf(finding) });
    }
  }
}

function failureOf({ kind, error, expected, actual }: Finding): Pick<CaseFailure, 'kind' | keyof Difference> {
  if (kind === 'mismatch' || kind === 'fallback') return { kind, expected, actual };
  if (error instanceof V8RefusalError) return { kind: 'mismatch', expected: 'a valid module', actual };
  return { kind: 'error', expected, actual: error instanceof Error ? `${error.name}: ${error.message}` : actual };
}
