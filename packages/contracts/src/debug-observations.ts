import type { Address, Instructions } from './units.js';

/** A block of code memory: the unit of what is writable, and what is sealed. */
export interface CodeBlock {
  readonly address: Address;
  /** `free`: nothing is there. `writable`: it is being written. `sealed`: it can be executed, and not written. */
  readonly state: 'free' | 'writable' | 'sealed';
  /** Memory holds something else there than what was sealed. */
  readonly isDirty: boolean;
  /** Lines of the instruction cache that hold something else than memory: stale instructions would be fetched. */
  readonly staleLines: readonly Address[];
}

/** Code memory at this moment. */
export interface CodeMemoryState {
  readonly base: Address;
  /** Bytes of a block, and of a line of the instruction cache. */
  readonly blockBytes: number;
  readonly lineBytes: number;
  /** Every block that is mapped for code, by ascending address. */
  readonly blocks: readonly CodeBlock[];
}

/** Something that is measured while a target runs. */
export interface Meter {
  readonly name: string;
  /** What it is counted in: `bytes`, `requests`. */
  readonly unit: string;
  /** Meters of the same one belong into one chart. */
  readonly chart: string;
}

/** What was measured, whenever any of it had changed. */
export interface MeterLog {
  readonly meters: readonly Meter[];
  /** By ascending count; a value for each meter. Where there are too many, every other one goes. */
  readonly samples: readonly { readonly count: Instructions; readonly values: readonly number[] }[];
}

/** A change of a pin. */
export interface PinChange {
  /** Instructions executed until then: where firmware changes it, the instruction that does comes next. */
  readonly count: Instructions;
  /** Time of the machine. */
  readonly seconds: number;
  readonly level: boolean;
}

/** A pin over time. */
export interface PinTrace {
  readonly name: string;
  /** By ascending time; the first one is the level when the recording began. */
  readonly changes: readonly PinChange[];
}

/** Pins since somebody wanted to know. */
export interface PinTraces {
  /** Time of the machine now. */
  readonly seconds: number;
  readonly pins: readonly PinTrace[];
}
