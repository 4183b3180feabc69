/** Integer arithmetic, loads and stores. */
import { aluNumbers } from '../../target/alu.js';
import type { LoadOp, StoreOp } from '../../target/macro-assembler.js';
import { operandWords } from './conditions.js';
import { accessNumbers, divideNumbers, unaryNumbers } from '../../target/numbers.js';
import { aluOps, shifts, pairShifts, keysOf, loadOps, storeOps } from './numbers.js';
import { type MasmRun, drawOffset, type Row } from './run.js';

export const wordsRows = {
  move: (run) => {
    const [rd, rs] = [run.reg(), run.source()];
    run.masm.move(rd, rs);
    run.core.move(rd, rs);
  },
  loadConst: (run) => {
    const [rd, value] = [run.reg(), run.draw.word()];
    run.masm.loadConst(rd, run.draw.chance(2) ? value >>> 0 : value);
    run.core.loadConst(rd, value);
  },
  alu: (run) => {
    const op = run.draw.of(aluOps);
    const [rd, a, b, isShort] = [run.reg(), run.source(), run.operand(op), run.draw.chance(3)];
    run.masm.alu(op, rd, a, b, isShort);
    run.core.alu(aluNumbers[op], rd, a, ...operandWords(b), isShort);
  },
  reverseSubtract: (run) => {
    const [rd, a, value] = [run.reg(), run.reg(), run.draw.word()];
    if (!run.masm.fitsReverse(value)) return;
    run.masm.reverseSubtract(rd, a, value);
    run.core.reverseSubtract(rd, a, value);
  },
  aluShifted: (run) => {
    if (!run.masm.shiftedOperands) return;
    const [op, shift] = [run.draw.of(['add', 'sub', 'and', 'or', 'xor'] as const), run.draw.of(shifts)];
    const [rd, a, b, amount] = [run.reg(), run.reg(), run.reg(), run.draw.between(1, 31)];
    run.masm.aluShifted(op, rd, a, b, shift, amount);
    run.core.aluShifted(aluNumbers[op], rd, a, b, aluNumbers[shift], amount);
  },
  multiplyAccumulate: (run) => {
    if (!run.masm.multiplyAdd) return;
    const op = run.draw.of(['add', 'sub'] as const);
    const [rd, a, b, addend] = [run.reg(), run.reg(), run.reg(), run.reg()];
    run.masm.multiplyAccumulate(op, rd, a, b, addend);
    run.core.multiplyAccumulate(aluNumbers[op], rd, a, b, addend);
  },
  extractField: (run) => {
    if (!run.masm.bitFields) return;
    const [rd, a, lsb] = [run.reg(), run.reg(), run.draw.between(0, 31)];
    const bits = run.draw.between(1, 32 - lsb);
    run.masm.extractField(rd, a, lsb, bits);
    run.core.extractField(rd, a, lsb, bits);
  },
  unary: (run) => {
    const op = run.draw.of(keysOf(unaryNumbers).filter((name) => run.isa === 'thumb2' || (name !== 'clz' && name !== 'ctz')));
    const [rd, a] = [run.reg(), run.reg()];
    run.masm.unary(op, rd, a);
    run.core.unary(unaryNumbers[op], rd, a);
  },
  divide: (run) => {
    const [op, rd, a, b] = [run.draw.of(keysOf(divideNumbers)), run.reg(), run.reg(), run.reg()];
    run.masm.divide(op, rd, a, b);
    run.core.divide(divideNumbers[op], rd, a, b);
  },
  addPair: (run) => {
    const op = run.draw.of(['add', 'sub'] as const);
    const [rd, a, b] = [run.pair(), run.pair(), run.pair()];
    const imm = { lowImm: run.draw.word(), highImm: run.draw.word() };
    if (run.masm.fitsPairImmediate(op, imm)) {
      run.masm.addPair(op, rd, a, imm);
      run.core.addPairImmediate(aluNumbers[op], rd.low, rd.high, a.low, a.high, imm.lowImm, imm.highImm);
    } else {
      run.masm.addPair(op, rd, a, b);
      run.core.addPair(aluNumbers[op], rd.low, rd.high, a.low, a.high, b.low, b.high);
    }
  },
  multiplyPair: (run) => {
    const [rd, a, b] = [run.otherPair(), run.pair(), run.pair()];
    const isWord = run.draw.chance(2);
    run.masm.multiplyPair(rd, isWord ? { low: a.low } : a, b);
    run.core.multiplyPair(rd.low, rd.high, a.low, isWord ? -1 : a.high, b.low, b.high);
  },
  multiplyWords: (run) => {
    const [signed, rd, a, b] = [run.draw.chance(2), run.otherPair(), run.reg(), run.reg()];
    run.masm.multiplyWords(signed, rd, a, b);
    run.core.multiplyWords(signed, rd.low, rd.high, a, b);
  },
  multiplyAddWords: (run) => {
    if (!run.masm.multiplyAdd) return;
    const [signed, rd, a, b] = [run.draw.chance(2), run.otherPair(), run.reg(), run.reg()];
    run.masm.multiplyAddWords(signed, rd, a, b);
    run.core.multiplyAddWords(signed, rd.low, rd.high, a, b);
  },
  shiftPair: (run) => {
    const [op, rd, a, amount] = [run.draw.of(pairShifts), run.otherPair(), run.pair(), run.reg()];
    const [into, from] = op === 'shl' ? [rd.high, a.low] : [rd.low, a.high];
    if (into === from || into === amount) return;
    run.masm.shiftPair(op, rd, a, amount);
    run.core.shiftPair(aluNumbers[op], rd.low, rd.high, a.low, a.high, amount);
  },
  load: (run) => {
    access(run, run.draw.of(loadOps));
  },
  store: (run) => {
    access(run, run.draw.of(storeOps));
  },
  split: (run) => {
    const { masm, core, draw } = run;
    run.same(masm.split !== undefined, core.isSplit());
    if (masm.split === undefined) return;
    const [width, base, offset, target, reg] = [draw.of([2, 4]), run.reg(), drawOffset(run), run.label(), run.reg()];
    masm.split.branchIfMisaligned(width, { base, offset }, target);
    core.branchIfMisaligned(width, base, offset, target);
    const [loadOp, storeOp] = [draw.of(['load', 'load16_u', 'load16_s'] as const), draw.of(['store', 'store16'] as const)];
    masm.split.load(loadOp, reg, { base, offset });
    core.splitLoad(accessNumbers[loadOp], reg, base, offset);
    masm.split.store(storeOp, reg, { base, offset });
    core.splitStore(accessNumbers[storeOp], reg, base, offset);
  },
  loadSlot: (run) => {
    const [rd, offset] = [run.reg(), run.slot()];
    run.masm.loadSlot(rd, offset);
    run.core.loadSlot(rd, offset);
  },
  storeSlot: (run) => {
    const [rs, offset] = [run.draw.chance(4) ? run.masm.scratch : run.source(), run.slot()];
    run.masm.storeSlot(rs, offset);
    run.core.storeSlot(rs, offset);
  },
  slotAddress: (run) => {
    const [rd, offset] = [run.reg(), run.slot()];
    run.masm.slotAddress(rd, offset);
    run.core.slotAddress(rd, offset);
  },
} satisfies Readonly<Record<string, Row>>;

function access(run: MasmRun, op: LoadOp | StoreOp): void {
  const { masm, core, draw } = run;
  const [rt, base] = [run.reg(), draw.chance(5) && run.isa === 'rv32' ? 2 : run.reg()];
  const isIndexed = masm.indexed && draw.chance(2);
  const address = isIndexed ? { base, index: run.reg(), shift: draw.chance(2) ? 0 : draw.between(1, 3) } : { base, offset: drawOffset(run) };
  if ((loadOps as readonly string[]).includes(op)) masm.load(op as LoadOp, rt, address);
  else masm.store(op as StoreOp, rt, address);
  if ('index' in address) core.accessIndexed(accessNumbers[op], rt, base, address.index, address.shift!);
  else core.access(accessNumbers[op], rt, base, address.offset);
}
