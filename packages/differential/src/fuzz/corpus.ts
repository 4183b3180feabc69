import { join } from 'node:path';
import { FireballError, makeOutputFolder, writeOutputFile } from '@fireball/contracts';
import { valueDocument, type Value } from '@fireball/wasm';
import type { FuzzCall } from './generator/module.js';
import type { GeneratorName } from './source.js';

/** A found case, as the JSON report and its file in the corpus have it. */
export interface FuzzFailure {
  readonly name: string;
  readonly generator: GeneratorName;
  readonly seed: number;
  readonly features: string;
  readonly engine: string;
  /** `mismatch`, `fallback`, `error` (of ours, in the engine), `died`, `hung`, `broken` (outside of the engines). */
  readonly kind: string;
  /** The call that showed it; null where the module did not start, or the process did not survive. */
  readonly function: string | null;
  readonly args: readonly ReturnType<typeof valueDocument>[];
  readonly expected: string;
  readonly actual: string;
  /** Bytes of the generated and of the saved module. */
  readonly originalBytes: number;
  readonly bytes: number;
  /** The saved module, relative to nothing: as the corpus folder was named. */
  readonly file: string;
  /** Why it could not be saved; null where it was. The seed still makes it again. */
  readonly unsaved: string | null;
  /** Shell command that makes the calls again and explains the difference; null where no engine is to blame. */
  readonly replay: string | null;
}

/** Saves a case: the module, its text where it can be written as text, and how to see the failure. A full disk loses no finding. */
export async function saveCase(folder: string, failure: FuzzFailure, bytes: Uint8Array, calls: readonly FuzzCall[]): Promise<FuzzFailure> {
  try {
    await writeCase(folder, failure, bytes, calls);
    return failure;
  } catch (error) {
    if (!(error instanceof FireballError)) throw error;
    return { ...failure, unsaved: error.message, replay: null };
  }
}

async function writeCase(folder: string, failure: FuzzFailure, bytes: Uint8Array, calls: readonly FuzzCall[]): Promise<void> {
  makeOutputFolder(folder);
  const at = (ending: string): string => join(folder, `${failure.name}.${ending}`);
  writeOutputFile(at('wasm'), bytes);
  const text = await textOf(bytes);
  if (text !== undefined) writeOutputFile(at('wat'), text);
  const document = { ...failure, calls: calls.map((call) => ({ function: call.function, args: documents(call.args) })) };
  writeOutputFile(at('json'), `${JSON.stringify(document, undefined, 2)}\n`);
}

export function documents(args: readonly Value[]): ReturnType<typeof valueDocument>[] {
  return args.map(valueDocument);
}

async function textOf(bytes: Uint8Array): Promise<string | undefined> {
  const { default: initWabt } = await import('wabt');
  const wabt = await initWabt();
  try {
    const module = wabt.readWasm(bytes, { tail_call: true, extended_const: true });
    try {
      return module.toText({ foldExprs: true });
    } finally {
      module.destroy();
    }
  } catch {
    // A help for the reader only; the module itself is saved.
    return undefined;
  }
}
