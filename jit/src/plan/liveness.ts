import { BackwardWalks, type BackwardSteps } from './backward-walks.js';
import { wordsOfLocal, type Instruction, type LocalWords } from './body.js';
import type { Copy } from './weights.js';
import { addWord, eachWord, hasWord, removeWord, unite, type WordSet } from './word-sets.js';

/** Above this many local words the analysis would cost more than it saves. */
const wordLimit = 512;
/** Walks over one body: loops within loops need one for each level at worst, and one that changes nothing. */
const walkLimit = 12;

/** Where the values of local words are still wanted. */
export interface LiveRanges {
  /** Words that some call (of a function, or of a runtime routine) must preserve. */
  readonly acrossCalls: Uint8Array;
  /** Words that may be read before they are written: when the function begins, and at the headers of loops, by their indices. */
  readonly atEntry: WordSet;
  readonly atLoops: ReadonlyMap<number, WordSet>;
  /** Indices of each `local.get` for a `br_if` or `if`, behind which nothing wants the value any more. */
  readonly lastConditions: ReadonlySet<number>;
  /** By word: words whose values are wanted where it is written, unless it becomes a copy of them. Two words that stand in neither one's set of the other may share a register. */
  readonly conflicts: readonly WordSet[];
}

/** What a function is asked for beside its body. */
export interface LivenessInputs {
  /** Indices of instructions that call a runtime routine. */
  readonly routineCalls: ReadonlySet<number>;
  /**
   * Memory accesses that read the local word of their group again, although its `local.get` lies further back, possibly in
   * front of a call.
   */
  readonly groupAccesses: ReadonlyMap<number, number>;
  readonly copies: readonly Copy[];
}

/**
 * Exact for the code as it stands: walks backwards, until what is live at the headers of loops stays as it is. Undefined
 * where that would take too long: then everything counts as live everywhere.
 */
export function liveRanges(body: readonly Instruction[], locals: LocalWords, inputs: LivenessInputs): LiveRanges | undefined {
  if (locals.count > wordLimit) return undefined;
  const walks = new BackwardWalks(body, locals.count);
  const ranges = new Ranges(body, locals, inputs, walks.atLoops);
  for (let count = 0; count < walkLimit; count++) {
    const isDone = !walks.walk(ranges, ranges.atEntry);
    // Parameters and zeros are there at once, and are no copies.
    ranges.writeAtOnce(ranges.atEntry);
    if (isDone) return ranges;
  }
  return undefined;
}

/** Every walk finds at least what the ones before it have found: what they have noted stays. */
class Ranges implements LiveRanges, BackwardSteps {
  readonly acrossCalls: Uint8Array;
  readonly conflicts: readonly WordSet[];
  readonly atEntry: WordSet;
  readonly lastConditions = new Set<number>();
  private readonly sources = new Map<number, Copy[]>();

  constructor(
    private readonly body: readonly Instruction[],
    private readonly locals: LocalWords,
    private readonly inputs: LivenessInputs,
    readonly atLoops: ReadonlyMap<number, WordSet>,
  ) {
    const newSet = (): WordSet => new Uint32Array((locals.count + 31) >> 5);
    this.acrossCalls = new Uint8Array(locals.count);
    this.conflicts = Array.from({ length: locals.count }, newSet);
    this.atEntry = newSet();
    for (const copy of inputs.copies) {
      const here = this.sources.get(copy.index);
      if (here === undefined) this.sources.set(copy.index, [copy]);
      else here.push(copy);
    }
    // Instructions write both words of a pair at once.
    for (const [low = 0, high] of locals.words) if (high !== undefined) addWord(this.conflicts[low] as WordSet, high);
  }

  behind(index: number, live: WordSet): void {
    const { routineCalls, groupAccesses } = this.inputs;
    if (routineCalls.has(index)) this.call(live);
    const reread = groupAccesses.get(index);
    if (reread !== undefined) addWord(live, reread);
  }

  call(live: WordSet): void {
    eachWord(live, (word) => {
      this.acrossCalls[word] = 1;
    });
  }

  read(index: number, local: number, live: WordSet): void {
    const words = wordsOfLocal(this.locals, local);
    this.noteCondition(index, words, live);
    for (const word of words) addWord(live, word);
  }

  write(index: number, local: number, live: WordSet): void {
    const words = wordsOfLocal(this.locals, local);
    const copies = this.sources.get(index);
    for (const word of words) {
      const conflicts = this.conflicts[word] as WordSet;
      const source = copies?.find((copy) => copy.word === word)?.source ?? -1;
      const isCopied = source >= 0 && hasWord(live, source) && !hasWord(conflicts, source);
      unite(conflicts, live);
      if (isCopied) removeWord(conflicts, source);
    }
    for (const word of words) removeWord(live, word);
  }

  /** All of these words are written where the others are live. */
  writeAtOnce(words: WordSet): void {
    eachWord(words, (word) => {
      unite(this.conflicts[word] as WordSet, words);
    });
  }

  private noteCondition(index: number, [word = 0]: readonly number[], live: WordSet): void {
    const next = this.body[index + 1]?.op;
    if (next !== 'br_if' && next !== 'if') return;
    // More may be live than in the walk before.
    if (hasWord(live, word)) this.lastConditions.delete(index);
    else this.lastConditions.add(index);
  }
}
