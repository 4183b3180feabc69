import { csrNumbers } from './csr.js';

/** Counters that a hart has for itself (privileged architecture, 3.1.10): of cycles, and of instructions that have retired. */
export class Counters {
  /** Written by mcycle and minstret: what is added to the counts. As 64-bit integers. */
  readonly state = { offsets: new BigUint64Array(2) };
  readonly #counts: readonly [cycles: () => number, instructions: () => number];
  /** What `time` reads; a board without a machine timer has no such CSR. */
  time: (() => bigint) | undefined;

  constructor(cycles: () => number, instructions: () => number) {
    this.#counts = [cycles, instructions];
  }

  #count(index: 0 | 1): bigint {
    return BigInt.asUintN(64, BigInt(this.#counts[index]()) + (this.state.offsets[index] ?? 0n));
  }

  /** Undefined: no counter, or not there. */
  read(csr: number, xlen: 32 | 64): bigint | undefined {
    const counter = counters.get(csr);
    if (counter === undefined || (counter.high && xlen === 64)) return undefined;
    const value = counter.index === 'time' ? this.time?.() : this.#count(counter.index);
    if (value === undefined) return undefined;
    return counter.high ? value >> 32n : BigInt.asUintN(xlen, value);
  }

  /** Of mcycle and minstret, or their upper halves. */
  write(csr: number, xlen: 32 | 64, value: bigint): void {
    const counter = counters.get(csr);
    if (counter === undefined || counter.index === 'time') return;
    // What the next instruction is to read: the writing one is not counted on top (unprivileged architecture, 9.1).
    const next = this.#count(counter.index) + 1n;
    let wanted = value;
    if (counter.high) wanted = BigInt.asUintN(32, next) | (value << 32n);
    else if (xlen === 32) wanted = ((next >> 32n) << 32n) | value;
    this.state.offsets[counter.index] = BigInt.asUintN(64, (this.state.offsets[counter.index] ?? 0n) + wanted - next);
  }
}

interface Counter {
  readonly index: 0 | 1 | 'time';
  readonly high: boolean;
}

const counters: ReadonlyMap<number, Counter> = new Map([
  [csrNumbers.mcycle, { index: 0, high: false }],
  [csrNumbers.minstret, { index: 1, high: false }],
  [csrNumbers.mcycleh, { index: 0, high: true }],
  [csrNumbers.minstreth, { index: 1, high: true }],
  [csrNumbers.cycle, { index: 0, high: false }],
  [csrNumbers.time, { index: 'time', high: false }],
  [csrNumbers.instret, { index: 1, high: false }],
  [csrNumbers.cycleh, { index: 0, high: true }],
  [csrNumbers.timeh, { index: 'time', high: true }],
  [csrNumbers.instreth, { index: 1, high: true }],
]);

/** CSRs of this file. */
export const counterCsrs: readonly number[] = [...counters.keys()];
