/** Native addresses of memory accesses: as few additions as the access forms allow. */
import type { AccessGroup, GroupAccess } from '../plan/accesses.js';
import { check, checkable, checkTogether } from './bounds-checks.js';
import { memoryOf, type Context } from './context.js';
import { checkStage, pointerOf } from './joint-checks.js';
import type { LoadOp, MemoryAddress, StoreOp } from '../target/macro-assembler.js';
import { noReg } from '../target/registers.js';
import type { Entry } from './operands.js';
import type { Held } from './temporaries.js';

/** A native address whose bounds are proved, and the registers it holds. */
export interface Located {
  readonly address: MemoryAddress;
  readonly held: readonly Held[];
  /** The wasm address, where it is a constant; memory begins at a multiple of any width. */
  readonly known?: number;
}

/** Bytes of a single access. */
export const widths = { load8_s: 1, load8_u: 1, load16_s: 2, load16_u: 2, load: 4, store8: 1, store16: 2, store: 4 } as const satisfies Record<
  LoadOp | StoreOp,
  number
>;

/** The address of the access that is being selected; consumes its operand. */
export function locate(context: Context, entry: Entry, offset: number, accesses: readonly (LoadOp | StoreOp)[]): Located {
  const plan = context.plan.found.accessAt(context.index);
  switch (plan.kind) {
    case 'static':
      return { ...locateStatic(context, plan.address, accesses), known: plan.address };
    case 'bounded':
      return locateBounded(context, entry, offset, accesses);
    case 'single':
      return locateSingle(context, entry, plan.extent, offset, accesses);
    case 'group':
      if (plan.group.bounded && plan.group.memberCount === 1) return locateBounded(context, entry, offset, accesses);
      return locateInGroup(context, entry, plan, accesses);
  }
}

/** Own check: index < limit, with the exact check out of line. */
function locateSingle(context: Context, entry: Entry, extent: number, offset: number, accesses: readonly (LoadOp | StoreOp)[]): Located {
  const index = checkable(context, context.state.hold(entry));
  check(context, index.reg, extent);
  return addressOf(context, index, (memoryOf(context).base + offset) | 0, offset, accesses);
}

/** How far bytes of a split access lie behind its address. */
function lastByte({ masm, environment }: Context, op: LoadOp | StoreOp): number {
  return masm.split === undefined || environment.misaligned === 'hw' ? 0 : widths[op] - 1;
}

/** Does every word of the access reach from this offset? */
function reaches(context: Context, accesses: readonly (LoadOp | StoreOp)[], offset: number): boolean {
  return accesses.every((op, index) => context.masm.fitsOffset(op, offset + 4 * index + lastByte(context, op)));
}

function locateStatic(context: Context, address: number, accesses: readonly (LoadOp | StoreOp)[]): Located {
  const { state, masm } = context;
  const { base } = memoryOf(context);
  const near = state.findConstBelow(address, (offset) => reaches(context, accesses, offset));
  if (near !== undefined) return { address: { base: near.held.reg, offset: near.offset }, held: [near.held] };
  const anchored = anchorFromBase(context, address - base, accesses);
  if (anchored !== undefined) return anchored;
  const { anchor, offset } = masm.splitAddress(address);
  const isReached = reaches(context, accesses, offset);
  const held = state.holdConst(isReached ? anchor : address);
  return { address: { base: held.reg, offset: isReached ? offset : 0 }, held: [held] };
}

/** Alignments of anchors: the first leaves offsets that 16-bit loads reach, the second any offset. */
const anchorSpans = [0x80, 0x1000];

/** One addition to the memory base, where that is in a register; neighbours then share the anchor. */
function anchorFromBase(context: Context, distance: number, accesses: readonly (LoadOp | StoreOp)[]): Located | undefined {
  const { state, masm } = context;
  const { base } = memoryOf(context);
  const pinned = state.contents.findPinned(base);
  if (pinned === undefined) return undefined;
  for (const span of anchorSpans) {
    const offset = distance % span;
    if (!masm.fitsImmediate('add', distance - offset) || !reaches(context, accesses, offset)) continue;
    const held = state.holdSumOfConst(pinned, distance - offset, base + distance - offset);
    return { address: { base: held.reg, offset }, held: [held] };
  }
  return undefined;
}

/** An address that cannot leave the minimal memory: operand + base + offset, no check. */
function locateBounded(context: Context, entry: Entry, offset: number, accesses: readonly (LoadOp | StoreOp)[]): Located {
  const { state, masm } = context;
  const { base } = memoryOf(context);
  const c = entry.kind === 'sum' || entry.kind === 'shift' ? entry.c : 0;
  if (masm.indexed && accesses.length === 1 && entry.kind === 'shift' && entry.shift === 'shl' && entry.amount <= 3) {
    const scaled = state.hold({ kind: 'sum', source: entry.source, c: 0, high: false });
    const table = state.holdConst(base + c + offset);
    return { address: { base: table.reg, index: scaled.reg, shift: entry.amount }, held: [table, scaled] };
  }
  const index = state.hold(entry.kind === 'sum' || entry.kind === 'shift' ? { ...entry, c: 0 } : entry);
  return addressOf(context, index, (base + c + offset) | 0, c + offset, accesses);
}

/**
 * index + native constant `target`, where target = memory base + distance. One register add, or an
 * indexed access where the target has one.
 */
function addressOf(context: Context, index: Held, target: number, distance: number, accesses: readonly (LoadOp | StoreOp)[]): Located {
  const { state, masm } = context;
  const { base } = memoryOf(context);
  const exact = state.findConst(target);
  if (exact !== undefined && masm.indexed && accesses.length === 1) {
    return { address: { base: exact.reg, index: index.reg, shift: 0 }, held: [exact, index] };
  }
  let anchor = target;
  let offset = 0;
  if (exact === undefined) {
    const baseReg = state.findConst(base);
    if (reaches(context, accesses, distance) && (baseReg !== undefined || masm.constCost(base) < masm.constCost(target))) {
      anchor = base;
      offset = distance;
    } else {
      const split = masm.splitAddress(target);
      if (split.offset !== 0 && reaches(context, accesses, split.offset)) ({ anchor, offset } = split);
    }
    if (baseReg !== undefined) state.release(baseReg);
  } else state.release(exact);
  const constant = state.holdConst(anchor);
  if (offset === 0 && masm.indexed && accesses.length === 1) {
    return { address: { base: constant.reg, index: index.reg, shift: 0 }, held: [constant, index] };
  }
  const pointer = sumOf(context, constant, index);
  return { address: { base: pointer.reg, offset }, held: [pointer] };
}

/** constant + index in a temporary; consumes both. */
function sumOf(context: Context, constant: Held, index: Held): Held {
  const { state, masm } = context;
  state.release(constant);
  state.release(index);
  const reg = state.allocate(state.contents.isWorthKeeping(index.reg) ? noReg : index.reg);
  masm.alu('add', reg, index.reg, { reg: constant.reg });
  return { reg, owned: true };
}

// --- groups: one check and one native pointer for several accesses ---------------------------

function locateInGroup(context: Context, entry: Entry, plan: GroupAccess, accesses: readonly (LoadOp | StoreOp)[]): Located {
  const { state } = context;
  const { group } = plan;
  state.releaseEntry(entry);
  const part = context.runs.get(context.index);
  if (part !== undefined) checkStage(context, part);
  let pointer = context.groups.get(group.number);
  const first = pointer === undefined && part === undefined;
  if (pointer === undefined) {
    pointer = { reg: noReg };
    context.groups.set(group.number, pointer);
  }
  const { endsRun: isLast, isFollowed: again } = plan;
  const delta = plan.c - group.low + plan.offset;
  if (pointer.reg !== noReg) {
    const { reg } = pointer;
    if (isLast) return { address: { base: reg, offset: delta }, held: [state.temporaries.takePointer(pointer)] };
    return { address: { base: reg, offset: delta }, held: [state.temporaries.share(reg)] };
  }
  const { base: memory } = memoryOf(context);
  const target = (memory + group.low + delta) | 0;
  const anchor = first && !group.bounded ? anchorOf(context, group, true) : undefined;
  const near = state.contents.findPointer(group.local, target, (offset) => reaches(context, accesses, offset));
  if (near !== undefined) {
    if (anchor !== undefined) state.release(anchor);
    return { address: { base: near.reg, offset: near.distance }, held: [state.temporaries.share(near.reg)] };
  }
  if (part !== undefined && part.pointer.members > 1) {
    const base = pointerOf(context, part.pointer);
    return { address: { base: base.reg, offset: (target - (memory + part.pointer.low)) | 0 }, held: [base] };
  }
  const index = anchor ?? anchorOf(context, group, false);
  if (isLast || !reaches(context, accesses, delta)) {
    const located = addressOf(context, index, (memory + delta) | 0, delta, accesses);
    const { address } = located;
    if (!('index' in address) && state.temporaries.has(address.base)) {
      state.contents.set(address.base, { word: group.local, c: (target - address.offset) | 0, again });
    }
    return located;
  }
  const base = state.holdConst(memory);
  const sum = sumOf(context, base, index);
  state.contents.set(sum.reg, { word: group.local, c: (memory + group.low) | 0, again });
  pointer.reg = sum.reg;
  state.temporaries.addPointer(pointer);
  return { address: { base: sum.reg, offset: delta }, held: [state.temporaries.share(sum.reg)] };
}

/** local + low in a register, checked if this is the group's first access. */
function anchorOf(context: Context, group: AccessGroup, first: boolean): Held {
  const { state } = context;
  const held = state.hold({ kind: 'sum', source: { word: group.local }, c: group.low, high: false });
  if (first && !group.bounded) checkTogether(context, held.reg, group);
  return held;
}
