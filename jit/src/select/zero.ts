/** Zeroes declared locals at entry: one store each, or a loop for long runs of home slots (hazard 7: 50,000 locals are legal). */
import type { Context } from './context.js';
import { type Reg, noReg } from '../target/registers.js';

/** A home slot; every local has one of its own (ABI.md, "Frame"). */
const slotBytes = 8;
/** Words from which on a run gets a loop. Stores of so many take 64 to 320 bytes, the loop and its start 24 to 40. */
const loopWords = 32;
/** A run goes on behind a gap of at most so many bytes: a few words that need no zero cost less than another loop. */
const gapBytes = 64;

/** Parameters have been moved: temporaries and the scratch register are free. */
export function zeroLocals(context: Context): void {
  const { masm, state, plan } = context;
  const words = wordsOf(plan.needsZero);
  const homeOf = (word: number): number | undefined =>
    state.allocation.localRegs[word] === noReg && state.hasLocalHome(word) ? state.localHome(word) : undefined;
  const long = runsOf(words.map(homeOf)).filter(({ length }) => length >= loopWords);
  const inLoops = new Set(long.flat());
  const [first = masm.scratch, second = masm.scratch] = state.allocation.temps;
  const isZeroFree = masm.roles.zero !== noReg;
  const zero = isZeroFree ? masm.roles.zero : first;
  let hasZero = isZeroFree;
  const needZero = (): void => {
    if (!hasZero) masm.loadConst(zero, 0);
    hasZero = true;
  };
  for (const word of words) {
    const reg = state.allocation.localRegs[word] ?? noReg;
    const home = homeOf(word);
    if (reg !== noReg) masm.loadConst(reg, 0);
    else if (home !== undefined && !inLoops.has(home)) {
      needZero();
      masm.storeSlot(zero, home);
    }
  }
  for (const homes of long) {
    needZero();
    zeroRun(context, homes, zero, isZeroFree ? first : second);
  }
}

function wordsOf(needsZero: Uint8Array): number[] {
  return Array.from(needsZero, (needed, word) => (needed === 0 ? -1 : word)).filter((word) => word >= 0);
}

/** Home words that lie near each other. */
function runsOf(homes: readonly (number | undefined)[]): number[][] {
  const runs: number[][] = [];
  for (const home of homes) {
    if (home === undefined) continue;
    const run = runs.at(-1);
    if (run !== undefined && home - (run.at(-1) as number) <= gapBytes) run.push(home);
    else runs.push([home]);
  }
  return runs;
}

/** Whole slots, from that of the first word to that of the last: what lies between belongs to declared locals too. */
function zeroRun({ masm }: Context, homes: readonly number[], zero: Reg, cursor: Reg): void {
  const begin = (homes[0] as number) & -slotBytes;
  const end = ((homes.at(-1) as number) & -slotBytes) + slotBytes;
  // No instruction of the loop needs the scratch register for itself.
  const limit = masm.scratch;
  masm.slotAddress(cursor, begin);
  masm.loadConst(limit, end - begin);
  masm.alu('add', limit, limit, { reg: cursor });
  const again = masm.assembly.newLabel();
  masm.bind(again);
  for (let offset = 0; offset < slotBytes; offset += 4) masm.store('store', zero, { base: cursor, offset });
  masm.alu('add', cursor, cursor, { imm: slotBytes });
  masm.branchIf({ test: 'compare', cond: 'ne', a: cursor, b: { reg: limit } }, again);
}
