/** What the functions of a module have in common in the core's memory (core/layout/module.ts). */
import { opcodes, type FunctionType, type ValueType } from '@fireball/wasm';
import * as layout from '../core/layout/module.js';
import type { LinkEnvironment } from '../environment.js';
import type { FunctionSource } from '../plan/body.js';
import { wordCount, wordsOf } from '../plan/words.js';
import { numberOf } from './operations.js';

/** A signature as the core reads it. */
function signatureWords({ params, results }: FunctionType): number[] {
  return [wordCount(params), params.length, results.length, ...results.map(wordsOf), ...params.map(wordsOf)];
}

const single = (type: ValueType): FunctionType => ({ params: [], results: [type] });
/** Signatures of blocks that no type of a module is named for, where the core has them. */
const simpleSignatures: readonly (readonly [number, FunctionType])[] = [
  [layout.emptySignature, { params: [], results: [] }],
  [layout.wordSignature, single('i32')],
  [layout.pairSignature, single('i64')],
];

/** What a function is told of its module. */
type ModuleSource = Pick<FunctionSource, 'types' | 'counts' | 'functionType' | 'globalType'>;

/** Words for a place in the core's memory. */
export class ModuleWords {
  readonly words: Int32Array;

  private constructor(
    environment: LinkEnvironment,
    private readonly source: ModuleSource,
  ) {
    const { types, counts } = source;
    const words = new Array<number>(layout.moduleEnd >> 2).fill(0);
    for (const opcode of opcodes) words[numberOf(opcode)] = environment.routineAddress(opcode.name) ?? 0;
    for (const [at, type] of simpleSignatures) words.splice(at >> 2, signatureWords(type).length, ...signatureWords(type));
    const places = new Map<FunctionType, number>();
    for (const type of types) {
      places.set(type, 4 * words.length);
      for (const word of signatureWords(type)) words.push(word);
    }
    const rows = (at: number, count: number, row: (index: number) => readonly [number, number]): void => {
      words[at >> 2] = 4 * words.length;
      for (let index = 0; index < count; index++) {
        const [first, second] = row(index);
        words.push(first, second);
      }
    };
    const placeOf = (type: FunctionType): number => places.get(type) ?? layout.emptySignature;
    rows(layout.functionRows, counts.functions, (index) => [placeOf(source.functionType(index)), environment.slotAddress(index)]);
    rows(layout.typeRows, types.length, (index) => [placeOf(types[index]!), environment.typeNumber(index)]);
    rows(layout.globalRows, counts.globals, (index) => [wordsOf(source.globalType(index)), environment.globalAddress(index)]);
    rows(layout.tableRows, 2 * counts.tables, (index) => {
      const { record, elements, count = 0 } = environment.table(index >> 1);
      return index % 2 === 0 ? [record, elements] : [count, 0];
    });
    this.words = Int32Array.from(words);
  }

  /** For functions of a module; made once. */
  static of(environment: LinkEnvironment, source: ModuleSource): ModuleWords {
    let found = made.get(environment);
    if (found?.source.types !== source.types) made.set(environment, (found = new ModuleWords(environment, source)));
    return found;
  }
}

const made = new WeakMap<LinkEnvironment, ModuleWords>();
