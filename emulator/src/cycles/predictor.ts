import type { Flow } from './instruction.js';

/** A branch predictor in the form that small cores have: branch targets, counters for directions, return addresses. */
export interface PredictorSizes {
  /** Entries of the branch target buffer. A branch that it does not hold is predicted as not taken, whatever it is. */
  readonly targets: number;
  /** Counters for conditional branches, a power of two. */
  readonly counters: number;
  /** 1: as last time; 2: it takes two wrong predictions in a row to change a settled opinion. */
  readonly counterBits: 1 | 2;
  /** Outcomes of conditional branches that are remembered, and bits of the counter's index made from them; 0: none. */
  readonly historyLength: number;
  readonly historyBits: number;
  /** Entries of the return stack. */
  readonly returns: number;
}

/** A branch as it was executed. */
export interface ExecutedBranch {
  readonly address: number;
  readonly flow: Exclude<Flow, 'next'>;
  /** Where the instruction behind it is. */
  readonly behind: number;
  /** Where it went. */
  readonly target: number;
}

/** Predicts branch after branch and learns from each. Fully associative, least recently used entries go first. */
export class BranchPredictor {
  private readonly entries = new Map<number, { target: number; used: number }>();
  private readonly counters: Uint8Array;
  private readonly returns: number[] = [];
  private history = 0;
  private clock = 0;

  constructor(private readonly sizes: PredictorSizes) {
    this.counters = new Uint8Array(sizes.counters);
  }

  /** Whether the branch was predicted to go where it went. */
  predict({ address, flow, behind, target }: ExecutedBranch): boolean {
    const entry = this.entries.get(address);
    let predicted = entry === undefined ? behind : entry.target;
    if (flow === 'conditional') {
      if (!this.direction(address, target !== behind)) predicted = behind;
    } else if (flow === 'return') {
      const top = this.returns.pop();
      if (entry !== undefined && top !== undefined) predicted = top;
    } else if (flow === 'call' || flow === 'indirectCall') this.push(behind);
    if (target !== behind) {
      if (entry === undefined) this.insert(address, target);
      else entry.target = target;
    }
    if (entry !== undefined) entry.used = ++this.clock;
    return predicted === target;
  }

  /** What the branch's counter says; then it learns. */
  private direction(address: number, taken: boolean): boolean {
    const { counterBits } = this.sizes;
    const index = this.counterIndex(address);
    const counter = this.counters[index] as number;
    const most = (1 << counterBits) - 1;
    this.counters[index] = taken ? Math.min(counter + 1, most) : Math.max(counter - 1, 0);
    this.remember(taken);
    return counter > most >> 1;
  }

  /** As Rocket Chip's BTB.scala has it: the address without its last two bits, its next higher part in the low bits, hashed history in the high ones. */
  private counterIndex(address: number): number {
    const { counters, historyLength, historyBits } = this.sizes;
    const block = address >>> 2;
    const index = (block ^ (Math.floor(block / counters) & 3)) & (counters - 1);
    if (historyBits === 0) return index;
    const multiplier = Math.floor((Math.sqrt(3) / 2) * (1 << historyLength));
    const hash = ((multiplier * this.history) & ((1 << historyLength) - 1)) >>> (historyLength - historyBits);
    return index ^ (hash * (counters >>> historyBits));
  }

  private remember(taken: boolean): void {
    const { historyLength } = this.sizes;
    // The newest outcome is the highest bit.
    if (historyLength > 0) this.history = (this.history >>> 1) | (Number(taken) << (historyLength - 1));
  }

  /** The oldest is lost where there is no room. */
  private push(address: number): void {
    this.returns.push(address);
    if (this.returns.length > this.sizes.returns) this.returns.shift();
  }

  private insert(address: number, target: number): void {
    if (this.entries.size >= this.sizes.targets) {
      let oldest = { address: 0, used: Infinity };
      for (const [candidate, { used }] of this.entries) if (used < oldest.used) oldest = { address: candidate, used };
      this.entries.delete(oldest.address);
    }
    this.entries.set(address, { target, used: ++this.clock });
  }
}
