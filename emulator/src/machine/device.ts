import type { BusDevice } from '@fireball/contracts';
import type { Clock, Clocks } from './clocks.js';
import type { I2cBus, SpiBus } from './peripheral-bus.js';
import type { Pin, Signal } from './signal.js';
import type { Timeline, Timer } from './timeline.js';

/** Bytes of an access. */
export type AccessSize = 1 | 2 | 4 | 8;

/**
 * A device of a machine. Offsets are from its base; sizes are 1, 2 or 4 bytes (8 on a 64-bit bus, where the class says so);
 * values are unsigned. It is built once, then reset with the machine.
 */
export interface Device extends BusDevice {
  /** Everything that changes while the machine runs, as plain data (numbers, strings, booleans, arrays of them, typed arrays): snapshots copy it. */
  readonly state: object;
  /** What it stores, where that is more than a few KiB: like `state`, but snapshots share the parts of it that do not change. */
  readonly storage?: Uint8Array;
  /** Power-on, and every reset after it. */
  reset(cause: ResetCause): void;
  /** Called after a snapshot has been copied back into `state`. */
  restored?(): void;
  /**
   * After a read there that found `value`: does another one find the same and have no effect, until something happens: an access of a device that
   * is not such a read, a timer, a pin, input? Time that passes is no such thing. Firmware that polls such a register runs faster.
   */
  isSteady?(offset: number, value: number): boolean;
  /** What a read there would find, for a debugger; undefined where a read may have an effect, and where nothing says that it has none. */
  peek?(offset: number, size: AccessSize): number | undefined;
  /** What lies at an offset, for logs and fault reports: `DATA`, `CTRL`. */
  registerAt?(offset: number): string | undefined;
  /** The field that has a bit of what is read at an offset: `HSERDY`. */
  fieldAt?(offset: number, bit: number): string | undefined;
}

/** Why a device is reset: some registers tell firmware, some keep their value. `standby`: its supply goes while the chip is in a mode that only a reset ends. */
export interface ResetCause {
  /** `module`: a reset controller resets this device alone. */
  readonly kind: 'power-on' | 'software' | 'watchdog' | 'module' | 'standby';
  /** The device that asked for it; `cpu`: the core's own reset request. */
  readonly source: string;
}

export const powerOn: ResetCause = { kind: 'power-on', source: 'board' };

/** A stream of bytes to and from the world outside: what a UART is connected to. */
export interface SerialPort {
  /** A byte that the firmware has sent. */
  send(byte: number): void;
  /** Whether a byte waits, and takes it. The time at which one arrives is the device's business. */
  receive(): number | undefined;
  /** Bytes that wait. */
  readonly waiting: number;
  /** Called when bytes come to a port that was empty. */
  onInput(listener: () => void): void;
}

/** Memory as a device's DMA sees it. Undefined or false: nothing is there (a bus error). */
export interface BusMaster {
  read(address: number, size: AccessSize): number | undefined;
  write(address: number, size: AccessSize, value: number): boolean;
}

/** A write of CPU or DMA to a `rom`, `offset` from its beginning. False: refused, a bus fault. */
export type MemoryWriteHandler = (offset: number, size: AccessSize, value: number) => boolean;

/** What a device is given to live in. */
export interface DeviceEnvironment {
  /** The board's name for this device, `uart0`. */
  readonly name: string;
  /** Where the board has it, for buses that carry addresses. */
  readonly base: number;
  readonly timeline: Timeline;
  readonly clocks: Clocks;
  /** The clock that the board connects to a clock input of the class; `cpu` where it says nothing. */
  clock(input: string): Clock;
  /** A timer of this device; only while it is built. */
  timer(action: () => void): Timer;
  /** An interrupt output of the class; it leads nowhere where the board does not connect it. */
  interrupt(output: string): Signal;
  /** Of an interrupt controller: the wire that other devices of the board drive as interrupt `number`. */
  interruptLine(number: number): Signal;
  /** Of a RISC-V machine timer: what `csrr time` reads. */
  provideTime(read: () => bigint): void;
  /** A pin by its name in the device, `5`; the same wire for everybody who asks. */
  pin(name: string): Pin;
  /** A pin of any device, `gpioa.5`. */
  wire(name: string): Pin;
  /** What hangs behind a master, by the master's name: a peripheral attaches itself to it. */
  i2cBus(master: string): I2cBus;
  spiBus(master: string): SpiBus;
  /** Resets another device, as reset controllers do. Nothing happens where the board has none of that name. */
  resetDevice(name: string): void;
  /** The world behind a UART. */
  readonly serial: SerialPort;
  readonly bus: BusMaster;
  /** Another device of the board, as one device needs another (flash memory behind its controller). @throws UsageError where there is none */
  memory(name: string): Uint8Array;
  /** Takes over writes to a `rom`: flash that is programmed by writes to its addresses. `write` stores by itself; false: a bus fault. */
  onMemoryWrite(memory: string, write: MemoryWriteHandler): void;
  /** Tells that the device changed bytes of a memory that may hold code. */
  memoryChanged(memory: string, offset: number, size: number): void;
  /** A parameter of the class, as the board gives it or by default. */
  number(parameter: string): number;
  text(parameter: string): string;
  /** System reset at the end of this instruction; `why` is for the report. A watchdog says so: devices tell the causes apart. */
  requestReset(why: string, kind?: 'software' | 'watchdog' | 'standby'): void;
  /** Power off at the end of this instruction. */
  powerOff(status: number, why: string): void;
  /** To the log: firmware did what the manual forbids, or what is not modelled. */
  readonly warn: (message: string) => void;
}

/** What a board may say to a device of a class. */
export interface DeviceParameter {
  /** `memory`: text, the name of a memory of the board; `device`: of a device; `pin`: device and pin, `gpioa.4`. */
  readonly type: 'number' | 'text' | 'memory' | 'device' | 'pin';
  /** Absent: the board must give it. */
  readonly default?: number | string;
  /** Of a number: 0 and 2^53 - 1 where nothing is said. */
  readonly least?: number;
  readonly most?: number;
  readonly summary: string;
}

/** A device as a device tree describes it: address, interrupts and parents come from the board. */
export interface DeviceTreeNode {
  /** Node name before the address: `serial`. */
  readonly node: string;
  readonly compatible: readonly string[];
  /** Further properties, by name: text, or 32-bit cells. */
  readonly properties?: Readonly<Record<string, string | readonly number[]>>;
}

/** A kind of device, as boards name it. What a user's `module:` exports as `default`. */
export interface DeviceClass {
  /** `cmsdk-uart`. */
  readonly name: string;
  /** One line for `machines`, with the manual that it follows. */
  readonly summary: string;
  /** Bytes of address space; 0: none, it is a peripheral behind a bus or a pin; `board`: the board says it (`size`). */
  readonly size: number | 'board';
  readonly parameters?: Readonly<Record<string, DeviceParameter>>;
  /** Names of its interrupt outputs. One with a single output calls it `irq`. */
  readonly interrupts?: readonly string[];
  /** Names of its clock inputs. */
  readonly clocks?: readonly string[];
  /** Is there a `serial` port? */
  readonly serial?: true;
  /** What a device tree says of it; boards without one ignore it. */
  readonly deviceTree?: DeviceTreeNode;
  create(environment: DeviceEnvironment): Device;
}
