import { InternalError } from '@fireball/contracts';
import * as layout from '../core/layout/analyses.js';
import { takeCore } from '../instance/core.js';
import { hasMember } from '../debug/live-locals.js';
import { Analyses } from '../plan/analyses.js';
import { layOutLocals, readIntoCore, type FunctionSource } from '../plan/body.js';
import { liveRanges, type LiveRanges } from './live-ranges.js';

/** What the core finds out of a function's locals as they are. */
export function analysed(source: FunctionSource, core = takeCore()): Analyses {
  core.reset();
  readIntoCore(source, core);
  return new Analyses(core, source);
}

/** Words whose zero may be read, where code names them all: a byte for each word. */
export function needsZero(source: FunctionSource): number[] {
  const { count } = layOutLocals(source);
  const analyses = analysed(source);
  findUses(analyses, { weights: Array<number>(count).fill(0), mentions: Array<number>(count).fill(1), copies: [], events: [], constants: new Map() });
  const { core, words } = analyses;
  const first = words[layout.needsZero >> 2]!;
  return [...new Uint8Array(core.memory.buffer, first, count)];
}

/** A local word that becomes a copy of another one, which still has its value. */
export interface Copy {
  /** Of the instruction that writes it. */
  readonly index: number;
  readonly word: number;
  readonly source: number;
  readonly weight: number;
}

/** What a walk might have counted. */
interface Counted {
  /** Executed uses, and instructions that name the word, by word. */
  readonly weights: readonly number[];
  readonly mentions: readonly number[];
  readonly copies: readonly Copy[];
  /** Pairs of an index and a word: instructions that call a runtime routine (-1), and accesses that read the local word of their group again. */
  readonly events: readonly number[];
  /** Instructions saved, by constant. */
  readonly constants: ReadonlyMap<number, number>;
  /** Those of them that code wants where control may have come from a call. */
  readonly behindCalls?: readonly number[];
}

/** Writes what a walk would have counted, and finds where the values of words are wanted. */
export function findUses(
  analyses: Analyses,
  { weights, mentions, copies, events, constants, behindCalls = [] }: Counted,
  costOf: (constant: number) => number = () => 0,
): void {
  const floats = (values: readonly number[]): number[] => [...new Int32Array(Float64Array.from(values).buffer)];
  const write = (field: number, values: readonly number[]): void => {
    const address = analyses.take(values.length);
    analyses.words.set(values, address >> 2);
    analyses.words[field >> 2] = address;
  };
  const writeArea = (area: number, values: readonly number[]): void => {
    write(area, values);
    const { words } = analyses;
    words[(area + 4) >> 2] = words[(area + 8) >> 2] = words[area >> 2]! + 4 * values.length;
  };
  write(
    layout.wordRows,
    weights.flatMap((weight, word) => {
      const row = new Array<number>(layout.wordRowStride >> 2).fill(0);
      row.splice(layout.wordWeight >> 2, 2, ...floats([weight]));
      row[layout.wordMentions >> 2] = mentions[word] ?? 0;
      return row;
    }),
  );
  writeArea(layout.events, events);
  writeArea(
    layout.copies,
    copies.flatMap(({ index, word, source, weight }) => [...floats([weight]), index, word, source, 0]),
  );
  writeArea(
    layout.constants,
    [...constants].flatMap(([constant, weight]) => [...floats([weight]), constant, 0, costOf(constant), Number(behindCalls.includes(constant))]),
  );
  analyses.must(analyses.core.analyseUses());
}

/** What is found out of the use of words, with what calls and copies have to do with. */
interface Uses {
  readonly live: LiveRanges;
  /** For each word: must some call preserve it? */
  readonly acrossCalls: readonly number[];
  /** For each word the words that are wanted where it is written, in order. */
  readonly conflicts: readonly (readonly number[])[];
}

/** @param events pairs of an instruction's index and a word that it reads again, -1 for a call of a routine */
export function usesOf(source: FunctionSource, events: readonly number[] = [], copies: readonly Copy[] = []): Uses {
  const { count } = layOutLocals(source);
  const analyses = analysed(source);
  const none = Array<number>(count).fill(0);
  findUses(analyses, { weights: none, mentions: none, copies, events, constants: new Map() });
  const live = liveRanges(analyses, source.end - source.start, true);
  if (live === undefined) throw new InternalError('too much for an analysis');
  const { words } = analyses;
  const all = [...Array(count).keys()];
  const setOf = (word: number): number => (words[layout.conflicts >> 2]! + word * words[layout.setBytes >> 2]!) >> 2;
  return {
    live,
    acrossCalls: all.map((word) => Number(hasMember(words, words[layout.acrossCalls >> 2]! >> 2, word))),
    conflicts: all.map((word) => all.filter((other) => hasMember(words, setOf(word), other))),
  };
}
