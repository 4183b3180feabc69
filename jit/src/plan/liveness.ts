import { wordsOfLocal, type FunctionSource, type Instruction, type LocalWords } from './body.js';

/** Above this many local words the analysis would cost more than the saves that it avoids. */
const wordLimit = 512;

type WordSet = Uint32Array;

interface Scope {
  /** Index of the block, loop or if. */
  readonly opener: number;
  /** Live words where branches to the scope arrive. */
  readonly target: WordSet;
  /** Live words at the start of the else-branch, where there is one. */
  otherwise?: WordSet;
}

/** What a walk forwards tells of a loop. */
interface LoopFacts {
  /** Words that its body reads. */
  readonly reads: WordSet;
  /** Scopes around it that its body branches to, by their openers. */
  readonly exits: Set<number>;
}

/**
 * Which local words may be read after some call (of a function, or of a runtime routine) without having been written in between: they need
 * callee-saved registers (or homes), the others do not. One walk backwards; at a loop's header
 * everything counts as live that the loop reads, and that is live where it can be left, which spares
 * a second one.
 * `groupAccesses`: memory accesses that read the local word of their group again, although its `local.get` lies further
 * back, possibly in front of a call.
 */
export function wordsLiveAcrossCalls(
  source: FunctionSource,
  body: readonly Instruction[],
  locals: LocalWords,
  routineCalls: ReadonlySet<number>,
  groupAccesses: ReadonlyMap<number, number>,
): Uint8Array {
  const across = new Uint8Array(locals.count);
  if (locals.count > wordLimit) return across.fill(1);
  const size = (locals.count + 31) >> 5;
  const loops = factsOfLoops(source, body, locals, size);
  let live: WordSet = new Uint32Array(size);
  const nothing: WordSet = new Uint32Array(size);
  const scopes: Scope[] = [];
  const target = (depth: number): WordSet => scopes[scopes.length - 1 - depth]?.target ?? nothing;
  const openers = matchingOpeners(body);
  for (let index = body.length - 1; index >= 0; index--) {
    const insn = body[index] as Instruction;
    if (routineCalls.has(index)) markAll(live, across);
    const reread = groupAccesses.get(index);
    if (reread !== undefined) live = withWord(live, reread);
    switch (insn.op) {
      case 'end': {
        const opener = openers[index] ?? -1;
        const loop = loops.get(opener);
        if (loop !== undefined) {
          live = union(live, loop.reads);
          for (const scope of scopes) if (loop.exits.has(scope.opener)) live = union(live, scope.target);
        }
        scopes.push({ opener, target: live.slice() });
        break;
      }
      case 'else': {
        // Backwards, the then-branch begins where the block ends.
        const scope = scopes.at(-1);
        if (scope !== undefined) scope.otherwise = live;
        live = target(0).slice();
        break;
      }
      case 'block':
      case 'loop':
      case 'if': {
        const scope = scopes.pop();
        if (insn.op === 'if' && scope !== undefined) live = union(live, scope.otherwise ?? scope.target);
        break;
      }
      case 'br':
        live = target(insn.a).slice();
        break;
      case 'br_if':
        live = union(live, target(insn.a));
        break;
      case 'br_table':
        live = insn.targets.reduce((all, depth) => union(all, target(depth)), nothing);
        break;
      case 'return':
      case 'return_call':
      case 'return_call_indirect':
      case 'unreachable':
        live = nothing.slice();
        break;
      case 'call':
      case 'call_indirect':
        markAll(live, across);
        break;
      case 'local.get':
        live = live.slice();
        for (const word of wordsOfLocal(source, locals, insn.a)) live[word >> 5] = (live[word >> 5] ?? 0) | (1 << (word & 31));
        break;
      case 'local.set':
      case 'local.tee':
        live = live.slice();
        for (const word of wordsOfLocal(source, locals, insn.a)) live[word >> 5] = (live[word >> 5] ?? 0) & ~(1 << (word & 31));
        break;
      default:
        break;
    }
  }
  return across;
}

function withWord(words: WordSet, word: number): WordSet {
  const result = words.slice();
  result[word >> 5] = (result[word >> 5] ?? 0) | (1 << (word & 31));
  return result;
}

function markAll(live: WordSet, across: Uint8Array): void {
  live.forEach((bits, position) => {
    for (let rest = bits; rest !== 0; rest &= rest - 1) across[32 * position + 31 - Math.clz32(rest & -rest)] = 1;
  });
}

/** Index of the block, loop or if that each `end` closes. */
function matchingOpeners(body: readonly Instruction[]): Int32Array {
  const openers = new Int32Array(body.length).fill(-1);
  const open: number[] = [];
  body.forEach((insn, index) => {
    if (insn.op === 'block' || insn.op === 'loop' || insn.op === 'if') open.push(index);
    else if (insn.op === 'end') openers[index] = open.pop() ?? -1;
  });
  return openers;
}

/** By the loops' indices. */
function factsOfLoops(source: FunctionSource, body: readonly Instruction[], locals: LocalWords, size: number): Map<number, LoopFacts> {
  const facts = new Map<number, LoopFacts>();
  const open: { readonly index: number; readonly isLoop: boolean }[] = [];
  const exit = (depth: number): void => {
    const left = open.slice(open.length - depth);
    const target = open[open.length - 1 - depth];
    if (target === undefined) return;
    for (const { index } of left) facts.get(index)?.exits.add(target.index);
  };
  body.forEach((insn, index) => {
    switch (insn.op) {
      case 'block':
      case 'loop':
      case 'if':
        open.push({ index, isLoop: insn.op === 'loop' });
        if (insn.op === 'loop') facts.set(index, { reads: new Uint32Array(size), exits: new Set() });
        break;
      case 'end': {
        const closed = facts.get(open.pop()?.index ?? -1);
        const outer = facts.get(open.findLast((scope) => scope.isLoop)?.index ?? -1);
        if (closed !== undefined && outer !== undefined) closed.reads.forEach((bits, word) => (outer.reads[word] = (outer.reads[word] ?? 0) | bits));
        break;
      }
      case 'br':
      case 'br_if':
        exit(insn.a);
        break;
      case 'br_table':
        for (const depth of insn.targets) exit(depth);
        break;
      case 'local.get': {
        const reads = facts.get(open.findLast((scope) => scope.isLoop)?.index ?? -1)?.reads;
        if (reads === undefined) break;
        for (const word of wordsOfLocal(source, locals, insn.a)) reads[word >> 5] = (reads[word >> 5] ?? 0) | (1 << (word & 31));
        break;
      }
      default:
        break;
    }
  });
  return facts;
}

function union(a: WordSet, b: WordSet): WordSet {
  return a.map((bits, index) => bits | (b[index] ?? 0));
}
