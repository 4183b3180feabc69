import { InternalError } from '@fireball/contracts';
import { resultRegisterCount } from '../target/arguments.js';
import { blockSignature, type Instruction } from '../plan/body.js';
import { wordCount, wordsOf } from '../plan/words.js';
import type { Label } from '../expand/assembly.js';
import { meetContents, type KnownContents } from './contents.js';
import { deferOutOfLine, trapLabel, type ColdRegion, type Context, type ControlFrame } from './context.js';
import type { PendingCondition } from './pending-condition.js';
import { inverse } from '../target/conditions.js';
import { moveAll } from './moves.js';
import { selectSafepoint } from './safepoint.js';
import type { Entry } from './operands.js';
import { spill, spillBelow } from './spilling.js';

function top(context: Context): ControlFrame {
  const frame = context.control.at(-1);
  if (frame === undefined) throw new InternalError('control stack underflow');
  return frame;
}

function frameAt(context: Context, depth: number): ControlFrame {
  const frame = context.control[context.control.length - 1 - depth];
  if (frame === undefined) throw new InternalError(`no control frame at depth ${depth}`);
  return frame;
}

/** Value types that a branch to the frame carries. */
function branchTypes(frame: ControlFrame): ControlFrame['type']['params'] {
  return frame.op === 'loop' ? frame.type.params : frame.type.results;
}

// --- entering and leaving blocks ------------------------------------------------------------

export function enterBlock(context: Context, insn: Instruction): void {
  const { state, masm } = context;
  const type = blockSignature(context.source, insn.blockType);
  const params = wordCount(type.params);
  // Whatever lies below must look the same on every path to the end.
  spillBelow(state, insn.op === 'loop' ? params : 0);
  const frame: ControlFrame = {
    op: insn.op === 'loop' ? 'loop' : insn.op === 'if' ? 'if' : 'block',
    type,
    words: state.stack.length - params,
    values: state.height - type.params.length,
    label: masm.assembly.newLabel(),
    elseLabel: undefined,
    otherwise: undefined,
    targeted: false,
    arriving: undefined,
  };
  context.control.push(frame);
  if (insn.op === 'block') return;
  // A loop's parameters meet at its header, those of an if are read by both branches: all go home.
  for (let position = frame.words; position < state.stack.length; position++) spill(state, position);
  if (insn.op !== 'loop') return;
  state.loops++;
  state.forgetTemps();
  masm.bind(frame.label);
  selectSafepoint(context);
  if (!context.osrLoops.has(insn.offset)) return;
  const homes = state.stack.all.flatMap((entry) => (entry.kind === 'home' ? [entry.spOffset] : []));
  context.osrHeaders.push({ index: context.index, wasmOffset: insn.offset, label: frame.label, homes });
}

/** if: the condition has been taken off the stack. */
export function enterIf(context: Context, pending: PendingCondition, insn: Instruction): void {
  enterBlock(context, insn);
  const frame = top(context);
  frame.elseLabel = context.masm.assembly.newLabel();
  frame.otherwise = context.state.contents.now();
  if (context.coldBranches.has(insn.offset)) enterColdRegion(context, pending, frame);
  else context.masm.branchIf(inverse(pending.condition), frame.elseLabel);
  for (const held of pending.held) context.state.release(held);
}

/** Where the condition holds, control leaves the usual way for a cold region, which begins here. */
function enterColdRegion(context: Context, { condition }: PendingCondition, frame: ControlFrame): void {
  const { masm } = context;
  const cold = masm.assembly.newLabel();
  masm.branchIf(condition, cold);
  context.openRegions.push({ frame, begin: masm.assembly.count, around: masm.assembly.labelsHere() });
  masm.bind(cold);
}

/** Ends the cold regions that reach up to here: they go on at the label, where the usual way is. */
function leaveColdRegions(context: Context, frame: ControlFrame, label: Label, reachable: boolean): void {
  const { masm, openRegions, coldRanges } = context;
  let runsOn = reachable;
  while (openRegions.at(-1)?.frame === frame) {
    const { begin, around } = openRegions.pop() as ColdRegion;
    if (runsOn) masm.jump(label);
    masm.assembly.rebind(around);
    coldRanges.push({ begin, end: masm.assembly.count });
    // The usual way around this one lies in the next outer one.
    runsOn = true;
  }
}

export function selectElse(context: Context, reachable: boolean): void {
  const { state } = context;
  const frame = top(context);
  if (reachable) branchTo(context, frame);
  state.truncate(frame.words);
  pushHomes(context, frame, frame.type.params);
  if (frame.elseLabel === undefined) throw new InternalError('else without if');
  leaveColdRegions(context, frame, frame.elseLabel, false);
  bindElse(context, frame);
  frame.elseLabel = undefined;
}

/** Closes the innermost block. Returns whether the code behind it can be reached. */
export function selectEnd(context: Context, reachable: boolean): boolean {
  const { state } = context;
  const frame = top(context);
  if (frame.op === 'function') {
    if (reachable) returnFrom(context);
    context.control.pop();
    return false;
  }
  if (frame.elseLabel !== undefined) {
    // No else: its parameters are its results.
    frame.targeted = true;
    if (reachable) {
      moveToResults(context, frame);
      arrive(context, frame);
    }
    if (frame.type.params.length > 0) elseOfParameters(context, frame, reachable);
    else {
      if (frame.otherwise !== undefined) frame.arriving = meetAt(frame.arriving, frame.otherwise);
      leaveColdRegions(context, frame, frame.label, reachable);
      context.masm.bind(frame.elseLabel);
    }
  } else if (reachable && frame.targeted && frame.op !== 'loop') {
    moveToResults(context, frame);
    arrive(context, frame);
  }
  context.control.pop();
  if (frame.op === 'loop') state.loops--;
  if (frame.op === 'loop' || !frame.targeted) {
    // Nobody branches to this end: the values simply stay, or nothing gets here at all.
    if (!reachable) state.truncate(frame.words);
    return reachable;
  }
  state.truncate(frame.words);
  leaveColdRegions(context, frame, frame.label, reachable);
  state.continueWith(frame.arriving ?? new Map());
  context.masm.bind(frame.label);
  pushResults(context, frame);
  return true;
}

/** The empty else branch of an if with parameters: moves them to where the results are expected. */
function elseOfParameters(context: Context, frame: ControlFrame, reachable: boolean): void {
  const { state, masm } = context;
  if (reachable) masm.jump(frame.label);
  state.truncate(frame.words);
  pushHomes(context, frame, frame.type.params);
  bindElse(context, frame);
  moveToResults(context, frame);
  arrive(context, frame);
}

/** Control comes here from the condition only. */
function bindElse({ state, masm }: Context, { elseLabel, otherwise }: ControlFrame): void {
  state.continueWith(otherwise ?? new Map());
  masm.bind(elseLabel as Label);
}

/** Control goes from here to the end of the frame's block: what temporaries contain on all such ways stays known there. */
function arrive({ state }: Context, frame: ControlFrame): void {
  if (frame.op !== 'loop') frame.arriving = meetAt(frame.arriving, state.contents.now());
}

function meetAt(arriving: KnownContents | undefined, more: KnownContents): KnownContents {
  return arriving === undefined ? more : meetContents(arriving, more);
}

// --- results --------------------------------------------------------------------------------

/** Results of up to two words meet in registers, longer ones in their home slots. */
function inRegisters(context: Context, frame: ControlFrame): boolean {
  return frame.op !== 'loop' && wordCount(frame.type.results) <= context.resultRegs.length;
}

function pushHomes(context: Context, frame: ControlFrame, types: ControlFrame['type']['params']): void {
  types.forEach((type, index) => {
    for (let word = 0; word < wordsOf(type); word++) {
      const spOffset = context.state.valueHome(frame.values + index, word === 1);
      context.state.stack.push({ kind: 'home', spOffset, high: word === 1 });
    }
  });
}

function pushResults(context: Context, frame: ControlFrame): void {
  const { state } = context;
  if (!inRegisters(context, frame)) {
    pushHomes(context, frame, frame.type.results);
    return;
  }
  let next = 0;
  for (const type of frame.type.results) {
    for (let word = 0; word < wordsOf(type); word++) {
      const reg = context.resultRegs[next++] as number;
      state.contents.forget(reg);
      const got = state.allocate(reg);
      if (got !== reg) throw new InternalError('a result register is in use at a label');
      state.pushReg(reg, word === 1);
    }
  }
}

/** Computes the topmost values of the stack into the places where the frame expects them. */
function moveToResults(context: Context, frame: ControlFrame): void {
  moveEntries(context, frame, context.state.stack.top(wordCount(branchTypes(frame))));
}

function moveEntries(context: Context, frame: ControlFrame, entries: readonly Entry[]): void {
  const { state, masm } = context;
  if (entries.length === 0) return;
  if (inRegisters(context, frame)) {
    moveAll(
      state,
      entries.map((entry, index) => ({ entry, reg: context.resultRegs[index] as number })),
    );
    return;
  }
  // Ascending order: sources lie at or above their targets.
  let value = -1;
  for (const entry of entries) {
    if (!entry.high) value++;
    const target = state.valueHome(frame.values + value, entry.high);
    if (entry.kind === 'home' && entry.spOffset === target) continue;
    state.compute(entry, masm.scratch);
    masm.storeSlot(masm.scratch, target);
  }
}

// --- branches -------------------------------------------------------------------------------

/** An unconditional branch; the code after it is unreachable. */
function branchTo(context: Context, frame: ControlFrame): void {
  if (frame.op === 'function') {
    returnFrom(context);
    return;
  }
  moveToResults(context, frame);
  frame.targeted = true;
  arrive(context, frame);
  context.masm.jump(frame.label);
}

export function selectBranch(context: Context, depth: number): void {
  branchTo(context, frameAt(context, depth));
}

/** Does a branch to the frame have to move anything? */
function carriesValues(frame: ControlFrame): boolean {
  return branchTypes(frame).length > 0;
}

/** The label for a conditional branch: the frame's own, or an edge stub that moves values first (hazard 6). */
function edgeLabel(context: Context, frame: ControlFrame): Label {
  frame.targeted = true;
  // What moves on the way write is forgotten where it is pushed.
  arrive(context, frame);
  if (frame.op !== 'function' && !carriesValues(frame)) return frame.label;
  const { state, masm } = context;
  const stub = masm.assembly.newLabel();
  const entries = state.stack.top(wordCount(branchTypes(frame)));
  deferOutOfLine(context, () => {
    masm.bind(stub);
    if (frame.op === 'function') {
      returnValues(context, entries);
    } else {
      moveEntries(context, frame, entries);
      masm.jump(frame.label);
    }
  });
  return stub;
}

export function branchOnCondition(context: Context, pending: PendingCondition, insn: Instruction): void {
  const frame = frameAt(context, insn.a);
  if (context.coldBranches.has(insn.offset)) {
    frame.targeted = true;
    arrive(context, frame);
    enterColdRegion(context, { ...pending, condition: inverse(pending.condition) }, frame);
  } else context.masm.branchIf(pending.condition, edgeLabel(context, frame));
  for (const held of pending.held) context.state.release(held);
}

export function selectBranchTable(context: Context, depths: readonly number[]): void {
  const { state, masm } = context;
  const entry = state.pop();
  const held = state.hold(entry);
  const once = (make: (depth: number) => Label): ((depth: number) => Label) => {
    const made = new Map<number, Label>();
    return (depth) => {
      const label = made.get(depth) ?? make(depth);
      made.set(depth, label);
      return label;
    };
  };
  const labelOf = once((depth) => edgeLabel(context, frameAt(context, depth)));
  const entryOf = once((depth) => forward(context, depth, labelOf(depth)));
  const labels = depths.slice(0, -1).map(entryOf);
  const isFull = context.plan.found.isForegone(context.index);
  if (labels.length === 0) masm.jump(labelOf(depths.at(-1) ?? 0));
  else masm.branchTable(held.reg, labels, isFull ? undefined : labelOf(depths.at(-1) ?? 0));
  state.release(held);
}

/** Some branch tables reach forwards only: a loop header is reached through a jump behind the function. */
function forward(context: Context, depth: number, label: Label): Label {
  const frame = frameAt(context, depth);
  const { masm } = context;
  if (!masm.forwardTables || frame.op !== 'loop' || carriesValues(frame)) return label;
  const stub = masm.assembly.newLabel();
  deferOutOfLine(context, () => {
    masm.bind(stub);
    masm.jump(label);
  });
  return stub;
}

// --- return ---------------------------------------------------------------------------------

export function returnFrom(context: Context): void {
  const { state } = context;
  returnValues(context, state.stack.top(wordCount(context.source.type.results)));
}

/** Stores to the result buffer reach this far from their base on both targets. */
const bufferStep = 1024;

function returnValues(context: Context, entries: readonly Entry[]): void {
  const { state, masm, environment } = context;
  const far = entries.slice(resultRegisterCount);
  if (far.length > 0) {
    // Behind this point only the results matter: the link register, saved, holds the buffer's address.
    const buffer = masm.useLink();
    masm.loadConst(buffer, environment.resultBuffer);
    far.forEach((entry, index) => {
      const offset = (4 * index) % bufferStep;
      if (index > 0 && offset === 0) masm.alu('add', buffer, buffer, { imm: bufferStep });
      state.compute(entry, masm.scratch);
      masm.store('store', masm.scratch, { base: buffer, offset });
    });
  }
  moveAll(
    state,
    entries.slice(0, resultRegisterCount).map((entry, index) => ({ entry, reg: masm.roles.args[index] as number })),
  );
  masm.returnSite();
}

export function selectUnreachable(context: Context): void {
  context.masm.trap('unreachable');
}

/** Binds the shared trap stubs behind the function. */
export function bindTraps(context: Context): void {
  for (const [kind] of [...context.trapLabels]) {
    context.masm.bind(trapLabel(context, kind));
    context.masm.trap(kind);
  }
}
