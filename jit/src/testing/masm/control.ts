/** Labels, comparisons and branches. */
import { expect } from '@jest/globals';
import * as arithmetic from '../../core/layout/arithmetic.js';
import * as machine from '../../core/layout/machine.js';
import * as layout from '../../core/layout/masm.js';
import { aluNumbers } from '../../target/alu.js';
import type { Condition, WordCondition } from '../../target/conditions.js';
import type { Operand } from '../../target/registers.js';
import { operandWords, addressOf, drawCondition } from './conditions.js';
import { condNumbers } from '../../target/numbers.js';
import { conditionalOps } from './numbers.js';
import type { MasmRun, Row } from './run.js';
import { wordsRows } from './words.js';

export const controlRows = {
  bind: (run) => {
    const label = run.toBind();
    run.masm.bind(label);
    run.core.bind(label);
  },
  bindLabel: (run) => {
    const label = run.toBind();
    run.assembly.bind(label);
    run.core.bindLabel(label);
  },
  rebind: (run) => {
    for (let count = run.draw.between(0, 2); count > 0; count--) controlRows.bindLabel(run);
    const around = [...run.assembly.labelsHere()];
    const count = run.core.labelsHere();
    const words = new Int32Array(run.core.memory.buffer);
    const latest = words[layout.latest >> 2]! >> 2;
    expect([...words.subarray(latest, latest + count)]).toEqual(around);
    wordsRows.alu(run);
    const list = run.list(around);
    run.assembly.rebind(around);
    run.core.rebind(list, around.length);
  },
  setIf: (run) => {
    const [rd, [condition, at]] = [run.reg(), drawCondition(run)];
    run.masm.setIf(rd, condition);
    run.core.setIf(rd, at);
  },
  choose: (run) => {
    const [rd, [condition, at]] = [run.reg(), drawCondition(run)];
    const [whenTrue, whenFalse] = [0, 1].map((): Operand => {
      const imm = run.draw.word();
      return run.draw.chance(2) || !run.masm.fitsChoose(imm) ? { reg: run.draw.chance(3) ? rd : run.reg() } : { imm };
    });
    run.masm.choose(rd, condition, whenTrue!, whenFalse!);
    run.core.choose(rd, at, ...operandWords(whenTrue!), ...operandWords(whenFalse!));
  },
  aluIf: (run) => {
    const op = run.draw.of(conditionalOps);
    const [rd, [condition, at], imm] = [run.reg(), drawCondition(run), run.draw.word()];
    const b: Operand = run.masm.fitsAluIf(op, imm) ? { imm } : { reg: run.reg() };
    run.masm.aluIf(op, rd, condition, b);
    run.core.aluIf(aluNumbers[op], rd, at, ...operandWords(b));
  },
  branchIf: (run) => {
    const [target, [condition, at]] = [run.label(), drawCondition(run)];
    run.masm.branchIf(condition, target);
    run.core.branchIf(at, target);
  },
  branchIfWords: (run) => {
    const [target, reg, drawn] = [run.label(), run.reg(), run.wordCondition()];
    const isOfFlags = run.draw.chance(2);
    if (isOfFlags) {
      run.masm.alu('sub', reg, reg, { imm: 1 });
      run.core.alu(arithmetic.sub, reg, reg, machine.immediate, 1, false);
      if (run.draw.chance(3)) wordsRows.alu(run);
    }
    const condition: WordCondition = isOfFlags ? { test: 'compare', cond: drawn.cond, a: reg, b: { imm: 0 } } : drawn;
    const { test, cond, a, b } = condition;
    run.masm.branchIf(condition, target);
    run.core.branchIfWords(test === 'test' ? machine.bitsTest : machine.compareTest, condNumbers[cond], a, ...operandWords(b), target);
  },
  holdCondition: (run) => {
    const { masm, core, draw } = run;
    run.same(masm.holdCondition !== undefined, core.holdsConditions());
    if (masm.holdCondition === undefined) return;
    const condition = run.wordCondition();
    masm.holdCondition(condition);
    core.holdCondition(addressOf(run, condition));
    placeWhileHeld(run);
    const held: Condition = { test: 'held', holds: draw.chance(2) };
    const [at, rd, label] = [addressOf(run, held), run.reg(), run.label()];
    if (draw.chance(3)) {
      masm.setIf(rd, held);
      core.setIf(rd, at);
    } else if (draw.chance(2)) {
      masm.aluIf('add', rd, held, { imm: 1 });
      core.aluIf(arithmetic.add, rd, at, machine.immediate, 1);
    } else {
      masm.branchIf(held, label);
      core.branchIf(at, label);
    }
  },
  jointChecks: (run) => {
    const { masm, core, draw } = run;
    const { jointChecks } = masm;
    run.same(jointChecks !== undefined, core.checksJointly());
    const limit = masm.immediateLimit(draw.word() >>> 0);
    if (jointChecks === undefined || limit === 0) return;
    const registers = Array.from({ length: draw.between(1, 4) }, () => run.reg());
    jointChecks.compare(registers, limit);
    core.compareJointly(run.list(registers), registers.length, limit | 0);
    for (let stage = draw.between(1, 3); stage > 0; stage--) {
      const slow = run.label();
      jointChecks.branch(slow);
      core.branchJointly(slow);
      jointChecks.hold();
      core.holdJointly();
      placeWhileHeld(run);
    }
    jointChecks.release();
    core.releaseJointly();
  },
  jump: (run) => {
    const label = run.label();
    run.masm.jump(label);
    run.core.jump(label);
  },
  branchTable: (run) => {
    const labels = Array.from({ length: run.draw.between(1, run.draw.chance(4) ? 300 : 5) }, () => (run.isWhole ? run.newLabel() : run.label()));
    const [index, otherwise] = [run.reg(), run.draw.chance(3) ? undefined : run.label()];
    run.masm.branchTable(index, labels, otherwise);
    run.core.branchTable(index, run.list(labels), labels.length, otherwise ?? -1);
    run.forgetBound();
  },
  boundsCheck: (run) => {
    const [a, limit, slow] = [run.reg(), run.operand('compare'), run.label()];
    run.masm.boundsCheck(a, limit, slow);
    run.core.boundsCheck(a, ...operandWords(limit), slow);
  },
} satisfies Readonly<Record<string, Row>>;

/** What single-word operations place between a held condition and its branch. */
function placeWhileHeld(run: MasmRun): void {
  const names = ['move', 'loadConst', 'alu', 'load', 'store', 'loadSlot', 'storeSlot', 'reverseSubtract', 'unary'] as const;
  for (let count = run.draw.between(0, 4); count > 0; count--) wordsRows[run.draw.of(names)](run);
}
