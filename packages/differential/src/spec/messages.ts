import {
  InternalError,
  InvalidInputError,
  isExhaustion,
  MissingPartError,
  SettingError,
  SystemError,
  systemReason,
  UnsupportedError,
  UsageError,
  type FireballError,
  type InputFacts,
} from '@fireball/contracts';
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
  | { readonly kind: 'unsupported'; readonly feature: string; readonly facts: InputFacts }
  | { readonly kind: 'missing-part'; readonly part: string; readonly remedy: string }
  | { readonly kind: 'setting'; readonly setting: string; readonly message: string }
  | { readonly kind: 'usage' | 'system' | 'bug'; readonly message: string };

export function replyOf(error: unknown): SpecReply {
  if (error instanceof InvalidInputError) return { kind: 'invalid-input', problem: error.problem, facts: error.facts };
  if (error instanceof UnsupportedError) return { kind: 'unsupported', feature: error.feature, facts: error.facts };
  if (error instanceof MissingPartError) return { kind: 'missing-part', part: error.part, remedy: error.remedy };
  if (error instanceof SettingError) return { kind: 'setting', setting: error.setting, message: error.message };
  if (error instanceof UsageError) return { kind: 'usage', message: error.message };
  if (isExhaustion(error)) return { kind: 'system', message: `the system cannot go on: ${systemReason(error)}` };
  return { kind: error instanceof SystemError ? 'system' : 'bug', message: error instanceof Error ? error.message : String(error) };
}

export function errorOf(reply: Exclude<SpecReply, { kind: 'result' }>): FireballError {
  switch (reply.kind) {
    case 'invalid-input':
      return new InvalidInputError(reply.problem, reply.facts);
    case 'unsupported':
      return new UnsupportedError(reply.feature, reply.facts);
    case 'missing-part':
      return new MissingPartError(reply.part, reply.remedy);
    case 'setting':
      return new SettingError(reply.setting, reply.message);
    case 'usage':
      return new UsageError(reply.message);
    case 'system':
      return new SystemError(reply.message);
    case 'bug':
      return new InternalError(reply.message);
  }
}
