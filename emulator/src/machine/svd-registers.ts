import { InvalidInputError } from '@fireball/contracts';
import type { SvdDevice, SvdPeripheral, SvdRange, SvdRegister } from '@fireball/svd';
import type { PlacedDevice } from './bus.js';

/** Registers are looked for in blocks of so many bytes. */
const blockSize = 256;
/** Registers of a peripheral that are this near to each other are in one part of it. */
const page = 4096;

/** What an SVD file says of a byte of the address space: bits of it. */
interface ByteRights {
  readonly reset: number;
  readonly readable: number;
  readonly writable: number;
  /** Each from what a write of ones does, and of zeros. */
  readonly cleared: readonly [ones: number, zeros: number];
  readonly set: readonly [ones: number, zeros: number];
  readonly flipped: readonly [ones: number, zeros: number];
}

interface Found {
  readonly peripheral: SvdPeripheral;
  readonly register: SvdRegister;
}

/**
 * The registers of an SVD file as plain storage: reads give the reset value, or what has been written where the file lets it be written. Of registers
 * at one address the first names it, and each byte keeps one value. Bytes of a peripheral that are no register read 0.
 */
export class SvdRegisters {
  /** Bytes that have been written, by address. */
  readonly state: { bytes: Record<number, number> } = { bytes: {} };
  readonly #blocks = new Map<number, Found[]>();
  readonly #rights = new Map<number, ByteRights | undefined>();
  /** What of the address space the file is about. */
  readonly devices: readonly PlacedDevice[];

  constructor({ peripherals }: SvdDevice) {
    for (const peripheral of peripherals) {
      for (const register of peripheral.registers) {
        for (let block = Math.floor(register.address / blockSize); block * blockSize < register.address + register.size; block++) {
          const found = this.#blocks.get(block);
          if (found === undefined) this.#blocks.set(block, [{ peripheral, register }]);
          else found.push({ peripheral, register });
        }
      }
    }
    this.devices = peripherals.flatMap((peripheral) => rangesOf(peripheral).map((range) => this.#device(peripheral, range)));
  }

  reset(): void {
    this.state.bytes = {};
  }

  #device({ name }: SvdPeripheral, { base, size }: SvdRange): PlacedDevice {
    const read = (offset: number, width: number): number => this.read(base + offset, width);
    const device: PlacedDevice['device'] = {
      read,
      // Storage has no effects.
      peek: read,
      write: (offset, width, value) => {
        this.write(base + offset, width, value);
      },
      registerAt: () => undefined,
    };
    return { name, base, size, device };
  }

  #find(address: number): Found | undefined {
    return this.#blocks.get(Math.floor(address / blockSize))?.find(({ register }) => address >= register.address && address < register.address + register.size);
  }

  has(address: number): boolean {
    return this.#find(address) !== undefined;
  }

  /** `RCC.CR`. */
  nameAt(address: number): string | undefined {
    const found = this.#find(address);
    return found === undefined ? undefined : `${found.peripheral.name}.${found.register.name}`;
  }

  /** The field that has a bit of what is read at an address. */
  fieldAt(address: number, bit: number): string | undefined {
    const found = this.#find(address);
    if (found === undefined) return undefined;
    const at = bit + 8 * (address - found.register.address);
    return found.register.fields.find(({ high, low }) => at >= low && at <= high)?.name;
  }

  read(address: number, size: number): number {
    let value = 0;
    for (let index = size - 1; index >= 0; index--) value = value * 256 + this.#readByte(address + index);
    return value;
  }

  #readByte(address: number): number {
    const rights = this.#rightsOf(address);
    return rights === undefined ? 0 : (this.state.bytes[address] ?? rights.reset) & rights.readable;
  }

  write(address: number, size: number, value: number): void {
    for (let index = 0, rest = value; index < size; index++, rest = Math.floor(rest / 256)) this.#writeByte(address + index, rest % 256);
  }

  #writeByte(address: number, value: number): void {
    const rights = this.#rightsOf(address);
    if (rights === undefined) return;
    const { reset, writable, cleared, set, flipped } = rights;
    const by = ([ones, zeros]: readonly [number, number]): number => (value & ones) | (~value & zeros);
    const before = this.state.bytes[address] ?? reset;
    const after = ((((before & ~writable) | (value & writable)) & ~by(cleared)) | by(set)) ^ by(flipped);
    if (after !== before) this.state.bytes[address] = after;
  }

  /** Of registers that share the byte, all give rights, and the first the reset value. */
  #rightsOf(address: number): ByteRights | undefined {
    if (this.#rights.has(address)) return this.#rights.get(address);
    const sharing = (this.#blocks.get(Math.floor(address / blockSize)) ?? []).filter(
      ({ register }) => address >= register.address && address < register.address + register.size,
    );
    const byte = (bits: bigint, { address: from }: SvdRegister): number => Number((bits >> BigInt(8 * (address - from))) & 0xffn);
    const any = (of: (register: SvdRegister) => bigint): number => sharing.reduce((bits, { register }) => bits | byte(of(register), register), 0);
    const [first] = sharing;
    const rights: ByteRights | undefined =
      first === undefined
        ? undefined
        : {
            reset: byte(first.register.reset, first.register),
            readable: any(({ readable }) => readable),
            writable: any(({ writable }) => writable),
            cleared: [any(({ clearedByOnes }) => clearedByOnes), any(({ clearedByZeros }) => clearedByZeros)],
            set: [any(({ setByOnes }) => setByOnes), any(({ setByZeros }) => setByZeros)],
            flipped: [any(({ flippedByOnes }) => flippedByOnes), any(({ flippedByZeros }) => flippedByZeros)],
          };
    this.#rights.set(address, rights);
    return rights;
  }
}

/** Where a peripheral says that it is, and where registers of it are beside that. */
function rangesOf({ ranges, registers }: SvdPeripheral): SvdRange[] {
  return joined([...ranges, ...registers.map(({ address, size }) => ({ base: address, size }))], page);
}

/** A device of the board with the registers beside its own that the file has. One that does not say which it has stays as it is. */
export function withSvdRegisters(base: number, device: PlacedDevice['device'], registers: SvdRegisters): PlacedDevice['device'] {
  if (device.registerAt === undefined) return device;
  const isMissing = (offset: number): boolean => device.registerAt?.(offset) === undefined && registers.has(base + offset);
  return {
    registerAt: (offset) => device.registerAt?.(offset),
    fieldAt: (offset, bit) => device.fieldAt?.(offset, bit),
    isSteady: (offset, value) => device.isSteady?.(offset, value) === true,
    peek: (offset, size) => (isMissing(offset) ? registers.read(base + offset, size) : device.peek?.(offset, size)),
    read: (offset, size) => (isMissing(offset) ? registers.read(base + offset, size) : device.read(offset, size)),
    write: (offset, size, value) => {
      if (isMissing(offset)) registers.write(base + offset, size, value);
      else device.write(offset, size, value);
    },
  };
}

/** Between parts of the address space that are this near to each other, what is there is refused one by one. */
const nearParts = 0x1_0000;
const mostParts = 1000;

/**
 * Few parts of the address space that have all of these devices.
 * @throws InvalidInputError where they are scattered more than any chip's
 */
export function partsOf(devices: readonly PlacedDevice[]): SvdRange[] {
  const parts = joined(devices, nearParts);
  if (parts.length > mostParts)
    throw new InvalidInputError(`the peripherals of the SVD file lie in ${parts.length} parts of the address space, more than ${mostParts}`);
  return parts;
}

function joined(ranges: readonly SvdRange[], near: number): SvdRange[] {
  const parts: { base: number; size: number }[] = [];
  for (const { base, size } of [...ranges].sort((a, b) => a.base - b.base)) {
    const last = parts.at(-1);
    if (last !== undefined && base <= last.base + last.size + near) last.size = Math.max(last.size, base + size - last.base);
    else parts.push({ base, size });
  }
  return parts;
}
