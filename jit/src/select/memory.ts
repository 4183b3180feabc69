import { InternalError } from '@fireball/contracts';
import type { LoadShape, StoreShape } from '../plan/family.js';
import { locate, widths, type Located } from './addresses.js';
import { deferOutOfLine, destination, type Context } from './context.js';
import type { BaseAddress, LoadOp, MemoryAddress, SplitAccess, StoreOp } from '../target/macro-assembler.js';
import { noReg, type Reg } from '../target/registers.js';
import type { Entry } from './operands.js';
import { selectExtend } from './pairs.js';

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
    const from = 'index' in located.address ? located.address.index : located.address.base;
    const prefer = state.contents.isWorthKeeping(from) ? noReg : from;
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

function loadFrom(context: Context, op: LoadOp, rd: Reg, located: Located, bytes = 0): void {
  accessAt(context, op, located, bytes, {
    whole: (address) => context.masm.load(op, rd, address),
    split: (split, address) => split.load(op, rd, address),
  });
}

function storeTo(context: Context, op: StoreOp, rs: Reg, located: Located, bytes: number): void {
  accessAt(context, op, located, bytes, {
    whole: (address) => context.masm.store(op, rs, address),
    split: (split, address) => split.store(op, rs, address),
  });
}

interface AccessForms {
  whole(address: MemoryAddress): void;
  split(split: SplitAccess, address: BaseAddress): void;
}

/** One access; where the core traps on misaligned ones, bytes out of line for an address that turns out to be. */
function accessAt(context: Context, op: LoadOp | StoreOp, { address: first, known }: Located, bytes: number, forms: AccessForms): void {
  const { masm, environment } = context;
  const address = bytes === 0 ? first : behind(first, bytes);
  const width = widths[op];
  const { split } = masm;
  if (split === undefined || environment.misaligned === 'hw' || width === 1 || (known !== undefined && known % width === 0)) {
    forms.whole(address);
    return;
  }
  if ('index' in address) throw new InternalError('an indexed access cannot be split');
  if (known !== undefined) {
    forms.split(split, address);
    return;
  }
  const misaligned = masm.assembly.newLabel();
  const back = masm.assembly.newLabel();
  split.branchIfMisaligned(width, address, misaligned);
  forms.whole(address);
  masm.assembly.bind(back);
  deferOutOfLine(context, () => {
    masm.bind(misaligned);
    forms.split(split, address);
    masm.jump(back);
  });
}

/** The address `bytes` further on; multi-word accesses never use the index form. */
function behind(address: MemoryAddress, bytes: number): BaseAddress {
  if ('index' in address) throw new InternalError('an indexed address has no second word');
  return { base: address.base, offset: address.offset + bytes };
}
