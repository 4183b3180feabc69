import { InternalError } from '@fireball/contracts';
import * as layout from '../core/layout/analyses.js';
import { takeCore } from '../instance/core.js';
import { Analyses } from '../plan/analyses.js';
import { layOutLocals, readIntoCore, type FunctionSource } from '../plan/body.js';
import { hasMember, type LiveRanges } from '../plan/live-ranges.js';
import type { Copy } from '../plan/weights.js';

/** What the core finds out of a function's locals as they are. */
export function analysed(source: FunctionSource, core = takeCore()): Analyses {
  core.reset();
  readIntoCore(source, core);
  return new Analyses(core, source, layOutLocals(source));
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
  analyses.findUses({ locals: new Float64Array(count), localMentions: new Float64Array(count), copies }, events);
  const live = analyses.live(source.end - source.start, true);
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
