import { wordCount } from '../core/layout/analyses.js';
import * as layout from '../core/layout/allocation.js';
import type { Reg } from '../target/registers.js';
import type { Analyses } from './analyses.js';
import type { Allocation } from './result.js';

/** Which registers the core has given to locals and constants of the function that it has. */
export function allocationOf(analyses: Analyses): Allocation {
  analyses.check();
  const { words } = analyses;
  const copied = (address: number, length: number): Int32Array => words.slice(words[address >> 2]! >> 2, (words[address >> 2]! >> 2) + length);
  const pairs = copied(layout.constantRegs, 2 * words[layout.constantRegCount >> 2]!);
  const constRegs = new Map<number, Reg>();
  for (let at = 0; at < pairs.length; at += 2) constRegs.set(pairs[at]! >>> 0, pairs[at + 1]!);
  return {
    localRegs: copied(layout.wordRegs, words[wordCount >> 2]!),
    constRegs,
    lastingConstants: words[layout.lastingRegCount >> 2]!,
    temps: [...copied(layout.tempRegs, words[layout.tempRegCount >> 2]!)],
  };
}
