import type { EngineOptions } from '@fireball/engines';
import type { FuzzCall } from './generator/module.js';
import type { CaseResult } from './run-case.js';
import type { GeneratorName } from './source.js';

/** What a child needs to know once. */
export interface WorkerConfiguration {
  readonly engines: readonly string[];
  readonly generator: GeneratorName;
  readonly features: readonly string[];
  readonly options: EngineOptions;
  /** File that names the case that is being run, for whoever finds the child dead. */
  readonly note: string;
}

/** A case to run: by its seed, or written out and for some engines only. The seed also says how mixed mode runs it. */
export type CaseRequest =
  { readonly seed: number } | { readonly seed: number; readonly bytes: Uint8Array; readonly calls: readonly FuzzCall[]; readonly engines: readonly string[] };

export type ToWorker = { readonly configure: WorkerConfiguration } | { readonly run: CaseRequest };

/** A child's answers come in the order of the requests. */
export type FromWorker =
  | { readonly kind: 'result'; readonly result: CaseResult }
  /** The generator makes nothing of this seed. */
  | { readonly kind: 'empty' }
  /** A bug outside of the engines under test: of generator, decoder, validator or reference. */
  | { readonly kind: 'broken'; readonly message: string };

/** What became of a case. `died` and `hung` end the child. */
export type CaseReply = FromWorker | { readonly kind: 'died'; readonly message: string } | { readonly kind: 'hung'; readonly message: string };
