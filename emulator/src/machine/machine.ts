import { InvalidInputError, UsageError } from '@fireball/contracts';
import type { FirmwareImage } from '@fireball/image';
import type { SvdDevice } from '@fireball/svd';
import { boardDeviceTree } from '../device-tree/board-tree.js';
import { Background, wholeBus, type UnmappedListener } from './background.js';
import type { Board, BoardDevice, CpuInput } from './board.js';
import { SystemBus, type MemoryRegion, type PlacedDevice } from './bus.js';
import { Clocks } from './clocks.js';
import { observed, type AccessObserver } from './history.js';
import { powerOn, type Device, type DeviceClass, type DeviceEnvironment, type MemoryWriteHandler, type ResetCause, type SerialPort } from './device.js';
import { I2cBus, SpiBus } from './peripheral-bus.js';
import { restorePages, savePages, type PagePool } from './memory-pages.js';
import { copyState, restoreState } from './plain-state.js';
import type { Processor, ProcessorEnd, ProcessorEnvironment } from './processor.js';
import { SerialLink } from './serial-link.js';
import { Pin, Signal } from './signal.js';
import type { MachineEnd } from './machine-end.js';
import type { MachineSnapshot, MachineState, SnapshotPart } from './snapshot.js';
import { partsOf, SvdRegisters, withSvdRegisters } from './svd-registers.js';
import { Timeline, type Timer } from './timeline.js';

/** What a machine is built of. */
export interface MachineOptions {
  readonly board: Board;
  /** Builds the processor of the board: `createProcessor`. */
  readonly createProcessor: (environment: ProcessorEnvironment) => Processor;
  /** The class of each device of the board. @throws UsageError for a name that it does not know */
  readonly deviceClass: (name: string) => DeviceClass;
  readonly warn?: (source: string, message: string) => void;
  /** Hears every access of CPU and DMA to a device of the board, after it has been made. */
  readonly onAccess?: AccessObserver | undefined;
  /**
   * Present: loads of the CPU from where nothing is give 0 and stores do nothing, and it hears of them. Absent: they are bus faults. Instructions
   * are never fetched from there, and DMA, stacking and vectors find nothing.
   */
  readonly onUnmapped?: UnmappedListener | undefined;
  /** Names registers, and stands in for those that the board does not model. */
  readonly svd?: SvdDevice | undefined;
}

/** A board with its processor and devices: memory, time, interrupts. */
export class Machine {
  readonly board: Board;
  readonly processor: Processor;
  readonly #deviceClass: (name: string) => DeviceClass;
  readonly timeline = new Timeline();
  readonly clocks: Clocks;
  readonly bus = new SystemBus();
  readonly #devices = new Map<string, Device>();
  readonly #serial = new Map<string, SerialLink>();
  readonly #pins = new Map<string, Pin>();
  readonly #i2c = new Map<string, I2cBus>();
  readonly #spi = new Map<string, SpiBus>();
  readonly #interrupts = new Map<number | CpuInput, Signal[]>();
  /** Of each device. */
  readonly #timers = new Map<string, Timer[]>();
  readonly #outputs: Signal[] = [];
  readonly #parts = new Map<string, SnapshotPart>();
  readonly #memoryWriters = new Map<string, MemoryWriteHandler>();
  readonly #memories = new Map<string, Uint8Array>();
  #images: readonly FirmwareImage[] = [];
  #entry: number | undefined;
  readonly #svd: SvdRegisters | undefined;
  /** For devices that the board does not model. */
  readonly #standIns: readonly PlacedDevice[];
  readonly #warn: (source: string, message: string) => void;
  readonly #onAccess: AccessObserver | undefined;
  /** Instructions executed, without the cycles that were slept through. */
  #instructions = 0;
  #inProcessor = false;
  #ended: MachineEnd | undefined;
  #resetWanted: MachineState['resetWanted'];
  #stopWanted = false;
  #running = false;
  /** Has the last run left the CPU asleep? */
  #idle = false;
  /** Called for every reset that firmware or a watchdog asks for. */
  onReset: (why: string) => void = () => undefined;

  constructor({ board, createProcessor, deviceClass, warn = () => undefined, onAccess, onUnmapped, svd }: MachineOptions) {
    this.board = board;
    this.#onAccess = onAccess;
    this.#deviceClass = deviceClass;
    this.#warn = warn;
    this.clocks = new Clocks(this.timeline, board.clocks);
    this.processor = createProcessor({
      processor: board.processor,
      timeline: this.timeline,
      clocks: this.clocks,
      warn: (message) => {
        warn('cpu', message);
      },
      deepSleep: this.pin('cpu.sleepdeep'),
      wait: this.pin('cpu.wait'),
      nmiMayCome: () => board.devices.some(({ name, interrupts }) => Object.values(interrupts).includes('nmi') && this.#isTimed(name)),
    });
    this.timeline.onChange = () => {
      this.processor.shorten(Math.max(0, this.timeline.next - this.timeline.now + this.processor.progress));
    };
    this.#svd = svd === undefined ? undefined : new SvdRegisters(svd);
    this.bus.names = this.#svd;
    this.#buildMemory();
    for (const device of board.devices) this.#buildDevice(device, deviceClass(device.device));
    this.processor.mapDevices(this.bus.devices);
    for (const device of this.processor.devices) this.bus.addDevice(device);
    this.#standIns = this.#svd?.devices.map((placed) => ({ ...placed, device: this.#observed(placed.name, placed.base, placed.device) })) ?? [];
    for (const device of this.#standIns) this.bus.addDevice(device);
    if (onUnmapped !== undefined || this.#standIns.length > 0)
      this.processor.mapBackground(new Background(this.#standIns, onUnmapped), onUnmapped === undefined ? partsOf(this.#standIns) : [wholeBus]);
    this.processor.onRomWrite = (address, size, value) => this.bus.write(address, size, value);
  }

  #buildMemory(): void {
    for (const { name, kind, base, size, fill } of this.board.memory) {
      if (kind === 'alias') continue;
      const onWrite: MemoryWriteHandler = (...write) => this.#memoryWriters.get(name)?.(...write) ?? false;
      const bytes = this.processor.mapMemory({ name, base, size, kind, onWrite });
      if (fill !== 0) bytes.fill(fill);
      this.#memories.set(name, bytes);
      this.bus.addMemory({ name, base, bytes, kind, onWrite });
    }
    for (const { name, kind, base, size, of = '' } of this.board.memory) {
      if (kind !== 'alias') continue;
      const target = this.board.memory.find((memory) => memory.name === of);
      const bytes = this.memory(of);
      if (target === undefined || target.kind === 'alias') throw new UsageError(`memory '${name}' is an alias of '${of}', which is no memory`);
      this.processor.mapAlias(name, base, size, bytes, target.kind);
      this.bus.addMemory({ name, base, bytes: bytes.subarray(0, size), kind: target.kind });
    }
  }

  #buildDevice(placed: BoardDevice, kind: DeviceClass): void {
    const device = kind.create(this.#environment(placed, kind));
    this.#devices.set(placed.name, device);
    if (placed.size === 0) return;
    const { base, size } = placed;
    const whole = this.#svd === undefined ? device : withSvdRegisters(base, device, this.#svd);
    this.bus.addDevice({ name: placed.name, base, size, device: this.#observed(placed.name, base, whole) });
  }

  #observed(name: string, base: number, device: PlacedDevice['device']): PlacedDevice['device'] {
    if (this.#onAccess === undefined) return device;
    return observed(name, base, device, this.#onAccess, () => {
      this.processor.settle?.();
    });
  }

  #environment(placed: BoardDevice, kind: DeviceClass): DeviceEnvironment {
    const { name } = placed;
    const parameter = (key: string): number | string => {
      const value = placed.parameters[key] ?? kind.parameters?.[key]?.default;
      if (value === undefined) throw new UsageError(`device '${name}' (${kind.name}) needs the parameter '${key}'`);
      return value;
    };
    return {
      name,
      base: placed.base,
      timeline: this.timeline,
      clocks: this.clocks,
      clock: (input) => this.clocks.named(placed.clocks[input] ?? 'cpu'),
      timer: (action) => {
        const timer = this.timeline.timer(action);
        oneOf(this.#timers, name, () => []).push(timer);
        return timer;
      },
      interrupt: (output) => {
        const input = placed.interrupts[output];
        const signal = new Signal(`${name}.${output}`);
        this.#outputs.push(signal);
        if (input !== undefined) this.#joinInterrupt(input, signal);
        return signal;
      },
      interruptLine: (number) => this.processor.interruptInput(number),
      provideTime: (read) => {
        this.processor.provideTime?.(read);
      },
      pin: (pin) => this.pin(`${name}.${pin}`),
      wire: (wire) => this.pin(wire),
      i2cBus: (master) => oneOf(this.#i2c, master, () => new I2cBus()),
      spiBus: (master) => oneOf(this.#spi, master, () => new SpiBus()),
      resetDevice: (other) => {
        this.#devices.get(other)?.reset({ kind: 'module', source: name });
      },
      serial: kind.serial === true ? this.serial(name, true) : disconnected,
      bus: this.bus,
      memory: (memory) => this.memory(memory),
      onMemoryWrite: (memory, write) => {
        this.memory(memory);
        this.#memoryWriters.set(memory, write);
      },
      memoryChanged: (memory, offset, size) => {
        this.memoryWritten(this.memory(memory).subarray(offset, offset + size));
      },
      number: (key) => Number(parameter(key)),
      text: (key) => String(parameter(key)),
      requestReset: (why, kind = 'software') => {
        this.#resetWanted ??= { why, cause: { kind, source: name } };
        this.processor.interrupt();
      },
      powerOff: (status, why) => {
        this.#ended ??= { kind: 'power-off', status, why };
        this.processor.interrupt();
      },
      warn: (message) => {
        this.#warn(name, message);
      },
    };
  }

  #isTimed(device: string): boolean {
    return this.#timers.get(device)?.some(({ at }) => at < Infinity) === true;
  }

  /** An input of the interrupt controller is high while any of the outputs that lead to it is. */
  #joinInterrupt(input: number | CpuInput, output: Signal): void {
    const outputs = oneOf(this.#interrupts, input, () => []);
    outputs.push(output);
    const line = this.processor.interruptInput(input);
    output.onChange(() => {
      line.set(outputs.some(({ level }) => level));
    });
  }

  /** The device of a name. @throws UsageError */
  device(name: string): Device {
    const device = this.#devices.get(name);
    if (device === undefined) throw new UsageError(`${this.board.name} has no device '${name}'; it has ${[...this.#devices.keys()].join(', ')}`);
    return device;
  }

  /** Is what lies at the address modelled? Not so: nothing, what is reserved, and registers that a device does not have. */
  models(address: number): boolean {
    const place = this.bus.at(address);
    if (place?.kind !== 'device') return place !== undefined;
    if (this.#standIns.includes(place.placed)) return false;
    const device = this.#devices.get(place.placed.name);
    return device?.registerAt === undefined || device.registerAt(place.offset) !== undefined;
  }

  /** The bytes of a memory, which the CPU uses. @throws UsageError */
  memory(name: string): Uint8Array {
    const bytes = this.#memories.get(name);
    if (bytes === undefined) throw new UsageError(`${this.board.name} has no memory '${name}'; it has ${[...this.#memories.keys()].join(', ')}`);
    return bytes;
  }

  /** The host has written to a part of a memory, which may hold code; it may be at several addresses. */
  memoryWritten(part: Uint8Array): void {
    for (const { base, bytes } of this.bus.memories) {
      const offset = part.byteOffset - bytes.byteOffset;
      if (part.buffer === bytes.buffer && offset >= 0 && offset < bytes.length) this.processor.invalidate(base + offset, part.length);
    }
  }

  /** The other end of a device's serial port. @throws UsageError where the device has none */
  serial(name: string, create = false): SerialLink {
    let link = this.#serial.get(name);
    if (link === undefined) {
      if (!create) throw new UsageError(`${this.board.name} has no serial port '${name}'; it has ${[...this.#serial.keys()].join(', ')}`);
      link = new SerialLink();
      this.#serial.set(name, link);
    }
    return link;
  }

  get serialPorts(): readonly string[] {
    return [...this.#serial.keys()];
  }

  /** A wire by device and pin, `gpioa.5`. */
  pin(name: string): Pin {
    return oneOf(this.#pins, name, () => new Pin(name));
  }

  /** Wires that a device has, or that somebody has asked for. */
  get pinNames(): readonly string[] {
    return [...this.#pins.keys()];
  }

  /**
   * Writes an image into memory, flash included.
   * @throws InvalidInputError where a segment lies outside of memory
   */
  load(image: FirmwareImage): void {
    this.#write(image, () => true);
    this.#images = [...this.#images, image];
    this.#entry = image.entry ?? this.#entry;
  }

  #write(image: FirmwareImage, wanted: (region: MemoryRegion) => boolean): void {
    for (const { address, data, memorySize } of image.segments) {
      const place = this.bus.at(address);
      if (place?.kind !== 'memory' || place.offset + memorySize > place.region.bytes.length) {
        throw new InvalidInputError(
          `${memorySize} bytes at 0x${address.toString(16)} are not inside of one memory of ${this.board.name}; it has ${this.bus.memories
            .map(({ name, base, bytes }) => `${name} 0x${base.toString(16)}..0x${(base + bytes.length - 1).toString(16)}`)
            .join(', ')}`,
        );
      }
      if (!wanted(place.region)) continue;
      place.region.bytes.set(data, place.offset);
      place.region.bytes.fill(0, place.offset + data.length, place.offset + memorySize);
      this.processor.invalidate(address, memorySize);
    }
  }

  /** Where the last image that said so begins. */
  get entry(): number | undefined {
    return this.#entry;
  }

  /** Memory stays as it is. What had ended goes on. */
  reset(cause = powerOn): void {
    this.#ended = undefined;
    for (const device of this.#devices.values()) device.reset(cause);
    this.#svd?.reset();
    this.processor.reset(this.#entry);
    this.#passDeviceTree();
  }

  /** As the reset code of QEMU's RISC-V boards leaves it for firmware: the hart's number in a0, the tree's address in a1. */
  #passDeviceTree(): void {
    const memory = this.board.memory.find(({ name }) => name === this.board.deviceTree);
    if (memory === undefined) return;
    const blob = boardDeviceTree(this.board, this.#deviceClass, this.processor.architecture === 'rv64' ? 64 : 32);
    // Firmware wants it aligned; QEMU uses units of 2 MiB.
    const unit = Math.min(0x20_0000, memory.size / 4);
    const offset = Math.floor((memory.size - blob.length) / unit) * unit;
    this.memory(memory.name).set(blob, offset);
    this.processor.writeRegister('a0', 0);
    this.processor.writeRegister('a1', memory.base + offset);
  }

  /** Instructions executed since power-on. */
  get instructions(): number {
    return this.#instructions;
  }

  /** The same, exact in what the CPU calls while it runs, too: listeners of pins. */
  get instructionsSoFar(): number {
    return this.#instructions + (this.#inProcessor ? this.processor.progress : 0);
  }

  /** Does the CPU sleep, with no timer set? Then only input from outside changes anything. */
  get isForgotten(): boolean {
    return this.#idle && this.timeline.next === Infinity;
  }

  /** Asks a running machine to stop at the next instruction: from a listener of a serial port or pin. */
  stop(): void {
    this.#stopWanted = true;
    this.processor.interrupt();
  }

  /**
   * Runs until something ends the machine, or for at most `instructions` more and up to virtual time `until` (cycles). How a run is
   * cut into calls changes nothing.
   */
  run({ instructions = Infinity, until = Infinity }: { readonly instructions?: number; readonly until?: number } = {}): MachineEnd {
    const most = this.#instructions + instructions;
    this.#running = true;
    try {
      return this.#runUntil(most, until);
    } finally {
      this.#running = false;
    }
  }

  #runUntil(most: number, until: number): MachineEnd {
    for (;;) {
      this.timeline.fireDue();
      if (this.#resetWanted !== undefined) this.#restart(this.#resetWanted);
      if (this.#ended !== undefined) return this.#ended;
      if (this.#takeStop()) return { kind: 'stopped' };
      const { now, next } = this.timeline;
      if (this.#instructions >= most || now >= until) return { kind: 'limit' };
      const end = this.#runProcessor(Math.min(most - this.#instructions, until - now, next - now, longestRun));
      if (end.kind === 'idle') {
        if (!this.#sleep(until)) return this.timeline.now >= until ? { kind: 'limit' } : { kind: 'asleep' };
      } else if (end.kind === 'waiting') {
        return { kind: 'asleep' };
      } else if (end.kind === 'reset') {
        this.#resetWanted ??= { why: end.why, cause: { kind: 'software', source: 'cpu' } };
      } else if (end.kind === 'breakpoint' || end.kind === 'watchpoint') {
        return end;
      } else if (end.kind !== 'budget') {
        this.#ended ??= end;
      }
    }
  }

  /**
   * For an end that is for good: serial ports send what the firmware has left in them, as on silicon, where they go on while the CPU stands still. Time
   * passes for that: until a tenth of a second, or so many events of other devices, have nothing more, and at most a second.
   */
  finishSending(): void {
    const { timeline } = this;
    const { hertz } = this.clocks.cpu;
    const sent = (): number => this.serialPorts.reduce((sum, name) => sum + this.serial(name).sent, 0);
    const end = timeline.now + hertz;
    let before = sent();
    let quiet = timeline.now + hertz / 10;
    for (let events = 0; events < mostOtherEvents && this.#resetWanted === undefined && timeline.next <= Math.min(quiet, end); events++) {
      timeline.advance(Math.max(0, timeline.next - timeline.now));
      timeline.fireDue();
      const now = sent();
      if (now === before) continue;
      before = now;
      quiet = timeline.now + hertz / 10;
      events = 0;
    }
  }

  #takeStop(): boolean {
    const wanted = this.#stopWanted;
    this.#stopWanted = false;
    return wanted;
  }

  #runProcessor(budget: number): ProcessorEnd {
    this.timeline.track(() => this.processor.progress);
    this.#inProcessor = true;
    const { executed, end } = this.processor.run(budget);
    this.#inProcessor = false;
    this.processor.settle?.();
    this.timeline.track(undefined);
    this.timeline.advance(executed);
    this.#instructions += executed;
    this.#idle = end.kind === 'idle';
    return end;
  }

  #restart({ why, cause }: { readonly why: string; readonly cause: ResetCause }): void {
    this.#resetWanted = undefined;
    this.onReset(why);
    // What was loaded into RAM nobody else would load again: a boot loader of the board, which is not modelled, or QEMU.
    for (const image of this.#images) this.#write(image, ({ kind }) => kind === 'ram');
    this.reset(cause);
  }

  /** Skips the time up to the next timer. False: there is none before `until`, and nothing else wakes the CPU up. */
  #sleep(until: number): boolean {
    const { now, next } = this.timeline;
    if (this.#stopWanted || this.#resetWanted !== undefined || this.#ended !== undefined) return true;
    const wake = Math.min(next, until);
    if (wake === Infinity) return false;
    this.timeline.advance(Math.max(0, wake - now));
    return wake < until;
  }

  /** Has something outside of the board saved and restored with the machine. */
  addPart(name: string, part: SnapshotPart): void {
    this.#parts.set(name, part);
  }

  /**
   * The machine as it is now. To be called between runs.
   * @param previous a snapshot of the same board: memory that is as it was then is shared with it
   * @param pool where pages may come from
   * @throws UsageError while the machine runs
   */
  save(previous?: MachineSnapshot, pool?: PagePool): MachineSnapshot {
    this.#checkStands();
    let ownBytes = 0;
    const pagesOf = (memories: ReadonlyMap<string, Uint8Array>, before: MachineSnapshot['memories'] = {}): MachineSnapshot['memories'] =>
      Object.fromEntries(
        [...memories].map(([name, bytes]) => {
          const saved = savePages(bytes, before[name], pool);
          ownBytes += saved.ownBytes;
          return [name, saved.pages];
        }),
      );
    const memories = pagesOf(this.#memories, previous?.memories);
    const storages = pagesOf(this.#storages(), previous?.storages);
    const state: MachineState = {
      timeline: this.timeline.save(),
      clocks: this.clocks.save(),
      processor: copyState(this.processor.state),
      devices: copiesOf(this.#devices),
      signals: copiesOf(this.#signals()),
      svd: this.#svd === undefined ? undefined : copyState(this.#svd.state),
      pins: copiesOf(this.#pins),
      i2cBuses: copiesOf(this.#i2c),
      serial: copiesOf(this.#serial),
      parts: Object.fromEntries([...this.#parts].map(([name, part]) => [name, part.save()])),
      images: this.#images,
      entry: this.#entry,
      ended: this.#ended,
      resetWanted: this.#resetWanted,
    };
    return { board: this.board.name, instructions: this.#instructions, ownBytes, memories, storages, registers: this.processor.saveRegisters(), state };
  }

  /**
   * Makes the machine what it was when the snapshot was taken, of it or of another machine of the same board: it goes on as that one did. Nothing
   * is told to listeners of pins and serial ports. To be called between runs.
   * @throws UsageError while the machine runs, or for a snapshot of another board
   */
  restore({ board, instructions, memories, storages, registers, state }: MachineSnapshot): void {
    this.#checkStands();
    if (board !== this.board.name) throw new UsageError(`the snapshot is of the board ${board}, and this is ${this.board.name}`);
    for (const [name, pages] of Object.entries(memories)) {
      const bytes = this.memory(name);
      restorePages(bytes, pages, (offset, size) => {
        this.memoryWritten(bytes.subarray(offset, offset + size));
      });
    }
    for (const [name, bytes] of this.#storages()) restorePages(bytes, storages[name] ?? [], () => undefined);
    this.#instructions = instructions;
    this.#images = state.images;
    this.#entry = state.entry;
    this.#ended = state.ended;
    this.#resetWanted = state.resetWanted;
    this.#stopWanted = false;
    this.#idle = false;
    this.timeline.restore(state.timeline);
    restoreStates(this.#devices, state.devices);
    if (this.#svd !== undefined && state.svd !== undefined) restoreState(this.#svd.state, state.svd);
    restoreStates(this.#signals(), state.signals);
    for (const name of Object.keys(state.pins)) this.pin(name);
    restoreStates(this.#pins, state.pins);
    restoreStates(this.#i2c, state.i2cBuses);
    restoreStates(this.#serial, state.serial);
    restoreState(this.processor.state, state.processor);
    this.clocks.restore(state.clocks);
    this.processor.restoreRegisters(registers);
    for (const device of this.#devices.values()) device.restored?.();
    this.processor.restored();
    for (const [name, part] of this.#parts) {
      const saved = state.parts[name];
      if (saved !== undefined) part.restore(saved);
    }
  }

  #storages(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.#devices].flatMap(([name, { storage }]) => (storage === undefined ? [] : [[name, storage]])));
  }

  /** By the name that they have in snapshots. */
  #signals(): ReadonlyMap<string, Signal> {
    const inputs = [...this.processor.inputs].map(([input, signal]): [string, Signal] => [`cpu.${input}`, signal]);
    return new Map([...this.#outputs.map((signal): [string, Signal] => [signal.name, signal]), ...inputs]);
  }

  #checkStands(): void {
    if (this.#running) throw new UsageError('a machine is saved and restored between its runs, not within one');
  }

  close(): void {
    this.processor.close();
  }
}

type Stateful = ReadonlyMap<string, { readonly state: object }>;

function copiesOf(stateful: Stateful): Record<string, object> {
  return Object.fromEntries([...stateful].map(([name, { state }]) => [name, copyState(state)]));
}

/** What a snapshot knows nothing of, because it was made later, stays as it is. */
function restoreStates(stateful: Stateful, saved: Readonly<Record<string, object>>): void {
  for (const [name, { state }] of stateful) {
    const before = saved[name];
    if (before !== undefined) restoreState(state, before);
  }
}

/** The map's entry of a name, made where it is missing. */
function oneOf<K, T>(map: Map<K, T>, name: K, make: () => T): T {
  let one = map.get(name);
  if (one === undefined) {
    one = make();
    map.set(name, one);
  }
  return one;
}

/** So that a host that has something else to do gets its turn, and counts stay exact. */
const longestRun = 2 ** 40;

/** More than fit between two characters but for devices that do something in every cycle. */
const mostOtherEvents = 20_000;

const disconnected: SerialPort = { send: () => undefined, receive: () => undefined, waiting: 0, onInput: () => undefined };
