import type { FirmwareImage } from '@fireball/image';
import type { ClocksState } from './clocks.js';
import type { ResetCause } from './device.js';
import type { MachineEnd } from './machine-end.js';
import type { MemoryPages } from './memory-pages.js';
import type { TimelineState } from './timeline.js';

/**
 * A machine between two instructions: everything that decides how it goes on, as plain data, in copies that nobody changes. It belongs to the
 * board, and may be restored in any machine of that board, as often as wanted. What is outside of the machine is not in it: files that
 * firmware has written, and bytes that nobody has typed yet.
 */
export interface MachineSnapshot {
  /** Name of the board. */
  readonly board: string;
  /** Instructions executed since power-on. */
  readonly instructions: number;
  /** Bytes of memory that it does not share with the snapshot before it: what it costs to keep. */
  readonly ownBytes: number;
  /** Every memory of the board but aliases, and what devices store, by name. */
  readonly memories: Readonly<Record<string, MemoryPages>>;
  readonly storages: Readonly<Record<string, MemoryPages>>;
  /** Registers of the CPU, in the form of `Processor.saveRegisters`. */
  readonly registers: Uint8Array;
  readonly state: MachineState;
}

/** All but memory and registers. States are by name. */
export interface MachineState {
  readonly timeline: TimelineState;
  readonly clocks: ClocksState;
  readonly processor: object;
  readonly devices: Readonly<Record<string, object>>;
  /** Registers that an SVD file adds. */
  readonly svd: object | undefined;
  /** Interrupt outputs of devices, and inputs of the processor. */
  readonly signals: Readonly<Record<string, object>>;
  readonly pins: Readonly<Record<string, object>>;
  readonly i2cBuses: Readonly<Record<string, object>>;
  /** Bytes typed, which no UART has taken yet. */
  readonly serial: Readonly<Record<string, object>>;
  readonly parts: Readonly<Record<string, object>>;
  readonly images: readonly FirmwareImage[];
  readonly entry: number | undefined;
  readonly ended: MachineEnd | undefined;
  /** A reset that comes before the next instruction. */
  readonly resetWanted: { readonly why: string; readonly cause: ResetCause } | undefined;
}

/** Something outside of the board whose state goes with the machine's: semihosting. */
export interface SnapshotPart {
  /** Plain data, which nobody changes. */
  save(): object;
  restore(saved: object): void;
}
