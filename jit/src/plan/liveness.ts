import { wordsOfLocal, type Instruction, type LocalWords } from './body.js';
import { isFlow } from './flow.js';

/** Above this many local words the analysis would cost more than the saves that it avoids. */
const wordLimit = 512;
/** So does a walk along more scopes than this for each instruction of the body: branches out of loops within loops, a thousand deep. */
const scopesPerInstruction = 64;

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
  body: readonly Instruction[],
  locals: LocalWords,
  routineCalls: ReadonlySet<number>,
  groupAccesses: ReadonlyMap<number, number>,
): Uint8Array {
  const across = new Uint8Array(locals.count);
  if (locals.count > wordLimit) return across.fill(1);
  const size = (locals.count + 31) >> 5;
  const loops = factsOfLoops(body, locals, size);
  if (loops === undefined) return across.fill(1);
  const live: WordSet = new Uint32Array(size);
  const nothing: WordSet = new Uint32Array(size);
  const scopes: Scope[] = [];
  const target = (depth: number): WordSet => scopes[scopes.length - 1 - depth]?.target ?? nothing;
  const openers = matchingOpeners(body);
  for (let index = body.length - 1; index >= 0; index--) {
    const insn = body[index] as Instruction;
    if (routineCalls.has(index)) markAll(live, across);
    const reread = groupAccesses.get(index);
    if (reread !== undefined) add(live, reread);
    const { op } = insn;
    if (!isFlow(op)) continue;
    switch (op) {
      case 'end': {
        const opener = openers[index] ?? -1;
        const loop = loops.get(opener);
        if (loop !== undefined) {
          unite(live, loop.reads);
          for (const scope of scopes) if (loop.exits.has(scope.opener)) unite(live, scope.target);
        }
        scopes.push({ opener, target: live.slice() });
        break;
      }
      case 'else': {
        // Backwards, the then-branch begins where the block ends.
        const scope = scopes.at(-1);
        if (scope !== undefined) scope.otherwise = live.slice();
        live.set(target(0));
        break;
      }
      case 'block':
      case 'loop':
      case 'if': {
        const scope = scopes.pop();
        if (op === 'if' && scope !== undefined) unite(live, scope.otherwise ?? scope.target);
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
        markAll(live, across);
        break;
      case 'local.get':
        for (const word of wordsOfLocal(locals, insn.a)) add(live, word);
        break;
      case 'local.set':
      case 'local.tee':
        for (const word of wordsOfLocal(locals, insn.a)) remove(live, word);
        break;
      default:
        op satisfies never;
    }
  }
  return across;
}

function add(words: WordSet, word: number): void {
  words[word >> 5] = (words[word >> 5] ?? 0) | (1 << (word & 31));
}

function remove(words: WordSet, word: number): void {
  words[word >> 5] = (words[word >> 5] ?? 0) & ~(1 << (word & 31));
}

/** Adds the words of `others`. */
function unite(words: WordSet, others: WordSet): void {
  for (let index = 0; index < words.length; index++) words[index] = (words[index] as number) | (others[index] as number);
}

function markAll(live: WordSet, across: Uint8Array): void {
  for (let index = 0; index < live.length; index++) {
    for (let rest = live[index] as number; rest !== 0; rest &= rest - 1) across[32 * index + 31 - Math.clz32(rest & -rest)] = 1;
  }
}

/** Index of the block, loop or if that each `end` closes. */
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

/** A scope that is open in the walk forwards. */
interface OpenScope {
  readonly index: number;
  readonly loop: LoopFacts | undefined;
  /** Facts of the innermost loop around its contents. */
  readonly innermost: LoopFacts | undefined;
}

/** By the loops' indices; undefined where they are too many. */
function factsOfLoops(body: readonly Instruction[], locals: LocalWords, size: number): Map<number, LoopFacts> | undefined {
  const facts = new Map<number, LoopFacts>();
  const open: OpenScope[] = [];
  let visits = 0;
  const exit = (depth: number): void => {
    visits += depth;
    const target = open.at(-1 - depth);
    if (target === undefined) return;
    for (let left = 0; left < depth; left++) open.at(-1 - left)?.loop?.exits.add(target.index);
  };
  for (let index = 0; index < body.length; index++) {
    const insn = body[index] as Instruction;
    if (visits > scopesPerInstruction * body.length) return undefined;
    const { op } = insn;
    if (!isFlow(op)) continue;
    switch (op) {
      case 'block':
      case 'if':
        open.push({ index, loop: undefined, innermost: open.at(-1)?.innermost });
        break;
      case 'loop': {
        const loop = { reads: new Uint32Array(size), exits: new Set<number>() };
        facts.set(index, loop);
        open.push({ index, loop, innermost: loop });
        break;
      }
      case 'end': {
        const closed = open.pop()?.loop;
        // The walk backwards looks through all open scopes.
        if (closed !== undefined) visits += open.length;
        const outer = open.at(-1)?.innermost;
        if (closed !== undefined && outer !== undefined) unite(outer.reads, closed.reads);
        break;
      }
      case 'br':
      case 'br_if':
        exit(insn.a);
        break;
      case 'br_table':
        for (const depth of new Set(insn.targets)) exit(depth);
        break;
      case 'local.get': {
        const reads = open.at(-1)?.innermost?.reads;
        if (reads !== undefined) for (const word of wordsOfLocal(locals, insn.a)) add(reads, word);
        break;
      }
      case 'else':
      case 'return':
      case 'return_call':
      case 'return_call_indirect':
      case 'unreachable':
      case 'call':
      case 'call_indirect':
      case 'local.set':
      case 'local.tee':
        break;
      default:
        op satisfies never;
    }
  }
  return facts;
}
