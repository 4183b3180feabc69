import type { Board, BoardDevice, BoardMemory, CpuInput } from '../machine/board.js';
import type { DeviceClass } from '../machine/device.js';
import { Machine } from '../machine/machine.js';
import type { Processor, ProcessorEnd } from '../machine/processor.js';
import { Signal } from '../machine/signal.js';

/** A device on the bench. Where nothing is said: name = class, at 0x40000000 and every 64 KiB behind it, output n of the class at input n. */
export interface BenchDevice extends Partial<Omit<BoardDevice, 'device'>> {
  readonly device: DeviceClass;
}

interface BenchOptions {
  readonly clocks?: Readonly<Record<string, number>>;
  readonly memory?: readonly (Pick<BoardMemory, 'name' | 'kind' | 'base' | 'size'> & { readonly fill?: number })[];
}

/** Devices with time, interrupts, pins, buses and memory, and a CPU that only lets time pass: for tests that poke registers. */
export class DeviceBench {
  readonly machine: Machine;
  /** What devices said to the log. */
  readonly warnings: string[] = [];
  /** Why the machine was reset. */
  readonly resets: string[] = [];
  readonly #inputs = new Map<number | CpuInput, Signal>();
  readonly #outputs: readonly (readonly [name: string, input: number])[];

  constructor(devices: readonly BenchDevice[], { clocks = {}, memory = [] }: BenchOptions = {}) {
    const placed = devices.map(({ device, ...given }, index): BoardDevice => {
      const first = index * 32;
      return {
        name: device.name,
        base: 0x4000_0000 + index * 0x1_0000,
        interrupts: Object.fromEntries((device.interrupts ?? []).map((output, number) => [output, first + number])),
        size: device.size === 'board' ? 0x1000 : device.size,
        clocks: {},
        parameters: {},
        ...given,
        device: device.name,
      };
    });
    this.#outputs = placed.flatMap(({ name, interrupts }) =>
      Object.entries(interrupts).map(([output, input]) => [`${name}.${output}`, Number(input)] as const),
    );
    const board: Board = {
      name: 'bench',
      summary: '',
      processor: { core: 'none', interrupts: 0, priorityBits: 0, resetVector: 0, mpuRegions: 0, systickReference: undefined, bitBand: false },
      clocks: { cpu: 1_000_000, ...clocks },
      memory: memory.map((region) => ({ of: undefined, fill: 0, ...region })),
      devices: placed,
      console: undefined,
    };
    const classes = new Map(devices.map(({ device }) => [device.name, device]));
    this.machine = new Machine({
      board,
      createProcessor: () => this.#processor(),
      deviceClass: (name) => {
        const found = classes.get(name);
        if (found === undefined) throw new RangeError(name);
        return found;
      },
      warn: (source, message) => {
        this.warnings.push(`${source}: ${message}`);
      },
    });
    this.machine.onReset = (why) => {
      this.resets.push(why);
    };
    this.machine.reset();
  }

  /** A register by address, or by `device.REGISTER`'s offset from the device's base. */
  read(device: string, offset: number, size: 1 | 2 | 4 = 4): number {
    return this.machine.device(device).read(offset, size);
  }

  write(device: string, offset: number, value: number, size: 1 | 2 | 4 = 4): void {
    this.machine.device(device).write(offset, size, value);
  }

  /** Lets CPU cycles pass. */
  pass(cycles: number): void {
    this.machine.run({ until: this.machine.timeline.now + cycles });
  }

  /** Is `device.output` asking for an interrupt? */
  interrupt(output: string): boolean {
    const found = this.#outputs.find(([name]) => name === output);
    if (found === undefined) throw new RangeError(`${output} is none of ${this.#outputs.map(([name]) => name).join(', ')}`);
    return this.#inputs.get(found[1])?.level ?? false;
  }

  /** Everything that a device sends to its serial port from now on. */
  listen(device: string): number[] {
    const heard: number[] = [];
    this.machine.serial(device).onOutput = (byte) => {
      heard.push(byte);
    };
    return heard;
  }

  #processor(): Processor {
    const unused = (): never => {
      throw new Error('the bench has no CPU');
    };
    return {
      name: 'none',
      architecture: 'arm-m',
      state: {},
      devices: [],
      inputs: this.#inputs,
      restored: () => undefined,
      traceRuns: () => undefined,
      mapMemory: ({ size }) => new Uint8Array(size),
      mapAlias: () => undefined,
      mapDevices: () => undefined,
      mapBackground: () => undefined,
      interruptStates: () => [],
      interruptInput: (input) => {
        const signal = this.#inputs.get(input) ?? new Signal(String(input));
        this.#inputs.set(input, signal);
        return signal;
      },
      reset: () => undefined,
      run: (deadline): { executed: number; end: ProcessorEnd } => ({ executed: deadline, end: { kind: 'budget' } }),
      progress: 0,
      shorten: () => undefined,
      interrupt: () => undefined,
      readRegister: unused,
      registerBits: unused,
      writeRegister: unused,
      stops: { breakpoint: unused, pass: unused, watch: unused, unwatch: unused },
      registerNames: [],
      invalidate: () => undefined,
      saveRegisters: () => new Uint8Array(),
      restoreRegisters: () => undefined,
      onSemihosting: undefined,
      onRomWrite: undefined,
      onException: undefined,
      pc: 0,
      close: () => undefined,
    };
  }
}
