import type { Address } from '@fireball/contracts';
import type { CodeTable, PlacedInstruction } from './code-table.js';

interface Outcomes {
  taken: number;
  notTaken: number;
  /** Where it goes if taken. */
  target: Address;
}

/** How often each conditional branch was taken. */
export class BranchProfile {
  private readonly outcomes = new Map<Address, Outcomes>();
  private previous: PlacedInstruction | undefined;

  constructor(private readonly code: CodeTable) {}

  /** Goes on with the addresses of instructions as they were executed. */
  add(addresses: Uint32Array): void {
    for (const address of addresses) {
      if (this.previous?.flow === 'conditional') this.count(this.previous, address);
      this.previous = this.code.at(address);
    }
  }

  private count({ address, length }: PlacedInstruction, next: Address): void {
    const found = this.outcomes.get(address) ?? { taken: 0, notTaken: 0, target: address };
    this.outcomes.set(address, found);
    if (next === address + length) found.notTaken++;
    else {
      found.taken++;
      found.target = next;
    }
  }

  /**
   * How many taken branches another layout could save at most: forward branches that are taken more often than not would be turned round,
   * with what they skip behind the function. The way there costs a taken branch; the way back is not counted, it may not exist.
   */
  avoidable(): number {
    let sum = 0;
    for (const [address, { taken, notTaken, target }] of this.outcomes) if (target > address) sum += Math.max(0, taken - notTaken);
    return sum;
  }
}
