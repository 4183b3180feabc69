import { InternalError } from '@fireball/contracts';
import { noReg, type Reg } from '../target/registers.js';

/** A register to read from; `owned` temporaries are returned by `release`. */
export interface Held {
  readonly reg: Reg;
  readonly owned: boolean;
}

/** One instruction needs more temporaries than there are: selection starts again with more of them. */
export class RegisterPressure extends InternalError {
  constructor() {
    super('out of registers with nothing left to spill');
  }
}

/** A cached native pointer; its temporary may be taken away at any allocation. */
export interface CachedPointer {
  reg: Reg;
}

/** Registers of the larger register file. */
const registerCount = 32;

/** Who owns the temporaries of one function: stack entries, cached pointers, the operation in progress. */
export class Temporaries {
  /** How many owners each register has. */
  private readonly uses = new Int32Array(registerCount);
  private readonly registers: Reg[];
  private readonly pointers = new Set<CachedPointer>();

  constructor(registers: readonly Reg[]) {
    this.registers = [...registers];
  }

  /** One more from here on. */
  add(reg: Reg): void {
    this.registers.push(reg);
  }

  has(reg: Reg): boolean {
    return this.registers.includes(reg);
  }

  isFree(reg: Reg): boolean {
    return this.uses[reg] === 0;
  }

  hasFree(count: number): boolean {
    let free = 0;
    for (const reg of this.registers) if (this.isFree(reg)) free++;
    return free >= count;
  }

  /** Is this a temporary that nobody owns? */
  canTake(reg: Reg): boolean {
    return this.has(reg) && this.isFree(reg);
  }

  /** Nobody else reads this temporary: its owner may overwrite it. */
  isExclusive(reg: Reg): boolean {
    return this.uses[reg] === 1;
  }

  take(reg: Reg): Reg {
    this.uses[reg] = (this.uses[reg] ?? 0) + 1;
    return reg;
  }

  drop(reg: Reg): void {
    const uses = this.uses[reg] ?? 0;
    if (uses === 0) throw new InternalError(`register ${reg} released twice`);
    this.uses[reg] = uses - 1;
  }

  /** How many owners each register has that has any. */
  owners(): ReadonlyMap<Reg, number> {
    return new Map([...this.uses].map((uses, reg): [Reg, number] => [reg, uses]).filter(([, uses]) => uses > 0));
  }

  /** Registers of cached pointers. */
  cached(): readonly Reg[] {
    return [...this.pointers].map(({ reg }) => reg);
  }

  /** A second owner for a temporary that must not be taken away meanwhile. */
  share(reg: Reg): Held {
    return { reg: this.take(reg), owned: true };
  }

  /** The first of the free ones whose contents are worth least; none where none is free. */
  findFree(worth: (reg: Reg) => number): Reg {
    let best = noReg;
    let least = Infinity;
    for (const reg of this.registers) {
      if (!this.isFree(reg)) continue;
      const value = worth(reg);
      if (value >= least) continue;
      best = reg;
      least = value;
    }
    return best;
  }

  /** Remembers a cached pointer's register, which any allocation may take back. */
  addPointer(pointer: CachedPointer): void {
    this.pointers.add(pointer);
  }

  /** The pointer's last use: the caller holds its register. */
  takePointer(pointer: CachedPointer): Held {
    const { reg } = pointer;
    pointer.reg = noReg;
    this.pointers.delete(pointer);
    return { reg, owned: true };
  }

  /** Returns false where no pointer is cached. */
  dropOldestPointer(): boolean {
    for (const pointer of this.pointers) {
      this.drop(this.takePointer(pointer).reg);
      return true;
    }
    return false;
  }

  dropAllPointers(): void {
    while (this.dropOldestPointer());
  }
}
