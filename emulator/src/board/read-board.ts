import { printable } from '@fireball/contracts';
import { cpuInputs, type Board, type BoardDevice, type BoardMemory, type BoardProcessor, type CpuInput } from '../machine/board.js';
import { machineCores, type MachineCore } from '../machine/cores.js';
import type { DeviceClass, DeviceParameter } from '../machine/device.js';
import { BoardReader, meant } from './board-reader.js';
import { wrong, type BoardMap, type Origin } from './board-tree.js';
import { checkChips, checkInterrupts, checkPlaces } from './checks.js';

const boardKeys = ['summary', 'extends', 'module', 'processor', 'clocks', 'memory', 'devices', 'console', 'deviceTree', 'sharedInterrupts'];
const processorKeys = ['core', 'interrupts', 'priorityBits', 'resetVector', 'mpuRegions', 'systickReference', 'bitBand'];
const memoryKeys = ['kind', 'base', 'size', 'of', 'fill'];
const deviceKeys = ['device', 'base', 'size', 'interrupts', 'clocks', 'parameters'];

/** More memory than any board of this kind has, and no burden on the host. */
const mostMemory = 512 * 1024 ** 2;
/** The library's page (Arm). RISC-V's is larger. */
const pageOf = { 'arm-m': 1024, rv32: 4096, rv64: 4096 } as const;

/**
 * The board that a file says, overlays applied.
 * @param classes by name; `unknown` of a name that is not among them is an error in the file
 * @throws InvalidInputError with file, line and reason
 */
export function readBoard(tree: BoardMap, name: string, classes: ReadonlyMap<string, DeviceClass>): Board {
  const top = new BoardReader(tree, 'the board').only(boardKeys);
  const processor = readProcessor(top.map('processor', 'the processor'));
  const architecture = architectureOf(processor.core);
  const clocks = readClocks(top);
  checkClock(top.map('processor', 'the processor'), 'systickReference', clocks);
  const highest = architecture === 'rv64' ? 2 ** 53 - 1 : 0xffff_ffff;
  const memory = top
    .named('memory', 'memory')
    .map(({ name: memoryName, reader }) => ({ ...readMemory(reader, memoryName, highest, pageOf[architecture]), origin: reader.origin }));
  checkMemories(top, memory);
  const known = { classes, clocks, highest, memory, devices: top.map('devices').keys, arm: architecture === 'arm-m' };
  const devices = top.named('devices', 'device').map(({ name: deviceName, reader }) => ({ ...readDevice(reader, deviceName, known), origin: reader.origin }));
  checkPlaces([...memory, ...devices], tree.origin.file);
  checkChips(devices, classes);
  checkInterrupts(devices, processor.interrupts, top.numbers('sharedInterrupts'));
  return {
    name,
    summary: top.text('summary'),
    processor,
    clocks,
    memory: memory.map(({ origin: _, ...rest }) => rest),
    devices: devices.map(({ origin: _, ...rest }) => rest),
    console: readConsole(top, devices, classes),
    deviceTree: readDeviceTree(top, architecture, memory),
  };
}

function architectureOf(core: string): MachineCore['architecture'] {
  return machineCores.get(core)?.architecture ?? 'arm-m';
}

function readProcessor(reader: BoardReader): BoardProcessor {
  reader.only(processorKeys);
  const core = reader.choice('core', [...machineCores.keys()], 'core');
  const arm = architectureOf(core) === 'arm-m';
  return {
    core,
    interrupts: reader.number('interrupts', arm ? { most: 240 } : { most: 1023, otherwise: 0 }),
    priorityBits: arm ? reader.number('priorityBits', { least: 2, most: 8 }) : reader.number('priorityBits', { most: 8, otherwise: 0 }),
    resetVector: reader.number('resetVector', { otherwise: 0 }),
    mpuRegions: reader.number('mpuRegions', { most: 16, otherwise: 0 }),
    systickReference: reader.optionalText('systickReference'),
    bitBand: reader.flag('bitBand', false),
  };
}

function readClocks(top: BoardReader): Record<string, number> {
  const reader = top.map('clocks', 'clocks');
  const clocks: Record<string, number> = {};
  for (const name of reader.keys) {
    reader.checkName(name);
    clocks[name] = reader.number(name, { least: 1, most: 10e9 });
  }
  if (clocks['cpu'] === undefined) throw wrong(top.where('clocks'), "the board lacks the clock 'cpu', in whose cycles time is counted");
  return clocks;
}

function checkClock(reader: BoardReader, key: string, clocks: Readonly<Record<string, number>>): void {
  const name = reader.optionalText(key);
  if (name !== undefined && !Object.hasOwn(clocks, name))
    throw wrong(reader.where(key), `${reader.what}: unknown clock '${printable(name)}'`, meant(name, Object.keys(clocks)));
}

function readMemory(reader: BoardReader, name: string, highest: number, page: number): BoardMemory {
  reader.only(memoryKeys);
  const kind = reader.choice('kind', ['ram', 'rom', 'alias'], 'kind of memory');
  const base = reader.number('base', { most: highest });
  const size = reader.number('size', { least: 1, most: mostMemory });
  for (const key of ['base', 'size']) {
    const value = reader.number(key);
    if (value % page !== 0)
      throw wrong(reader.where(key), `${reader.what}: ${key} is 0x${value.toString(16)}, and should be a multiple of ${page}, a page of the CPU's memory`);
  }
  if (base + size - 1 > highest) throw wrong(reader.where('size'), `${reader.what} ends behind the last address, 0x${highest.toString(16)}`);
  if ((kind === 'alias') !== reader.has('of'))
    throw wrong(
      reader.origin,
      kind === 'alias' ? `${reader.what} lacks 'of', the memory that it is an alias of` : `${reader.what} has 'of', which only an alias has`,
    );
  return { name, kind, base, size, of: reader.optionalText('of'), fill: reader.number('fill', { most: 255, otherwise: 0 }) };
}

function checkMemories(top: BoardReader, memory: readonly (BoardMemory & { readonly origin: Origin })[]): void {
  if (!memory.some(({ kind }) => kind !== 'alias')) throw wrong(top.where('memory'), 'the board has no memory');
  for (const { name, size, of, origin } of memory) {
    if (of === undefined) continue;
    const target = memory.find((other) => other.name === of);
    const known = memory.filter(({ kind }) => kind !== 'alias');
    if (target === undefined)
      throw wrong(
        origin,
        `memory '${name}' is an alias of '${printable(of)}', which is not there`,
        meant(
          of,
          known.map((one) => one.name),
        ),
      );
    if (target.kind === 'alias') throw wrong(origin, `memory '${name}' is an alias of '${of}', which is an alias itself`);
    if (size > target.size) throw wrong(origin, `memory '${name}' is an alias of '${of}', and larger`);
  }
  const total = memory.reduce((sum, { kind, size }) => sum + (kind === 'alias' ? 0 : size), 0);
  if (total > mostMemory) throw wrong(top.where('memory'), `the board has ${total} bytes of memory; at most ${mostMemory} are emulated`);
}

interface Known {
  readonly classes: ReadonlyMap<string, DeviceClass>;
  readonly clocks: Readonly<Record<string, number>>;
  readonly highest: number;
  readonly memory: readonly BoardMemory[];
  /** Names of all of them. */
  readonly devices: readonly string[];
  readonly arm: boolean;
}

function readDevice(reader: BoardReader, name: string, known: Known): BoardDevice {
  reader.only(deviceKeys);
  const device = reader.text('device');
  const kind = known.classes.get(device);
  if (kind === undefined)
    throw wrong(reader.where('device'), `${reader.what}: unknown device class '${printable(device)}'`, meant(device, [...known.classes.keys()]));
  const size = deviceSize(reader, kind);
  const base = size === 0 ? 0 : reader.number('base', { most: known.highest });
  if (size === 0 && reader.has('base')) throw wrong(reader.where('base'), `${reader.what}: a ${kind.name} has no addresses, and so no base`);
  if (base % 4 !== 0) throw wrong(reader.where('base'), `${reader.what}: base is 0x${base.toString(16)}, and should be a multiple of 4`);
  if (base + size - 1 > known.highest) throw wrong(reader.origin, `${reader.what} ends behind the last address, 0x${known.highest.toString(16)}`);
  return {
    name,
    device,
    base,
    size,
    interrupts: readInterrupts(reader, kind, known),
    clocks: readClockInputs(reader, kind, known.clocks),
    parameters: readParameters(reader, kind, known),
  };
}

function deviceSize(reader: BoardReader, kind: DeviceClass): number {
  if (kind.size === 'board') return reader.number('size', { least: 4, most: 2 ** 31 });
  if (reader.has('size')) throw wrong(reader.where('size'), `${reader.what}: the size of a ${kind.name} is always ${kind.size} bytes`);
  return kind.size;
}

function readInterrupts(reader: BoardReader, kind: DeviceClass, { arm }: Known): Record<string, number | CpuInput> {
  const outputs = kind.interrupts ?? [];
  const below = reader.map('interrupts', `${reader.what}, interrupts`).only(outputs);
  return Object.fromEntries(
    below.keys.map((output): readonly [string, number | CpuInput] => [
      output,
      below.isText(output) ? below.choice(output, cpuInputs[arm ? 'arm' : 'riscv'], 'interrupt') : below.number(output),
    ]),
  );
}

function readClockInputs(reader: BoardReader, kind: DeviceClass, clocks: Readonly<Record<string, number>>): Record<string, string> {
  const below = reader.map('clocks', `${reader.what}, clocks`).only(kind.clocks ?? []);
  return Object.fromEntries(
    below.keys.map((input) => {
      checkClock(below, input, clocks);
      return [input, below.text(input)];
    }),
  );
}

/** What a parameter of this type may name. */
function namesOf(type: DeviceParameter['type'], { memory, devices }: Known): readonly string[] | undefined {
  if (type === 'memory') return memory.flatMap(({ name, kind }) => (kind === 'alias' ? [] : [name]));
  return type === 'device' || type === 'pin' ? devices : undefined;
}

function readParameters(reader: BoardReader, kind: DeviceClass, known: Known): Record<string, number | string> {
  const parameters = kind.parameters ?? {};
  const below = reader.map('parameters', `${reader.what}, parameters`).only(Object.keys(parameters));
  const values: Record<string, number | string> = {};
  for (const [key, { type, default: otherwise, ...range }] of Object.entries(parameters)) {
    if (!below.has(key) && otherwise === undefined) throw wrong(reader.origin, `${reader.what} lacks the parameter '${key}' of a ${kind.name}`);
    if (below.has(key)) values[key] = type === 'number' ? below.number(key, range) : below.text(key);
    const value = String(values[key] ?? otherwise);
    const names = namesOf(type, known);
    const isKnown = type === 'pin' ? names?.includes(value.slice(0, value.indexOf('.'))) : names?.includes(value);
    if (value === '' || isKnown !== false) continue;
    const what = type === 'pin' ? 'no pin of a device of the board' : `no ${type} of the board`;
    throw wrong(below.where(key), `${reader.what}: ${key} is '${printable(value)}', which is ${what}`, meant(value, names ?? []));
  }
  return values;
}

function readDeviceTree(top: BoardReader, architecture: MachineCore['architecture'], memory: readonly BoardMemory[]): string | undefined {
  const name = top.optionalText('deviceTree');
  if (name === undefined) return undefined;
  if (architecture === 'arm-m') throw wrong(top.where('deviceTree'), 'device trees are for boards with a RISC-V core');
  const known = memory.filter(({ kind }) => kind === 'ram').map((one) => one.name);
  if (!known.includes(name)) throw wrong(top.where('deviceTree'), `deviceTree is '${printable(name)}', which is no memory of kind ram`, meant(name, known));
  return name;
}

function readConsole(top: BoardReader, devices: readonly BoardDevice[], classes: ReadonlyMap<string, DeviceClass>): string | undefined {
  const name = top.optionalText('console');
  if (name === undefined) return undefined;
  const serial = devices.filter(({ device }) => classes.get(device)?.serial === true).map((device) => device.name);
  if (!serial.includes(name)) throw wrong(top.where('console'), `console is '${printable(name)}', which is no device with a serial port`, meant(name, serial));
  return name;
}
