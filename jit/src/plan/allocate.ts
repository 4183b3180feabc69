import type { MacroAssembler } from '../target/macro-assembler.js';
import { type Reg, noReg } from '../target/registers.js';
import type { Allocation, Plan } from './result.js';
import { byteWeight } from './weights.js';

interface Candidate {
  readonly word: number;
  readonly constant: number;
  readonly benefit: number;
  readonly mentions: number;
}

/**
 * Locals and wide constants compete for registers in one table of weights (code-quality step D).
 * Leaf functions also use caller-saved registers, which cost nothing to save (step C), and so do
 * locals that no call has to preserve.
 * `parameterRegs` are the arrival registers of the parameter words, -1 for stack arguments; `withheld`
 * registers are kept back for temporaries.
 */
export function allocateRegisters(plan: Plan, masm: MacroAssembler, parameterRegs: readonly Reg[], withheld: number): Allocation {
  const { roles } = masm;
  const clobbers = plan.hasCalls || plan.hasRoutines;
  const extra = clobbers ? roles.callExtra : roles.leafExtra;
  // Deep expressions are better served by temporaries than by more locals in registers.
  const wanted = plan.pressure + 1 - (roles.temps.length - extra.length);
  const kept = Math.min(Math.max(wanted, 0), extra.length);
  const free = new Set<Reg>([...extra, ...roles.saved].slice(Math.max(kept, withheld)));
  const survives = (candidate: Candidate): boolean => !clobbers || (candidate.word >= 0 && plan.acrossCalls[candidate.word] === 0);
  const localRegs = new Int32Array(plan.locals.count).fill(noReg);
  const constRegs = new Map<number, Reg>();
  const place = (candidate: Candidate, reg: Reg): void => {
    if (candidate.word >= 0) localRegs[candidate.word] = reg;
    else constRegs.set(candidate.constant, reg);
  };
  const inSaved: Candidate[] = [];
  for (const candidate of candidatesOf(plan, masm)) {
    if (free.size === 0) break;
    const arrival = candidate.word < 0 ? noReg : (parameterRegs[candidate.word] ?? noReg);
    const fitting = [...free].filter((reg) => survives(candidate) || roles.saved.includes(reg));
    const first: Reg = fitting.includes(arrival) ? arrival : (fitting[0] ?? noReg);
    if (first === noReg) continue;
    const isSaved = roles.saved.includes(first);
    // A saved register must earn its save and restore.
    if (isSaved && candidate.benefit <= masm.saveCost) continue;
    free.delete(first);
    if (isSaved) inSaved.push(candidate);
    else place(candidate, first);
  }
  // Who gets a saved register is settled; the cheapest encodings go to those that are named most often.
  inSaved.sort((a, b) => b.mentions - a.mentions || b.benefit - a.benefit || a.word - b.word || a.constant - b.constant);
  const saved = roles.saved.slice(0, inSaved.length);
  inSaved.forEach((candidate, index) => place(candidate, saved[index] as Reg));
  const taken = new Set<Reg>([...localRegs, ...constRegs.values()]);
  return { localRegs, constRegs, saved, temps: roles.temps.filter((reg) => !taken.has(reg)) };
}

export function sameAllocation(a: Allocation, b: Allocation): boolean {
  const textOf = ({ localRegs, constRegs, saved, temps }: Allocation): string =>
    [localRegs.join(), [...constRegs].join(), saved.join(), temps.join()].join(';');
  return textOf(a) === textOf(b);
}

/** All that wants a register, most valuable first; equal weights keep a fixed order. */
function candidatesOf(plan: Plan, masm: MacroAssembler): Candidate[] {
  const list: Candidate[] = [];
  plan.localWeights.forEach((weight, word) => {
    if (weight > 0) list.push({ word, constant: 0, benefit: weight, mentions: plan.localMentions[word] ?? 0 });
  });
  for (const [constant, weight] of plan.constWeights) {
    // Loading it once at entry is the price.
    const benefit = weight - masm.constCost(constant) * (1 + byteWeight);
    if (benefit > 0) list.push({ word: -1, constant, benefit, mentions: plan.constMentions.get(constant) ?? 0 });
  }
  return list.sort((a, b) => b.benefit - a.benefit || a.word - b.word || a.constant - b.constant);
}
