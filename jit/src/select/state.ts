import { InternalError } from '@fireball/contracts';
import type { Allocation } from '../plan/allocate.js';
import type { LocalWords } from '../plan/body.js';
import { FloatFile, type HeldFloat } from './float-file.js';
import { HomeSlots } from './homes.js';
import { RegisterPressure, type CachedPointer, type Content, type Held } from './temporaries.js';
import type { FloatReg, Machine, Operand, Reg } from './machine.js';
import { noReg } from './machine.js';
import { floatOf, readsWord, registerOf, someSource, sourcesOf, type Entry, type Source } from './operands.js';

/** Registers of the larger register file. */
const registerCount = 32;

/**
 * The abstract machine of one function: operand stack, temporaries, home slots. Every register is
 * either a local's, a constant's, owned by one stack entry, held by the operation in progress, or free.
 */
export class FunctionState extends HomeSlots {
  readonly stack: Entry[] = [];
  readonly floats: FloatFile;
  /** How many owners each temporary has. */
  private readonly uses = new Int32Array(registerCount);
  private readonly temps: Reg[];
  /** Registers that a parallel move has already written: what was in them, constants of the whole function included, is gone. */
  private readonly overwritten = new Set<Reg>();
  /** What temporaries are known to contain; survives their release until they are written again. */
  private readonly contents = new Map<Reg, Content>();
  private readonly pointers = new Set<CachedPointer>();
  /** Callee-saved registers that the function writes. */
  readonly saved: Reg[];

  constructor(
    readonly machine: Machine,
    readonly allocation: Allocation,
    locals: LocalWords,
    mostValues: number,
  ) {
    super(locals, mostValues);
    this.floats = new FloatFile(machine.roles.floats);
    this.temps = [...allocation.temps];
    this.saved = [...allocation.saved];
  }

  /** sp offset of the home of the stack word at `position`. */
  stackHome(position: number): number {
    let values = 0;
    for (let index = 0; index <= position; index++) if (this.stack[index]?.high !== true) values++;
    const high = this.stack[position]?.high === true;
    return this.valueHome(values - 1, high);
  }

  /** Operand height in values. */
  get height(): number {
    let values = 0;
    for (const { high } of this.stack) if (!high) values++;
    return values;
  }

  // --- temporaries ------------------------------------------------------------------------

  isTemp(reg: Reg): boolean {
    return this.temps.includes(reg);
  }

  private isFree(reg: Reg): boolean {
    return this.uses[reg] === 0;
  }

  /** Is this a temporary that nobody owns? */
  canTake(reg: Reg): boolean {
    return this.isTemp(reg) && this.isFree(reg);
  }

  private take(reg: Reg): Reg {
    this.uses[reg] = (this.uses[reg] ?? 0) + 1;
    return reg;
  }

  private drop(reg: Reg): void {
    const uses = this.uses[reg] ?? 0;
    if (uses === 0) throw new InternalError(`register ${reg} released twice`);
    this.uses[reg] = uses - 1;
  }

  /** A second owner for a temporary that must not be taken away meanwhile. */
  share(reg: Reg): Held {
    return { reg: this.take(reg), owned: true };
  }

  release(held: Held | HeldFloat): void {
    if ('float' in held) this.floats.drop(held.float);
    else if (held.owned) this.drop(held.reg);
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
    if ('reg' in source) this.drop(source.reg);
  }

  /** A temporary to write, owned by the caller. `prefer` is taken where it is free. */
  allocate(prefer: Reg = noReg): Reg {
    const reg = this.findTemp(prefer);
    this.contents.delete(reg);
    return this.take(reg);
  }

  /**
   * Takes over the registers in which results have arrived. Where one is the register of a local
   * (which no call preserves, so its value is not needed), the result moves to a temporary.
   */
  claimResults(registers: readonly Reg[]): Reg[] {
    const own = registers.map((reg) => {
      if (!this.isTemp(reg)) return false;
      if (!this.isFree(reg)) throw new InternalError(`register ${reg} is in use`);
      this.contents.delete(reg);
      this.take(reg);
      return true;
    });
    return registers.map((reg, index) => {
      if (own[index]) return reg;
      const temp = this.allocate();
      this.machine.move(temp, reg);
      return temp;
    });
  }

  private findTemp(prefer: Reg): Reg {
    if (this.canTake(prefer)) return prefer;
    const chosen = this.cheapestFreeTemp();
    if (chosen !== noReg) return chosen;
    for (const pointer of this.pointers) {
      if (pointer.reg === noReg) continue;
      this.dropPointer(pointer);
      return this.findTemp(prefer);
    }
    if (this.settleProducts()) return this.findTemp(prefer);
    const fresh = this.machine.roles.saved.find((reg) => !this.saved.includes(reg));
    if (fresh !== undefined) {
      this.saved.push(fresh);
      this.temps.push(fresh);
      return fresh;
    }
    this.spillDeepest();
    return this.findTemp(prefer);
  }

  /** The first free temporary that holds nothing worth keeping, else the first free one. */
  private cheapestFreeTemp(): Reg {
    let first = noReg;
    for (const reg of this.temps) {
      if (!this.isFree(reg)) continue;
      if (!this.isWorthKeeping(reg)) return reg;
      if (first === noReg) first = reg;
    }
    return first;
  }

  /** Pending products hold two registers; computed, they hold one. */
  private settleProducts(): boolean {
    let freed = false;
    this.stack.forEach((entry, position) => {
      if (entry.kind !== 'product') return;
      const own = sourcesOf(entry).flatMap((source) => ('reg' in source ? [source.reg] : []));
      const [target] = own;
      if (target === undefined || !this.isExclusive(target)) return;
      this.contents.delete(target);
      this.machine.alu('mul', target, this.sourceReg(entry.a), { reg: this.sourceReg(entry.b) });
      for (const reg of own.slice(1)) this.drop(reg);
      freed ||= own.length > 1;
      this.stack[position] = { kind: 'sum', source: { reg: target }, c: 0, high: entry.high };
    });
    return freed;
  }

  /** A floating-point register to write, owned by the caller. */
  allocateFloat(): FloatReg {
    for (;;) {
      const reg = this.floats.takeFree();
      if (reg !== undefined) return reg;
      const position = this.stack.findIndex((entry) => entry.kind === 'float');
      if (position < 0) throw new InternalError('out of floating-point registers with nothing left to spill');
      this.spill(position);
    }
  }

  private spillDeepest(): void {
    const position = this.stack.findIndex((entry) => someSource(entry, (source) => 'reg' in source));
    if (position < 0) throw new RegisterPressure();
    this.spill(position);
  }

  /** Remembers a cached pointer's register, which `allocate` may take back. */
  addPointer(pointer: CachedPointer): void {
    this.pointers.add(pointer);
  }

  dropPointer(pointer: CachedPointer): void {
    if (pointer.reg === noReg) return;
    this.drop(pointer.reg);
    pointer.reg = noReg;
    this.pointers.delete(pointer);
  }

  /** The pointer's last use: the caller holds its register. */
  takePointer(pointer: CachedPointer): Held {
    const { reg } = pointer;
    pointer.reg = noReg;
    this.pointers.delete(pointer);
    return { reg, owned: true };
  }

  /** Control flow merges, or a callee wrote the caller-saved registers: cached contents are gone. */
  forgetTemps(): void {
    this.contents.clear();
    this.floats.forgetAll();
    for (const pointer of [...this.pointers]) this.dropPointer(pointer);
  }

  // --- reading operands -------------------------------------------------------------------

  /** Register of a source that is in one. */
  private sourceReg(source: Source): Reg {
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
    const known = this.findSum(source.word, 0);
    if (known?.c === 0) return this.share(known.reg);
    const temp = this.allocate();
    this.machine.loadSlot(temp, this.localHome(source.word) + this.spShift);
    this.contents.set(temp, { word: source.word, c: 0 });
    return { reg: temp, owned: true };
  }

  /** A register that holds the constant throughout the function. */
  findPinned(value: number): Held | undefined {
    if (value === 0 && this.machine.roles.zero !== noReg) return { reg: this.machine.roles.zero, owned: false };
    const pinned = this.allocation.constRegs.get(value >>> 0);
    return pinned === undefined || this.overwritten.has(pinned) ? undefined : { reg: pinned, owned: false };
  }

  /** While `moves` runs, no register that it has told to be overwritten is read for a constant. */
  overwriting(moves: (overwrite: (reg: Reg) => void) => void): void {
    try {
      moves((reg) => this.overwritten.add(reg));
    } finally {
      this.overwritten.clear();
    }
  }

  /** A register that already holds the constant. */
  findConst(value: number): Held | undefined {
    const pinned = this.findPinned(value);
    if (pinned !== undefined) return pinned;
    const key = value >>> 0;
    for (const [reg, content] of this.contents) {
      if ('constant' in content && content.constant === key) return { reg: this.take(reg), owned: true };
    }
    return undefined;
  }

  /** The constant in a register from which `address` is the nearest step forward that `fits`. */
  findConstBelow(address: number, fits: (offset: number) => boolean): { held: Held; offset: number } | undefined {
    let best: { reg: Reg; owned: boolean; offset: number } | undefined;
    const consider = (constant: number, reg: Reg, owned: boolean): void => {
      const offset = (address >>> 0) - constant;
      if (fits(offset) && (best === undefined || Math.abs(offset) < Math.abs(best.offset))) best = { reg, owned, offset };
    };
    for (const [constant, reg] of this.allocation.constRegs) consider(constant, reg, false);
    for (const [reg, content] of this.contents) if ('constant' in content) consider(content.constant, reg, true);
    if (best === undefined) return undefined;
    const { reg, owned, offset } = best;
    return { held: owned ? this.share(reg) : { reg, owned: false }, offset };
  }

  /** A temporary for the constant `value` = (constant in `reg`) + `distance`. */
  holdSumOfConst(reg: Reg, distance: number, value: number): Held {
    const temp = this.allocate();
    this.machine.alu('add', temp, reg, { imm: distance });
    this.contents.set(temp, { constant: value >>> 0 });
    return { reg: temp, owned: true };
  }

  /** A temporary that holds local word + c', with c' as near to c as an immediate reaches. */
  private findSum(word: number, c: number): { reg: Reg; c: number } | undefined {
    let near: { reg: Reg; c: number } | undefined;
    for (const [reg, content] of this.contents) {
      if (!('word' in content) || content.word !== word) continue;
      if (content.c === c) return { reg, c };
      if (this.machine.fitsImmediate('add', c - content.c)) near = { reg, c: content.c };
    }
    return near;
  }

  /** A constant's own register from which `value` is one addition away. */
  private findNear(value: number): { reg: Reg; distance: number } | undefined {
    for (const [constant, reg] of this.allocation.constRegs) {
      if (this.overwritten.has(reg)) continue;
      const distance = (value - constant) | 0;
      if (this.machine.fitsImmediate('add', distance)) return { reg, distance };
    }
    return undefined;
  }

  holdConst(value: number): Held {
    const found = this.findConst(value);
    if (found !== undefined) return found;
    const reg = this.allocate();
    const near = this.machine.constCost(value) > 1 ? this.findNear(value) : undefined;
    if (near === undefined) this.machine.loadConst(reg, value);
    else this.machine.alu('add', reg, near.reg, { imm: near.distance });
    this.contents.set(reg, { constant: value >>> 0 });
    return { reg, owned: true };
  }

  /** Does the temporary hold something that costs more than one cheap instruction to have again? */
  isWorthKeeping(reg: Reg): boolean {
    const content = this.contents.get(reg);
    if (content === undefined) return false;
    if ('constant' in content) return this.machine.constCost(content.constant) > 1;
    return this.isHomeLocal(content) || !this.machine.fitsImmediate('add', content.c);
  }

  /** Tells that an owned temporary is about to be overwritten although it may cache a constant. */
  clobber(reg: Reg): void {
    this.contents.delete(reg);
  }

  pop(): Entry {
    const entry = this.stack.pop();
    if (entry === undefined) throw new InternalError('operand stack underflow');
    return entry;
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
    const own = sourcesOf(entry).flatMap((source) => ('reg' in source ? [source.reg] : []));
    const [reusable] = own;
    if (reusable !== undefined && this.isExclusive(reusable)) {
      // The last reader may overwrite its operand.
      this.take(reusable);
      this.evaluate(entry, reusable);
      return { reg: reusable, owned: true };
    }
    const reg = this.allocate();
    this.evaluate(entry, reg);
    return { reg, owned: true };
  }

  /** Nobody else reads this temporary: its owner may overwrite it. */
  isExclusive(reg: Reg): boolean {
    return this.uses[reg] === 1;
  }

  /** local word + c in a register, from the nearest value that is at hand. */
  private holdSum(word: number, c: number): Held {
    const known = this.findSum(word, c);
    if (known?.c === c) return this.share(known.reg);
    const useKnown = known !== undefined && (this.isHomeLocal({ word }) || !this.machine.fitsImmediate('add', c));
    const from = useKnown ? this.share(known.reg) : this.holdSource({ word });
    const reg = this.allocate();
    this.addConst(reg, from.reg, useKnown ? c - known.c : c);
    this.release(from);
    this.contents.set(reg, { word, c });
    return { reg, owned: true };
  }

  /** A local was written: cached values of it are old. */
  forgetWord(word: number): void {
    this.floats.forgetWord(word);
    for (const [reg, content] of this.contents) if ('word' in content && content.word === word) this.contents.delete(reg);
  }

  /** Tells that `reg`, a temporary, now holds a copy of the local. */
  remember(reg: Reg, word: number): void {
    if (this.isTemp(reg)) this.contents.set(reg, { word, c: 0 });
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
    const { machine } = this;
    this.contents.delete(rd);
    switch (entry.kind) {
      case 'const': {
        const found = this.findConst(entry.value);
        if (found !== undefined && machine.constCost(entry.value) > 0) machine.move(rd, found.reg);
        else machine.loadConst(rd, entry.value);
        if (found !== undefined) this.release(found);
        return;
      }
      case 'home':
        machine.loadSlot(rd, entry.spOffset + this.spShift);
        return;
      case 'float':
        if (entry.part !== 'high') machine.moveFromFloat(rd, entry.float);
        else {
          const spOffset = this.exchangeSlot() + this.spShift;
          machine.storeFloatSlot('f64', entry.float, spOffset);
          machine.loadSlot(rd, spOffset + 4);
        }
        return;
      case 'sum':
        this.addConst(rd, this.readSource(entry.source, rd), entry.c);
        return;
      case 'shift':
        machine.alu(entry.shift, rd, this.readSource(entry.source, rd), { imm: entry.amount });
        return;
      case 'product':
        machine.alu('mul', rd, this.readSource(entry.a, rd), { reg: this.readSource(entry.b, machine.scratch) });
        return;
    }
  }

  usesScratch(entry: Entry, rd: Reg): boolean {
    if (entry.kind === 'product') return this.isHomeLocal(entry.b);
    if (entry.kind !== 'sum' || this.machine.fitsImmediate('add', entry.c)) return false;
    return this.isHomeLocal(entry.source) || this.sourceReg(entry.source) === rd;
  }

  /** Register of a source; locals that live in memory are loaded into `via`. */
  private readSource(source: Source, via: Reg): Reg {
    if (!this.isHomeLocal(source)) return this.sourceReg(source);
    this.machine.loadSlot(via, this.localHome((source as { word: number }).word) + this.spShift);
    return via;
  }

  /** rd = a + c. */
  addConst(rd: Reg, a: Reg, c: number): void {
    const { machine } = this;
    if (c === 0) {
      machine.move(rd, a);
      return;
    }
    if (machine.fitsImmediate('add', c)) {
      machine.alu('add', rd, a, { imm: c });
      return;
    }
    const found = this.findConst(c);
    const near = found === undefined && machine.constCost(c) > 1 ? this.findNear(c) : undefined;
    if (found !== undefined) {
      machine.alu('add', rd, a, { reg: found.reg });
      this.release(found);
    } else if (near !== undefined) {
      machine.alu('add', rd, a, { reg: near.reg });
      machine.alu('add', rd, rd, { imm: near.distance });
    } else if (rd !== a) {
      machine.loadConst(rd, c);
      machine.alu('add', rd, a, { reg: rd });
    } else {
      machine.loadConst(machine.scratch, c);
      machine.alu('add', rd, a, { reg: machine.scratch });
    }
  }

  // --- spilling ---------------------------------------------------------------------------

  /** Moves the word at `position` to its home slot, constants included. */
  spill(position: number): void {
    const entry = this.stack[position];
    if (entry === undefined || entry.kind === 'home') return;
    if (entry.kind === 'float' && this.spillFloat(position, entry)) return;
    const spOffset = this.stackHome(position);
    const { machine } = this;
    if (entry.kind === 'sum' && entry.c === 0 && !this.isHomeLocal(entry.source)) {
      machine.storeSlot(this.sourceReg(entry.source), spOffset + this.spShift);
      this.releaseEntry(entry);
    } else {
      const own = sourcesOf(entry).flatMap((source) => ('reg' in source ? [source.reg] : []));
      const via = own[0] !== undefined && this.isExclusive(own[0]) ? own[0] : machine.scratch;
      this.compute(entry, via);
      machine.storeSlot(via, spOffset + this.spShift);
      this.releaseEntry(entry);
    }
    this.stack[position] = { kind: 'home', spOffset, high: entry.high };
  }

  /** Stores a single, or both words of a double at once; returns false where that is not to be had. */
  private spillFloat(position: number, entry: Entry & { kind: 'float' }): boolean {
    const next = this.stack[position + 1];
    const isDouble = next?.high === true && !entry.high && floatOf(entry, next) !== undefined;
    if (!isDouble && entry.part !== 'single') return false;
    const spOffset = this.stackHome(position);
    if (!this.machine.fitsFloatSlot(spOffset + this.spShift)) return false;
    this.machine.storeFloatSlot(isDouble ? 'f64' : 'f32', entry.float, spOffset + this.spShift);
    for (let word = 0; word < (isDouble ? 2 : 1); word++) {
      this.floats.drop(entry.float);
      this.stack[position + word] = { kind: 'home', spOffset: spOffset + 4 * word, high: word === 1 || entry.high };
    }
    return true;
  }

  /** Is the source a local that has no register? */
  isHomeLocal(source: Source): boolean {
    return 'word' in source && (this.allocation.localRegs[source.word] ?? noReg) === noReg;
  }

  /** Everything below `top` words of the stack goes home; constants stay where they are. */
  spillBelow(top: number): void {
    for (let position = 0; position < this.stack.length - top; position++) {
      if (this.stack[position]?.kind !== 'const') this.spill(position);
    }
  }

  /** Temporaries that a callee may overwrite go home; lazy locals in callee-saved registers or homes stay. */
  spillCallerSaved(top: number): void {
    const clobbered = (source: Source): boolean => {
      const reg = registerOf(source, this.allocation.localRegs);
      return reg !== noReg && !this.machine.roles.saved.includes(reg);
    };
    for (let position = 0; position < this.stack.length - top; position++) {
      const entry = this.stack[position] as Entry;
      if (entry.kind === 'float' || someSource(entry, clobbered)) this.spill(position);
    }
  }

  /** Before a write to a local: pending reads of its old value are made real (hazard 6). */
  flushReads(word: number): void {
    this.forgetWord(word);
    for (let position = 0; position < this.stack.length; position++) {
      const entry = this.stack[position] as Entry;
      if (!readsWord(entry, word)) continue;
      const held = this.hold(entry);
      const reg = held.owned ? held.reg : this.allocate();
      this.machine.move(reg, held.reg);
      this.contents.delete(reg);
      this.stack[position] = { kind: 'sum', source: { reg }, c: 0, high: entry.high };
    }
  }

  /** Drops all entries above `length` words. */
  truncate(length: number): void {
    while (this.stack.length > length) this.releaseEntry(this.pop());
  }
}
