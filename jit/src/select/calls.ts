import type { FunctionType } from '@fireball/wasm';
import { wordsOf } from '../plan/words.js';
import { argumentPlaces, resultRegisterCount } from '../target/arguments.js';
import type { Context } from './context.js';
import type { Frame } from '../target/frame.js';
import type { MacroAssembler } from '../target/macro-assembler.js';
import { noReg, type Reg } from '../target/registers.js';
import { moveAll, type RegisterMove } from './moves.js';
import type { Entry } from './operands.js';
import { selectTableElement, slotCodeOffset } from './tables.js';
import { spillCallerSaved } from './spilling.js';

export function selectCall(context: Context, callee: number): void {
  const { masm, environment, source } = context;
  const type = source.functionType(callee);
  if (callee === source.index) {
    passArguments(context, type, 0, []);
    masm.callLabel(context.entryLabel);
  } else if (environment.directCalls?.reaches(source.index, callee) === true) {
    passArguments(context, type, 0, []);
    masm.callFunction(callee);
  } else {
    const count = passArguments(context, type, 0, []);
    const { anchor, offset } = masm.splitAddress(environment.slotAddress(callee));
    // An argument register that this call leaves free has shorter encodings than the scratch register.
    const spare = masm.roles.args[count] ?? masm.scratch;
    const pinned = context.state.allocation.constRegs.get(anchor) ?? noReg;
    if (pinned === noReg) masm.loadConst(spare, anchor);
    masm.callSlot(pinned === noReg ? spare : pinned, offset, spare);
  }
  takeResults(context, type);
}

export function selectCallIndirect(context: Context, typeIndex: number, table: number): void {
  const { masm, source, state } = context;
  const type = source.types[typeIndex] ?? { params: [], results: [] };
  const slot = selectTableElement(context, table, typeIndex);
  // The slot's address travels along with the arguments: to a free argument register, or the link register.
  const { places } = argumentPlaces(type, masm.roles.args);
  const via = masm.roles.args[places.length] ?? masm.useLink();
  const entry: Entry = { kind: 'sum', source: { fixed: slot.reg }, c: 0, high: false };
  passArguments(context, type, 0, [{ entry, reg: via }]);
  state.release(slot);
  masm.callSlot(via, slotCodeOffset, via);
  takeResults(context, type);
}

/**
 * Puts the topmost values where the convention wants them, with `reserve` bytes kept free below the
 * stack arguments, and makes `extra` moves at the same time. Returns the number of argument words.
 */
function passArguments(context: Context, type: FunctionType, reserve: number, extra: readonly RegisterMove[]): number {
  const { state, masm } = context;
  const { places, stackBytes } = argumentPlaces(type, masm.roles.args);
  spillCallerSaved(state, places.length);
  const entries = state.stack.take(places.length);
  const outgoing = stackBytes + reserve;
  masm.adjustStack(-outgoing);
  state.spShift = outgoing;
  // Stack arguments first: they may need registers that then receive arguments.
  places.forEach((place, index) => {
    if ('reg' in place) return;
    state.compute(entries[index] as Entry, masm.scratch);
    masm.storeSlot(masm.scratch, reserve + place.stack);
  });
  const moves = places.flatMap((place, index) => ('reg' in place ? [{ entry: entries[index] as Entry, reg: place.reg }] : []));
  moveAll(state, [...moves, ...extra]);
  for (const entry of entries) state.releaseEntry(entry);
  state.spShift = 0;
  return places.length;
}

function takeResults(context: Context, type: FunctionType): void {
  const { state, masm, environment } = context;
  state.forgetCallerSaved();
  const words = type.results.flatMap((result) => (wordsOf(result) === 2 ? [false, true] : [false]));
  const near = words.slice(0, resultRegisterCount);
  const registers = state.claimResults(masm.roles.args.slice(0, near.length));
  near.forEach((high, index) => state.pushReg(registers[index] as Reg, high));
  words.slice(resultRegisterCount).forEach((high, index) => {
    const { anchor, offset } = masm.splitAddress(environment.resultBuffer + 4 * index);
    const base = state.holdConst(anchor);
    const reg = state.allocate();
    masm.load('load', reg, { base: base.reg, offset });
    state.release(base);
    state.pushReg(reg, high);
  });
}

// --- tail calls -------------------------------------------------------------------------------

export function selectReturnCall(context: Context, callee: number): void {
  const { masm, environment, source } = context;
  const type = source.functionType(callee);
  passArguments(context, type, 0, []);
  if (callee === source.index) leaveFrame(context, type, 0, { jump: () => masm.jump(context.entryLabel) });
  else if (environment.directCalls?.reaches(source.index, callee) === true) leaveFrame(context, type, 0, { jump: () => masm.jumpFunction(callee) });
  else {
    const { anchor, offset } = masm.splitAddress(environment.slotAddress(callee));
    leaveFrame(
      context,
      type,
      0,
      byRegister(masm, () => {
        masm.loadConst(masm.scratch, anchor);
        masm.load('load', masm.scratch, { base: masm.scratch, offset });
      }),
    );
  }
}

/** Bytes that an indirect tail call keeps below the arguments: the slot's address survives there. */
const keptSlot = 16;

export function selectReturnCallIndirect(context: Context, typeIndex: number, table: number): void {
  const { masm, source, state } = context;
  const type = source.types[typeIndex] ?? { params: [], results: [] };
  const slot = selectTableElement(context, table, typeIndex);
  const via = masm.useLink();
  const entry: Entry = { kind: 'sum', source: { fixed: slot.reg }, c: 0, high: false };
  passArguments(context, type, keptSlot, [{ entry, reg: via }]);
  state.release(slot);
  masm.storeSlot(via, 0);
  leaveFrame(
    context,
    type,
    keptSlot,
    byRegister(masm, () => {
      masm.loadSlot(masm.scratch, 0);
      masm.load('load', masm.scratch, { base: masm.scratch, offset: slotCodeOffset });
    }),
  );
}

/** How a tail call leaves the frame. */
interface Departure {
  /** While the new stack arguments are at sp. */
  readonly prepare?: () => void;
  /** When sp is the callee's. */
  readonly jump: () => void;
}

/** To the code address that `load` puts into the scratch register. */
function byRegister(masm: MacroAssembler, load: () => void): Departure {
  return { prepare: load, jump: () => masm.jumpRegister(masm.scratch) };
}

/**
 * Leaves the function by a jump: restores what the prologue saved, and moves the new stack arguments
 * to where the old ones ended. The frame is known only when the function is finished.
 */
function leaveFrame(context: Context, type: FunctionType, reserve: number, { prepare, jump }: Departure): void {
  const { masm } = context;
  const { stackBytes } = argumentPlaces(type, masm.roles.args);
  masm.returnSite((frame: Frame) => {
    masm.restoreSaved(frame, stackBytes + reserve);
    const distance = masm.frameBytes(frame) + frame.stackArgumentBytes;
    // From high to low: the target lies above the source.
    for (let offset = stackBytes - 4; offset >= 0 && distance > 0; offset -= 4) {
      masm.loadSlot(masm.scratch, reserve + offset);
      masm.storeSlot(masm.scratch, reserve + offset + distance);
    }
    prepare?.();
    masm.adjustStackKeeping(reserve + distance);
    jump();
  });
}
