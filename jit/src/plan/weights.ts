import { byteWeight } from '../core/layout/analyses.js';
import type { AluOp, MacroAssembler } from '../target/macro-assembler.js';
import type { Symbol } from './symbols.js';

const loopFactor = 8;

/** How often something is executed. */
export interface WeighedPlace {
  readonly share: number;
  readonly loops: number;
}

/** A local word that becomes a copy of another one, which still has its value. */
export interface Copy {
  /** Of the instruction that writes it. */
  readonly index: number;
  readonly word: number;
  readonly source: number;
  readonly weight: number;
}

/** How often locals and constants are used in registers: what the allocation of registers goes by. */
export class Weights {
  /** Executed uses per local word: loops counted eightfold per level, branches within them as taken half of the time. */
  readonly locals: Float64Array;
  /** Instructions that name the word: what an encoding for low registers saves. */
  readonly localMentions: Float64Array;
  /** Instructions saved, by constant (unsigned), if it sat in a register, and a little for their bytes. */
  readonly constants = new Map<number, number>();
  readonly constMentions = new Map<number, number>();
  readonly copies: Copy[] = [];
  private loops = 1;
  /** Of all turns of the loops around: branches that leave no loop are taken half of the time. */
  share = 1;

  constructor(
    private readonly masm: MacroAssembler,
    localWords: number,
  ) {
    this.locals = new Float64Array(localWords);
    this.localMentions = new Float64Array(localWords);
  }

  enterLoop(): void {
    // The condition in front of a loop mostly lets control come to it.
    this.share = Math.min(1, 2 * this.share);
    this.loops *= loopFactor;
  }

  leaveLoop(): void {
    this.loops /= loopFactor;
  }

  get isInLoop(): boolean {
    return this.loops > 1;
  }

  /** Of what is executed here. */
  private get weight(): number {
    return this.share * this.loops;
  }

  get place(): WeighedPlace {
    return { share: this.share, loops: this.loops };
  }

  /** Counts something as executed elsewhere. */
  at(place: WeighedPlace, count: () => void): void {
    const here = this.place;
    ({ share: this.share, loops: this.loops } = place);
    count();
    ({ share: this.share, loops: this.loops } = here);
  }

  /** An instruction that reads or writes the local word. */
  touch(word: number): void {
    this.locals[word] = (this.locals[word] ?? 0) + this.weight;
    this.localMentions[word] = (this.localMentions[word] ?? 0) + 1;
  }

  /** The instruction at `index` makes `word` a copy of `source`. */
  copy(index: number, word: number, source: number): void {
    this.copies.push({ index, word, source, weight: this.weight });
  }

  /** A constant that has to be in a register here. */
  needConst(value: number, cost = this.masm.constCost(value)): void {
    if (cost > 0) this.addConst(value, cost * (this.weight + byteWeight));
  }

  /** A constant that saves an instruction here if it is in a register, but no bytes. */
  likeConst(value: number): void {
    this.addConst(value, this.weight);
  }

  /** A constant that makes an instruction shorter here if it is in a register of any kind. */
  shortenByConst(value: number): void {
    this.constants.set(value >>> 0, (this.constants.get(value >>> 0) ?? 0) + byteWeight / 2);
  }

  private addConst(value: number, weight: number): void {
    const key = value >>> 0;
    this.constants.set(key, (this.constants.get(key) ?? 0) + weight);
    this.mention(key);
  }

  /** An instruction that names the constant's register, should it have one. */
  mention(constant: number): void {
    this.constMentions.set(constant, (this.constMentions.get(constant) ?? 0) + 1);
  }

  /** A data address, if there is one: its anchor has to be in a register. */
  useAddress(address: number | undefined): void {
    if (address !== undefined) this.needConst(this.masm.splitAddress(address).anchor);
  }

  /** The operand of an instruction that takes some constants as immediates. */
  useConst(symbol: Symbol, op: AluOp | 'compare' | 'test' | 'move'): void {
    if (symbol.kind !== 'const') return;
    if (op === 'move') this.needConst(symbol.value, this.masm.constCost(symbol.value) - 1);
    else if (!this.masm.fitsImmediate(op, symbol.value)) this.needConst(symbol.value);
  }

  /** The pending addition of an operand that is needed in a register. */
  settle(symbol: Symbol): void {
    if (symbol.kind !== 'const' && symbol.c !== 0 && !this.masm.fitsImmediate('add', symbol.c)) this.needConst(symbol.c);
  }

  /** An operand that is stored, or otherwise needed in a register as it is. */
  useInRegister(symbol: Symbol): void {
    if (symbol.kind === 'const') this.needConst(symbol.value);
    else this.settle(symbol);
  }
}
