import type { Device, DeviceClass } from '../../machine/device.js';

/** How numbers are stored: with denormals as zeros and what is no number as infinity, as the boot ROM has it. */
interface Format {
  readonly bytes: 4 | 8;
  readonly read: (frame: DataView, at: number) => number;
  readonly write: (frame: DataView, at: number, value: number) => void;
}

/** What a function does with r0 to r3 in memory: operands before, results after. */
type Function = (frame: DataView, format: Format, other: Format) => void;

function flushed(value: number, smallest: number): number {
  if (Number.isNaN(value)) return Infinity;
  return Math.abs(value) < smallest ? Math.sign(value) * 0 : value;
}

function signedInfinity(isNegative: boolean): number {
  return isNegative ? -Infinity : Infinity;
}

const single: Format = {
  bytes: 4,
  read: (frame, at) => {
    const value = frame.getFloat32(at, true);
    return Number.isNaN(value) ? signedInfinity(frame.getUint32(at, true) >= 0x8000_0000) : flushed(value, 2 ** -126);
  },
  write: (frame, at, value) => {
    frame.setFloat32(at, flushed(Math.fround(value), 2 ** -126), true);
  },
};
const double: Format = {
  bytes: 8,
  read: (frame, at) => {
    const value = frame.getFloat64(at, true);
    return Number.isNaN(value) ? signedInfinity(frame.getUint32(at + 4, true) >= 0x8000_0000) : flushed(value, 2 ** -1022);
  },
  write: (frame, at, value) => {
    frame.setFloat64(at, flushed(value, 2 ** -1022), true);
  },
};

const one =
  (of: (x: number) => number): Function =>
  (frame, format) => {
    format.write(frame, 0, of(format.read(frame, 0)));
  };
const two =
  (of: (x: number, y: number) => number): Function =>
  (frame, format) => {
    format.write(frame, 0, of(format.read(frame, 0), format.read(frame, format.bytes)));
  };
/** Sine and cosine come together. */
const circular =
  (first: (x: number) => number, second: (x: number) => number): Function =>
  (frame, format) => {
    const angle = format.read(frame, 0);
    format.write(frame, 0, first(angle));
    format.write(frame, format.bytes, second(angle));
  };
const compare: Function = (frame, format) => {
  const [x, y] = [format.read(frame, 0), format.read(frame, format.bytes)];
  frame.setInt32(0, x < y ? -1 : x > y ? 1 : 0, true);
};

/** 2 to the power that an operand asks for; beyond these everything over- or underflows. */
function scale(frame: DataView, at: number): number {
  return 2 ** Math.max(-1000, Math.min(1000, frame.getInt32(at, true)));
}

/** Rounds down, to the nearest number that there is. */
const toInteger =
  (bits: 32 | 64, isSigned: boolean, isFixed: boolean): Function =>
  (frame, format) => {
    const value = Math.floor(format.read(frame, 0) * (isFixed ? scale(frame, format.bytes) : 1));
    const [least, most] = isSigned ? [-(2 ** (bits - 1)), 2 ** (bits - 1)] : [0, 2 ** bits];
    if (bits === 32) frame.setUint32(0, Math.max(least, Math.min(most - 1, value)), true);
    else frame.setBigUint64(0, BigInt.asUintN(64, value >= most ? BigInt(most) - 1n : BigInt(Math.max(least, value))), true);
  };

const fromInteger =
  (bits: 32 | 64, isSigned: boolean, isFixed: boolean): Function =>
  (frame, format) => {
    let value: number;
    if (bits === 32) {
      value = isSigned ? frame.getInt32(0, true) : frame.getUint32(0, true);
    } else {
      const integer = isSigned ? frame.getBigInt64(0, true) : frame.getBigUint64(0, true);
      value = Number(integer);
      // Rounded once: to single precision not by way of double, but with what is cut off in the last bit.
      if (format === single && Math.abs(value) >= 2 ** 53) value = Number((integer >> 12n) | ((integer & 0xfffn) === 0n ? 0n : 1n)) * 4096;
    }
    format.write(frame, 0, value / (isFixed ? scale(frame, bits / 8) : 1));
  };

/** In the order of the ROM's tables (data sheet, 2.8.3.2). */
const functions: readonly Function[] = [
  two((x, y) => x + y),
  two((x, y) => x - y),
  two((x, y) => x * y),
  two((x, y) => x / y),
  compare,
  compare,
  one((x) => (x < 0 ? -Infinity : Math.sqrt(x))),
  toInteger(32, true, false),
  toInteger(32, true, true),
  toInteger(32, false, false),
  toInteger(32, false, true),
  fromInteger(32, true, false),
  fromInteger(32, true, true),
  fromInteger(32, false, false),
  fromInteger(32, false, true),
  circular(Math.cos, Math.sin),
  circular(Math.sin, Math.cos),
  one(Math.tan),
  circular(Math.sin, Math.cos),
  one(Math.exp),
  one((x) => (x <= 0 ? -Infinity : Math.log(x))),
  compare,
  two(Math.atan2),
  fromInteger(64, true, false),
  fromInteger(64, true, true),
  fromInteger(64, false, false),
  fromInteger(64, false, true),
  toInteger(64, true, false),
  toInteger(64, true, true),
  toInteger(64, false, false),
  toInteger(64, false, true),
  (frame, format, other) => {
    other.write(frame, 0, format.read(frame, 0));
  },
];

/**
 * The arithmetic behind the floating-point functions of our boot ROM, at an address where the chip has nothing. A write to word N of it carries out function
 * N of the ROM's table for single precision, from 32 on of that for double precision, on r0 to r3 where the written address says that they are.
 */
export const rp2040RomArithmetic: DeviceClass = {
  name: 'rp2040-rom-arithmetic',
  summary: 'what the floating-point functions of our RP2040 boot ROM are made of (data sheet 2.8.3.2)',
  size: 0x100,
  create({ bus, warn }): Device {
    const nothing = (): number => 0;
    return {
      state: {},
      reset: nothing,
      registerAt: (offset) => `FUNCTION${offset >>> 2}`,
      read: nothing,
      write(offset, _size, address) {
        const frame = new DataView(new ArrayBuffer(16));
        for (let at = 0; at < 16; at += 4) {
          const word = bus.read(address + at, 4);
          if (word === undefined) {
            warn(`there is no memory at 0x${address.toString(16)}`);
            return;
          }
          frame.setUint32(at, word, true);
        }
        const number = offset >>> 2;
        const [format, other] = number < functions.length ? [single, double] : [double, single];
        functions[number % functions.length]?.(frame, format, other);
        for (let at = 0; at < 16; at += 4) bus.write(address + at, 4, frame.getUint32(at, true));
      },
    };
  },
};
