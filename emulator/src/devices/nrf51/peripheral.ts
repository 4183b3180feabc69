import type { DeviceEnvironment, ResetCause } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';

/** nRF51 Reference Manual 3.0, chapter 10: what every peripheral has. */
interface PeripheralOptions {
  /** Name and offset; a number at the end of names counts up with the offset. */
  readonly tasks: Readonly<Record<string, { readonly offset: number; readonly run: () => void }>>;
  readonly events: Readonly<Record<string, number>>;
  /** Bit of SHORTS, event, task. */
  readonly shorts?: readonly (readonly [bit: number, event: string, task: string])[];
  readonly registers: readonly RegisterDescription[];
  readonly extra?: object;
  readonly reset?: (cause: ResetCause) => void;
  /** Is an event routed at all? RTC has enables for that. */
  readonly routes?: (event: string) => boolean;
  readonly interruptsChanged?: () => void;
}

/** Offset of the first event; bit n of INTEN is the event n words behind it. */
const firstEvent = 0x100;
const intenset = 0x304;
const intenclr = 0x308;

/** The name of the wire that pulses when the event at an address happens: PPI listens to it. */
export function eventWire(address: number): string {
  return `ppi.event-${address.toString(16)}`;
}

/**
 * Tasks, events, shortcuts and interrupt enables of a peripheral of nRF51, around its own registers. A task is run by a write of 1; an
 * event is a register that firmware clears, an interrupt where INTEN says so, a task where SHORTS says so, and a pulse for PPI.
 */
export class Peripheral {
  readonly block: RegisterBlock;
  readonly #options: PeripheralOptions;
  readonly #irq;
  readonly #wires: ReadonlyMap<string, { pulse(): void }>;

  constructor(environment: DeviceEnvironment, options: PeripheralOptions) {
    this.#options = options;
    this.#irq = environment.interrupt('irq');
    this.#wires = new Map(Object.entries(options.events).map(([name, offset]) => [name, environment.wire(eventWire(environment.base + offset))]));
    const drive = (): void => {
      this.drive();
    };
    const enables = Object.values(options.events).reduce((bits, offset) => bits | bitOf(offset), 0) >>> 0;
    const shortBits = (options.shorts ?? []).reduce((bits, [bit]) => bits | (1 << bit), 0) >>> 0;
    this.block = new RegisterBlock({
      warn: environment.warn,
      registers: [
        ...Object.entries(options.tasks).map(([name, { offset, run }]): RegisterDescription => ({
          name: `TASKS_${name}`,
          offset,
          access: 'wo',
          writable: 0,
          write: (_stored, _before, written) => {
            if ((written & 1) === 1) run();
          },
        })),
        ...Object.entries(options.events).map(([name, offset]): RegisterDescription => ({ name: `EVENTS_${name}`, offset, writable: 1, write: drive })),
        ...(shortBits === 0 ? [] : [{ name: 'SHORTS', offset: 0x200, writable: shortBits }]),
        {
          name: 'INTENSET',
          offset: intenset,
          writable: 0,
          write: (stored, _before, written) => {
            this.block.set('INTENSET', stored | (written & enables));
            drive();
            options.interruptsChanged?.();
          },
        },
        {
          name: 'INTENCLR',
          offset: intenclr,
          writable: 0,
          steady: true,
          read: () => this.block.get('INTENSET'),
          write: (_stored, _before, written) => {
            this.block.set('INTENSET', this.block.get('INTENSET') & ~written);
            drive();
            options.interruptsChanged?.();
          },
        },
        ...options.registers,
        {
          name: 'POWER',
          offset: 0xffc,
          reset: 1,
          writable: 1,
          // Switching a peripheral off resets it.
          write: (stored) => {
            if (stored !== 0) return;
            this.block.reset({ kind: 'module', source: 'POWER' });
            this.block.set('POWER', 0);
          },
        },
      ],
      extra: options.extra ?? {},
      reset: (cause) => {
        options.reset?.(cause);
        drive();
      },
    });
  }

  /** An event happens. */
  event(name: string): void {
    if (this.#options.routes?.(name) === false) return;
    this.block.set(`EVENTS_${name}`, 1);
    this.drive();
    for (const [bit, event, task] of this.#options.shorts ?? []) {
      if (event === name && ((this.block.get('SHORTS') >>> bit) & 1) === 1) this.#options.tasks[task]?.run();
    }
    this.#wires.get(name)?.pulse();
  }

  /** Is the event's interrupt enabled? */
  enabled(name: string): boolean {
    return (this.block.get('INTENSET') & bitOf(this.#options.events[name] ?? 0)) !== 0;
  }

  drive(): void {
    this.#irq.set(Object.keys(this.#options.events).some((name) => this.enabled(name) && this.block.get(`EVENTS_${name}`) === 1));
  }
}

function bitOf(offset: number): number {
  return 1 << ((offset - firstEvent) / 4);
}
