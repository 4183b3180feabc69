import type { Address, Isa } from '@fireball/contracts';
import type { Decoder, Instruction } from './instruction.js';
import { decodeRv32 } from './rv32.js';
import { decodeThumb2 } from './thumb2.js';

const decoders = { thumb2: decodeThumb2, rv32: decodeRv32 } as const satisfies Record<Isa, Decoder>;
/** Halfwords of a page of the index. */
const pageHalfwords = 2048;

/** An instruction and where it is. */
export interface PlacedInstruction extends Instruction {
  readonly address: Address;
}

/** Code, decoded where it is executed for the first time; it must not change. */
export class CodeTable {
  private readonly pages = new Map<number, (PlacedInstruction | undefined)[]>();
  private page: (PlacedInstruction | undefined)[] = [];
  private pageNumber = -1;

  /** @param halfwordAt code as the CPU fetches it */
  constructor(
    readonly isa: Isa,
    private readonly halfwordAt: (address: Address) => number,
  ) {}

  at(address: Address): PlacedInstruction {
    const number = Math.floor(address / (2 * pageHalfwords));
    if (number !== this.pageNumber) this.turnTo(number);
    const index = (address >>> 1) & (pageHalfwords - 1);
    return this.page[index] ?? (this.page[index] = this.decode(address));
  }

  private turnTo(number: number): void {
    this.page = this.pages.get(number) ?? new Array<PlacedInstruction | undefined>(pageHalfwords).fill(undefined);
    this.pages.set(number, this.page);
    this.pageNumber = number;
  }

  private decode(address: Address): PlacedInstruction {
    const first = this.halfwordAt(address);
    const isLong = this.isa === 'thumb2' ? first >= 0xe800 : (first & 3) === 3;
    return { ...decoders[this.isa](first, isLong ? this.halfwordAt(address + 2) : 0), address };
  }
}
