import { join } from 'node:path';
import type { Engine, EngineOptions } from '@fireball/engines';
import { decodeModule } from '@fireball/wasm';
import { documents, saveCase, type FuzzFailure } from './corpus.js';
import { encodeModule } from './encode.js';
import { parseFeatures } from './features.js';
import type { FuzzCall } from './generator/module.js';
import { liftModule } from './lift.js';
import { mixedSettingsOf } from './mixed-settings.js';
import type { CasePool } from './pool.js';
import { reduceCase, type Oracle } from './reduce.js';
import { replayCommand } from './replay.js';
import { caseOfSeed, type FuzzCase, type GeneratorName } from './source.js';

/** What was seen of one engine in one case. */
export interface Finding {
  readonly seed: number;
  /** Empty where no engine is to blame. */
  readonly engine: string;
  /** As a `FuzzFailure` has it. */
  readonly kind: string;
  /** Position of the call that showed it; null where the module did not start, or the process did not survive. */
  readonly call: number | null;
  readonly expected: string;
  readonly actual: string;
}

/** Where cases come from, what runs them, and where found ones are kept. */
export interface CaseSettings {
  readonly engines: readonly Engine[];
  readonly generator: GeneratorName;
  readonly features: string;
  readonly corpus: string;
  readonly engineOptions: EngineOptions;
}

const noCase: FuzzCase = { bytes: new Uint8Array(), calls: [] };

/** Failures that are saved and reduced; a broken engine shows itself in every other case. */
const mostSaved = 40;
const mostAlike = 3;
const reductionTime = 30_000;
/** For a case that ends or blocks its process, every step of the reduction costs a new one. */
const deadlyReductionTime = 60_000;

/** Makes small cases of findings, and saves them to the corpus. */
export class FindingSaver {
  constructor(
    private readonly settings: CaseSettings,
    private readonly pool: CasePool,
    private readonly progress: (text: string) => void,
    private readonly stop: AbortSignal,
  ) {}

  /** Saves the findings, those of different kinds first; reduced unless the user is waiting for the end. */
  async saveAll(findings: readonly Finding[]): Promise<FuzzFailure[]> {
    const alike = new Map<string, number>();
    const chosen = findings.filter((finding) => {
      const key = fingerprint(finding);
      const seen = (alike.get(key) ?? 0) + 1;
      alike.set(key, seen);
      return seen <= (finding.kind === 'mismatch' ? mostSaved : mostAlike);
    });
    let done = 0;
    const work = chosen.slice(0, mostSaved);
    return Promise.all(
      work.map(async (finding) => {
        const failure = await this.save(finding);
        this.progress(`reducing: ${++done} of ${work.length} cases done`);
        return failure;
      }),
    );
  }

  private async save(finding: Finding): Promise<FuzzFailure> {
    const { generator, features, corpus } = this.settings;
    const name = [generator, finding.seed, finding.engine || finding.kind].join('-');
    const original = this.caseOf(finding.seed);
    const smaller = finding.kind === 'broken' || this.stop.aborted ? undefined : await this.reduced(finding, original);
    const { bytes, calls } = smaller ?? original;
    const seen = smaller === undefined ? finding : ((await this.observe(finding, bytes, calls)) ?? finding);
    const call = seen.call === null ? undefined : calls[seen.call];
    const file = join(corpus, `${name}.wasm`);
    const made = seen.call === null ? [] : calls.slice(0, seen.call + 1);
    const failure: FuzzFailure = {
      name,
      generator,
      seed: finding.seed,
      features,
      engine: finding.engine,
      kind: finding.kind,
      function: call?.function ?? null,
      args: documents(call?.args ?? []),
      expected: seen.expected,
      actual: seen.actual,
      originalBytes: original.bytes.length,
      bytes: bytes.length,
      file,
      unsaved: null,
      replay: finding.engine === '' ? null : this.replayOf(finding, file, made),
    };
    return saveCase(corpus, failure, bytes, calls);
  }

  private replayOf({ engine, seed }: Finding, file: string, calls: readonly FuzzCall[]): string {
    const { engines, engineOptions } = this.settings;
    const isMixed = engines.some(({ name, mixedMode }) => name === engine && mixedMode);
    return replayCommand(file, engine, calls, { ...engineOptions, ...(isMixed ? mixedSettingsOf(seed, engineOptions) : {}) });
  }

  /** The case of a finding; an empty one where it was the generator that broke. */
  private caseOf(seed: number): FuzzCase {
    try {
      return caseOfSeed(this.settings.generator, seed, parseFeatures(this.settings.features)) ?? noCase;
    } catch {
      return noCase;
    }
  }

  private async reduced(finding: Finding, original: FuzzCase): Promise<FuzzCase> {
    const oracle: Oracle = async (bytes, calls) => (await this.observe(finding, bytes, calls)) !== undefined;
    const time = finding.engine === '' ? deadlyReductionTime : reductionTime;
    const tree = liftModule(decodeModule(original.bytes));
    const { tree: smaller, calls } = await reduceCase({ tree, calls: original.calls }, oracle, performance.now() + time);
    return smaller === tree && calls === original.calls ? original : { bytes: encodeModule(smaller), calls };
  }

  /** Runs a case for the engine in question: what is seen now, if it is alike. */
  private async observe(finding: Finding, bytes: Uint8Array, calls: readonly FuzzCall[]): Promise<Finding | undefined> {
    const { seed } = finding;
    const engines = finding.engine === '' ? this.settings.engines.map(({ name }) => name) : [finding.engine];
    const reply = await this.pool.run({ seed, bytes, calls, engines });
    const seen =
      reply.kind === 'result'
        ? reply.result.failures.map((failure): Finding => ({ seed, ...failure }))
        : reply.kind === 'empty'
          ? []
          : [{ ...finding, kind: reply.kind, actual: reply.message }];
    return seen.find((other) => fingerprint(other) === fingerprint(finding));
  }
}

/** Equal for what is likely to have one cause: numbers differ from case to case. */
function fingerprint({ engine, kind, actual }: Finding): string {
  return kind === 'error' ? `${engine} ${kind} ${actual.replaceAll(/0x[0-9a-f]+|\d+/g, 'N').slice(0, 60)}` : `${engine} ${kind}`;
}
