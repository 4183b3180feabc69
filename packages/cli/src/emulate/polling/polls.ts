import { formatCount } from '@fireball/contracts';
import type { Machine } from '@fireball/emulator';
import type { ProgramSymbols } from '@fireball/image';
import { hex, placeOf } from '../places.js';
import { awaitedAt, describeAwaited } from './awaited.js';

/** A register that firmware reads over and over, and what it finds there. */
export interface PolledRegister {
  readonly register: string;
  readonly address: number;
  readonly reads: number;
  readonly pc: number;
  readonly value: number;
  /** `bit 17 (HSERDY) never set`; absent: the code does not tell. */
  readonly awaits?: string;
}

/** A device, and how often it was written to or a register of it was found changed: then something goes on. */
interface Device {
  events: number;
}

/** Reads of one value from one address, with no event of the device in between. */
interface Reads {
  readonly device: Device;
  readonly name: string;
  readonly address: number;
  readonly value: number;
  readonly events: number;
  /** Cycles at the first. */
  readonly since: number;
  count: number;
  /** The count at which there is something to do. */
  next: number;
  found?: { readonly pc: number; readonly awaits: string | undefined };
}

/** So many reads in a row of a register that is modelled, or of one that is not, are a loop that waits for something that does not come. */
const modelledReads = 100_000;
const unmodelledReads = 10_000;
/** So many of one that is modelled are worth telling while the machine still runs: the device may yet answer. */
const longPoll = 10_000_000;
/** A loop reads at least this often, in cycles. */
const longestLoop = 1000;
/** Addresses that are watched at a time. */
const mostAddresses = 4096;

interface PollsOptions {
  readonly machine: Machine;
  readonly symbols: () => ProgramSymbols | undefined;
  /** Tells of a poll while it goes on. */
  readonly say: (line: string) => void;
  /** Does the device wait for what a person types? */
  readonly waitsForInput: (device: string) => boolean;
}

/** Finds registers that firmware polls in vain. */
export class Polls {
  readonly #options: PollsOptions;
  readonly #devices = new Map<number, Device>();
  readonly #reads = new Map<number, Reads>();
  readonly #told = new Set<number>();

  constructor(options: PollsOptions) {
    this.#options = options;
  }

  write(base: number): void {
    const device = this.#devices.get(base);
    if (device !== undefined) device.events++;
  }

  /** How many more reads like the last one of an address change nothing but its count. */
  spare(address: number): number {
    const known = this.#reads.get(address);
    return known === undefined || known.count === 1 ? 0 : known.next - 1 - known.count;
  }

  /** So many such reads. */
  again(address: number, count: number): void {
    const known = this.#reads.get(address);
    if (known !== undefined) known.count += count;
  }

  /** @returns whether the read before found the same, with no event of the device since */
  read(name: string, base: number, address: number, value: number): boolean {
    const known = this.#reads.get(address);
    if (known?.value === value && known.events === known.device.events) {
      if (++known.count >= known.next) this.#consider(known);
      return true;
    }
    if (known !== undefined && known.value !== value) known.device.events++;
    if (known === undefined && this.#reads.size >= mostAddresses) {
      this.#reads.clear();
      this.#devices.clear();
    }
    let device = this.#devices.get(base);
    if (device === undefined) this.#devices.set(base, (device = { events: 0 }));
    const { machine } = this.#options;
    this.#reads.set(address, {
      device,
      name,
      address,
      value,
      events: device.events,
      since: machine.timeline.now,
      count: 1,
      next: machine.models(address) ? modelledReads : unmodelledReads,
    });
    return false;
  }

  #consider(reads: Reads): void {
    const { machine, symbols, say, waitsForInput } = this.#options;
    if (reads.found === undefined) {
      if ((machine.timeline.now - reads.since) / reads.count > longestLoop) {
        reads.next *= 2;
        return;
      }
      const { pc } = machine.processor;
      const awaited = awaitedAt(machine, pc, reads.value);
      reads.found = { pc, awaits: awaited === undefined ? undefined : describeAwaited(awaited, (bit) => machine.bus.fieldAt(reads.address, bit)) };
      if (machine.models(reads.address)) {
        reads.next = longPoll;
        return;
      }
    }
    reads.next = Infinity;
    const polled = this.#polled(reads);
    if (polled === undefined || this.#told.has(reads.address) || waitsForInput(reads.name)) return;
    this.#told.add(reads.address);
    say(describePolled(polled, symbols()));
  }

  #polled({ name, address, count, value, found }: Reads): PolledRegister | undefined {
    if (found === undefined) return undefined;
    const { pc, awaits } = found;
    return { register: this.#options.machine.bus.describe(address) ?? name, address, reads: count, pc, value, ...(awaits === undefined ? {} : { awaits }) };
  }

  /** Those that are polled still, or were when their device was last heard of: the most read first. */
  list(): PolledRegister[] {
    return [...this.#reads.values()].flatMap((reads) => this.#polled(reads) ?? []).sort((a, b) => b.reads - a.reads);
  }
}

/** Words for a polled register. */
export function describePolled({ register, address, reads, pc, value, awaits }: PolledRegister, symbols: ProgramSymbols | undefined): string {
  const name = register.includes(hex(address)) ? register : `${register} at ${hex(address)}`;
  return `${name} read ${formatCount(reads)} times from ${placeOf(symbols, pc)}, ${awaits ?? `always ${hex(value)}`}`;
}
