import { InternalError, unknownName, type TargetInputs } from '@fireball/contracts';
import type { Machine } from '../machine/machine.js';
import { EventLog, type LoggedEvent } from './event-log.js';

/** What was typed into a serial port, or that it slept until then, and where the machine stood. */
interface Typed {
  readonly instructions: number;
  /** Time passes without an instruction while the CPU sleeps. */
  readonly cycle: number;
  /** Exceptions are taken without an instruction. */
  readonly pc: number;
  readonly input: { readonly port: string; readonly bytes: Uint8Array | 'end' } | undefined;
}

/** How far the log of what was typed has been gone through. */
export type InputPosition = LoggedEvent<Typed>;

/** Exceptions that are taken between two instructions, at most. */
const mostExceptions = 16;

/** What is typed into a machine, each at its moment, whenever that is gone through. The machine stands still meanwhile. */
export class MachineInputs implements TargetInputs {
  readonly #log = new EventLog<Typed>({ instructions: 0, cycle: 0, pc: 0, input: undefined });
  #at: InputPosition = this.#log.last;

  constructor(private readonly machine: Machine) {}

  get names(): readonly string[] {
    const { board, serialPorts } = this.machine;
    return [...serialPorts].sort((a, b) => Number(b === board.console) - Number(a === board.console));
  }

  give(port: string, bytes: Uint8Array | 'end'): void {
    if (!this.machine.serialPorts.includes(port)) throw unknownName('serial port', port, [...this.names]);
    this.#settle();
    this.forgetLater();
    this.#add({ port, bytes: bytes === 'end' ? bytes : bytes.slice() });
    this.#type(this.#at);
  }

  #add(input: Typed['input']): void {
    const { instructions, timeline, processor } = this.machine;
    this.#at = this.#log.add({ instructions, cycle: timeline.now, pc: processor.pc, input });
  }

  /** A run has ended in the middle of time that passes without an instruction: a position is the one behind that. */
  slept(): void {
    const { instructions, cycle, next } = this.#at;
    if (next === undefined && (instructions !== this.machine.instructions || cycle !== this.machine.timeline.now)) this.#add(undefined);
  }

  /** Somebody has changed the machine: what was typed later was typed into another one. */
  forgetLater(): void {
    this.#log.cut(this.#at);
  }

  get position(): InputPosition {
    return this.#at;
  }

  /** The machine has become what it was there. A position is the one behind what was typed at it. */
  restore(position: InputPosition): void {
    this.#at = position;
    this.repeat();
  }

  /** The instructions after which something was typed next. */
  get nextAt(): number {
    return this.#at.next?.instructions ?? Infinity;
  }

  /** Types again what was typed after as many instructions as have been executed. */
  repeat(): void {
    for (let { next } = this.#at; next?.instructions === this.machine.instructions; next = this.#at.next) {
      this.#comeTo(next);
      this.#at = next;
      this.#type(next);
    }
  }

  #type({ input }: Typed): void {
    if (input === undefined) return;
    const link = this.machine.serial(input.port);
    if (input.bytes === 'end') link.end();
    else link.type(input.bytes);
  }

  /** What is due by now comes before what is typed now. */
  #settle(): void {
    this.machine.run({ instructions: 0 });
  }

  /** Sleeps, and takes exceptions, as it did before. */
  #comeTo({ instructions, cycle, pc }: Typed): void {
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
