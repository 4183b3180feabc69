import { InternalError, InvalidInputError, MissingPartError, type FireballError, type InputFacts } from '@fireball/contracts';
import type { EngineOptions } from '@fireball/engines';
import type { Work } from '@fireball/wasm';
import type { SpecResult } from './runner.js';

// What the command and its worker processes tell each other. Error classes do not survive the way between processes.

/** One script to run on one engine. */
export interface SpecJob {
  readonly file: string;
  readonly engine: string;
  readonly options: EngineOptions;
  /** What each command took in the reference; absent where this is the reference, which tells it. */
  readonly reference?: readonly Work[];
}

/** What a worker tells of a script, with what each command took if it had the reference. */
export type ScriptResult = SpecResult & { readonly works: readonly Work[] };

export type SpecReply =
  | { readonly kind: 'result'; readonly result: ScriptResult }
  | { readonly kind: 'invalid-input'; readonly problem: string; readonly facts: InputFacts }
  | { readonly kind: 'missing-part'; readonly part: string; readonly remedy: string }
  | { readonly kind: 'bug'; readonly message: string };

export function replyOf(error: unknown): SpecReply {
  if (error instanceof InvalidInputError) return { kind: 'invalid-input', problem: error.problem, facts: error.facts };
  if (error instanceof MissingPartError) return { kind: 'missing-part', part: error.part, remedy: error.remedy };
  return { kind: 'bug', message: error instanceof Error ? error.message : String(error) };
}

export function errorOf(reply: Exclude<SpecReply, { kind: 'result' }>): FireballError {
  if (reply.kind === 'invalid-input') return new InvalidInputError(reply.problem, reply.facts);
  if (reply.kind === 'missing-part') return new MissingPartError(reply.part, reply.remedy);
  return new InternalError(reply.message);
}
