import * as layout from '../core/layout/allocation.js';
import { targetNumbers } from '../instance/roles.js';
import { allocationOf } from '../plan/allocate.js';
import type { Analyses } from '../plan/analyses.js';
import type { Allocation } from '../plan/result.js';
import type { Reg } from '../target/registers.js';

/**
 * Gives registers to locals and constants of a function whose uses are known.
 * @param arrivals registers of the parameter words
 * @param withheld how many registers are kept back for temporaries
 */
export function allocate(analyses: Analyses, isa: keyof typeof targetNumbers, arrivals: readonly Reg[], ownsLink: boolean, withheld: number): Allocation {
  const { core } = analyses;
  const list = analyses.take(arrivals.length);
  const { words } = analyses;
  words.set(arrivals, list >> 2);
  words[layout.arrivals >> 2] = list;
  words[layout.saveCost >> 2] = isa === 'thumb2' ? 0 : 2;
  analyses.must(core.findCandidates());
  analyses.must(core.allocateRegisters(targetNumbers[isa], withheld, Number(ownsLink)));
  return allocationOf(analyses);
}
