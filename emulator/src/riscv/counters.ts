import { csrNumbers } from './csr.js';

/** Bits of mcountinhibit, by counter; the others are of event counters, which are not there. */
const inhibitBits = [1n << 0n, 1n << 2n] as const;
const inhibitable = inhibitBits[0] | inhibitBits[1];

/** Counters that a hart has for itself (privileged architecture, 3.1.10 to 3.1.12): of cycles, and of instructions that have retired. */
export class Counters {
  /** Written by mcycle and minstret: what is added to the counts, or, of a counter that mcountinhibit stops, its value. As 64-bit integers. */
  readonly state = { offsets: new BigUint64Array(2), inhibited: 0n };
  readonly #counts: readonly [cycles: () => number, instructions: () => number];
  /** What `time` reads; a board without a machine timer has no such CSR. */
  time: (() => bigint) | undefined;

  constructor(cycles: () => number, instructions: () => number) {
    this.#counts = [cycles, instructions];
  }

  reset(): void {
    this.state.offsets.fill(0n);
    this.state.inhibited = 0n;
  }

  /** What is added to `offsets`. */
  #counted(index: 0 | 1): bigint {
    return (this.state.inhibited & inhibitBits[index]) === 0n ? BigInt(this.#counts[index]()) : 0n;
  }

  #count(index: 0 | 1): bigint {
    return BigInt.asUintN(64, this.#counted(index) + (this.state.offsets[index] ?? 0n));
  }

  /** The next instruction reads of a counter what this one has read, if it stops, and the writing instruction itself is not counted if it starts. */
  #inhibit(bits: bigint): void {
    for (const index of [0, 1] as const) {
      const before = this.#count(index);
      const starts = (bits & inhibitBits[index]) === 0n;
      if (starts === ((this.state.inhibited & inhibitBits[index]) === 0n)) continue;
      this.state.offsets[index] = BigInt.asUintN(64, starts ? before - BigInt(this.#counts[index]()) - 1n : before);
    }
    this.state.inhibited = bits & inhibitable;
  }

  /** Undefined: no counter, or not there. */
  read(csr: number, xlen: 32 | 64): bigint | undefined {
    if (csr === csrNumbers.mcountinhibit) return this.state.inhibited;
    const counter = counters.get(csr);
    if (counter === undefined || (counter.high && xlen === 64)) return undefined;
    const value = counter.index === 'time' ? this.time?.() : this.#count(counter.index);
    if (value === undefined) return undefined;
    return counter.high ? value >> 32n : BigInt.asUintN(xlen, value);
  }

  /** Of mcycle and minstret, or their upper halves, and of mcountinhibit. */
  write(csr: number, xlen: 32 | 64, value: bigint): void {
    if (csr === csrNumbers.mcountinhibit) {
      this.#inhibit(value);
      return;
    }
    const counter = counters.get(csr);
    if (counter === undefined || counter.index === 'time') return;
    // What the next instruction is to read: the writing one is not counted on top (unprivileged architecture, 9.1).
    const counts = (this.state.inhibited & inhibitBits[counter.index]) === 0n;
    const next = this.#count(counter.index) + (counts ? 1n : 0n);
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
export const counterCsrs: readonly number[] = [...counters.keys(), csrNumbers.mcountinhibit];
