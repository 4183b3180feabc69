import { InternalError } from '@fireball/contracts';
import type { FloatReg } from '../target/registers.js';

/** An operand in a floating-point register; the holder owns a share of it. */
export interface HeldFloat {
  readonly float: FloatReg;
}

/** What a floating-point register is known to hold: a local, by its first word, or a constant, by its bits. */
type FloatContent = `local ${number}` | `f32 ${number}` | `f64 ${number} ${number}`;

/** The floating-point registers of one function: all are temporaries, shared by the entries and operations that read them. */
export class FloatFile {
  private readonly shares = new Map<FloatReg, number>();
  /** Survive the registers' release until they are written again. */
  private readonly contents = new Map<FloatReg, FloatContent>();

  constructor(private readonly registers: readonly FloatReg[]) {}

  /** A register to write; undefined where all are owned. */
  takeFree(): FloatReg | undefined {
    const free = this.registers.filter((reg) => (this.shares.get(reg) ?? 0) === 0);
    const reg = free.find((candidate) => !this.contents.has(candidate)) ?? free[0];
    if (reg === undefined) return undefined;
    this.contents.delete(reg);
    this.share(reg);
    return reg;
  }

  share(reg: FloatReg): void {
    this.shares.set(reg, (this.shares.get(reg) ?? 0) + 1);
  }

  drop(reg: FloatReg): void {
    const shares = (this.shares.get(reg) ?? 0) - 1;
    if (shares < 0) throw new InternalError(`floating-point register ${reg} released twice`);
    this.shares.set(reg, shares);
  }

  /** How many owners each register has that has any. */
  owners(): ReadonlyMap<FloatReg, number> {
    return new Map([...this.shares].filter(([, shares]) => shares > 0));
  }

  remember(reg: FloatReg, content: FloatContent): void {
    this.contents.set(reg, content);
  }

  find(content: FloatContent): FloatReg | undefined {
    for (const [reg, known] of this.contents) if (known === content) return reg;
    return undefined;
  }

  /** A local was written: copies of it are old. */
  forgetWord(word: number): void {
    for (const [reg, known] of this.contents) if (known === `local ${word}`) this.contents.delete(reg);
  }

  /** Control flow merges, or a callee wrote the registers. */
  forgetAll(): void {
    this.contents.clear();
  }
}
