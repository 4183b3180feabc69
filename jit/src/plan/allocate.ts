import type { MacroAssembler } from '../target/macro-assembler.js';
import { type Reg, noReg } from '../target/registers.js';
import { isLiveAtEntry, type Allocation, type Plan } from './result.js';
import { mayShare, websOf, type Web } from './webs.js';
import { byteWeight } from './weights.js';

/** A web of local words, or a constant. */
interface Candidate {
  readonly web: Web | undefined;
  readonly constant: number;
  readonly benefit: number;
  readonly mentions: number;
}

/** A register, and who is in it: one constant, or webs that may share it. */
interface Place {
  /** Of a callee-saved one the number is settled in the end. */
  reg: Reg;
  readonly isSaved: boolean;
  readonly inhabitants: Candidate[];
}

/**
 * Locals and wide constants compete for registers in one table of weights (code-quality step D).
 * Leaf functions also use caller-saved registers, which cost nothing to save (step C), and so do
 * locals that no call has to preserve. Locals whose values are wanted at different times share registers.
 * `parameterRegs` are the arrival registers of the parameter words, -1 for stack arguments; `withheld`
 * registers are kept back for temporaries. `ownsLink`: nothing but calls and routines needs the link register.
 */
export function allocateRegisters(plan: Plan, masm: MacroAssembler, parameterRegs: readonly Reg[], withheld: number, ownsLink: boolean): Allocation {
  const { roles } = masm;
  const clobbers = plan.hasCalls || plan.hasRoutines;
  const link = ownsLink && roles.link !== noReg ? [roles.link] : [];
  // Calls overwrite it; where there are none it has to be saved.
  const [passing, own] = clobbers ? [link, []] : [[], link];
  const callee = [...roles.saved, ...own];
  const extra = clobbers ? [...roles.callExtra, ...passing] : roles.leafExtra;
  // Deep expressions are better served by temporaries than by more locals in registers.
  const allTemps = [...roles.temps, ...passing];
  const wanted = plan.pressure + 1 - (allTemps.length - extra.length);
  const kept = Math.min(Math.max(wanted, 0), extra.length);
  const places = [...extra, ...callee].slice(Math.max(kept, withheld)).map((reg): Place => ({ reg, isSaved: callee.includes(reg), inhabitants: [] }));
  const survives = ({ web }: Candidate): boolean => !clobbers || web?.acrossCalls === false;
  const arrivalOf = ({ web }: Candidate): Reg => {
    const word = web?.words.find((each) => (parameterRegs[each] ?? noReg) !== noReg && isLiveAtEntry(plan, each));
    return word === undefined ? noReg : (parameterRegs[word] ?? noReg);
  };
  const candidates = candidatesOf(plan, masm);
  const wishes = candidates.map((candidate) => ({ candidate, arrival: arrivalOf(candidate) }));
  const arrivals = wishes.filter(({ arrival }) => arrival !== noReg);
  for (const { candidate, arrival } of wishes) {
    const fitting = places.filter(
      ({ isSaved, inhabitants }) =>
        (isSaved || survives(candidate)) &&
        // A saved register must earn its save and restore.
        (!isSaved || inhabitants.length > 0 || candidate.benefit > masm.saveCost) &&
        inhabitants.every((other) => mayLiveWith(candidate, other)),
    );
    const isWanted = (reg: Reg): boolean => arrivals.some((other) => other.arrival === reg && !mayLiveWith(candidate, other.candidate));
    const place =
      fitting.find(({ reg }) => reg === arrival) ??
      fitting.find(({ inhabitants }) => inhabitants.length > 0) ??
      // A parameter stays where it arrives unless it is in the way.
      fitting.find(({ reg }) => !isWanted(reg)) ??
      fitting[0];
    if (place === undefined) continue;
    place.inhabitants.push(candidate);
  }
  // Who gets a saved register is settled; the cheapest encodings go to those that are named most often.
  const total = ({ inhabitants }: Place, of: 'mentions' | 'benefit'): number => inhabitants.reduce((sum, candidate) => sum + candidate[of], 0);
  const inSaved = places.filter(({ isSaved, inhabitants }) => isSaved && inhabitants.length > 0);
  inSaved.sort((a, b) => total(b, 'mentions') - total(a, 'mentions') || total(b, 'benefit') - total(a, 'benefit') || a.reg - b.reg);
  // Of an even number the link register is one: among an odd number it keeps sp aligned, and encodings are shorter without it.
  const withLink = own.length > 0 && inSaved.length > 0 && (inSaved.length % 2 === 0 || inSaved.length > roles.saved.length);
  const saved = withLink ? [...roles.saved.slice(0, inSaved.length - 1), ...own] : roles.saved.slice(0, inSaved.length);
  inSaved.forEach((place, index) => (place.reg = saved[index] as Reg));
  const localRegs = new Int32Array(plan.locals.count).fill(noReg);
  const constRegs = new Map<number, Reg>();
  for (const { reg, inhabitants } of places) {
    for (const { web, constant } of inhabitants) {
      if (web === undefined) constRegs.set(constant, reg);
      else for (const word of web.words) localRegs[word] = reg;
    }
  }
  const taken = new Set<Reg>([...localRegs, ...constRegs.values()]);
  return { localRegs, constRegs, saved, ownsLink: link.length > 0, temps: allTemps.filter((reg) => !taken.has(reg)) };
}

function mayLiveWith(a: Candidate, b: Candidate): boolean {
  return a.web !== undefined && b.web !== undefined && mayShare(a.web, b.web);
}

export function sameAllocation(a: Allocation, b: Allocation): boolean {
  const textOf = ({ localRegs, constRegs, saved, temps }: Allocation): string =>
    [localRegs.join(), [...constRegs].join(), saved.join(), temps.join()].join(';');
  return textOf(a) === textOf(b);
}

/** All that wants a register, most valuable first; equal weights keep a fixed order. */
function candidatesOf(plan: Plan, masm: MacroAssembler): Candidate[] {
  const list: Candidate[] = [];
  for (const web of websOf(plan)) if (web.benefit > 0) list.push({ web, constant: 0, benefit: web.benefit, mentions: web.mentions });
  for (const [constant, weight] of plan.constWeights) {
    // Loading it once at entry is the price.
    const benefit = weight - masm.constCost(constant) * (1 + byteWeight);
    if (benefit > 0) list.push({ web: undefined, constant, benefit, mentions: plan.constMentions.get(constant) ?? 0 });
  }
  const firstWord = ({ web }: Candidate): number => web?.words[0] ?? -1;
  return list.sort((a, b) => b.benefit - a.benefit || firstWord(a) - firstWord(b) || a.constant - b.constant);
}
