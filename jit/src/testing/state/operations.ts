import { expect } from '@jest/globals';
import { store32 } from '@fireball/wasm';
import * as layout from '../../core/layout/select.js';
import * as contents from '../../core/select/contents.js';
import * as coreContext from '../../core/select/context.js';
import * as coreDestination from '../../core/select/destination.js';
import * as floatFile from '../../core/select/float-file.js';
import * as homes from '../../core/select/homes.js';
import * as coreMoves from '../../core/select/moves.js';
import * as stack from '../../core/select/operand-stack.js';
import * as pending from '../../core/select/pending.js';
import * as coreSpilling from '../../core/select/spilling.js';
import * as core from '../../core/select/state.js';
import * as temporaries from '../../core/select/temporaries.js';
import { destination, pairDestination } from '../../select/context.js';
import type { HeldFloat } from '../../select/float-file.js';
import { meetContents } from '../../select/contents.js';
import { moveAll } from '../../select/moves.js';
import { registerOf, sourcesOf, type Entry, type Source } from '../../select/operands.js';
import { flushReads, spill, spillBelow, spillCallerSaved } from '../../select/spilling.js';
import type { Held } from '../../select/temporaries.js';
import type { Shift } from '../../target/macro-assembler.js';
import type { StateRun } from './run.js';
import { rowOf } from './seen.js';

const shifts: readonly Shift[] = ['shl', 'shr_s', 'shr_u', 'rotr'];
function heldOf(held: Held | HeldFloat | undefined): number {
  if (held === undefined) return layout.noHeld;
  if ('float' in held) return held.float | layout.ownedHeld | layout.floatHeld;
  return held.reg | (held.owned ? layout.ownedHeld : 0);
}

/** A word with sign. */
function number({ draw }: StateRun): number {
  return draw.word() | 0;
}

/** What both say, where the first one may throw. */
function both<T>(old: () => T, now: () => number): [T, number] {
  let said: T;
  try {
    said = old();
  } catch (error) {
    now();
    throw error;
  }
  return [said, now()];
}

function keepBoth(r: StateRun, old: () => Held | HeldFloat, now: () => number): void {
  keep(r, ...both(old, now));
}

function sameBoth(old: () => number, now: () => number): number {
  const [said, saidNow] = both(old, now);
  same(said, saidNow);
  return said;
}

function same(old: unknown, now: unknown): void {
  if (old !== now && Number(old) !== Number(now)) expect(now).toEqual(old);
}

function randomSource(r: StateRun, inRegister: boolean): Source | undefined {
  const { draw, state } = r;
  switch (draw.between(0, 4)) {
    case 0:
      return { reg: takeTemp(r) };
    case 1: {
      const fixed = state.allocation.constRegs.values().next().value ?? (state.masm.roles.zero >= 0 ? state.masm.roles.zero : undefined);
      if (fixed !== undefined) return { fixed };
    }
  }
  const word = draw.between(0, r.words - 1);
  return inRegister && state.isHomeLocal({ word }) ? undefined : { word };
}

/** A temporary that something has been written to. */
function takeTemp(r: StateRun, prefer = r.draw.chance(2) ? -1 : r.draw.of(r.state.masm.roles.temps)): number {
  return sameBoth(
    () => r.state.allocate(prefer),
    () => core.takeTemp(prefer),
  );
}

function push(r: StateRun, ...list: readonly Entry[]): void {
  for (const entry of list) {
    r.state.stack.push(entry);
    stack.push(rowOf(entry));
  }
}

function pop(r: StateRun): [Entry, number] | undefined {
  return r.state.stack.length === 0 ? undefined : [r.state.pop(), stack.pop()];
}

function keep(r: StateRun, held: Held | HeldFloat, now: number): void {
  same(heldOf(held), now);
  if (r.held.length < 6) r.held.push([held, now]);
  else release(r, held, now);
}

function release(r: StateRun, held: Held | HeldFloat, now: number): void {
  r.state.release(held);
  core.release(now);
}

function takeHeld(r: StateRun, count: number): [Held | HeldFloat, number][] {
  return r.held.splice(0, count);
}

function prepareNext(r: StateRun): void {
  const { body, context } = r;
  const next = body[context.index + 1]!;
  (context as { control: unknown[] }).control = next.op === 'end' && next.a >= 0 ? [0, 0] : [0];
  context.composing = r.draw.chance(8);
  coreContext.setComposing(context.composing);
}

/** Random operations by their names, weighted by how often they are here. */
export const operations: Readonly<Record<string, (r: StateRun) => void>> = {
  pushConst: (r) => {
    push(r, { kind: 'const', value: number(r), high: false });
  },
  pushWord: (r) => {
    const word = r.draw.between(0, r.words - 1);
    r.state.pushLocal(word);
    core.pushWord(word, false);
  },
  pushPair: (r) => {
    if (r.pairs.length === 0) return;
    const word = r.draw.of(r.pairs);
    push(r, { kind: 'sum', source: { word }, c: 0, high: false }, { kind: 'sum', source: { word: word + 1 }, c: 0, high: true });
  },
  pushTemp: (r) => {
    const reg = takeTemp(r);
    r.state.pushReg(reg);
    core.pushReg(reg, false);
  },
  pushSum: (r) => {
    const source = randomSource(r, false)!;
    push(r, { kind: 'sum', source, c: number(r), high: false });
  },
  pushShift: (r) => {
    const source = randomSource(r, false)!;
    const c = r.isa === 'thumb2' && r.draw.chance(2) && !r.state.isHomeLocal(source) ? number(r) : 0;
    push(r, { kind: 'shift', source, shift: r.draw.of(shifts), amount: r.draw.between(1, 31), c, high: r.draw.chance(4) });
  },
  pushProduct: (r) => {
    const a = randomSource(r, true);
    const b = randomSource(r, a === undefined);
    if (a !== undefined && b !== undefined) push(r, { kind: 'product', a, b, high: false });
  },
  pushFloat: (r) => {
    const float = r.state.allocateFloat();
    same(float, core.allocateFloat());
    if (r.isa === 'thumb2' || r.draw.chance(2)) push(r, { kind: 'float', float, part: 'single', high: false });
    else {
      r.state.floats.share(float);
      floatFile.shareFloat(float);
      push(r, { kind: 'float', float, part: 'low', high: false }, { kind: 'float', float, part: 'high', high: true });
    }
  },
  pushShared: (r) => {
    const row = r.state.stack.at(-1);
    if (row?.kind !== 'sum' || !('reg' in row.source)) return;
    const { reg } = row.source;
    r.state.temporaries.take(reg);
    temporaries.takeReg(reg);
    push(r, { ...row, c: r.draw.chance(2) ? 0 : number(r) });
  },
  drop: (r) => {
    const popped = pop(r);
    if (popped === undefined) return;
    r.state.releaseEntry(popped[0]);
    core.releaseEntry(popped[1]);
  },
  hold: (r) => {
    const popped = pop(r);
    if (popped !== undefined)
      keepBoth(
        r,
        () => r.state.hold(popped[0]),
        () => core.hold(popped[1]),
      );
  },
  holdAgain: (r) => {
    operations['hold']!(r);
  },
  holdOwn: (r) => {
    const popped = pop(r);
    if (popped === undefined) return;
    const reg = sameBoth(
      () => r.state.holdOwn(popped[0]),
      () => core.holdOwn(popped[1]),
    );
    r.state.pushReg(reg, popped[0].high);
    core.pushReg(reg, popped[0].high);
  },
  operand: (r) => {
    const popped = pop(r);
    if (popped === undefined) return;
    const stays = r.draw.chance(2);
    const [{ operand, held }, now] = both(
      () => r.state.operand(popped[0], () => stays),
      () => core.holdUnless(popped[1], stays),
    );
    same('reg' in operand ? 0 : 1, core.operandKind(now));
    same('reg' in operand ? operand.reg : operand.imm, core.operandValue(now, popped[1]));
    if (held !== undefined) keep(r, held, now);
  },
  releaseHeld: (r) => {
    for (const [held, now] of takeHeld(r, r.draw.between(1, 3))) release(r, held, now);
  },
  compute: (r) => {
    const { state, draw } = r;
    if (state.stack.length === 0) return;
    const position = draw.between(0, state.stack.length - 1);
    const rd = draw.chance(2) ? state.masm.scratch : takeTemp(r);
    const entry = state.stack.at(position)!;
    if (rd === state.masm.scratch && (entry.kind === 'shift' || entry.kind === 'sum') && state.isHomeLocal(entry.source)) return;
    same(state.usesScratch(entry, rd), core.usesScratch(stack.entryAt(position), rd));
    state.compute(entry, rd);
    core.compute(stack.entryAt(position), rd);
    if (rd !== state.masm.scratch) keep(r, { reg: rd, owned: true }, rd | layout.ownedHeld);
  },
  holdConst: (r) => {
    const value = number(r);
    keepBoth(
      r,
      () => r.state.holdConst(value),
      () => core.holdConst(value),
    );
  },
  findConst: (r) => {
    const value = number(r);
    const found = r.state.findConst(value);
    const now = core.findConst(value);
    same(heldOf(found), now);
    if (found !== undefined) keep(r, found, now);
    const pinned = r.state.contents.findPinned(value);
    same(pinned ?? -1, contents.findPinned(value));
    const near = r.state.contents.findNear(value);
    same(near?.reg ?? -1, contents.findNear(value));
    if (near === undefined) return;
    same(near.distance, contents.nearDistance());
    keepBoth(
      r,
      () => r.state.holdSumOfConst(near.reg, near.distance, value),
      () => core.holdSumOfConst(near.reg, near.distance, value),
    );
  },
  holdSum: (r) => {
    const entry: Entry = { kind: 'sum', source: { word: r.draw.between(0, r.words - 1) }, c: number(r), high: false };
    keepBoth(
      r,
      () => r.state.hold(entry),
      () => core.hold(rowOf(entry)),
    );
  },
  setSum: (r) => {
    const reg = takeTemp(r);
    const [word, c, again] = [r.draw.between(0, r.words - 1), number(r), r.draw.chance(2)];
    r.state.contents.set(reg, { word, c, again });
    contents.setSum(reg, word, c, again);
    keep(r, { reg, owned: true }, reg | layout.ownedHeld);
  },
  remember: (r) => {
    const [word, reg] = [r.draw.between(0, r.words - 1), r.draw.of(r.state.masm.roles.temps)];
    r.state.remember(reg, word);
    core.remember(reg, word);
  },
  spill: (r) => {
    if (r.state.stack.length === 0) return;
    const position = r.draw.between(0, r.state.stack.length - 1);
    const entry = r.state.stack.at(position)!;
    // Words of doubles go home together, from the lower one on.
    if (entry.kind === 'float' && entry.part === 'high') return;
    spill(r.state, position);
    coreSpilling.spill(position);
  },
  spillBelow: (r) => {
    const top = r.draw.chance(3) ? 0 : r.draw.between(0, r.state.stack.length);
    spillBelow(r.state, top);
    coreSpilling.spillBelow(top);
  },
  call: (r) => {
    const top = r.draw.chance(2) ? 0 : r.draw.between(0, r.state.stack.length);
    spillCallerSaved(r.state, top);
    coreSpilling.spillCallerSaved(top);
    r.state.forgetCallerSaved();
    core.forgetCallerSaved();
    const count = r.draw.between(0, 2);
    if (r.state.masm.roles.args.slice(0, count).some((reg) => !r.state.temporaries.isFree(reg))) return;
    const [claimed] = both(
      () => r.state.claimResults(r.state.masm.roles.args.slice(0, count)),
      () => {
        core.claimResults(count);
        return 0;
      },
    );
    claimed.forEach((reg, index) => {
      same(reg, core.claimed(index));
      r.state.pushReg(reg);
      core.pushReg(reg, false);
    });
  },
  flushReads: (r) => {
    const word = r.draw.between(0, r.words - 1);
    both(
      () => {
        flushReads(r.state, word);
      },
      () => {
        coreSpilling.flushReads(word);
        return 0;
      },
    );
  },
  label: (r) => {
    r.state.forgetTemps();
    core.forgetTemps();
  },
  snapshot: (r) => {
    r.snapshots.push([r.state.contents.now(), contents.knownNow()]);
    if (r.snapshots.length < 3) return;
    const [[a, nowA], [b, nowB]] = [r.draw.of(r.snapshots.slice(1)), r.draw.of(r.snapshots.slice(1))];
    r.snapshots.push([meetContents(a, b), contents.meetKnown(nowA, nowB)]);
  },
  restore: (r) => {
    const [known, now] = r.draw.of(r.snapshots);
    r.state.continueWith(known);
    core.continueWith(now);
  },
  pointer: (r) => {
    const [cached] = r.pointers.splice(0, r.draw.between(0, 1));
    if (cached !== undefined && cached[0].reg >= 0) {
      keep(r, r.state.temporaries.takePointer(cached[0]), temporaries.takePointer(cached[1]));
      return;
    }
    const reg = takeTemp(r);
    const pointer = { reg };
    const owner = r.draw.chance(4) ? 0 : r.run.list([-1]);
    r.state.temporaries.addPointer(pointer);
    temporaries.addPointer(reg, owner);
    if (owner !== 0) r.pointers.push([pointer, owner]);
  },
  loop: (r) => {
    r.state.loops = r.draw.between(0, 1);
    store32(layout.loopDepth, r.state.loops);
  },
  shift: (r) => {
    r.state.spShift = r.draw.chance(2) ? 0 : 8 * r.draw.between(0, 20);
    homes.setShift(r.state.spShift);
  },
  homes: (r) => {
    const word = r.draw.between(0, r.words - 1);
    same(r.state.localOffset(word), homes.localOffset(word));
    same(r.state.isLowWord(word), homes.isLowWord(word));
    same(r.state.hasLocalHome(word), homes.hasLocalHome(word));
    if (r.draw.chance(4)) same(r.state.localHome(word), homes.localHome(word));
  },
  addConst: (r) => {
    const [a, c] = [takeTemp(r), number(r)];
    const rd = r.draw.chance(2) ? a : takeTemp(r);
    r.state.addConst(rd, a, c);
    core.addConst(rd, a, c);
    keep(r, { reg: a, owned: true }, a | layout.ownedHeld);
    if (rd !== a) keep(r, { reg: rd, owned: true }, rd | layout.ownedHeld);
  },
  moveAll: (r) => {
    const { state, draw } = r;
    const count = Math.min(draw.between(1, 5), state.stack.length);
    // Mostly registers that are read, so that there are cycles.
    const read = state.stack.top(count).flatMap((entry) => [...sourcesOf(entry)].map((source) => registerOf(source, state.allocation.localRegs)));
    const others = [...state.masm.roles.temps, ...state.allocation.constRegs.values(), ...state.allocation.localRegs];
    const registers = [...read, ...read, ...others].filter((reg) => reg >= 0);
    const targets = [...new Set(Array.from({ length: count }, () => draw.of(registers)))];
    const moved = state.stack.top(targets.length);
    if (moved.some((entry) => entry.kind === 'shift' && state.isHomeLocal(entry.source) && entry.c !== 0)) return;
    coreMoves.beginMoves();
    targets.forEach((reg, index) => {
      coreMoves.addMove(stack.topEntries(targets.length) + index * layout.entryStride, reg);
    });
    moveAll(
      state,
      targets.map((reg, index) => ({ entry: moved[index]!, reg })),
    );
    coreMoves.moveAll();
  },
  truncate: (r) => {
    const length = Math.max(0, r.state.stack.length - r.draw.between(0, 5));
    r.state.truncate(length);
    stack.stackLength();
    core.truncate(length);
  },
  float: (r) => {
    const float = r.draw.of([...r.state.masm.roles.floats].slice(0, 6));
    const [low, high] = [r.draw.between(0, r.words - 1), r.draw.between(0, 1)];
    const kind = r.draw.between(0, 2);
    const content = ([`local ${low}`, `f32 ${low}`, `f64 ${low} ${high}`] as const)[kind]!;
    same(r.state.floats.find(content) ?? -1, floatFile.findFloat(kind, low, kind === 2 ? high : 0));
    r.state.floats.remember(float, content);
    floatFile.rememberFloat(float, kind, low, kind === 2 ? high : 0);
  },
  manyFloats: (r) => {
    for (let count = r.draw.between(0, 40); count > 0; count--) operations['pushFloat']!(r);
  },
  destination: (r) => {
    const { state, context, draw } = r;
    prepareNext(r);
    const operands = takeHeld(r, draw.between(0, 3));
    const prefer = draw.of([-1, ...state.masm.roles.temps]);
    pending.clearPending();
    const isPending = draw.chance(2);
    if (isPending) for (const [, now] of operands) pending.addPendingHeld(now);
    const [a = -1, b = -1, c = -1] = isPending ? [] : operands.map(([, now]) => now);
    const [to, reg] = both(
      () =>
        destination(
          context,
          operands.map(([held]) => held),
          prefer,
        ),
      () => coreDestination.destination(prefer, a, b, c),
    );
    same(to.reg, reg);
    finish(r, to, coreDestination.finishDestination);
  },
  pairDestination: (r) => {
    const { context, draw } = r;
    prepareNext(r);
    const all = takeHeld(r, draw.between(2, 5));
    const operands = all.filter((row): row is [Held, number] => !('float' in row[0]));
    for (const [held, now] of all) if ('float' in held) release(r, held, now);
    if (operands.length < 2) {
      for (const [held, now] of operands) release(r, held, now);
      return;
    }
    const avoids = (): number[] => (draw.chance(2) ? [] : operands.filter(() => draw.chance(2)).map(([{ reg }]) => reg));
    const [low, high] = [avoids(), avoids()];
    const setOf = (list: readonly number[]): number => list.reduce((set, reg) => set | (1 << reg), 0);
    const [a = -1, b = -1, c = -1, d = -1, e = -1] = operands.map(([, now]) => now);
    const [to] = both(
      () =>
        pairDestination(
          context,
          operands.map(([held]) => held),
          low,
          high,
        ),
      () => {
        coreDestination.pairDestination(setOf(low), setOf(high), a, b, c, d, e);
        return 0;
      },
    );
    same(to.pair.low, coreDestination.resultLow());
    same(to.pair.high, coreDestination.resultHigh());
    finish(r, to, coreDestination.finishPair);
  },
};

function finish({ context }: StateRun, to: { finish(): void }, finishNow: () => void): void {
  to.finish();
  finishNow();
  same(context.index, coreContext.at());
}
