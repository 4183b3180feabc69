/** Proofs at run time that an index lies in memory: a short check in line, the exact one out of line. */
import type { SharedCheck } from '../expand/assembly.js';
import type { AccessGroup } from '../plan/accesses.js';
import { deferOutOfLine, memoryOf, trapLabel, type BoundsThunk, type Context } from './context.js';
import type { Operand, Reg } from '../target/registers.js';
import type { Held } from './temporaries.js';

/** The exact check has no entry for a hard-wired zero register. */
export function checkable(context: Context, index: Held): Held {
  const { state, masm } = context;
  if (index.reg !== masm.roles.zero) return index;
  const reg = state.allocate();
  masm.loadConst(reg, 0);
  return { reg, owned: true };
}

/** Proves reg + extent <= memory size, or traps. `shared`: number of the check that several accesses share; 0 where one is alone. */
export function check(context: Context, reg: Reg, extent: number, shared = 0): void {
  const { minBytes, fixed } = memoryOf(context);
  if (fixed) checkFixed(context, reg, minBytes - extent, shared);
  else checkGrowing(context, reg, extent, shared);
}

/** The size is a constant: traps where reg > last (unsigned). */
function checkFixed(context: Context, reg: Reg, last: number, shared: number): void {
  const { state, masm } = context;
  const trap = trapLabel(context, 'out of bounds memory access');
  if (last < 0) {
    masm.jump(trap);
    return;
  }
  for (const [cond, imm] of [
    ['gt_u', last],
    ['ge_u', last + 1],
  ] as const) {
    if (!masm.fitsImmediate('compare', imm)) continue;
    masm.branchIf({ test: 'compare', cond, a: reg, b: { imm } }, trap);
    return;
  }
  const found = state.findConst(last);
  const inLoop = context.control.some((frame) => frame.op === 'loop');
  const near = found === undefined && inLoop ? masm.immediateLimit(last + 1) : 0;
  if (near > 0) {
    // No register to spare: the nearest encodable limit, exact only out of line.
    if (state.allocation.ownsLink) checkNear(context, reg, near, last, shared);
    else checkGrowing(context, reg, memoryOf(context).minBytes - last, shared);
    return;
  }
  const limit = found ?? state.holdConst(last);
  masm.branchIf({ test: 'compare', cond: 'gt_u', a: reg, b: { reg: limit.reg } }, trap);
  state.release(limit);
}

/** As `checkGrowing` for a fixed size, where nothing can be called. */
function checkNear(context: Context, reg: Reg, near: number, last: number, shared: number): void {
  const { masm } = context;
  const [slow, fine] = [masm.assembly.newLabel(), masm.assembly.newLabel()];
  masm.boundsCheck(reg, { imm: near }, slow);
  masm.assembly.bind(fine);
  deferOutOfLine(context, () => {
    masm.bind(slow);
    branchBeyond(context, reg, last);
    if (shared !== 0) masm.assembly.share(shared, masm.assembly.count - 1);
    masm.jump(fine);
  });
}

/** No memory here is larger; the exact check adds in 32 bits and reports a carry, so its extent must fit too. */
const addressSpace = 0xffff_ffff;

/** Fast limit from the minimal size, which memory never falls below; the exact check is out of line. */
function checkGrowing(context: Context, reg: Reg, extent: number, shared: number): void {
  const { state, masm } = context;
  const { minBytes, boundsRoutine } = memoryOf(context);
  if (extent > addressSpace) {
    masm.jump(trapLabel(context, 'out of bounds memory access'));
    return;
  }
  const limit = masm.immediateLimit(minBytes - extent + 1);
  if (limit === 0) {
    masm.exactBoundsCheck(reg, extent, boundsRoutine);
    return;
  }
  const inRegister = state.contents.findPinned(limit);
  const pinned = inRegister !== undefined || !masm.fitsImmediate('compare', limit) ? state.findConst(limit) : undefined;
  const bound: Operand = pinned === undefined ? { imm: limit } : { reg: pinned.reg };
  const thunk = thunkFor(context, reg, extent);
  const callExact = (): void => {
    if (thunk.users < sharedFrom) masm.exactBoundsCheck(reg, extent, boundsRoutine);
    else masm.callThunk(thunk.label);
    if (shared !== 0) masm.assembly.share(shared, masm.assembly.count - 1);
  };
  const fine = masm.assembly.newLabel();
  if (context.plan.found.isRare(context.index)) {
    // A branch back less, and a shorter one there; where it counts, the straight way stays free of jumps.
    masm.branchIf({ test: 'compare', cond: 'lt_u', a: reg, b: bound }, fine);
    masm.boundsCallSite(callExact);
    masm.bind(fine);
  } else {
    const slow = masm.assembly.newLabel();
    masm.boundsCheck(reg, bound, slow);
    masm.assembly.bind(fine);
    deferOutOfLine(context, () => {
      masm.bind(slow);
      callExact();
      masm.jump(fine);
    });
  }
  if (pinned !== undefined) state.release(pinned);
}

/** From this many slow checks on, a thunk is smaller than each of them passing its own extent. */
const sharedFrom = 3;

/** What the function's slow checks of one register and extent share. */
function thunkFor(context: Context, reg: Reg, extent: number): BoundsThunk {
  const key = 32 * extent + reg;
  let thunk = context.thunks.get(key);
  if (thunk === undefined) {
    thunk = { reg, extent, label: context.masm.assembly.newLabel(), users: 0 };
    context.thunks.set(key, thunk);
  }
  thunk.users++;
  return thunk;
}

/** One check for all accesses of the group, marked so that a failure can be blamed on the right one. */
export function checkTogether(context: Context, reg: Reg, group: AccessGroup): void {
  if (group.memberCount === 1) {
    check(context, reg, group.extent);
    return;
  }
  const { assembly } = context.masm;
  const shared = assembly.addCheck(sharedCheckOf(reg, group.low, group));
  const begin = assembly.count;
  check(context, reg, group.extent, shared);
  assembly.share(shared, begin);
}

/**
 * Out of line, with no register but the scratch one: proves that the group, of whose local `reg` holds the value + low, is in bounds, or traps.
 * An access at `reg` has been in bounds, so that no sum between wraps. `inScratch` is what the scratch register holds, if that is known; returns the same of later.
 */
export function checkAscending(context: Context, reg: Reg, low: number, group: AccessGroup, inScratch: number | undefined): number | undefined {
  const { masm } = context;
  const { minBytes, fixed, boundsRoutine } = memoryOf(context);
  const extent = group.low - low + group.extent;
  if (fixed) branchBeyond(context, reg, minBytes - extent, inScratch);
  else masm.exactBoundsCheck(reg, extent, boundsRoutine);
  if (group.memberCount > 1) masm.assembly.share(masm.assembly.addCheck(sharedCheckOf(reg, low, group)), masm.assembly.count - 1);
  return fixed ? minBytes - extent : undefined;
}

/** As `checkAscending` of a fixed memory, whatever has been accessed: the sum has to be in bounds, and its last byte. */
export function checkSum(context: Context, reg: Reg, low: number, group: AccessGroup): void {
  const { masm } = context;
  const { minBytes } = memoryOf(context);
  const trap = trapLabel(context, 'out of bounds memory access');
  const begin = masm.assembly.count;
  const first = group.low - low;
  const last = first + group.extent - 1;
  for (const distance of first === last ? [first] : [first, last]) {
    if (distance !== 0) masm.alu('add', masm.scratch, reg, { imm: distance });
    masm.branchIf({ test: 'compare', cond: 'ge_u', a: distance === 0 ? reg : masm.scratch, b: { imm: minBytes } }, trap);
  }
  if (group.memberCount > 1) masm.assembly.share(masm.assembly.addCheck(sharedCheckOf(reg, low, group)), begin);
}

/** Traps where reg > last (unsigned); needs the scratch register only. */
function branchBeyond(context: Context, reg: Reg, last: number, inScratch?: number): void {
  const { masm } = context;
  if (last !== inScratch) masm.loadConst(masm.scratch, last);
  masm.branchIf({ test: 'compare', cond: 'gt_u', a: reg, b: { reg: masm.scratch } }, trapLabel(context, 'out of bounds memory access'));
}

function sharedCheckOf(register: Reg, low: number, group: AccessGroup): SharedCheck {
  return { register, members: group.members().map(({ wasmOffset, c, size }) => ({ wasmOffset, delta: (c - low) >>> 0, size })) };
}

/** Binds the shared thunks behind the function. */
export function bindThunks(context: Context): void {
  const { masm } = context;
  for (const { reg, extent, label, users } of context.thunks.values()) {
    if (users < sharedFrom) continue;
    masm.bind(label);
    masm.boundsThunk(reg, extent, memoryOf(context).boundsRoutine);
  }
}
