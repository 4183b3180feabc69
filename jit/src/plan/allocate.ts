import type { Isa } from '@fireball/contracts';
import { wordCount } from '../core/layout/analyses.js';
import * as layout from '../core/layout/allocation.js';
import { rolesOf, targetNumbers } from '../instance/roles.js';
import type { Reg } from '../target/registers.js';
import type { Analyses } from './analyses.js';
import type { Allocation } from './result.js';

/** Instructions that saving and restoring one callee-saved register costs. */
const saveCosts: Readonly<Record<Isa, number>> = { thumb2: 0, rv32: 2 };

/** Gives registers to locals and constants, of the function that has been planned last. */
export class Allocator {
  private readonly target: number;

  /**
   * @param parameterRegs arrival registers of the parameter words, -1 for stack arguments
   * @param ownsLink nothing but calls and routines needs the link register
   * @throws NoRoomError
   */
  constructor(
    readonly analyses: Analyses,
    private readonly isa: Isa,
    parameterRegs: readonly Reg[],
    private readonly ownsLink: boolean,
  ) {
    analyses.check();
    const arrivals = analyses.take(parameterRegs.length);
    const { words } = analyses;
    words[layout.saveCost >> 2] = saveCosts[isa];
    words[layout.arrivals >> 2] = arrivals;
    words.set(parameterRegs, arrivals >> 2);
    analyses.must(analyses.core.findCandidates());
    this.target = targetNumbers[isa];
  }

  /**
   * @param withheld how many registers are kept back for temporaries
   * @throws NoRoomError
   */
  allocate(withheld: number): void {
    const { analyses, target, ownsLink } = this;
    analyses.check();
    analyses.must(analyses.core.allocateRegisters(target, withheld, ownsLink ? 1 : 0));
  }

  /** What has come of it last. */
  get allocation(): Allocation {
    const { analyses, isa, ownsLink } = this;
    analyses.check();
    const { words } = analyses;
    const copied = (address: number, length: number): Int32Array => words.slice(words[address >> 2]! >> 2, (words[address >> 2]! >> 2) + length);
    const pairs = copied(layout.constantRegs, 2 * words[layout.constantRegCount >> 2]!);
    const constRegs = new Map<number, Reg>();
    for (let at = 0; at < pairs.length; at += 2) constRegs.set(pairs[at]! >>> 0, pairs[at + 1]!);
    return {
      localRegs: copied(layout.wordRegs, words[wordCount >> 2]!),
      constRegs,
      saved: [...copied(layout.savedRegs, words[layout.savedRegCount >> 2]!)],
      ownsLink: ownsLink && rolesOf(isa).link >= 0,
      temps: [...copied(layout.tempRegs, words[layout.tempRegCount >> 2]!)],
    };
  }
}

export function sameAllocation(a: Allocation, b: Allocation): boolean {
  const textOf = ({ localRegs, constRegs, saved, temps }: Allocation): string =>
    [localRegs.join(), [...constRegs].join(), saved.join(), temps.join()].join(';');
  return textOf(a) === textOf(b);
}
