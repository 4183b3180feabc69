import type { Isa } from '@fireball/contracts';
import * as layout from '../core/layout/allocation.js';
import { rolesOf, targetNumbers } from '../instance/roles.js';
import type { Reg } from '../target/registers.js';
import type { Allocation, Plan } from './result.js';

/** Instructions that saving and restoring one callee-saved register costs. */
const saveCosts: Readonly<Record<Isa, number>> = { thumb2: 0, rv32: 2 };

type AllocationInputs = Pick<Plan, 'analyses' | 'locals'>;

/** Gives registers to locals and constants, of the function that has been planned last. */
export class Allocator {
  private readonly target: number;

  /**
   * @param parameterRegs arrival registers of the parameter words, -1 for stack arguments
   * @param ownsLink nothing but calls and routines needs the link register
   * @throws NoRoomError
   */
  constructor(
    private readonly plan: AllocationInputs,
    private readonly isa: Isa,
    parameterRegs: readonly Reg[],
    private readonly ownsLink: boolean,
  ) {
    const { analyses } = plan;
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
  allocate(withheld: number): Allocation {
    const { plan, isa, target, ownsLink } = this;
    const { analyses } = plan;
    analyses.check();
    analyses.must(analyses.core.allocateRegisters(target, withheld, ownsLink ? 1 : 0));
    const { words } = analyses;
    const copied = (address: number, length: number): Int32Array => words.slice(words[address >> 2]! >> 2, (words[address >> 2]! >> 2) + length);
    const pairs = copied(layout.constantRegs, 2 * words[layout.constantRegCount >> 2]!);
    const constRegs = new Map<number, Reg>();
    for (let at = 0; at < pairs.length; at += 2) constRegs.set(pairs[at]! >>> 0, pairs[at + 1]!);
    return {
      localRegs: copied(layout.wordRegs, plan.locals.count),
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
