import { InternalError } from '@fireball/contracts';
import type { SharedCheck } from '../expand/assembly.js';
import type { AccessGroup } from '../plan/groups.js';
import type { AccessPlan } from '../plan/accesses.js';
import type { LoadShape, StoreShape } from '../plan/ops.js';
import { deferOutOfLine, destination, trapLabel, type BoundsThunk, type Context } from './context.js';
import type { LinkEnvironment } from './environment.js';
import type { BaseAddress, LoadOp, MemoryAddress, Reg, SplitAccess, StoreOp } from './machine.js';
import { noReg } from './machine.js';
import type { Entry } from './operands.js';
import { selectExtend } from './pairs.js';
import type { Held } from './temporaries.js';

/** A native address whose bounds are proved, and the registers it holds. */
interface Located {
  readonly address: MemoryAddress;
  readonly held: readonly Held[];
  /** The wasm address, where it is a constant; memory begins at a multiple of any width. */
  readonly known?: number;
}

function memoryOf(context: Context): NonNullable<LinkEnvironment['memory']> {
  const { memory } = context.environment;
  if (memory === undefined) throw new InternalError('memory access without a memory survived validation');
  return memory;
}

export function selectLoad(context: Context, shape: LoadShape, offset: number): void {
  const { state } = context;
  const located = locate(context, state.pop(), offset, shape.accesses);
  const [first, second] = shape.accesses;
  if (shape.extend !== undefined) {
    const reg = state.allocate();
    loadFrom(context, first as LoadOp, reg, located);
    for (const held of located.held) state.release(held);
    state.pushReg(reg);
    selectExtend(context, shape.extend === 'signed');
    return;
  }
  if (second === undefined) {
    const prefer = 'index' in located.address ? located.address.index : located.address.base;
    const to = destination(context, located.held, prefer);
    loadFrom(context, first as LoadOp, to.reg, located);
    to.finish();
    return;
  }
  const low = state.allocate();
  loadFrom(context, first as LoadOp, low, located);
  const high = state.allocate();
  loadFrom(context, second, high, located, 4);
  for (const held of located.held) state.release(held);
  state.pushReg(low);
  state.pushReg(high, true);
}

export function selectStore(context: Context, shape: StoreShape, offset: number): void {
  const { state } = context;
  const words: Entry[] = [];
  for (let word = 0; word < shape.words; word++) words.unshift(state.pop());
  const values = words.map((entry, index) => {
    if (index < shape.accesses.length) return state.hold(entry);
    state.releaseEntry(entry);
    return undefined;
  });
  const located = locate(context, state.pop(), offset, shape.accesses);
  // All words are checked before the first is written (hazard 21).
  shape.accesses.forEach((access, index) => {
    const value = values[index];
    if (value === undefined) throw new InternalError('store without a value');
    storeTo(context, access, value.reg, located, 4 * index);
    state.release(value);
  });
  for (const held of located.held) state.release(held);
}

/** Bytes of a single access. */
const widths = { load8_s: 1, load8_u: 1, load16_s: 2, load16_u: 2, load: 4, store8: 1, store16: 2, store: 4 } as const satisfies Record<LoadOp | StoreOp, number>;

function loadFrom(context: Context, op: LoadOp, rd: Reg, located: Located, bytes = 0): void {
  accessAt(context, op, located, bytes, {
    whole: (address) => context.machine.load(op, rd, address),
    split: (split, address) => split.load(op, rd, address),
  });
}

function storeTo(context: Context, op: StoreOp, rs: Reg, located: Located, bytes: number): void {
  accessAt(context, op, located, bytes, {
    whole: (address) => context.machine.store(op, rs, address),
    split: (split, address) => split.store(op, rs, address),
  });
}

interface AccessForms {
  whole(address: MemoryAddress): void;
  split(split: SplitAccess, address: BaseAddress): void;
}

/** One access; where the core traps on misaligned ones, bytes out of line for an address that turns out to be. */
function accessAt(context: Context, op: LoadOp | StoreOp, { address: first, known }: Located, bytes: number, forms: AccessForms): void {
  const { machine, environment } = context;
  const address = bytes === 0 ? first : behind(first, bytes);
  const width = widths[op];
  const { split } = machine;
  if (split === undefined || environment.misaligned === 'hw' || width === 1 || (known !== undefined && known % width === 0)) {
    forms.whole(address);
    return;
  }
  if ('index' in address) throw new InternalError('an indexed access cannot be split');
  if (known !== undefined) {
    forms.split(split, address);
    return;
  }
  const misaligned = machine.assembly.newLabel();
  const back = machine.assembly.newLabel();
  split.branchIfMisaligned(width, address, misaligned);
  forms.whole(address);
  machine.assembly.bind(back);
  deferOutOfLine(context, () => {
    machine.bind(misaligned);
    forms.split(split, address);
    machine.jump(back);
  });
}

/** The address `bytes` further on; multi-word accesses never use the index form. */
function behind(address: MemoryAddress, bytes: number): BaseAddress {
  if ('index' in address) throw new InternalError('an indexed address has no second word');
  return { base: address.base, offset: address.offset + bytes };
}

function locate(
  context: Context,
  entry: Entry,
  offset: number,
  accesses: readonly (LoadOp | StoreOp)[],
): Located {
  const plan = context.plan.accesses.get(context.index);
  if (plan === undefined) throw new InternalError('memory access without a plan');
  switch (plan.kind) {
    case 'static':
      return { ...locateStatic(context, plan.address, accesses), known: plan.address };
    case 'bounded':
      return locateBounded(context, entry, offset, accesses);
    case 'single':
      return locateSingle(context, entry, plan.extent, offset, accesses);
    case 'group':
      return locateInGroup(context, entry, plan, accesses);
  }
}

/** How far bytes of a split access lie behind its address. */
function lastByte({ machine, environment }: Context, op: LoadOp | StoreOp): number {
  return machine.split === undefined || environment.misaligned === 'hw' ? 0 : widths[op] - 1;
}

/** Does every word of the access reach from this offset? */
function reaches(context: Context, accesses: readonly (LoadOp | StoreOp)[], offset: number): boolean {
  return accesses.every((op, index) => context.machine.fitsOffset(op, offset + 4 * index + lastByte(context, op)));
}

function locateStatic(context: Context, address: number, accesses: readonly (LoadOp | StoreOp)[]): Located {
  const { state, machine } = context;
  const { base } = memoryOf(context);
  const near = state.findConstBelow(address, (offset) => reaches(context, accesses, offset));
  if (near !== undefined) return { address: { base: near.held.reg, offset: near.offset }, held: [near.held] };
  const anchored = anchorFromBase(context, address - base, accesses);
  if (anchored !== undefined) return anchored;
  const { anchor, offset } = machine.splitAddress(address);
  const isReached = reaches(context, accesses, offset);
  const held = state.holdConst(isReached ? anchor : address);
  return { address: { base: held.reg, offset: isReached ? offset : 0 }, held: [held] };
}

/** Alignments of anchors: the first leaves offsets that 16-bit loads reach, the second any offset. */
const anchorSpans = [0x80, 0x1000];

/** One addition to the memory base, where that is in a register; neighbours then share the anchor. */
function anchorFromBase(context: Context, distance: number, accesses: readonly (LoadOp | StoreOp)[]): Located | undefined {
  const { state, machine } = context;
  const { base } = memoryOf(context);
  const pinned = state.findPinned(base);
  if (pinned === undefined) return undefined;
  for (const span of anchorSpans) {
    const offset = distance % span;
    if (!machine.fitsImmediate('add', distance - offset) || !reaches(context, accesses, offset)) continue;
    const held = state.holdSumOfConst(pinned.reg, distance - offset, base + distance - offset);
    return { address: { base: held.reg, offset }, held: [held] };
  }
  return undefined;
}

/** An address that cannot leave the minimal memory: operand + base + offset, no check. */
function locateBounded(
  context: Context,
  entry: Entry,
  offset: number,
  accesses: readonly (LoadOp | StoreOp)[],
): Located {
  const { state, machine } = context;
  const { base } = memoryOf(context);
  const c = entry.kind === 'sum' ? entry.c : 0;
  if (machine.indexed && accesses.length === 1 && entry.kind === 'shift' && entry.shift === 'shl' && entry.amount <= 3) {
    const scaled = state.hold({ kind: 'sum', source: entry.source, c: 0, high: false });
    const table = state.holdConst(base + offset);
    return { address: { base: table.reg, index: scaled.reg, shift: entry.amount }, held: [table, scaled] };
  }
  const index = state.hold(entry.kind === 'sum' ? { ...entry, c: 0 } : entry);
  return addressOf(context, index, (base + c + offset) | 0, c + offset, accesses);
}

/**
 * index + native constant `target`, where target = memory base + distance. One register add, or an
 * indexed access where the machine has one.
 */
function addressOf(
  context: Context,
  index: Held,
  target: number,
  distance: number,
  accesses: readonly (LoadOp | StoreOp)[],
): Located {
  const { state, machine } = context;
  const { base } = memoryOf(context);
  const exact = state.findConst(target);
  if (exact !== undefined && machine.indexed && accesses.length === 1) {
    return { address: { base: exact.reg, index: index.reg, shift: 0 }, held: [exact, index] };
  }
  let anchor = target;
  let offset = 0;
  if (exact === undefined) {
    const baseReg = state.findConst(base);
    if (reaches(context, accesses, distance) && (baseReg !== undefined || machine.constCost(base) < machine.constCost(target))) {
      anchor = base;
      offset = distance;
    } else {
      const split = machine.splitAddress(target);
      if (split.offset !== 0 && reaches(context, accesses, split.offset)) ({ anchor, offset } = split);
    }
    if (baseReg !== undefined) state.release(baseReg);
  } else state.release(exact);
  const constant = state.holdConst(anchor);
  if (offset === 0 && machine.indexed && accesses.length === 1) {
    return { address: { base: constant.reg, index: index.reg, shift: 0 }, held: [constant, index] };
  }
  const pointer = sumOf(context, constant, index);
  return { address: { base: pointer.reg, offset }, held: [pointer] };
}

/** constant + index in a temporary; consumes both. */
function sumOf(context: Context, constant: Held, index: Held): Held {
  const { state, machine } = context;
  state.release(constant);
  state.release(index);
  const reg = state.allocate(state.isWorthKeeping(index.reg) ? noReg : index.reg);
  machine.alu('add', reg, index.reg, { reg: constant.reg });
  return { reg, owned: true };
}

/** Own check: index < limit, with the exact check out of line. */
function locateSingle(
  context: Context,
  entry: Entry,
  extent: number,
  offset: number,
  accesses: readonly (LoadOp | StoreOp)[],
): Located {
  const index = checkable(context, context.state.hold(entry));
  check(context, index.reg, extent);
  return addressOf(context, index, (memoryOf(context).base + offset) | 0, offset, accesses);
}

/** The exact check has no entry for a hard-wired zero register. */
function checkable(context: Context, index: Held): Held {
  const { state, machine } = context;
  if (index.reg !== machine.roles.zero) return index;
  const reg = state.allocate();
  machine.loadConst(reg, 0);
  return { reg, owned: true };
}

/** Proves reg + extent <= memory size, or traps. */
function check(context: Context, reg: Reg, extent: number, shared?: SharedCheck): void {
  const { minBytes, fixed } = memoryOf(context);
  if (fixed) checkFixed(context, reg, minBytes - extent, shared);
  else checkGrowing(context, reg, extent, shared);
}

/** The size is a constant: traps where reg > last (unsigned). */
function checkFixed(context: Context, reg: Reg, last: number, shared: SharedCheck | undefined): void {
  const { state, machine } = context;
  const trap = trapLabel(context, 'out of bounds memory access');
  if (last < 0) {
    machine.jump(trap);
    return;
  }
  for (const [cond, imm] of [
    ['gt_u', last],
    ['ge_u', last + 1],
  ] as const) {
    if (!machine.fitsImmediate('compare', imm)) continue;
    machine.branchIf({ test: 'compare', cond, a: reg, b: { imm } }, trap);
    return;
  }
  const found = state.findConst(last);
  const inLoop = context.control.some((frame) => frame.op === 'loop');
  if (found === undefined && inLoop && machine.immediateLimit(last + 1) > 0) {
    // No register to spare: the nearest encodable limit, exact only out of line.
    checkGrowing(context, reg, memoryOf(context).minBytes - last, shared);
    return;
  }
  const limit = found ?? state.holdConst(last);
  machine.branchIf({ test: 'compare', cond: 'gt_u', a: reg, b: { reg: limit.reg } }, trap);
  state.release(limit);
}

/** No memory here is larger; the exact check adds in 32 bits and reports a carry, so its extent must fit too. */
const addressSpace = 0xffff_ffff;

/** Fast limit from the minimal size, which memory never falls below; the exact check is out of line. */
function checkGrowing(context: Context, reg: Reg, extent: number, shared: SharedCheck | undefined): void {
  const { state, machine } = context;
  const { minBytes, boundsRoutine } = memoryOf(context);
  if (extent > addressSpace) {
    machine.jump(trapLabel(context, 'out of bounds memory access'));
    return;
  }
  const limit = machine.immediateLimit(minBytes - extent + 1);
  if (limit === 0) {
    machine.exactBoundsCheck(reg, extent, boundsRoutine);
    return;
  }
  const slow = machine.assembly.newLabel();
  const back = machine.assembly.newLabel();
  const pinned = machine.fitsImmediate('compare', limit) ? undefined : state.findConst(limit);
  machine.boundsCheck(reg, pinned === undefined ? { imm: limit } : { reg: pinned.reg }, slow);
  if (pinned !== undefined) state.release(pinned);
  machine.assembly.bind(back);
  const thunk = thunkFor(context, reg, extent);
  deferOutOfLine(context, () => {
    machine.bind(slow);
    if (thunk.users < sharedFrom) machine.exactBoundsCheck(reg, extent, boundsRoutine);
    else machine.callThunk(thunk.label);
    const call = machine.assembly.placed.at(-1);
    if (shared !== undefined && call !== undefined) call.sharedCheck = shared;
    machine.jump(back);
  });
}

/** From this many slow checks on, a thunk is smaller than each of them passing its own extent. */
const sharedFrom = 3;

/** What the function's slow checks of one register and extent share. */
function thunkFor(context: Context, reg: Reg, extent: number): BoundsThunk {
  const key = 32 * extent + reg;
  let thunk = context.thunks.get(key);
  if (thunk === undefined) {
    thunk = { reg, extent, label: context.machine.assembly.newLabel(), users: 0 };
    context.thunks.set(key, thunk);
  }
  thunk.users++;
  return thunk;
}

/** Binds the shared thunks behind the function. */
export function bindThunks(context: Context): void {
  const { machine } = context;
  for (const { reg, extent, label, users } of context.thunks.values()) {
    if (users < sharedFrom) continue;
    machine.bind(label);
    machine.boundsThunk(reg, extent, memoryOf(context).boundsRoutine);
  }
}

// --- groups: one check and one native pointer for several accesses ---------------------------

function locateInGroup(
  context: Context,
  entry: Entry,
  plan: AccessPlan & { kind: 'group' },
  accesses: readonly (LoadOp | StoreOp)[],
): Located {
  const { state } = context;
  const { group } = plan;
  state.releaseEntry(entry);
  let pointer = context.groups.get(group);
  const first = pointer === undefined;
  if (pointer === undefined) {
    pointer = { reg: noReg, remaining: group.members.length };
    context.groups.set(group, pointer);
  }
  pointer.remaining--;
  const delta = plan.c - group.low + plan.offset;
  if (pointer.reg !== noReg) {
    const { reg } = pointer;
    if (pointer.remaining === 0) return { address: { base: reg, offset: delta }, held: [state.takePointer(pointer)] };
    return { address: { base: reg, offset: delta }, held: [state.share(reg)] };
  }
  const anchor = anchorOf(context, group, first);
  if (pointer.remaining === 0 || !reaches(context, accesses, delta)) {
    return addressOf(context, anchor, (memoryOf(context).base + delta) | 0, delta, accesses);
  }
  const base = state.holdConst(memoryOf(context).base);
  const sum = sumOf(context, base, anchor);
  pointer.reg = sum.reg;
  state.addPointer(pointer);
  return { address: { base: sum.reg, offset: delta }, held: [state.share(sum.reg)] };
}

/** One check for all accesses of the group, marked so that a failure can be blamed on the right one. */
function checkTogether(context: Context, reg: Reg, group: AccessGroup): void {
  if (group.members.length === 1) {
    check(context, reg, group.extent);
    return;
  }
  const shared: SharedCheck = {
    register: reg,
    members: group.members.map(({ wasmOffset, c, size }) => ({ wasmOffset, delta: (c - group.low) >>> 0, size })),
  };
  const { placed } = context.machine.assembly;
  const begin = placed.length;
  check(context, reg, group.extent, shared);
  for (const entry of placed.slice(begin)) entry.sharedCheck = shared;
}

/** local + low in a register, checked if this is the group's first access. */
function anchorOf(context: Context, group: AccessGroup, first: boolean): Held {
  const { state } = context;
  const held = state.hold({ kind: 'sum', source: { word: group.local }, c: group.low, high: false });
  if (first) checkTogether(context, held.reg, group);
  return held;
}
