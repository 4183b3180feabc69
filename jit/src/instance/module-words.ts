/** What the functions of a module have in common in the core's memory: signatures, and entries of routines. */
import { opcodes, type FunctionType } from '@fireball/wasm';
import { operationCount } from '../core/layout/operations.js';
import type { LinkEnvironment } from '../environment.js';
import { simpleSignatures } from '../plan/body.js';
import { wordCount, wordsOf } from '../plan/words.js';
import { numberOf } from './operations.js';

/** A signature as the core reads it. */
export function signatureWords({ params, results }: FunctionType): number[] {
  return [wordCount(params), params.length, results.length, ...results.map(wordsOf), ...params.map(wordsOf)];
}

/** Words for a place in the core's memory. */
export class ModuleWords {
  /** Entries of routines by the numbers of operations, then signatures. */
  readonly words: Int32Array;
  private readonly offsets = new Map<FunctionType, number>();

  private constructor(
    environment: Pick<LinkEnvironment, 'routineAddress'>,
    private readonly types: readonly FunctionType[],
  ) {
    const words = new Array<number>(operationCount).fill(0);
    for (const opcode of opcodes) words[numberOf(opcode)] = environment.routineAddress(opcode.name) ?? 0;
    for (const type of [...simpleSignatures, ...types]) {
      this.offsets.set(type, 4 * words.length);
      words.push(...signatureWords(type));
    }
    this.words = Int32Array.from(words);
  }

  /** For functions of a module with these types; made once. */
  static of(environment: LinkEnvironment, types: readonly FunctionType[]): ModuleWords {
    let found = made.get(environment);
    if (found?.types !== types) made.set(environment, (found = new ModuleWords(environment, types)));
    return found;
  }

  /** How far a signature is behind the beginning; undefined for none of the module's. */
  offsetOf(type: FunctionType): number | undefined {
    return this.offsets.get(type);
  }
}

const made = new WeakMap<LinkEnvironment, ModuleWords>();

/** They are in the core's memory. */
export class WrittenModule {
  constructor(
    readonly words: ModuleWords,
    /** Where they begin: with the entries of routines. */
    readonly address: number,
  ) {}

  /** Address of a signature; undefined for none of the module's. */
  signature(type: FunctionType): number | undefined {
    const offset = this.words.offsetOf(type);
    return offset === undefined ? undefined : this.address + offset;
  }
}
