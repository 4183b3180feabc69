/** What some form takes just or just not, of everything that a form can be chosen by. */
import * as arithmetic from '../../core/layout/arithmetic.js';
import * as machine from '../../core/layout/machine.js';
import { aluNumbers } from '../../target/alu.js';
import type { LoadOp, StoreOp } from '../../target/macro-assembler.js';
import type { Reg } from '../../target/registers.js';
import { addressOf } from './conditions.js';
import { edges, mixed } from './draw.js';
import { accessNumbers, condNumbers } from '../../target/numbers.js';
import { aluOps, conds, loadOps, storeOps } from './numbers.js';
import type { MasmRun, Row } from './run.js';

const offsets = [
  -2049, -2048, -4, -1, 0, 1, 2, 4, 5, 30, 31, 32, 33, 60, 61, 62, 63, 64, 66, 120, 124, 126, 128, 248, 252, 256, 2044, 2047, 2048, 4092, 4095, 4096,
];
const slots = [0, 4, 120, 124, 128, 248, 252, 256, 1016, 1020, 1024, 2040, 2044, 2048, 4092, 4096, 8000];
const frames = [8, 16, 24, 32, 496, 504, 508, 512, 520, 2032, 2040, 2048, 4080, 4088, 4092, 4096, 4104, 8176, 8192];
const constants = [...new Set([0, ...edges, ...edges.map((edge) => ~edge), ...offsets])];
/** Registers that short forms take, and one that they do not. */
const registers: Readonly<Record<MasmRun['isa'], readonly Reg[]>> = { thumb2: [0, 7, 8], rv32: [8, 15, 16] };

/** Places everything at all edges. */
export function placeEdges(run: MasmRun): void {
  placeConstants(run);
  placeAccesses(run);
  placeFrames(run);
}

function placeConstants(run: MasmRun): void {
  const { masm, core, isa } = run;
  const label = run.label();
  for (const value of constants) {
    for (const reg of registers[isa]) {
      masm.loadConst(reg, value);
      core.loadConst(reg, value);
      if (masm.fitsImmediate('compare', value))
        for (const cond of conds) {
          masm.branchIf({ test: 'compare', cond, a: reg, b: { imm: value } }, label);
          core.branchIfWords(machine.compareTest, condNumbers[cond], reg, machine.immediate, value, label);
        }
    }
  }
  placeOperations(run);
  if (masm.holdCondition !== undefined)
    whileHeld(run, () => {
      placeOperations(run);
    });
}

function placeOperations(run: MasmRun): void {
  const { masm, core, isa } = run;
  for (const op of aluOps)
    for (const rd of registers[isa])
      for (const a of registers[isa]) {
        for (const value of constants) {
          if (!masm.fitsImmediate(op, value)) continue;
          masm.alu(op, rd, a, { imm: value });
          core.alu(aluNumbers[op], rd, a, machine.immediate, value, false);
        }
        for (const b of registers[isa])
          for (const isShort of [false, true]) {
            masm.alu(op, rd, a, { reg: b }, isShort);
            core.alu(aluNumbers[op], rd, a, machine.register, b, isShort);
          }
      }
  for (const value of constants) {
    masm.loadConst(registers[isa][0]!, value);
    core.loadConst(registers[isa][0]!, value);
  }
}

function placeAccesses(run: MasmRun): void {
  const { masm, core, isa } = run;
  const bases = isa === 'rv32' ? [2, ...registers.rv32] : registers.thumb2;
  for (const op of [...loadOps, ...storeOps])
    for (const rt of registers[isa])
      for (const base of bases)
        for (const offset of offsets) {
          run.same(masm.fitsOffset(op, offset), core.fitsOffset(offset));
          if (!masm.fitsOffset(op, offset)) continue;
          if ((loadOps as readonly string[]).includes(op)) masm.load(op as LoadOp, rt, { base, offset });
          else masm.store(op as StoreOp, rt, { base, offset });
          core.access(accessNumbers[op], rt, base, offset);
        }
}

function placeFrames(run: MasmRun): void {
  const { masm, core, isa } = run;
  for (const offset of slots) {
    for (const reg of [...registers[isa], masm.scratch]) {
      masm.storeSlot(reg, offset);
      core.storeSlot(reg, offset);
    }
    for (const reg of registers[isa]) {
      masm.loadSlot(reg, offset);
      core.loadSlot(reg, offset);
      masm.slotAddress(reg, offset);
      core.slotAddress(reg, offset);
    }
    run.same(masm.fitsFloatSlot(offset), core.fitsFloatSlot(offset));
  }
  for (const bytes of frames.flatMap((size) => [size, -size])) {
    masm.adjustStack(bytes);
    core.adjustStack(bytes);
    masm.adjustStackKeeping(bytes);
    core.adjustStackKeeping(bytes);
  }
}

/** Calls of every method between operations that set flags and comparisons with 0: is it known whose flags they are? */
export function placeFlags(run: MasmRun, methods: readonly (readonly [string, Row])[]): void {
  const { masm, core, isa } = run;
  const label = run.label();
  const compare = (reg: Reg): void => {
    masm.branchIf({ test: 'compare', cond: 'lt_s', a: reg, b: { imm: 0 } }, label);
    core.branchIfWords(machine.compareTest, arithmetic.ltS, reg, machine.immediate, 0, label);
  };
  const subtract = (reg: Reg): void => {
    masm.alu('sub', reg, reg, { imm: 1 });
    core.alu(arithmetic.sub, reg, reg, machine.immediate, 1, false);
  };
  const [first, , last] = registers[isa] as [Reg, Reg, Reg];
  for (const [name, place] of methods)
    for (let seed = 0; seed < 12; seed++)
      for (const reg of [first, last]) {
        run.draw = mixed(`${name} ${seed}`);
        run.preferred = reg;
        subtract(run.draw.chance(2) ? reg : run.draw.of([first, last]));
        place(run);
        compare(reg);
      }
  run.preferred = undefined;
  if (masm.holdCondition === undefined) return;
  for (const reg of [first, last])
    for (const isFlagsOwn of [false, true]) {
      if (isFlagsOwn) subtract(reg);
      whileHeld(run, () => {
        subtract(reg);
      });
      compare(reg);
    }
}

/** Places something while the flags tell of a condition. */
function whileHeld(run: MasmRun, place: () => void): void {
  const label = run.label();
  const [condition, held] = [
    { test: 'compare', cond: 'lt_u', a: 1, b: { imm: 5 } },
    { test: 'held', holds: true },
  ] as const;
  run.masm.holdCondition?.(condition);
  run.core.holdCondition(addressOf(run, condition));
  place();
  run.masm.branchIf(held, label);
  run.core.branchIf(addressOf(run, held), label);
}
