import {
  InternalError,
  type Architecture,
  type DebugRegion,
  type DebugRegister,
  type DebugTarget,
  type DeviceField,
  type DeviceRegister,
  type PinTraces,
  type StopPoints,
  type TargetCommand,
  type TargetException,
  type TargetExceptions,
  type TargetSnapshot,
  type TargetStop,
  type UserWrite,
} from '@fireball/contracts';
import { systemExceptionNames } from '../arm/exceptions.js';
import { causeNames, interruptNames } from '../riscv/csr.js';
import type { MachineEnd } from '../machine/machine-end.js';
import type { Machine } from '../machine/machine.js';
import { PinRecorder } from './pin-recorder.js';
import { PagePool, type MemoryPages } from '../machine/memory-pages.js';
import type { MachineSnapshot } from '../machine/snapshot.js';
import { MachineInputs, type InputPosition } from './machine-inputs.js';

class Snapshot implements TargetSnapshot {
  constructor(
    readonly machine: MachineSnapshot,
    readonly inputs: InputPosition,
  ) {}

  get instructions(): number {
    return this.machine.instructions;
  }
}

function pagesIn(snapshots: readonly TargetSnapshot[]): MemoryPages[] {
  return snapshots.flatMap((snapshot) =>
    snapshot instanceof Snapshot ? [...Object.values(snapshot.machine.memories), ...Object.values(snapshot.machine.storages)] : [],
  );
}

const architectures: Readonly<Record<Machine['processor']['architecture'], Architecture>> = { 'arm-m': 'thumb2', rv32: 'rv32', rv64: 'rv64' };
const generalRegister = /^(r\d+|sp|lr|pc|xpsr|zero|ra|gp|tp|[ast]\d+)$/;
const floatRegister = { 'arm-m': /^(s\d+|fpscr)$/, rv32: /^f\d+$/, rv64: /^f\d+$/ } as const;
/** Bytes of a device in which its registers are looked for. */
const largestDevice = 0x1_0000;
/** Bytes of the largest register whose fields have names. */
const largestRegister = 4;
/** RISC-V: what the processor is in, and the bits of a cause that are a number. */
const [supervisorMode, causeNumber] = [1, 0xfff];

/** A firmware machine as a debugger sees it. */
export class MachineTarget implements DebugTarget {
  readonly registers: readonly DebugRegister[];
  readonly exceptions: TargetExceptions;
  readonly inputs: MachineInputs;
  /** The one that the run is to end behind. */
  #taken: Extract<TargetStop, { readonly why: 'exception' }> | undefined;
  /** Whoever heard of exceptions before goes on to do so. */
  #heardBefore: { readonly listener: Machine['processor']['onException'] } | undefined;
  #deviceRegisters: readonly DeviceRegister[] | undefined;
  #pins: PinRecorder | undefined;

  constructor(readonly machine: Machine) {
    const { architecture, registerNames } = machine.processor;
    this.inputs = new MachineInputs(machine, (change) => {
      this.#write(change);
    });
    this.registers = registerNames.map((name) => {
      // `s0` is a register of the FPU on Arm, a general one on RISC-V.
      const isFloat = floatRegister[architecture].test(name);
      return {
        name,
        bits: architecture === 'rv64' || (architecture === 'rv32' && isFloat) ? 64 : 32,
        group: isFloat ? 'float' : generalRegister.test(name) ? 'general' : 'system',
      };
    });
    this.exceptions = {
      names: architecture === 'arm-m' ? systemExceptionNames : [...Object.values(causeNames), ...Object.values(interruptNames)],
      stopAt: (wanted) => {
        this.#stopAt(wanted);
      },
    };
  }

  #stopAt(wanted: ((exception: TargetException) => boolean) | undefined): void {
    const { machine } = this;
    this.#heardBefore ??= { listener: machine.processor.onException };
    const before = this.#heardBefore.listener;
    machine.processor.hearAtOnce?.(wanted !== undefined);
    machine.processor.onException =
      wanted === undefined
        ? before
        : (name, pc, cycle) => {
            before?.(name, pc, cycle);
            const exception = { name, interrupt: this.#interruptOf(name) };
            if (!wanted(exception)) return;
            this.#taken = { why: 'exception', exception, from: pc };
            machine.stop();
          };
  }

  #interruptOf(name: string): number | undefined {
    const { processor } = this.machine;
    if (processor.architecture === 'arm-m') {
      const [, number] = /^interrupt (\d+)$/.exec(name) ?? [];
      return number === undefined ? undefined : Number(number);
    }
    if (!name.endsWith('interrupt') && !name.startsWith('interrupt')) return undefined;
    return Number(processor.registerBits(processor.readRegister('priv') === supervisorMode ? 'scause' : 'mcause') & BigInt(causeNumber));
  }

  deviceRegisters(): readonly DeviceRegister[] {
    this.#deviceRegisters ??= this.machine.bus.devices.flatMap(({ base, size, name }) => {
      const found: DeviceRegister[] = [];
      // What has no name there is described by the device's own.
      for (let address = base; address < base + Math.min(size, largestDevice); address++) {
        const described = this.machine.bus.describe(address);
        const last = found.at(-1);
        if (described === undefined || described.startsWith(`${name} + `)) continue;
        if (last?.name === described) found[found.length - 1] = { ...last, size: address + 1 - last.address };
        else found.push({ name: described, address, size: 1 });
      }
      return found;
    });
    return this.#deviceRegisters;
  }

  deviceFields({ address, size }: DeviceRegister): readonly DeviceField[] {
    const fields: DeviceField[] = [];
    for (let bit = 0; bit < 8 * Math.min(size, largestRegister); bit++) {
      const name = this.machine.bus.fieldAt(address, bit);
      const last = fields.at(-1);
      if (name === undefined) continue;
      if (last?.name === name && last.lowest + last.bits === bit) fields[fields.length - 1] = { ...last, bits: last.bits + 1 };
      else fields.push({ name, lowest: bit, bits: 1 });
    }
    return fields;
  }

  pins(): PinTraces {
    this.#pins ??= new PinRecorder(this.machine);
    return this.#pins.traces;
  }

  get architecture(): Architecture {
    return architectures[this.machine.processor.architecture];
  }

  get core(): string {
    return this.machine.processor.name;
  }

  readRegister(name: string): bigint {
    return this.machine.processor.registerBits(name);
  }

  writeRegister(name: string, value: bigint): void {
    // One that there is not is refused before it is noted.
    this.readRegister(name);
    this.inputs.change({ register: name, value });
    this.#pins?.cut();
  }

  #write(change: { readonly address: number; readonly bytes: Uint8Array } | { readonly register: string; readonly value: bigint }): void {
    const { machine } = this;
    if ('register' in change) {
      machine.processor.writeRegister(change.register, change.value);
      return;
    }
    const place = this.#memory(change.address, change.bytes.length);
    if (place === undefined) throw new InternalError(`no memory is at 0x${change.address.toString(16)} any more`);
    place.set(change.bytes);
    machine.memoryWritten(place);
  }

  get userWrites(): readonly UserWrite[] {
    return this.inputs.written.all;
  }

  memoryMap(): readonly DebugRegion[] {
    const { memories, devices } = this.machine.bus;
    return [
      ...memories.map(({ name, kind, base, bytes }) => ({ name, kind, base, size: bytes.length })),
      ...devices.map(({ name, base, size }) => ({ name, kind: 'device' as const, base, size })),
    ].sort((a, b) => a.base - b.base);
  }

  peek(address: number, size: number): Uint8Array | undefined {
    return this.#memory(address, size)?.slice() ?? this.#registersAt(address, size);
  }

  /** Registers of a device, word by word where that is what is wanted, as firmware reads them. */
  #registersAt(address: number, size: number): Uint8Array | undefined {
    const place = this.machine.bus.at(address);
    if (place?.kind !== 'device' || place.offset + size > place.placed.size) return undefined;
    const { device } = place.placed;
    const bytes = Buffer.alloc(size);
    for (let at = 0; at < size;) {
      const offset = place.offset + at;
      const width = offset % 4 === 0 && size - at >= 4 ? 4 : offset % 2 === 0 && size - at >= 2 ? 2 : 1;
      const value = device.peek?.(offset, width);
      if (value === undefined) return undefined;
      bytes.writeUIntLE(value, at, width);
      at += width;
    }
    return bytes;
  }

  poke(address: number, bytes: Uint8Array): boolean {
    if (this.#memory(address, bytes.length) === undefined) return false;
    this.inputs.change({ address, bytes: bytes.slice() });
    this.#pins?.cut();
    return true;
  }

  /** The memory itself. */
  #memory(address: number, size: number): Uint8Array | undefined {
    const place = this.machine.bus.at(address);
    if (place?.kind !== 'memory' || place.offset + size > place.region.bytes.length) return undefined;
    return place.region.bytes.subarray(place.offset, place.offset + size);
  }

  get instructions(): number {
    return this.machine.instructions;
  }

  get pc(): number {
    return this.machine.processor.pc;
  }

  get stops(): StopPoints {
    return this.machine.processor.stops;
  }

  run(most: number): TargetStop {
    const until = this.instructions + most;
    for (;;) {
      const typedAt = this.inputs.nextAt;
      const end = this.machine.run({ instructions: Math.min(until, typedAt) - this.instructions });
      if (this.instructions === typedAt) this.inputs.repeat();
      else if (end.kind === 'asleep' || end.kind === 'stopped') this.inputs.slept();
      const taken = this.#taken;
      this.#taken = undefined;
      if (taken !== undefined && (end.kind === 'stopped' || end.kind === 'limit')) return taken;
      // What it waited for may have come.
      const goesOn = this.instructions === typedAt && (end.kind === 'limit' || end.kind === 'asleep');
      if (!goesOn || this.instructions >= until) return stopOf(end);
    }
  }

  /** Of snapshots. */
  readonly #pool = new PagePool();

  readonly snapshots = {
    save: (previous?: TargetSnapshot): TargetSnapshot =>
      new Snapshot(this.machine.save(previous instanceof Snapshot ? previous.machine : undefined, this.#pool), this.inputs.position),
    restore: (snapshot: TargetSnapshot): void => {
      if (!(snapshot instanceof Snapshot)) throw new InternalError('the snapshot is of no machine');
      this.machine.restore(snapshot.machine);
      this.inputs.restore(snapshot.inputs);
    },
    heldBytes: (snapshots: readonly TargetSnapshot[]): number => {
      const pages = new Set(pagesIn(snapshots).flat());
      return [...pages].reduce((sum, page) => sum + page.length, 0);
    },
    recycle: (dropped: readonly TargetSnapshot[], held: readonly TargetSnapshot[]): void => {
      this.#pool.recycle(pagesIn(dropped), pagesIn(held));
    },
  };

  readonly repeatsWrites = true;

  interrupt(): void {
    this.machine.stop();
  }

  reset(): void {
    this.inputs.forgetLater();
    this.machine.reset();
    this.#pins?.cut();
  }

  readonly commands: readonly TargetCommand[] = [
    {
      name: 'info machine',
      summary: 'board, instructions, time of the machine',
      run: () => `${this.machine.board.name}, ${this.core}: ${this.machine.instructions} instructions, ${this.machine.clocks.seconds.toFixed(6)} s`,
    },
    { name: 'irq', summary: 'interrupts and exceptions that are enabled, pending or active', run: () => this.#interrupts() },
  ];

  #interrupts(): string {
    const states = this.machine.processor.interruptStates();
    if (states.length === 0) return 'no interrupt is enabled, pending or active';
    return states
      .map(({ name, flags, priority }) => `${name.padEnd(28)}  ${flags.join(', ')}${priority === undefined ? '' : `  priority ${priority}`}`)
      .join('\n');
  }
}

function stopOf(end: MachineEnd): TargetStop {
  switch (end.kind) {
    case 'limit':
      return { why: 'count' };
    case 'stopped':
      return { why: 'interrupted' };
    case 'breakpoint':
      return { why: 'breakpoint' };
    case 'watchpoint':
      return { why: 'watchpoint', access: end.access, address: end.address, size: end.size };
    case 'asleep':
      return { why: 'asleep' };
    case 'fault':
      return { why: 'fault', message: end.message };
    case 'exit':
    case 'power-off':
      return { why: 'exit', status: end.status };
  }
}
