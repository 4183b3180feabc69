/** i64.mul: by what is known of the factors' upper words, and with the addition behind it. */
import { noReg } from '../target/registers.js';
import { nextInstruction, localWords, pairDestination, type Context } from './context.js';
import { isSignOf, type Entry } from './operands.js';
import { holdPair, isConstant, popPair, type PairEntry } from './pair-entries.js';
import { selectLocalGet } from './variables.js';

export function selectPairMultiply(context: Context): void {
  const b = popPair(context);
  const a = popPair(context);
  if (isSignExtended(a) && isSignExtended(b)) multiplyWords(context, true, a, b);
  else if (isZeroExtended(a) && isZeroExtended(b)) multiplyWords(context, false, a, b);
  else if (isZeroExtended(a)) multiplyByWord(context, b, a);
  else if (isZeroExtended(b)) multiplyByWord(context, a, b);
  else multiplyPairs(context, a, b);
}

function isZeroExtended({ high }: PairEntry): boolean {
  return high.kind === 'const' && high.value === 0;
}

function isSignExtended(pair: PairEntry): boolean {
  return isConstant(pair) ? pair.high.value === pair.low.value >> 31 : isSignOf(pair.high, pair.low);
}

function multiplyPairs(context: Context, a: PairEntry, b: PairEntry): void {
  const right = holdPair(context, b);
  const left = holdPair(context, a);
  // In place it is slower: only where registers are short.
  const read = context.state.temporaries.hasFree(2) ? [left.low, left.high, right.low, right.high] : [];
  const to = pairDestination(context, [...left.held, ...right.held], read, read);
  context.masm.multiplyPair(to.pair, left, right);
  to.finish();
}

/** The upper word of `word` is 0. */
function multiplyByWord(context: Context, pair: PairEntry, word: PairEntry): void {
  const { state } = context;
  const right = holdPair(context, pair);
  const left = state.hold(word.low);
  const read = state.temporaries.hasFree(2) ? [left.reg, right.low, right.high] : [];
  const to = pairDestination(context, [...right.held, left], read, read);
  context.masm.multiplyPair(to.pair, { low: left.reg }, right);
  to.finish();
}

/** The whole product of two words, extended in the same way. */
function multiplyWords(context: Context, signed: boolean, a: PairEntry, b: PairEntry): void {
  const { state, masm } = context;
  state.releaseEntry(a.high);
  state.releaseEntry(b.high);
  const right = state.hold(b.low);
  const left = state.hold(a.low);
  const sum = takeAddend(context);
  if (sum === undefined) {
    // Two instructions, of which the first must leave the factors to the second.
    const read = !masm.multiplyAdd && state.temporaries.hasFree(1) ? [left.reg, right.reg] : [];
    const to = pairDestination(context, [left, right], [], read);
    masm.multiplyWords(signed, to.pair, left.reg, right.reg);
    to.finish();
    return;
  }
  const addend = holdPair(context, sum);
  const factors = [left.reg, right.reg];
  const to = pairDestination(context, [...addend.held, left, right], [addend.high, ...factors], factors);
  masm.move(to.pair.low, addend.low);
  masm.move(to.pair.high, addend.high);
  masm.multiplyAddWords(signed, to.pair, left.reg, right.reg);
  to.finish();
}

/**
 * The other operand of the addition that follows, where the sum can take its place: a value in temporaries, or the local that gets
 * the sum. The addition is then done with.
 */
function takeAddend(context: Context): PairEntry | undefined {
  const { masm, state } = context;
  if (!masm.multiplyAdd) return undefined;
  const begin = context.index;
  const first = nextInstruction(context);
  const isLocal = first?.op === 'local.get' && localWords(context, first.a).length === 2;
  if (isLocal) context.index++;
  if (nextInstruction(context)?.op === 'i64.add') {
    context.index++;
    if (isLocal) selectLocalGet(context, first.a);
    const [low, high] = state.stack.top(2);
    if (low !== undefined && high !== undefined && canBeReplaced(context, low, high)) return popPair(context);
    if (isLocal) popPair(context);
  }
  context.index = begin;
  return undefined;
}

function canBeReplaced(context: Context, low: Entry, high: Entry): boolean {
  if (low.kind !== 'sum' || high.kind !== 'sum' || low.c !== 0 || high.c !== 0) return false;
  const { state } = context;
  const [lower, upper] = [low.source, high.source];
  if ('reg' in lower && 'reg' in upper) return lower.reg !== upper.reg && state.temporaries.isExclusive(lower.reg) && state.temporaries.isExclusive(upper.reg);
  const next = nextInstruction(context);
  if ((next?.op !== 'local.set' && next?.op !== 'local.tee') || !('word' in lower) || !('word' in upper)) return false;
  const words = localWords(context, next.a);
  return words[0] === lower.word && words[1] === upper.word && words.every((word) => (state.allocation.localRegs[word] ?? noReg) !== noReg);
}
