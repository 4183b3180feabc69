import type { Isa } from '@fireball/contracts';
import { usedField } from '@fireball/wasm';
import { alu, loadConst } from '../core/masm/arithmetic.js';
import { beginAssembly, newLabel } from '../core/masm/assembly.js';
import { exactBoundsCheck, trap } from '../core/masm/calls.js';
import { branchIfWords, branchTable, jump } from '../core/masm/conditions.js';
import { target } from '../core/layout/function.js';
import { compareTest, immediate, register } from '../core/layout/machine.js';
import * as layout from '../core/layout/masm.js';
import { placedWords } from '../core/layout/placed.js';
import type { Assembly, Label } from '../expand/assembly.js';
import { noFeatures } from '../features.js';
import { writeTemplates } from '../instance/masm.js';
import { targetNumbers } from '../instance/roles.js';
import { aluNumbers } from '../target/alu.js';
import { newAssembly } from '../target/create.js';
import { condNumbers } from '../target/numbers.js';
import type { AluOp, Cond } from '../target/operations.js';
import type { Reg } from '../target/registers.js';
import { loadTemplates } from '../templates/index.js';
import { portableCore } from './portable-core.js';

export const targets: readonly Isa[] = ['thumb2', 'rv32'];

/** A second operand. */
type Operand = { readonly reg: Reg } | { readonly imm: number };

/** Places what the core's macro assembler places, in an assembly of one's own. */
export class MacroAssembler {
  readonly features = noFeatures;
  readonly assembly: Assembly;

  constructor(readonly isa: Isa) {
    this.assembly = newAssembly(loadTemplates(isa));
  }

  bind(label: Label): void {
    this.assembly.bind(label);
  }

  jump(label: Label): void {
    this.place(() => jump(label));
  }

  /** Branches where a COND b. */
  branchIf(cond: Cond, a: Reg, b: Operand, label: Label): void {
    this.place(() => branchIfWords(compareTest, condNumbers[cond], a, ...numbersOf(b), label));
  }

  branchTable(index: Reg, labels: readonly Label[], otherwise = -1): void {
    this.place(() => {
      const at = portableCore.allocate(4 * labels.length);
      new Int32Array(portableCore.memory.buffer).set(labels, at >> 2);
      branchTable(index, at, labels.length, otherwise);
    });
  }

  loadConst(rd: Reg, value: number): void {
    this.place(() => loadConst(rd, value));
  }

  alu(op: AluOp, rd: Reg, a: Reg, b: Operand): void {
    this.place(() => alu(aluNumbers[op], rd, a, ...numbersOf(b), false));
  }

  exactBoundsCheck(a: Reg, extent: number, routine: number): void {
    this.place(() => exactBoundsCheck(a, extent, routine));
  }

  /** Traps of two bytes each, the smallest instruction of both targets. */
  traps(count: number): void {
    if (count > 0) this.place(() => trap(0), count);
  }

  /** Appends what the core places then, so many times. */
  private place(act: () => void, times = 1): void {
    const { assembly } = this;
    const { labelCount, count } = assembly;
    portableCore.reset();
    writeTemplates(portableCore, assembly.set, noFeatures);
    new Int32Array(portableCore.memory.buffer)[target >> 2] = targetNumbers[this.isa];
    beginAssembly(0);
    for (let label = 0; label < labelCount; label++) newLabel();
    act();
    const words = new Int32Array(portableCore.memory.buffer);
    const area = (at: number): Int32Array => words.subarray(words[at >> 2]! >> 2, words[(at + usedField) >> 2]! >> 2);
    const records = area(layout.placed);
    const before = assembly.words.subarray(0, count * placedWords);
    assembly.words = new Int32Array(before.length + times * records.length);
    assembly.words.set(before);
    for (let time = 0; time < times; time++) assembly.words.set(records, before.length + time * records.length);
    assembly.count = assembly.words.length / placedWords;
    for (const bound of area(layout.boundTo).subarray(labelCount)) assembly.labels[assembly.newLabel()] = count + bound;
  }
}

function numbersOf(operand: Operand): readonly [kind: number, value: number] {
  return 'imm' in operand ? [immediate, operand.imm] : [register, operand.reg];
}

/** A macro assembler on an empty assembly. */
export function newMacroAssembler(isa: Isa): { readonly masm: MacroAssembler; readonly assembly: Assembly } {
  const masm = new MacroAssembler(isa);
  return { assembly: masm.assembly, masm };
}

export const trapBytes = 2;
