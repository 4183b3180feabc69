import type { FunctionSource, Instruction, LocalWords } from './body.js';
import { wordsOf } from './words.js';

/** Above this many local words the analysis would cost more than the saves that it avoids. */
const wordLimit = 512;

type WordSet = Uint32Array;

/** Live words where branches to a scope arrive. */
interface Scope {
  readonly target: WordSet;
}

/**
 * Which local words may be read after some call without having been written in between: they need
 * callee-saved registers (or homes), the others do not. One walk backwards; at a loop's header
 * everything that the loop reads counts as live, which spares a second one.
 */
export function wordsLiveAcrossCalls(source: FunctionSource, body: readonly Instruction[], locals: LocalWords): Uint8Array {
  const across = new Uint8Array(locals.count);
  if (locals.count > wordLimit) return across.fill(1);
  const size = (locals.count + 31) >> 5;
  const loopReads = readsOfLoops(source, body, locals, size);
  let live: WordSet = new Uint32Array(size);
  const nothing: WordSet = new Uint32Array(size);
  const scopes: Scope[] = [];
  const target = (depth: number): WordSet => scopes[scopes.length - 1 - depth]?.target ?? nothing;
  const openers = matchingOpeners(body);
  for (let index = body.length - 1; index >= 0; index--) {
    const insn = body[index] as Instruction;
    switch (insn.op) {
      case 'end': {
        const opener = openers[index] ?? -1;
        const reads = loopReads.get(opener);
        scopes.push({ target: reads === undefined ? live.slice() : union(live, reads) });
        if (reads !== undefined) live = union(live, reads);
        break;
      }
      case 'else':
        // Backwards, the then-branch begins where the block ends.
        live = union(live, target(0));
        break;
      case 'block':
      case 'loop':
      case 'if': {
        const scope = scopes.pop();
        if (insn.op === 'if' && scope !== undefined) live = union(live, scope.target);
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
        live.forEach((bits, position) => {
          for (let rest = bits; rest !== 0; rest &= rest - 1) across[32 * position + 31 - Math.clz32(rest & -rest)] = 1;
        });
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

function wordsOfLocal(source: FunctionSource, locals: LocalWords, local: number): number[] {
  const first = locals.first[local] ?? 0;
  const type = source.locals[local];
  return type !== undefined && wordsOf(type) === 2 ? [first, first + 1] : [first];
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

/** For each loop, by its index, the words that its body reads. */
function readsOfLoops(
  source: FunctionSource,
  body: readonly Instruction[],
  locals: LocalWords,
  size: number,
): Map<number, WordSet> {
  const reads = new Map<number, WordSet>();
  const open: { index: number; isLoop: boolean }[] = [];
  body.forEach((insn, index) => {
    if (insn.op === 'block' || insn.op === 'loop' || insn.op === 'if') {
      open.push({ index, isLoop: insn.op === 'loop' });
      if (insn.op === 'loop') reads.set(index, new Uint32Array(size));
    } else if (insn.op === 'end') {
      const closed = open.pop();
      const outer = open.findLast((scope) => scope.isLoop);
      const inner = closed === undefined ? undefined : reads.get(closed.index);
      const outerSet = outer === undefined ? undefined : reads.get(outer.index);
      if (inner !== undefined && outerSet !== undefined) inner.forEach((bits, word) => (outerSet[word] = (outerSet[word] ?? 0) | bits));
    } else if (insn.op === 'local.get') {
      const loop = open.findLast((scope) => scope.isLoop);
      const set = loop === undefined ? undefined : reads.get(loop.index);
      if (set === undefined) return;
      for (const word of wordsOfLocal(source, locals, insn.a)) set[word >> 5] = (set[word >> 5] ?? 0) | (1 << (word & 31));
    }
  });
  return reads;
}

function union(a: WordSet, b: WordSet): WordSet {
  return a.map((bits, index) => bits | (b[index] ?? 0));
}
