import type { FunctionType } from '../plan/body.js';
import { wordsOf } from '../plan/words.js';
import type { Context } from './context.js';
import type { Frame, Reg } from './machine.js';
import { noReg } from './machine.js';
import { moveAll, type RegisterMove } from './moves.js';
import type { Entry } from './operands.js';
import { selectTableElement, slotCodeOffset } from './tables.js';
import { spillCallerSaved } from './spilling.js';

/** Where one argument word travels: a register, or the stack argument at this byte offset. */
export type ArgumentPlace = { readonly reg: Reg } | { readonly stack: number };

/** Result words that travel in registers; the rest goes to the result buffer (ABI.md, "Calls"). */
export const resultRegisterCount = 4;

/**
 * The calling convention (ABI.md, "Calls"): words go to consecutive argument registers as long as a
 * whole value fits; the rest take 8-byte stack slots, first one lowest, popped by the callee.
 */
export function argumentPlaces(type: FunctionType, args: readonly Reg[]): { places: ArgumentPlace[]; stackBytes: number } {
  const places: ArgumentPlace[] = [];
  let next = 0;
  let stackBytes = 0;
  for (const param of type.params) {
    const words = wordsOf(param);
    if (stackBytes === 0 && next + words <= args.length) {
      for (let word = 0; word < words; word++) places.push({ reg: args[next++] as Reg });
    } else {
      for (let word = 0; word < words; word++) places.push({ stack: stackBytes + 4 * word });
      stackBytes += 8;
    }
  }
  return { places, stackBytes: (stackBytes + 15) & ~15 };
}

export function selectCall(context: Context, callee: number): void {
  const { machine, environment, source } = context;
  const type = source.functionType(callee);
  if (callee === source.index) {
    passArguments(context, type, 0, []);
    machine.callLabel(context.entryLabel);
  } else {
    const count = passArguments(context, type, 0, []);
    const { anchor, offset } = machine.splitAddress(environment.slotAddress(callee));
    // An argument register that this call leaves free has shorter encodings than the scratch register.
    const spare = machine.roles.args[count] ?? machine.scratch;
    const pinned = context.state.allocation.constRegs.get(anchor) ?? noReg;
    if (pinned === noReg) machine.loadConst(spare, anchor);
    machine.callSlot(pinned === noReg ? spare : pinned, offset, spare);
  }
  takeResults(context, type);
}

export function selectCallIndirect(context: Context, typeIndex: number, table: number): void {
  const { machine, source, state } = context;
  const type = source.types[typeIndex] ?? { params: [], results: [] };
  const slot = selectTableElement(context, table, typeIndex);
  // The slot's address travels along with the arguments: to a free argument register, or the link register.
  const { places } = argumentPlaces(type, machine.roles.args);
  const via = machine.roles.args[places.length] ?? machine.useLink();
  const entry: Entry = { kind: 'sum', source: { fixed: slot.reg }, c: 0, high: false };
  passArguments(context, type, 0, [{ entry, reg: via }]);
  state.release(slot);
  machine.callSlot(via, slotCodeOffset, via);
  takeResults(context, type);
}

/**
 * Puts the topmost values where the convention wants them, with `reserve` bytes kept free below the
 * stack arguments, and makes `extra` moves at the same time. Returns the number of argument words.
 */
function passArguments(context: Context, type: FunctionType, reserve: number, extra: readonly RegisterMove[]): number {
  const { state, machine } = context;
  const { places, stackBytes } = argumentPlaces(type, machine.roles.args);
  spillCallerSaved(state, places.length);
  const entries = state.stack.take(places.length);
  const outgoing = stackBytes + reserve;
  machine.adjustStack(-outgoing);
  state.spShift = outgoing;
  // Stack arguments first: they may need registers that then receive arguments.
  places.forEach((place, index) => {
    if ('reg' in place) return;
    state.compute(entries[index] as Entry, machine.scratch);
    machine.storeSlot(machine.scratch, reserve + place.stack);
  });
  const moves = places.flatMap((place, index) => ('reg' in place ? [{ entry: entries[index] as Entry, reg: place.reg }] : []));
  moveAll(state, [...moves, ...extra]);
  for (const entry of entries) state.releaseEntry(entry);
  state.spShift = 0;
  return places.length;
}

function takeResults(context: Context, type: FunctionType): void {
  const { state, machine, environment } = context;
  state.forgetTemps();
  const words = type.results.flatMap((result) => (wordsOf(result) === 2 ? [false, true] : [false]));
  const near = words.slice(0, resultRegisterCount);
  const registers = state.claimResults(machine.roles.args.slice(0, near.length));
  near.forEach((high, index) => state.pushReg(registers[index] as Reg, high));
  words.slice(resultRegisterCount).forEach((high, index) => {
    const { anchor, offset } = machine.splitAddress(environment.resultBuffer + 4 * index);
    const base = state.holdConst(anchor);
    const reg = state.allocate();
    machine.load('load', reg, { base: base.reg, offset });
    state.release(base);
    state.pushReg(reg, high);
  });
}

// --- tail calls -------------------------------------------------------------------------------

export function selectReturnCall(context: Context, callee: number): void {
  const { machine, environment, source } = context;
  const type = source.functionType(callee);
  passArguments(context, type, 0, []);
  const slot = environment.slotAddress(callee);
  leaveFrame(context, type, 0, () => {
    const { anchor, offset } = machine.splitAddress(slot);
    machine.loadConst(machine.scratch, anchor);
    machine.load('load', machine.scratch, { base: machine.scratch, offset });
  });
}

/** Bytes that an indirect tail call keeps below the arguments: the slot's address survives there. */
const keptSlot = 16;

export function selectReturnCallIndirect(context: Context, typeIndex: number, table: number): void {
  const { machine, source, state } = context;
  const type = source.types[typeIndex] ?? { params: [], results: [] };
  const slot = selectTableElement(context, table, typeIndex);
  const via = machine.useLink();
  const entry: Entry = { kind: 'sum', source: { fixed: slot.reg }, c: 0, high: false };
  passArguments(context, type, keptSlot, [{ entry, reg: via }]);
  state.release(slot);
  machine.storeSlot(via, 0);
  leaveFrame(context, type, keptSlot, () => {
    machine.loadSlot(machine.scratch, 0);
    machine.load('load', machine.scratch, { base: machine.scratch, offset: slotCodeOffset });
  });
}

/**
 * Leaves the function by a jump: restores what the prologue saved, moves the new stack arguments to
 * where the old ones ended, and jumps to the code address that `loadTarget` puts into the scratch
 * register. The frame is known only when the function is finished.
 */
function leaveFrame(context: Context, type: FunctionType, reserve: number, loadTarget: () => void): void {
  const { machine } = context;
  const { stackBytes } = argumentPlaces(type, machine.roles.args);
  machine.returnSite((frame: Frame) => {
    machine.restoreSaved(frame, stackBytes + reserve);
    const distance = machine.frameBytes(frame) + frame.stackArgumentBytes;
    // From high to low: the target lies above the source.
    for (let offset = stackBytes - 4; offset >= 0 && distance > 0; offset -= 4) {
      machine.loadSlot(machine.scratch, reserve + offset);
      machine.storeSlot(machine.scratch, reserve + offset + distance);
    }
    loadTarget();
    machine.adjustStackKeeping(reserve + distance);
    machine.jumpRegister(machine.scratch);
  });
}
