import { InternalError } from '@fireball/contracts';
import type { Allocation } from '../plan/result.js';
import type { LocalWords } from '../plan/body.js';
import { FloatFile, type HeldFloat } from './float-file.js';
import { HomeSlots } from './homes.js';
import { Contents, type KnownContents } from './contents.js';
import { RegisterPressure, Temporaries, type Held } from './temporaries.js';
import type { MacroAssembler } from '../target/macro-assembler.js';
import { type Operand, type FloatReg, type Reg, noReg } from '../target/registers.js';
import { OperandStack, ownedRegisters } from './operand-stack.js';
import { registerOf, type Entry, type Source } from './operands.js';

/**
 * The abstract machine of one function: operand stack, temporaries, home slots. Every register is
 * either a local's, a constant's, owned by one stack entry, held by the operation in progress, or free.
 */
export class FunctionState extends HomeSlots {
  readonly stack = new OperandStack();
  readonly floats: FloatFile;
  readonly temporaries: Temporaries;
  readonly contents: Contents;
  /** Callee-saved registers that the function writes. */
  readonly saved: Reg[];
  /** Words of locals that live in registers which callees may overwrite. */
  readonly callerSavedWords: readonly number[];
  /** By register of locals: the words that live there. */
  private readonly wordsIn = new Map<Reg, number[]>();
  /** Loops around what is being selected. */
  loops = 0;

  constructor(
    readonly masm: MacroAssembler,
    readonly allocation: Allocation,
    locals: LocalWords,
    mostValues: number,
    /** Moves the stack word at `position` to its home slot. */
    private readonly spill: (state: FunctionState, position: number) => void,
  ) {
    super(locals, mostValues);
    const { link } = masm.roles;
    if (link !== noReg && (allocation.saved.includes(link) || allocation.localRegs.includes(link))) masm.useLink();
    this.floats = new FloatFile(masm.roles.floats);
    this.temporaries = new Temporaries(allocation.temps);
    this.contents = new Contents(masm, allocation);
    this.saved = [...allocation.saved];
    allocation.localRegs.forEach((reg, word) => {
      if (reg !== noReg) this.wordsIn.set(reg, [...(this.wordsIn.get(reg) ?? []), word]);
    });
    const isSaved = (reg: Reg): boolean => masm.roles.saved.includes(reg);
    this.callerSavedWords = [...allocation.localRegs.keys()].filter(
      (word) => allocation.localRegs[word] !== noReg && !isSaved(allocation.localRegs[word] as Reg),
    );
  }

  /** sp offset of the home of the stack word at `position`. */
  stackHome(position: number): number {
    return this.valueHome(this.stack.valueAt(position), this.stack.at(position)?.high === true);
  }

  /** Operand height in values. */
  get height(): number {
    return this.stack.height;
  }

  // --- temporaries ------------------------------------------------------------------------

  release(held: Held | HeldFloat): void {
    if ('float' in held) this.floats.drop(held.float);
    else if (held.owned) this.temporaries.drop(held.reg);
  }

  releaseEntry(entry: Entry): void {
    switch (entry.kind) {
      case 'sum':
      case 'shift':
        this.releaseSource(entry.source);
        return;
      case 'product':
        this.releaseSource(entry.a);
        this.releaseSource(entry.b);
        return;
      case 'float':
        this.floats.drop(entry.float);
        return;
      case 'const':
      case 'home':
        return;
    }
  }

  private releaseSource(source: Source): void {
    if ('reg' in source) this.temporaries.drop(source.reg);
  }

  /** A temporary to write, owned by the caller. `prefer` is taken where it is free. */
  allocate(prefer: Reg = noReg): Reg {
    const reg = this.findTemp(prefer);
    if (reg === this.masm.roles.link) this.masm.useLink();
    this.contents.forget(reg);
    return this.temporaries.take(reg);
  }

  /**
   * Takes over the registers in which results have arrived. Where one is the register of a local
   * (which no call preserves, so its value is not needed), the result moves to a temporary.
   */
  claimResults(registers: readonly Reg[]): Reg[] {
    const own = registers.map((reg) => {
      if (!this.temporaries.has(reg)) return false;
      if (!this.temporaries.isFree(reg)) throw new InternalError(`register ${reg} is in use`);
      this.contents.forget(reg);
      this.temporaries.take(reg);
      return true;
    });
    return registers.map((reg, index) => {
      if (own[index]) return reg;
      const temp = this.allocate();
      this.masm.move(temp, reg);
      return temp;
    });
  }

  /** A free temporary; where there is none, somebody has to give one up. */
  private findTemp(prefer: Reg): Reg {
    const worth = (reg: Reg): number => (this.masm.spreadsResults || this.contents.isWorthKeeping(reg) ? this.contents.worth(reg) : 0);
    if (this.temporaries.canTake(prefer) && (!this.masm.spreadsResults || worth(prefer) === 0)) return prefer;
    const chosen = this.temporaries.findFree(worth);
    if (this.temporaries.canTake(prefer) && (chosen === noReg || worth(chosen) > 0)) return prefer;
    if (chosen !== noReg) return chosen;
    const fresh = this.masm.roles.saved.find((reg) => !this.saved.includes(reg));
    // Saving one more register costs little beside computing a pointer anew in every turn of a loop.
    const spares = fresh !== undefined && this.loops > 0 && this.temporaries.cached().length > 0;
    if (!spares && (this.temporaries.dropOldestPointer() || this.settleProducts())) return this.findTemp(prefer);
    if (fresh !== undefined) {
      this.saved.push(fresh);
      this.temporaries.add(fresh);
      return fresh;
    }
    this.spillDeepest();
    return this.findTemp(prefer);
  }

  /** Pending products hold two registers; computed, they hold one. */
  private settleProducts(): boolean {
    let freed = false;
    for (const position of this.stack.ownersOfRegisters()) {
      const entry = this.stack.at(position);
      if (entry?.kind !== 'product') continue;
      const own = ownedRegisters(entry);
      const [target] = own;
      if (target === undefined || !this.temporaries.isExclusive(target)) continue;
      this.contents.forget(target);
      this.masm.alu('mul', target, this.sourceReg(entry.a), { reg: this.sourceReg(entry.b) });
      for (const reg of own.slice(1)) this.temporaries.drop(reg);
      freed ||= own.length > 1;
      this.stack.replace(position, { kind: 'sum', source: { reg: target }, c: 0, high: entry.high });
    }
    return freed;
  }

  /** A floating-point register to write, owned by the caller. */
  allocateFloat(): FloatReg {
    for (;;) {
      const reg = this.floats.takeFree();
      if (reg !== undefined) return reg;
      const position = this.stack.deepestFloat;
      if (position < 0) throw new InternalError('out of floating-point registers with nothing left to spill');
      this.spill(this, position);
    }
  }

  private spillDeepest(): void {
    const position = this.stack.deepestOwning;
    if (position < 0) throw new RegisterPressure();
    this.spill(this, position);
  }

  /** Control comes from places that are not known yet: so are cached contents. */
  forgetTemps(): void {
    this.contents.forgetAll();
    this.floats.forgetAll();
    this.temporaries.dropAllPointers();
  }

  /** A callee wrote the caller-saved registers. */
  forgetCallerSaved(): void {
    this.contents.forgetAllBut(this.masm.roles.saved);
    this.floats.forgetAll();
    this.temporaries.dropAllPointers();
  }

  /** Paths meet on which this is known. */
  continueWith(contents: KnownContents): void {
    this.floats.forgetAll();
    this.temporaries.dropAllPointers();
    this.contents.restore(contents);
  }

  // --- reading operands -------------------------------------------------------------------

  /** Register of a source that is in one. */
  sourceReg(source: Source): Reg {
    const reg = registerOf(source, this.allocation.localRegs);
    if (reg === noReg) throw new InternalError('source is not in a register');
    return reg;
  }

  /** The local's register, or its value loaded into a temporary. */
  private holdSource(source: Source): Held {
    if ('reg' in source) return { reg: source.reg, owned: true };
    if ('fixed' in source) return { reg: source.fixed, owned: false };
    const reg = this.allocation.localRegs[source.word] ?? noReg;
    if (reg !== noReg) return { reg, owned: false };
    const known = this.contents.findSum(source.word, 0);
    if (known?.c === 0) return this.temporaries.share(known.reg);
    const temp = this.allocate();
    this.masm.loadSlot(temp, this.localHome(source.word) + this.spShift);
    this.contents.set(temp, { word: source.word, c: 0 });
    return { reg: temp, owned: true };
  }

  /** A register that already holds the constant. */
  findConst(value: number): Held | undefined {
    const pinned = this.contents.findPinned(value);
    if (pinned !== undefined) return { reg: pinned, owned: false };
    const temp = this.contents.findConst(value);
    return temp === undefined ? undefined : this.temporaries.share(temp);
  }

  /** The constant in a register from which `address` is the nearest step forward that `fits`. */
  findConstBelow(address: number, fits: (offset: number) => boolean): { held: Held; offset: number } | undefined {
    const found = this.contents.findConstBelow(address, fits);
    if (found === undefined) return undefined;
    const { reg, isTemp, distance } = found;
    return { held: isTemp ? this.temporaries.share(reg) : { reg, owned: false }, offset: distance };
  }

  /** A temporary for the constant `value` = (constant in `reg`) + `distance`. */
  holdSumOfConst(reg: Reg, distance: number, value: number): Held {
    const temp = this.allocate();
    this.masm.alu('add', temp, reg, { imm: distance });
    this.contents.set(temp, { constant: value >>> 0 });
    return { reg: temp, owned: true };
  }

  holdConst(value: number): Held {
    const found = this.findConst(value);
    if (found !== undefined) return found;
    const reg = this.allocate();
    const near = this.masm.constCost(value) > 1 ? this.contents.findNear(value) : undefined;
    if (near === undefined) this.masm.loadConst(reg, value);
    else this.masm.alu('add', reg, near.reg, { imm: near.distance });
    this.contents.set(reg, { constant: value >>> 0 });
    return { reg, owned: true };
  }

  pop(): Entry {
    return this.stack.pop();
  }

  pushReg(reg: Reg, high = false): void {
    this.stack.push({ kind: 'sum', source: { reg }, c: 0, high });
  }

  pushConst(value: number, high = false): void {
    this.stack.push({ kind: 'const', value: value | 0, high });
  }

  pushLocal(word: number, high = false): void {
    this.stack.push({ kind: 'sum', source: { word }, c: 0, high });
  }

  /** Consumes an entry: its value in a register for reading. */
  hold(entry: Entry): Held {
    if (entry.kind === 'const') return this.holdConst(entry.value);
    if (entry.kind === 'sum' && entry.c === 0) return this.holdSource(entry.source);
    if (entry.kind === 'sum' && 'word' in entry.source) return this.holdSum(entry.source.word, entry.c);
    const [reusable] = ownedRegisters(entry);
    if (reusable !== undefined && this.temporaries.isExclusive(reusable)) {
      // The last reader may overwrite its operand.
      this.temporaries.take(reusable);
      this.evaluate(entry, reusable);
      return { reg: reusable, owned: true };
    }
    const reg = this.allocate();
    this.evaluate(entry, reg);
    return { reg, owned: true };
  }

  /** Consumes an entry: its value in a temporary that the caller may overwrite. */
  holdOwn(entry: Entry): Reg {
    const held = this.hold(entry);
    if (held.owned && this.temporaries.isExclusive(held.reg)) {
      this.contents.forget(held.reg);
      return held.reg;
    }
    const reg = this.allocate();
    this.masm.move(reg, held.reg);
    this.release(held);
    return reg;
  }

  /** local word + c in a register, from the nearest value that is at hand. */
  private holdSum(word: number, c: number): Held {
    const known = this.contents.findSum(word, c);
    if (known?.c === c) return this.temporaries.share(known.reg);
    const useKnown = known !== undefined && (this.isHomeLocal({ word }) || !this.masm.fitsImmediate('add', c));
    const from = useKnown ? this.temporaries.share(known.reg) : this.holdSource({ word });
    const reg = this.allocate();
    this.addConst(reg, from.reg, useKnown ? c - known.c : c);
    this.release(from);
    this.contents.set(reg, { word, c });
    return { reg, owned: true };
  }

  /** A local was written: cached values of it are old. */
  forgetWord(word: number): void {
    this.floats.forgetWord(word);
    this.contents.forgetWord(word);
  }

  /** The local words of which pending reads have to be real before `word` is written: those that share its register, itself included. */
  wordsAt(word: number): readonly number[] {
    return this.wordsIn.get(this.allocation.localRegs[word] ?? noReg) ?? [word];
  }

  /** Tells that `reg`, a temporary, now holds a copy of the local. */
  remember(reg: Reg, word: number): void {
    if (this.temporaries.has(reg)) this.contents.set(reg, { word, c: 0 });
  }

  /** An operand that may stay an immediate where `fits` says so. */
  operand(entry: Entry, fits: (value: number) => boolean): { operand: Operand; held?: Held } {
    if (entry.kind === 'const' && fits(entry.value)) return { operand: { imm: entry.value } };
    const held = this.hold(entry);
    return { operand: { reg: held.reg }, held };
  }

  /** Consumes an entry: computes its value into `rd`, which nothing else may need. */
  evaluate(entry: Entry, rd: Reg): void {
    this.compute(entry, rd);
    this.releaseEntry(entry);
  }

  /**
   * The entry's value into `rd`, ownership untouched. Writes `rd` and the scratch register only;
   * the scratch register stays intact where `usesScratch` says no.
   */
  compute(entry: Entry, rd: Reg): void {
    const { masm } = this;
    this.contents.forget(rd);
    switch (entry.kind) {
      case 'const': {
        const found = this.findConst(entry.value);
        if (found !== undefined && masm.constCost(entry.value) > 0) masm.move(rd, found.reg);
        else masm.loadConst(rd, entry.value);
        if (found !== undefined) this.release(found);
        return;
      }
      case 'home':
        masm.loadSlot(rd, entry.spOffset + this.spShift);
        return;
      case 'float':
        if (entry.part !== 'high') masm.moveFromFloat(rd, entry.float);
        else {
          const spOffset = this.exchangeSlot() + this.spShift;
          masm.storeFloatSlot('f64', entry.float, spOffset);
          masm.loadSlot(rd, spOffset + 4);
        }
        return;
      case 'sum':
        this.addConst(rd, this.readSource(entry.source, rd), entry.c);
        return;
      case 'shift':
        this.computeShift(entry, rd);
        return;
      case 'product':
        masm.alu('mul', rd, this.readSource(entry.a, rd), { reg: this.readSource(entry.b, masm.scratch) });
        return;
    }
  }

  private computeShift({ source, shift, amount, c }: Entry & { kind: 'shift' }, rd: Reg): void {
    const { masm } = this;
    const from = this.readSource(source, rd);
    if (masm.fitsImmediate('add', c)) {
      masm.alu(shift, rd, from, { imm: amount });
      if (c !== 0) masm.alu('add', rd, rd, { imm: c });
      return;
    }
    const found = this.findConst(c);
    const constant = found?.reg ?? (from === rd ? masm.scratch : rd);
    if (found === undefined) masm.loadConst(constant, c);
    masm.aluShifted('add', rd, constant, from, shift, amount);
    if (found !== undefined) this.release(found);
  }

  usesScratch(entry: Entry, rd: Reg): boolean {
    if (entry.kind === 'product') return this.isHomeLocal(entry.b);
    if (entry.kind === 'shift') return !this.masm.fitsImmediate('add', entry.c) && this.sourceReg(entry.source) === rd;
    if (entry.kind !== 'sum' || this.masm.fitsImmediate('add', entry.c)) return false;
    return this.isHomeLocal(entry.source) || this.sourceReg(entry.source) === rd;
  }

  /** Register of a source. Of a local that lives in memory: one that is known to hold it, else `via`, into which it is loaded. */
  private readSource(source: Source, via: Reg): Reg {
    if (!('word' in source) || !this.isHomeLocal(source)) return this.sourceReg(source);
    const known = this.contents.findSum(source.word, 0);
    if (known?.c === 0) return known.reg;
    this.masm.loadSlot(via, this.localHome(source.word) + this.spShift);
    return via;
  }

  /** rd = a + c. */
  addConst(rd: Reg, a: Reg, c: number): void {
    const { masm } = this;
    if (c === 0) {
      masm.move(rd, a);
      return;
    }
    if (masm.fitsImmediate('add', c)) {
      masm.alu('add', rd, a, { imm: c });
      return;
    }
    const found = this.findConst(c);
    const near = found === undefined && masm.constCost(c) > 1 ? this.contents.findNear(c) : undefined;
    if (found !== undefined) {
      masm.alu('add', rd, a, { reg: found.reg });
      this.release(found);
    } else if (near !== undefined) {
      masm.alu('add', rd, a, { reg: near.reg });
      masm.alu('add', rd, rd, { imm: near.distance });
    } else if (rd !== a) {
      masm.loadConst(rd, c);
      masm.alu('add', rd, a, { reg: rd });
    } else {
      masm.loadConst(masm.scratch, c);
      masm.alu('add', rd, a, { reg: masm.scratch });
    }
  }

  /** Is the source a local that has no register? */
  isHomeLocal(source: Source): boolean {
    return 'word' in source && (this.allocation.localRegs[source.word] ?? noReg) === noReg;
  }

  /** Drops all entries above `length` words. */
  truncate(length: number): void {
    while (this.stack.length > length) this.releaseEntry(this.pop());
  }
}
