/** A task of an operating system on the target. */
export interface RtosThread {
  /** Unique, and not 0: the address of its control block. */
  readonly id: number;
  readonly name: string;
  readonly state: string;
  /** Of one that does not run, what it finds when it runs again, as far as its stack says; undefined: it has the CPU. */
  readonly saved: ((register: string) => bigint | undefined) | undefined;
}

/** An operating system, by its variables. */
export interface Rtos {
  /** That of the task that has the CPU; undefined where none has yet. */
  readonly runningId: number | undefined;
  /** None before the scheduler has begun. */
  threads(): readonly RtosThread[];
}

/** Where a symbol lies. */
export type AddressOf = (symbol: string) => number | undefined;
