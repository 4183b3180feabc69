import { isMentioned, type Plan } from './result.js';
import { addWord, meets, unite, type WordSet } from './word-sets.js';

/** Local words that share a register: copies of each other, whose other values are never wanted at the same time. */
export interface Web {
  readonly words: number[];
  /** Executed uses, and instructions that name one of them, as in the plan. */
  benefit: number;
  mentions: number;
  /** Some call must preserve one of them. */
  acrossCalls: boolean;
  /** The same words as a set, and all that conflict with one of them; undefined where everything conflicts with everything. */
  readonly sets: { readonly own: WordSet; readonly conflicts: WordSet } | undefined;
}

/** May both be in one register, each at its time? */
export function mayShare(a: Web, b: Web): boolean {
  if (a.sets === undefined || b.sets === undefined) return false;
  return !meets(a.sets.conflicts, b.sets.own) && !meets(b.sets.conflicts, a.sets.own);
}

/** All words that code names, those joined that copies join: the copies that are executed most come first. */
export function websOf(plan: Plan): readonly Web[] {
  const webs: (Web | undefined)[] = Array.from(plan.localWeights, (_, word) => (isMentioned(plan, word) ? webOf(plan, word) : undefined));
  const copies = plan.live === undefined ? [] : [...plan.copies].sort((a, b) => b.weight - a.weight || a.index - b.index);
  for (const { word, source } of copies) {
    const [into, from] = [webs[source], webs[word]];
    if (into === undefined || from === undefined || into === from || !mayShare(into, from)) continue;
    join(into, from);
    for (const each of from.words) webs[each] = into;
  }
  return [...new Set(webs)].filter((web) => web !== undefined);
}

function webOf({ live, localWeights, localMentions, acrossCalls, locals }: Plan, word: number): Web {
  const own = new Uint32Array((locals.count + 31) >> 5);
  addWord(own, word);
  return {
    words: [word],
    benefit: localWeights[word] ?? 0,
    mentions: localMentions[word] ?? 0,
    acrossCalls: acrossCalls[word] !== 0,
    sets: live === undefined ? undefined : { own, conflicts: (live.conflicts[word] as WordSet).slice() },
  };
}

function join(into: Web, from: Web): void {
  into.words.push(...from.words);
  into.benefit += from.benefit;
  into.mentions += from.mentions;
  into.acrossCalls ||= from.acrossCalls;
  if (into.sets === undefined || from.sets === undefined) return;
  unite(into.sets.own, from.sets.own);
  unite(into.sets.conflicts, from.sets.conflicts);
}
