/** Where the doubles are in the scratch page, and how many; native/trap-log.h has the other side. */
const offset = 1544;
const most = 64;
const fields = 4;

/**
 * Hears of an interrupt that a run has taken, or a trap that it has entered, by itself: the code of mcause or scause without its highest bit, mepc or sepc, and the
 * instructions of the run up to then, that of the trap included.
 */
export type TrapListener = (interrupt: boolean, code: number, pc: number, executed: number) => void;

/** Traps that native code has written down. */
export class TrapLog {
  readonly #doubles: Float64Array;

  constructor(scratch: ArrayBuffer) {
    this.#doubles = new Float64Array(scratch, offset, 1 + fields * most);
  }

  /** Tells of them in their order, and forgets them. */
  tell(listener: TrapListener): void {
    const traps = this.#doubles;
    const count = traps[0] ?? 0;
    if (count === 0) return;
    // Who is told may ask for the rest.
    traps[0] = 0;
    for (let at = 1; at < 1 + fields * count; at += fields) listener(traps[at] === 1, traps[at + 1] ?? 0, traps[at + 2] ?? 0, traps[at + 3] ?? 0);
  }
}
