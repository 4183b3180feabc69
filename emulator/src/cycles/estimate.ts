import type { CodeTable, PlacedInstruction } from './code-table.js';
import type { CycleCore } from './cores.js';
import type { Work } from './instruction.js';
import { BranchPredictor, type ExecutedBranch } from './predictor.js';

/** What a core is estimated to have done. */
export interface CycleCounts {
  /** Executed instructions, and those of IT blocks whose condition failed. */
  readonly instructions: number;
  /** Instructions that may go somewhere else: branches, calls, returns; and those that did. */
  readonly branches: number;
  readonly taken: number;
  /** Branches that cost a refill: badly predicted ones, or where there is no predictor, all that were taken. */
  readonly refills: number;
  readonly cycles: number;
}

/** Bytes that the longest row of failed conditional instructions takes: an IT block has four at most. */
const mostSkippedBytes = 16;

/**
 * Estimates the cycles of a core from the addresses of the instructions that it executes. In-order and one instruction at a time;
 * memory answers at once, as if everything were in tightly coupled memory. An instruction of an IT block whose condition fails
 * takes one cycle; a branch among them is not seen by the predictor unless it is taken.
 */
export class CycleEstimate {
  private readonly predictor: BranchPredictor | null;
  /** By register, the cycle from which on its value can be read. */
  private readonly readable = new Float64Array(32);
  private readonly counts = { instructions: 0, branches: 0, taken: 0, refills: 0, cycles: 0 };
  private previous: PlacedInstruction | undefined;

  constructor(
    private readonly core: CycleCore,
    private readonly code: CodeTable,
  ) {
    this.predictor = core.predictor === null ? null : new BranchPredictor(core.predictor);
  }

  /** Goes on with the addresses of instructions as they were executed. */
  add(addresses: Uint32Array): void {
    const { code } = this;
    for (const address of addresses) {
      const current = code.at(address);
      if (this.previous !== undefined) this.step(this.previous, address);
      this.execute(current, this.previous);
      this.previous = current;
    }
  }

  /** What there is so far. Where the last instruction went is not known yet. */
  read(): CycleCounts {
    return { ...this.counts };
  }

  /** From one instruction to the address of the next that was executed. */
  private step({ address, length, flow, work }: PlacedInstruction, target: number): void {
    const behind = address + length;
    if (flow !== 'next') this.branch({ address, flow, behind, target }, work);
    else if (target > behind && target <= behind + mostSkippedBytes) this.skip(behind, target);
  }

  private skip(from: number, to: number): void {
    for (let address = from; address < to; address += this.code.at(address).length) {
      this.counts.instructions++;
      this.counts.cycles++;
    }
  }

  private branch(branch: ExecutedBranch, work: Work): void {
    const { core, counts, predictor } = this;
    const taken = branch.target !== branch.behind;
    counts.branches++;
    if (taken) counts.taken++;
    const isGood = predictor === null ? !taken : predictor.predict(branch);
    if (isGood) return;
    counts.refills++;
    counts.cycles += work === 'plain' ? core.refill : (core.refillFromMemory ?? core.refill);
  }

  private execute(current: PlacedInstruction, previous: PlacedInstruction | undefined): void {
    const { core, counts, readable } = this;
    const { work, reads, result } = current;
    counts.instructions++;
    for (const register of reads) {
      const from = readable[register] as number;
      if (from > counts.cycles) counts.cycles = from;
    }
    const started = counts.cycles;
    const occupancy = core.occupancy[work];
    counts.cycles += occupancy === undefined ? 1 : occupancy.base + (occupancy.each ?? 0) * current.registers;
    if (core.pairsLoads && isLoad(current) && previous !== undefined && isLoad(previous) && !reads.includes(previous.result)) counts.cycles--;
    if (result > 0 || (result === 0 && core.isa === 'thumb2')) readable[result] = started + (core.latency[work] ?? 1);
  }
}

function isLoad({ work }: PlacedInstruction): boolean {
  return work === 'load' || work === 'narrowLoad';
}
