/** A function that both macro assemblers place. */
import { expect } from '@jest/globals';
import type { Isa } from '@fireball/contracts';
import * as functionLayout from '../../core/layout/function.js';
import * as layout from '../../core/layout/masm.js';
import type { Assembly, Label } from '../../expand/assembly.js';
import type { Features } from '../../features.js';
import { placerOf } from '../../instance/placer.js';
import type { FloatType } from '../../plan/floats.js';
import { inverse, type CompareCond, type Condition, type PairImmediate, type WordCondition } from '../../target/conditions.js';
import { createMacroAssembler, newAssembly } from '../../target/create.js';
import type { Frame } from '../../target/frame.js';
import type { AluOp, MacroAssembler } from '../../target/macro-assembler.js';
import type { Operand, Pair, Reg } from '../../target/registers.js';
import { trapKinds } from '../../target/trap-kinds.js';
import { loadTemplates, type TemplateSet } from '../../templates/index.js';
import type { MasmCore } from './cores.js';
import { mixed } from './draw.js';
import { conds, floatConds } from './numbers.js';

/** Both macro assemblers, with an empty function. */
export class MasmRun {
  readonly assembly: Assembly;
  readonly masm: MacroAssembler;
  /** What the core places at sites, by number. */
  readonly sites: (() => void)[] = [];
  draw = mixed(0);
  private readonly unbound: Label[] = [];
  /** Is all that is drawn legal, so that the function can be laid out and linked? */
  isWhole = false;
  private latest: Reg = 8;
  /** What is drawn every other time, if that is set. */
  preferred: Reg | undefined;

  constructor(
    readonly isa: Isa,
    readonly features: Features,
    readonly core: MasmCore,
    readonly set: TemplateSet = loadTemplates(isa),
  ) {
    this.assembly = newAssembly(set);
    this.masm = createMacroAssembler(set, this.assembly, features);
    placerOf(core).prepare(set, features);
    this.writeWord(functionLayout.target, functionLayout[isa]);
    core.beginAssembly(0);
  }

  writeWord(address: number, value: number): void {
    new Int32Array(this.core.memory.buffer)[address >> 2] = value;
  }

  /** Address of words in the core's memory. */
  list(words: readonly number[]): number {
    const at = this.core.allocate(4 * words.length);
    new Int32Array(this.core.memory.buffer).set(words, at >> 2);
    return at;
  }

  /** Both say the same. */
  same(old: unknown, now: unknown): void {
    if (Number(now) !== Number(old)) expect(now).toBe(old);
  }

  newLabel(): Label {
    const label = this.assembly.newLabel();
    this.same(label, this.core.newLabel());
    this.unbound.push(label);
    return label;
  }

  /** A label that is bound or will perhaps be. */
  label(): Label {
    return this.assembly.labelCount === 0 || this.draw.chance(3) ? this.newLabel() : this.draw.between(0, this.assembly.labelCount - 1);
  }

  /** An address outside of the function. */
  routine(): number {
    const { draw } = this;
    return this.isWhole ? 0x1_2000 + 2 * draw.between(0, 0x400) : draw.word() & -2;
  }

  /** Binds all that is not bound. */
  bindAll(): void {
    for (const label of this.unbound.splice(0)) {
      this.masm.bind(label);
      this.core.bind(label);
    }
    this.masm.trap('unreachable');
    this.core.trap(trapKinds.indexOf('unreachable'));
  }

  toBind(): Label {
    if (this.unbound.length === 0) this.newLabel();
    return this.unbound.splice(this.draw.between(0, this.unbound.length - 1), 1)[0]!;
  }

  /** Which both have bound by themselves. */
  forgetBound(): void {
    this.unbound.splice(0, this.unbound.length, ...this.unbound.filter((label) => this.assembly.labels[label] === -1));
  }

  /** A general register that may be written, often the one before: flags may be its own. */
  reg(): Reg {
    const { draw, isa, preferred } = this;
    if (preferred !== undefined && draw.chance(2)) return preferred;
    if (!draw.chance(3)) {
      if (isa === 'thumb2') this.latest = draw.of(draw.chance(3) ? [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14] : [0, 1, 2]);
      else this.latest = draw.chance(3) ? draw.between(8, 31) : draw.of([8, 9, 16]);
    }
    return this.latest;
  }

  /** One that may be read. */
  source(): Reg {
    const { zero } = this.masm.roles;
    return zero >= 0 && this.draw.chance(6) ? zero : this.reg();
  }

  operand(op: AluOp | 'compare' | 'test'): Operand {
    const { draw, masm } = this;
    const value = draw.word();
    if (draw.chance(2) || !masm.fitsImmediate(op, value)) return { reg: this.source() };
    // What has the highest bit may come with sign or without.
    return { imm: draw.chance(2) ? value >>> 0 : value };
  }

  pair(): Pair {
    return { low: this.reg(), high: this.reg() };
  }

  /** Two registers, neither of which is the other. */
  otherPair(): Pair {
    for (;;) {
      const pair = this.pair();
      if (pair.low !== pair.high) return pair;
    }
  }

  wordCondition(): WordCondition {
    const { draw } = this;
    if (draw.chance(3)) return { test: 'test', cond: draw.of(['eq', 'ne']), a: this.reg(), b: this.operand('test') };
    return { test: 'compare', cond: draw.of(conds), a: this.reg(), b: draw.chance(3) ? { imm: 0 } : this.operand('compare') };
  }

  condition(): Condition {
    const { draw } = this;
    const kind = draw.between(0, 5);
    const condition = kind === 0 ? this.pairCondition() : kind === 1 ? this.floatCondition() : this.wordCondition();
    return draw.chance(4) ? inverse(condition) : condition;
  }

  private pairCondition(): Condition {
    const { draw, masm } = this;
    const b: PairImmediate = { lowImm: draw.word(), highImm: draw.word() };
    if (masm.fitsPairImmediate('compare', b)) return { test: 'pair', cond: draw.of(['lt_s', 'ge_s', 'lt_u', 'ge_u']), a: this.pair(), b };
    return { test: 'pair', cond: draw.of(conds.filter((cond): cond is CompareCond => cond !== 'eq' && cond !== 'ne')), a: this.pair(), b: this.pair() };
  }

  private floatCondition(): Condition {
    const { draw } = this;
    return { test: 'float', type: this.floatType(), cond: draw.of(floatConds), holds: draw.chance(2), a: this.float(), b: this.float() };
  }

  floatType(): FloatType {
    return this.isa === 'thumb2' ? 'f32' : this.draw.of(['f32', 'f64']);
  }

  float(): number {
    return this.draw.between(0, 30);
  }

  /** None of these. */
  otherFloat(...others: readonly number[]): number {
    for (;;) {
      const float = this.float();
      if (!others.includes(float)) return float;
    }
  }

  slot(): number {
    return 4 * (this.draw.chance(4) ? this.draw.between(0, 3000) : this.draw.between(0, 80));
  }

  frame(): Frame {
    const { draw, masm } = this;
    return {
      saved: masm.roles.saved.filter(() => draw.chance(3)).sort((a, b) => a - b),
      slotBytes: 8 * draw.of([0, 1, 3, 7, 63, 64, 100, 250, 254, 260, 600, 2000]),
      savesLink: draw.chance(2),
      stackArgumentBytes: 16 * draw.of([0, 0, 1, 2, 40, 300]),
    };
  }
}

/** Writes a frame for the core. */
export function writeFrame({ memory }: MasmCore, { saved, slotBytes, savesLink, stackArgumentBytes }: Frame): void {
  const words = new Int32Array(memory.buffer);
  words[layout.frameSaved >> 2] = saved.reduce((set, reg) => set | (1 << reg), 0);
  words[layout.frameSlotBytes >> 2] = slotBytes;
  words[layout.frameSavesLink >> 2] = Number(savesLink);
  words[layout.frameStackArguments >> 2] = stackArgumentBytes;
}

export function drawFrame(run: MasmRun): Frame {
  const frame = run.frame();
  writeFrame(run.core, frame);
  return frame;
}

/** An offset that accesses of the target reach. */
export function drawOffset({ draw, masm }: MasmRun): number {
  for (;;) {
    const offset = draw.chance(3) ? draw.between(0, 160) : draw.chance(2) ? draw.word() : draw.of([31, 32, 62, 64, 124, 128, 252, 256]);
    if (masm.fitsOffset('load', offset)) return offset;
  }
}

/** Both place something. */
export type Row = (run: MasmRun) => void;
