import { InternalError, unknownName, type TargetInputs } from '@fireball/contracts';
import type { Machine } from '../machine/machine.js';
import { EventLog, type LoggedEvent } from './event-log.js';
import { UserWrites } from './user-writes.js';

/** What somebody did to the machine: typed into a serial port, or wrote. */
type MachineChange =
  | { readonly port: string; readonly bytes: Uint8Array | 'end' }
  | { readonly address: number; readonly bytes: Uint8Array }
  | { readonly register: string; readonly value: bigint };

/** What somebody did, or that it slept until then, and where the machine stood. */
interface LoggedChange {
  readonly instructions: number;
  /** Time passes without an instruction while the CPU sleeps. */
  readonly cycle: number;
  /** Exceptions are taken without an instruction. */
  readonly pc: number;
  readonly change: MachineChange | undefined;
}

/** How far the log of what somebody did has been gone through. */
export type InputPosition = LoggedEvent<LoggedChange>;

/** Exceptions that are taken between two instructions, at most. */
const mostExceptions = 16;

/** What is typed into a machine, and written to it, each at its moment, whenever that is gone through. The machine stands still meanwhile. */
export class MachineInputs implements TargetInputs {
  readonly #log = new EventLog<LoggedChange>({ instructions: 0, cycle: 0, pc: 0, change: undefined });
  #at: InputPosition = this.#log.last;
  readonly written = new UserWrites();

  constructor(
    private readonly machine: Machine,
    /** Writes memory or a register. */
    private readonly write: (change: Exclude<MachineChange, { readonly port: string }>) => void,
  ) {}

  get names(): readonly string[] {
    const { board, serialPorts } = this.machine;
    return [...serialPorts].sort((a, b) => Number(b === board.console) - Number(a === board.console));
  }

  give(port: string, bytes: Uint8Array | 'end'): void {
    if (!this.machine.serialPorts.includes(port)) throw unknownName('serial port', port, [...this.names]);
    this.change({ port, bytes: bytes === 'end' ? bytes : bytes.slice() });
  }

  /** Happens now, and again wherever this moment is gone through. */
  change(change: MachineChange): void {
    this.#settle();
    this.forgetLater();
    this.#add(change);
    if (!('port' in change)) this.written.add(this.machine.instructions, change);
    this.#make(change);
  }

  #add(change: MachineChange | undefined): void {
    const { instructions, timeline, processor } = this.machine;
    this.#at = this.#log.add({ instructions, cycle: timeline.now, pc: processor.pc, change });
  }

  /** A run has ended in the middle of time that passes without an instruction: a position is the one behind that. */
  slept(): void {
    const { instructions, cycle, next } = this.#at;
    if (next === undefined && (instructions !== this.machine.instructions || cycle !== this.machine.timeline.now)) this.#add(undefined);
  }

  /** The machine is another one from here on: what was done later was done to the one before. */
  forgetLater(): void {
    this.#log.cut(this.#at);
    this.written.cut(this.machine.instructions);
  }

  get position(): InputPosition {
    return this.#at;
  }

  /** The machine has become what it was there. A position is the one behind what was typed at it. */
  restore(position: InputPosition): void {
    this.#at = position;
    this.repeat();
  }

  /** The instructions after which something was done next. */
  get nextAt(): number {
    return this.#at.next?.instructions ?? Infinity;
  }

  /** Does again what was done after as many instructions as have been executed. */
  repeat(): void {
    for (let { next } = this.#at; next?.instructions === this.machine.instructions; next = this.#at.next) {
      this.#comeTo(next);
      this.#at = next;
      if (next.change !== undefined) this.#make(next.change);
    }
  }

  #make(change: MachineChange): void {
    if (!('port' in change)) {
      this.write(change);
      return;
    }
    const link = this.machine.serial(change.port);
    if (change.bytes === 'end') link.end();
    else link.type(change.bytes);
  }

  /** What is due by now comes before what is typed now. */
  #settle(): void {
    this.machine.run({ instructions: 0 });
  }

  /** Sleeps, and takes exceptions, as it did before. */
  #comeTo({ instructions, cycle, pc }: LoggedChange): void {
    const { machine } = this;
    if (machine.timeline.now < cycle) machine.run({ instructions: 1, until: cycle });
    this.#settle();
    for (let taken = 0; taken < mostExceptions && machine.processor.pc !== pc && machine.instructions === instructions; taken++) this.#takeException();
    if (machine.processor.pc !== pc || machine.instructions !== instructions || machine.timeline.now !== cycle)
      throw new InternalError(`going through the past, the firmware does not do the same again, after ${instructions} instructions`);
  }

  #takeException(): void {
    const { machine } = this;
    const { processor } = machine;
    const { onException } = processor;
    processor.onException = (...exception) => {
      onException?.(...exception);
      machine.stop();
    };
    try {
      machine.run({ instructions: 1 });
    } finally {
      processor.onException = onException;
    }
  }
}
