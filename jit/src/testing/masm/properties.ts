/** Properties of the targets, and what their instructions take. */
import { expect } from '@jest/globals';
import * as layout from '../../core/layout/masm.js';
import { floatCount } from '../../core/masm/roles.js';
import { aluNumbers } from '../../target/alu.js';
import type { MacroAssembler } from '../../target/macro-assembler.js';
import type { MasmCore } from './cores.js';
import { conditionalOps, keysOf } from './numbers.js';
import type { Row } from './run.js';

/** A property that is a function of the core. */
const property =
  (old: (masm: MacroAssembler) => unknown, now: (core: MasmCore) => unknown): Row =>
  (run) => {
    run.same(old(run.masm), now(run.core));
  };

export const propertiesRows = {
  roles: ({ masm, core }) => {
    const { args, saved, link, zero, floats } = masm.roles;
    const registers = (count: number, at: (index: number) => number): number[] => Array.from({ length: count }, (_, index) => at(index));
    expect(registers(core.argumentCount(), core.argumentRegister)).toEqual(args);
    expect(registers(core.savedCount(), core.savedRegisterAt)).toEqual(saved);
    expect(core.savedRegisters()).toBe(saved.reduce((set, reg) => set | (1 << reg), 0));
    expect([core.linkRole(), core.zeroRegister()]).toEqual([link, zero]);
    expect(registers(floatCount, (index) => index)).toEqual(floats);
  },
  indexed: property(
    (masm) => masm.indexed,
    (core) => core.isIndexed(),
  ),
  shiftedOperands: property(
    (masm) => masm.shiftedOperands,
    (core) => core.shiftsOperands(),
  ),
  multiplyAdd: property(
    (masm) => masm.multiplyAdd,
    (core) => core.multipliesAndAdds(),
  ),
  spreadsResults: property(
    (masm) => masm.spreadsResults,
    (core) => core.spreadsResults(),
  ),
  bitFields: property(
    (masm) => masm.bitFields,
    (core) => core.hasBitFields(),
  ),
  forwardTables: property(
    (masm) => masm.forwardTables,
    (core) => core.hasForwardTables(),
  ),
  countsByFlags: property(
    (masm) => masm.countsByFlags,
    (core) => core.countsByFlags(),
  ),
  scratch: property(
    (masm) => masm.scratch,
    (core) => core.scratch(),
  ),
  saveCost: property(
    (masm) => masm.saveCost,
    (core) => core.saveCost(),
  ),
  linkUsed: (run) => {
    run.same(run.masm.linkUsed, new Int32Array(run.core.memory.buffer)[layout.linkUsed >> 2]);
  },
  wasmOffset: (run) => {
    run.masm.wasmOffset = run.draw.between(0, 1_000_000);
    run.writeWord(layout.wasmOffset, run.masm.wasmOffset);
  },
  constCost: (run) => {
    const value = run.draw.word();
    run.same(run.masm.constCost(value), run.core.constCost(value));
  },
  fitsImmediate: (run) => {
    const [op, value] = [run.draw.of(keysOf(aluNumbers)), run.draw.word()];
    run.same(run.masm.fitsImmediate(op, value), run.core.fitsImmediate(aluNumbers[op], value));
  },
  fitsReverse: (run) => {
    const value = run.draw.word();
    run.same(run.masm.fitsReverse(value), run.core.fitsReverse(value));
  },
  fitsPairImmediate: (run) => {
    const op = run.draw.of(['add', 'sub', 'compare'] as const);
    const [lowImm, highImm] = [run.draw.word(), run.draw.word()];
    run.same(run.masm.fitsPairImmediate(op, { lowImm, highImm }), run.core.fitsPairImmediate(aluNumbers[op], lowImm, highImm));
  },
  fitsAluIf: (run) => {
    const [op, imm] = [run.draw.of(conditionalOps), run.draw.word()];
    run.same(run.masm.fitsAluIf(op, imm), run.core.fitsAluIf(aluNumbers[op], imm));
  },
  fitsChoose: (run) => {
    const imm = run.draw.word();
    run.same(run.masm.fitsChoose(imm), run.core.fitsChoose(imm));
  },
  fitsOffset: (run) => {
    const offset = run.draw.word();
    run.same(run.masm.fitsOffset('load', offset), run.core.fitsOffset(offset));
  },
  splitAddress: (run) => {
    const address = run.draw.word() >>> 0;
    const { anchor, offset } = run.masm.splitAddress(address);
    run.same(anchor, run.core.anchorOf(address | 0) >>> 0);
    run.same(offset, run.core.offsetOf(address | 0));
  },
  immediateLimit: (run) => {
    const limit = run.draw.word() & 0x7fff_ffff;
    if (limit !== 0) run.same(run.masm.immediateLimit(limit), run.core.immediateLimit(limit) >>> 0);
  },
  fitsFloatSlot: (run) => {
    const offset = run.slot();
    run.same(run.masm.fitsFloatSlot(offset), run.core.fitsFloatSlot(offset));
  },
} satisfies Readonly<Record<string, Row>>;
