import type { Context } from './context.js';
import { trapLabel } from './context.js';
import type { Reg } from '../target/registers.js';
import type { Held } from './temporaries.js';

/** Word offsets in a table record (ABI.md). */
const countOffset = 0;
/** Word offsets in a slot, which is what a function reference points to. */
export const slotCodeOffset = 0;
const slotTypeOffset = 4;

/** Loads one word of a record whose address is a constant of the code. */
function loadRecordWord(context: Context, address: number): Held {
  const { state, masm } = context;
  const { anchor, offset } = masm.splitAddress(address);
  const base = state.holdConst(anchor);
  state.release(base);
  const reg = state.allocate(base.reg);
  masm.load('load', reg, { base: base.reg, offset });
  return { reg, owned: true };
}

export function selectTableSize(context: Context, table: number): void {
  const size = loadRecordWord(context, context.environment.table(table).record + countOffset);
  context.state.pushReg(size.reg);
}

export function selectMemorySize(context: Context): void {
  const { state, masm, environment } = context;
  const { record = 0, pageShift = 16 } = environment.memory ?? {};
  const size = loadRecordWord(context, record);
  if (pageShift > 0) masm.alu('shr_u', size.reg, size.reg, { imm: pageShift });
  state.pushReg(size.reg);
}

/** data.drop, elem.drop: the segment's record has length 0 from now on. */
export function selectDrop(context: Context, record: number): void {
  const { state, masm } = context;
  const zero = state.holdConst(0);
  const { anchor, offset } = masm.splitAddress(record);
  const base = state.holdConst(anchor);
  masm.store('store', zero.reg, { base: base.reg, offset });
  state.release(base);
  state.release(zero);
}

/**
 * The function reference at table[index], checked: index in range, element not null, type as
 * expected. Consumes the index; returns the slot's address in a register.
 */
export function selectTableElement(context: Context, table: number, typeIndex: number): Held {
  const { state, masm, environment } = context;
  const { record, elements } = environment.table(table);
  const index = state.hold(state.pop());
  const count = loadRecordWord(context, record + countOffset);
  masm.branchIf({ test: 'compare', cond: 'ge_u', a: index.reg, b: { reg: count.reg } }, trapLabel(context, 'undefined element'));
  state.release(count);
  const reference = loadElement(context, elements, index);
  masm.branchIf({ test: 'compare', cond: 'eq', a: reference, b: { imm: 0 } }, trapLabel(context, 'uninitialized element'));
  const type = state.allocate();
  masm.load('load', type, { base: reference, offset: slotTypeOffset });
  const wanted = environment.typeNumber(typeIndex);
  const held = masm.fitsImmediate('compare', wanted) ? undefined : state.holdConst(wanted);
  masm.branchIf(
    { test: 'compare', cond: 'ne', a: type, b: held === undefined ? { imm: wanted } : { reg: held.reg } },
    trapLabel(context, 'indirect call type mismatch'),
  );
  if (held !== undefined) state.release(held);
  state.release({ reg: type, owned: true });
  return { reg: reference, owned: true };
}

function loadElement(context: Context, elements: number, index: Held): Reg {
  const { state, masm } = context;
  const base = state.holdConst(elements);
  const reference = state.allocate();
  if (masm.indexed) masm.load('load', reference, { base: base.reg, index: index.reg, shift: 2 });
  else {
    masm.alu('shl', reference, index.reg, { imm: 2 });
    masm.alu('add', reference, reference, { reg: base.reg });
    masm.load('load', reference, { base: reference, offset: 0 });
  }
  state.release(base);
  state.release(index);
  return reference;
}
