import { wordsOfLocal, type Instruction, type LocalWords } from './body.js';
import { isFlow } from './flow.js';
import type { Copy } from './weights.js';
import { addWord, hasWord, removeWord, unite, type WordSet } from './word-sets.js';

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

interface Scope {
  /** Index of the block, loop or if. */
  readonly opener: number;
  /** Live words where branches to the scope arrive. */
  readonly target: WordSet;
  /** Live words at the start of the else-branch, where there is one. */
  otherwise?: WordSet;
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
  const walks = new Walks(body, locals, inputs);
  for (let count = 0; count < walkLimit; count++) if (!walks.walk()) return walks;
  return undefined;
}

/** Every walk finds at least what the ones before it have found: what they have noted stays. */
class Walks implements LiveRanges {
  readonly acrossCalls: Uint8Array;
  readonly atLoops = new Map<number, WordSet>();
  readonly conflicts: readonly WordSet[];
  readonly atEntry: WordSet;
  readonly lastConditions = new Set<number>();
  private readonly nothing: WordSet;
  private readonly openers: Int32Array;
  private readonly sources = new Map<number, Copy[]>();

  constructor(
    private readonly body: readonly Instruction[],
    private readonly locals: LocalWords,
    private readonly inputs: LivenessInputs,
  ) {
    const newSet = (): WordSet => new Uint32Array((locals.count + 31) >> 5);
    this.acrossCalls = new Uint8Array(locals.count);
    this.conflicts = Array.from({ length: locals.count }, newSet);
    this.atEntry = newSet();
    this.nothing = newSet();
    this.openers = matchingOpeners(body);
    for (const copy of inputs.copies) {
      const here = this.sources.get(copy.index);
      if (here === undefined) this.sources.set(copy.index, [copy]);
      else here.push(copy);
    }
    // Instructions write both words of a pair at once.
    for (const [low = 0, high] of locals.words) if (high !== undefined) addWord(this.conflicts[low] as WordSet, high);
  }

  /** Returns whether more was live at the header of a loop than was known. */
  walk(): boolean {
    const { body, locals, openers, atLoops, nothing } = this;
    const { routineCalls, groupAccesses } = this.inputs;
    const live = this.atEntry;
    live.fill(0);
    const scopes: Scope[] = [];
    const target = (depth: number): WordSet => scopes[scopes.length - 1 - depth]?.target ?? nothing;
    let changed = false;
    for (let index = body.length - 1; index >= 0; index--) {
      const insn = body[index] as Instruction;
      if (routineCalls.has(index)) this.preserve(live);
      const reread = groupAccesses.get(index);
      if (reread !== undefined) addWord(live, reread);
      const { op } = insn;
      if (!isFlow(op)) continue;
      switch (op) {
        case 'end': {
          const opener = openers[index] as number;
          const isLoop = body[opener]?.op === 'loop';
          scopes.push({ opener, target: isLoop ? (atLoops.get(opener) ?? nothing) : live.slice() });
          break;
        }
        case 'else': {
          // Backwards, the then-branch begins where the block ends.
          const scope = scopes.at(-1);
          if (scope !== undefined) scope.otherwise = live.slice();
          live.set(target(0));
          break;
        }
        case 'loop': {
          const known = scopes.pop()?.target ?? nothing;
          if (live.some((bits, at) => (bits & ~(known[at] as number)) !== 0)) {
            atLoops.set(index, live.slice());
            changed = true;
          }
          break;
        }
        case 'block':
          scopes.pop();
          break;
        case 'if': {
          const scope = scopes.pop();
          if (scope !== undefined) unite(live, scope.otherwise ?? scope.target);
          break;
        }
        case 'br':
          live.set(target(insn.a));
          break;
        case 'br_if':
          unite(live, target(insn.a));
          break;
        case 'br_table':
          live.fill(0);
          for (const depth of new Set(insn.targets)) unite(live, target(depth));
          break;
        case 'return':
        case 'return_call':
        case 'return_call_indirect':
        case 'unreachable':
          live.fill(0);
          break;
        case 'call':
        case 'call_indirect':
          this.preserve(live);
          break;
        case 'local.get':
          this.noteCondition(index, wordsOfLocal(locals, insn.a), live);
          for (const word of wordsOfLocal(locals, insn.a)) addWord(live, word);
          break;
        case 'local.set':
        case 'local.tee':
          this.write(index, wordsOfLocal(locals, insn.a), live);
          break;
        default:
          op satisfies never;
      }
    }
    // Parameters and zeros are there at once, and are no copies.
    this.eachOf(live, (word) => {
      unite(this.conflicts[word] as WordSet, live);
    });
    return changed;
  }

  private write(index: number, words: readonly number[], live: WordSet): void {
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

  private noteCondition(index: number, [word = 0]: readonly number[], live: WordSet): void {
    const next = this.body[index + 1]?.op;
    if (next !== 'br_if' && next !== 'if') return;
    // More may be live than in the walk before.
    if (hasWord(live, word)) this.lastConditions.delete(index);
    else this.lastConditions.add(index);
  }

  private preserve(live: WordSet): void {
    this.eachOf(live, (word) => {
      this.acrossCalls[word] = 1;
    });
  }

  private eachOf(set: WordSet, act: (word: number) => void): void {
    for (let index = 0; index < set.length; index++) {
      for (let rest = set[index] as number; rest !== 0; rest &= rest - 1) act(32 * index + 31 - Math.clz32(rest & -rest));
    }
  }
}

/** Index of the block, loop or if that each `end` closes; -1 for the function's own. */
function matchingOpeners(body: readonly Instruction[]): Int32Array {
  const openers = new Int32Array(body.length).fill(-1);
  const open: number[] = [];
  for (let index = 0; index < body.length; index++) {
    const { op } = body[index] as Instruction;
    if (op === 'block' || op === 'loop' || op === 'if') open.push(index);
    else if (op === 'end') openers[index] = open.pop() ?? -1;
  }
  return openers;
}
