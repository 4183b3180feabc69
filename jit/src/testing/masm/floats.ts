/** Floating-point registers. */
import * as arithmetic from '../../core/layout/arithmetic.js';
import { typeNumbers, binaryNumbers, roundingNumbers } from '../../target/numbers.js';
import { keysOf } from './numbers.js';
import type { Row } from './run.js';

export const floatsRows = {
  floatBinary: (run) => {
    const [op, type, a, b] = [run.draw.of(keysOf(binaryNumbers)), run.floatType(), run.float(), run.float()];
    const fd = op === 'min' || op === 'max' ? run.otherFloat(a, b) : run.float();
    run.masm.floatBinary(op, type, fd, a, b);
    run.core.floatBinary(binaryNumbers[op], typeNumbers[type], fd, a, b);
  },
  floatSqrt: (run) => {
    const [type, fd, a] = [run.floatType(), run.float(), run.float()];
    run.masm.floatSqrt(type, fd, a);
    run.core.floatSqrt(typeNumbers[type], fd, a);
  },
  floatRound: (run) => {
    const [op, type, a] = [run.draw.of(keysOf(roundingNumbers)), run.floatType(), run.float()];
    const fd = run.otherFloat(a);
    run.masm.floatRound(op, type, fd, a);
    run.core.floatRound(roundingNumbers[op], typeNumbers[type], fd, a);
  },
  floatSign: (run) => {
    const [op, type, fd, a] = [run.draw.of(['abs', 'neg'] as const), run.floatType(), run.float(), run.float()];
    run.masm.floatSign(op, type, fd, a);
    run.core.floatSign(arithmetic[op], typeNumbers[type], fd, a);
  },
  floatFromInteger: (run) => {
    const [type, signed, fd, rs] = [run.floatType(), run.draw.chance(2), run.float(), run.source()];
    run.masm.floatFromInteger(type, signed, fd, rs);
    run.core.floatFromInteger(typeNumbers[type], signed, fd, rs);
  },
  floatToInteger: (run) => {
    const [type, signed, exact, rd, a] = [run.floatType(), run.draw.chance(2), run.draw.chance(2), run.reg(), run.float()];
    run.masm.floatToInteger(type, signed, exact, rd, a);
    run.core.floatToInteger(typeNumbers[type], signed, exact, rd, a);
  },
  floatPrecision: (run) => {
    if (run.isa === 'thumb2') return;
    const [type, fd, a] = [run.floatType(), run.float(), run.float()];
    run.masm.floatPrecision(type, fd, a);
    run.core.floatPrecision(typeNumbers[type], fd, a);
  },
  moveToFloat: (run) => {
    const [fd, rs] = [run.float(), run.source()];
    run.masm.moveToFloat(fd, rs);
    run.core.moveToFloat(fd, rs);
  },
  moveFromFloat: (run) => {
    const [rd, fs] = [run.reg(), run.float()];
    run.masm.moveFromFloat(rd, fs);
    run.core.moveFromFloat(rd, fs);
  },
  shortFloatConst: (run) => {
    const [fd, bits] = [run.float(), run.draw.of([0, 0x3f80_0000, 0x4000_0000, 0xc100_0000 | 0, 0xbf80_0000 | 0, 0x3dcc_cccd, run.draw.word()])];
    run.same(run.masm.shortFloatConst(fd, bits), run.core.shortFloatConst(fd, bits));
  },
  loadFloatSlot: (run) => {
    const [type, fd, offset] = [run.floatType(), run.float(), run.slot()];
    if (!run.masm.fitsFloatSlot(offset)) return;
    run.masm.loadFloatSlot(type, fd, offset);
    run.core.loadFloatSlot(typeNumbers[type], fd, offset);
  },
  storeFloatSlot: (run) => {
    const [type, fs, offset] = [run.floatType(), run.float(), run.slot()];
    if (!run.masm.fitsFloatSlot(offset)) return;
    run.masm.storeFloatSlot(type, fs, offset);
    run.core.storeFloatSlot(typeNumbers[type], fs, offset);
  },
} satisfies Readonly<Record<string, Row>>;
