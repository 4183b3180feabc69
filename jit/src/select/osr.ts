/**
 * On-stack replacement: entries by which an interpreter that has arrived at a loop goes on in the
 * function's code (ABI.md, "On-stack replacement"). An entry is one more edge into the loop's header:
 * what every edge provides there, it takes from the interpreter's frame.
 */
import { UsageError } from '@fireball/contracts';
import type { Label } from '../expand/assembly.js';
import type { Plan } from '../plan/result.js';
import type { Context, OsrHeader } from './context.js';
import { enterFrame } from './frame.js';
import type { Frame } from '../target/frame.js';
import { type Reg, noReg } from '../target/registers.js';

/** Where the function can be entered at a loop. */
export interface OsrLabel {
  /** Offset of the `loop` in the module. */
  readonly wasmOffset: number;
  readonly label: Label;
}

/** @throws UsageError where an offset names no loop of the function */
export function checkOsrLoops({ body }: Plan, osrLoops: ReadonlySet<number>): void {
  if (osrLoops.size === 0) return;
  const loops = new Set(body.flatMap(({ op, offset }) => (op === 'loop' ? [offset] : [])));
  for (const offset of osrLoops) {
    if (!loops.has(offset)) throw new UsageError(`there is no loop at offset 0x${offset.toString(16)} of this function`);
  }
}

/** Places the entries behind the function's code. */
export function emitOsrEntries(context: Context, frame: Frame, overflow: Label | undefined): OsrLabel[] {
  return context.osrHeaders.map((header) => {
    const label = context.masm.assembly.newLabel();
    context.masm.wasmOffset = header.wasmOffset;
    context.masm.bind(label);
    // The caller has passed no stack arguments: room for as many lets the function pop them as ever, or tail-call with them.
    enterFrame(context, frame, frame.stackArgumentBytes, overflow);
    takeFrame(context, header);
    context.masm.jump(header.label);
    return { wasmOffset: header.wasmOffset, label };
  });
}

/** Loads what lives at the header from the interpreter's frame, and the constants that have registers. */
function takeFrame(context: Context, { index, homes }: OsrHeader): void {
  const { masm, state, plan } = context;
  const { localRegs, constRegs } = state.allocation;
  // The only argument; the other argument registers are free until locals or constants move in.
  const [base, via] = masm.roles.args as [Reg, Reg];
  const { live } = plan;
  const isWanted = (word: number): boolean => plan.found.isMentioned(word) && (live === undefined || live.isWantedAtLoop(index, word));
  const words = Array.from(localRegs, (reg, word) => ({ reg, word })).filter(({ word }) => isWanted(word));
  const inHomes = words.filter(({ reg, word }) => reg === noReg && state.hasLocalHome(word)).map(({ word }) => state.localHome(word));
  // A home has the same offset in both frames.
  for (const offset of [...inHomes, ...homes]) {
    loadFrom(context, via, base, offset);
    masm.storeSlot(via, offset);
  }
  // Words that share a register have the same value where both are wanted.
  const inRegisters = [...new Map(words.map((each) => [each.reg, each])).values()].filter(({ reg }) => reg !== noReg);
  // The frame's address goes last.
  for (const { reg, word } of [...inRegisters.filter(({ reg }) => reg !== base), ...inRegisters.filter(({ reg }) => reg === base)]) {
    loadFrom(context, reg, base, state.localOffset(word));
  }
  for (const [constant, reg] of constRegs) masm.loadConst(reg, constant);
}

/** rd = word at base + offset; rd may be the base. */
function loadFrom({ masm }: Context, rd: Reg, base: Reg, offset: number): void {
  if (masm.fitsOffset('load', offset)) {
    masm.load('load', rd, { base, offset });
    return;
  }
  const address = rd === base ? masm.scratch : rd;
  masm.loadConst(address, offset);
  masm.alu('add', address, address, { reg: base });
  masm.load('load', rd, { base: address, offset: 0 });
}
