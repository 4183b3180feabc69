import type { Allocation } from '../plan/result.js';
import type { MacroAssembler } from '../target/macro-assembler.js';
import { noReg, type Reg } from '../target/registers.js';

/** A known value: a constant, or a local's word plus c; `again`: an access is to come that needs it. */
type Content = { readonly constant: number } | { readonly word: number; readonly c: number; readonly again?: boolean };

/** What temporaries are known to contain at one point. Never changed once it has been taken. */
export type KnownContents = ReadonlyMap<Reg, Content>;

/** A register with a constant from which another is one addition away. */
interface Near {
  readonly reg: Reg;
  readonly distance: number;
}

/** What registers are known to contain: constants of the whole function, and what is left in temporaries. */
export class Contents {
  /** Of temporaries; survives their release until they are written again. */
  private readonly known = new Map<Reg, Content>();
  /** Registers that a parallel move has already written: what was in them, constants of the whole function included, is gone. */
  private readonly overwritten = new Set<Reg>();

  constructor(
    private readonly masm: MacroAssembler,
    private readonly allocation: Allocation,
  ) {}

  set(reg: Reg, content: Content): void {
    this.known.set(reg, content);
  }

  /** The temporary is about to be written. */
  forget(reg: Reg): void {
    this.known.delete(reg);
  }

  /** A callee wrote the registers that it need not preserve. */
  forgetAllBut(preserved: readonly Reg[]): void {
    for (const reg of this.known.keys()) if (!preserved.includes(reg)) this.known.delete(reg);
  }

  forgetAll(): void {
    this.known.clear();
  }

  /** As they are now. */
  now(): KnownContents {
    return new Map(this.known);
  }

  /** Paths meet, and on all of them this is known. */
  restore(contents: KnownContents): void {
    this.known.clear();
    for (const [reg, content] of contents) this.known.set(reg, content);
  }

  /** A local was written: values made from it are old. */
  forgetWord(word: number): void {
    for (const [reg, content] of this.known) if ('word' in content && content.word === word) this.known.delete(reg);
  }

  /** While `moves` runs, no register that it has told to be overwritten is read for what was in it. */
  overwriting(moves: (overwrite: (reg: Reg) => void) => void): void {
    try {
      moves((reg) => {
        this.overwritten.add(reg);
        this.known.delete(reg);
      });
    } finally {
      this.overwritten.clear();
    }
  }

  /** A register that holds the constant throughout the function. */
  findPinned(value: number): Reg | undefined {
    if (value === 0 && this.masm.roles.zero !== noReg) return this.masm.roles.zero;
    const pinned = this.allocation.constRegs.get(value >>> 0);
    return pinned === undefined || this.overwritten.has(pinned) ? undefined : pinned;
  }

  /** A temporary that holds the constant. */
  findConst(value: number): Reg | undefined {
    const key = value >>> 0;
    for (const [reg, content] of this.known) if ('constant' in content && content.constant === key) return reg;
    return undefined;
  }

  /** A constant's own register from which `value` is one addition away. */
  findNear(value: number): Near | undefined {
    for (const [constant, reg] of this.allocation.constRegs) {
      if (this.overwritten.has(reg)) continue;
      const distance = (value - constant) | 0;
      if (this.masm.fitsImmediate('add', distance)) return { reg, distance };
    }
    return undefined;
  }

  /** The constant in a register, a temporary or not, from which `address` is the nearest step forward that `fits`. */
  findConstBelow(address: number, fits: (offset: number) => boolean): (Near & { readonly isTemp: boolean }) | undefined {
    let best: (Near & { readonly isTemp: boolean }) | undefined;
    const consider = (constant: number, reg: Reg, isTemp: boolean): void => {
      const distance = (address >>> 0) - constant;
      if (fits(distance) && (best === undefined || Math.abs(distance) < Math.abs(best.distance))) best = { reg, distance, isTemp };
    };
    for (const [constant, reg] of this.allocation.constRegs) consider(constant, reg, false);
    for (const [reg, content] of this.known) if ('constant' in content) consider(content.constant, reg, true);
    return best;
  }

  /** A temporary that holds local word + c', with c' as near to c as an immediate reaches. */
  findSum(word: number, c: number): { readonly reg: Reg; readonly c: number } | undefined {
    let near: { reg: Reg; c: number } | undefined;
    for (const [reg, content] of this.known) {
      if (!('word' in content) || content.word !== word) continue;
      if (content.c === c) return { reg, c };
      if (this.masm.fitsImmediate('add', c - content.c)) near = { reg, c: content.c };
    }
    return near;
  }

  /** The temporary from which local word + c is one step that `reaches` away. */
  findPointer(word: number, c: number, reaches: (offset: number) => boolean): Near | undefined {
    for (const [reg, content] of this.known) {
      if (!('word' in content) || content.word !== word) continue;
      const distance = (c - content.c) | 0;
      if (reaches(distance)) return { reg, distance };
    }
    return undefined;
  }

  /** How much it would cost to have again what the temporary holds: nothing, one cheap instruction, or more. */
  worth(reg: Reg): number {
    if (!this.known.has(reg)) return 0;
    return this.isWorthKeeping(reg) ? 2 : 1;
  }

  /** Does the temporary hold something that costs more than one cheap instruction to have again? */
  isWorthKeeping(reg: Reg): boolean {
    const content = this.known.get(reg);
    if (content === undefined) return false;
    if ('constant' in content) return this.masm.constCost(content.constant) > 1;
    const isInMemory = (this.allocation.localRegs[content.word] ?? noReg) === noReg;
    return content.again === true || isInMemory || !this.masm.fitsImmediate('add', content.c);
  }
}

/** What is known on both paths. */
export function meetContents(a: KnownContents, b: KnownContents): KnownContents {
  return new Map([...a].filter(([reg, content]) => isSame(content, b.get(reg))));
}

function isSame(a: Content, b: Content | undefined): boolean {
  if (b === undefined) return false;
  if ('constant' in a) return 'constant' in b && a.constant === b.constant;
  return 'word' in b && a.word === b.word && a.c === b.c;
}
