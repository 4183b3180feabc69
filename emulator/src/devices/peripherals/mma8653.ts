import type { Device, DeviceClass } from '../../machine/device.js';
import { RegisterChip } from './register-chip.js';
import { SampleClock } from './sample-clock.js';

const STATUS = 0x00;
const OUT_X_MSB = 0x01;
const OUT_Z_LSB = 0x06;
const SYSMOD = 0x0b;
const INT_SOURCE = 0x0c;
const WHO_AM_I = 0x0d;
const XYZ_DATA_CFG = 0x0e;
const CTRL_REG1 = 0x2a;
const CTRL_REG2 = 0x2b;
const CTRL_REG3 = 0x2c;
const CTRL_REG4 = 0x2d;
const CTRL_REG5 = 0x2e;
const OFF_X = 0x2f;

const ACTIVE = 1 << 0;
const F_READ = 1 << 1;
const RST = 1 << 6;
const IPOL = 1 << 1;
/** Data-ready interrupt in INT_SOURCE, CTRL_REG4 and CTRL_REG5. */
const DRDY = 1 << 0;
/** New data on all three axes, and overwritten ones. */
const NEW = 0x0f;
const OVERWRITTEN = 0xf0;

/** Section 6.3 ff.: bits that can be written, and reset values that are not 0. */
const writable: ReadonlyMap<number, number> = new Map([
  [XYZ_DATA_CFG, 0x03],
  [0x11, 0xc0],
  [0x12, 0xff],
  [0x15, 0xf8],
  [0x17, 0xff],
  [0x18, 0xff],
  [0x29, 0xff],
  [CTRL_REG1, 0xfb],
  [CTRL_REG2, 0xdf],
  [CTRL_REG3, 0x7b],
  [CTRL_REG4, 0xb5],
  [CTRL_REG5, 0xb5],
  [OFF_X, 0xff],
  [OFF_X + 1, 0xff],
  [OFF_X + 2, 0xff],
]);
const resetValues: ReadonlyMap<number, number> = new Map([
  [WHO_AM_I, 0x5a],
  [0x11, 0x80],
  [0x13, 0x44],
  [0x14, 0x84],
]);
/** Hertz by DR of CTRL_REG1. */
const rates = [800, 400, 200, 100, 50, 12.5, 6.25, 1.5625];

/**
 * MMA8653FC, an accelerometer (NXP data sheet MMA8653FC, revision 8): ten bits for each axis at the rate of CTRL_REG1, data-ready interrupt on
 * INT1 or INT2. Orientation, motion detection and auto-sleep are not modelled: their registers keep what is written.
 */
export const mma8653: DeviceClass = {
  name: 'mma8653',
  summary: 'MMA8653FC accelerometer on I2C (NXP data sheet)',
  size: 0,
  parameters: {
    bus: { type: 'device', summary: 'the I2C master' },
    int1: { type: 'pin', default: '', summary: 'the pin that INT1 drives, gpio.28' },
    int2: { type: 'pin', default: '', summary: 'the pin that INT2 drives' },
    x: { type: 'number', default: 0, least: -8000, most: 8000, summary: 'acceleration, in thousandths of g' },
    y: { type: 'number', default: 0, least: -8000, most: 8000, summary: 'the same' },
    z: { type: 'number', default: 1000, least: -8000, most: 8000, summary: 'the same' },
  },
  create(environment) {
    const acceleration = ['x', 'y', 'z'].map((axis) => environment.number(axis));
    const outputs = ['int1', 'int2'].map((name) => (environment.text(name) === '' ? undefined : environment.wire(environment.text(name))));
    const registers = new Uint8Array(0x32);
    const register = (number: number): number => registers[number] ?? 0;

    const chip = new RegisterChip({
      read(number) {
        if (number === SYSMOD) return register(CTRL_REG1) & ACTIVE;
        if (number === INT_SOURCE) return dataReady() ? DRDY : 0;
        const value = register(number);
        if (number >= OUT_X_MSB && number <= OUT_Z_LSB) {
          registers[STATUS] = 0;
          update();
        }
        return value;
      },
      write(number, value) {
        const before = register(number);
        const bits = writable.get(number) ?? 0;
        // While it is active, only the active bit and resets are taken (6.7.1).
        if ((register(CTRL_REG1) & ACTIVE) !== 0 && number !== CTRL_REG1 && number !== CTRL_REG2) return;
        registers[number] = (before & ~bits) | (value & bits);
        if (number === CTRL_REG2 && (value & RST) !== 0) reset();
        else if (number === CTRL_REG1) clock.run((value & ACTIVE) === 0 ? 0 : (rates[(value >>> 3) & 7] ?? 1));
        update();
      },
      // 6.1: bursts run through the samples again and again; with F_READ through their upper bytes.
      next(number) {
        if (number === OUT_Z_LSB) return STATUS;
        if ((register(CTRL_REG1) & F_READ) === 0 || number === STATUS || number > OUT_Z_LSB) return number + 1;
        return number >= OUT_Z_LSB - 1 ? STATUS : number + 2;
      },
    });
    const clock = new SampleClock(environment, () => {
      const countsPerG = 256 >>> (register(XYZ_DATA_CFG) & 3);
      acceleration.forEach((milli, axis) => {
        // Offsets are 1.96 mg each (6.8).
        const offset = ((register(OFF_X + axis) << 24) >> 24) * 1.96;
        const counts = Math.max(-512, Math.min(511, Math.round(((milli + offset) * countsPerG) / 1000)));
        registers[OUT_X_MSB + 2 * axis] = counts >> 2;
        registers[OUT_X_MSB + 2 * axis + 1] = counts << 6;
      });
      registers[STATUS] = NEW | (register(STATUS) === 0 ? 0 : OVERWRITTEN);
      update();
    });

    function dataReady(): boolean {
      return (register(STATUS) & NEW) !== 0 && (register(CTRL_REG4) & DRDY) !== 0;
    }
    function update(): void {
      const activeHigh = (register(CTRL_REG3) & IPOL) !== 0;
      outputs.forEach((output, index) => {
        const routed = ((register(CTRL_REG5) & DRDY) !== 0) === (index === 0);
        output?.set((routed && dataReady()) === activeHigh);
      });
    }
    function reset(): void {
      registers.fill(0);
      for (const [number, value] of resetValues) registers[number] = value;
      clock.run(0);
      update();
    }
    environment.i2cBus(environment.text('bus')).attach([0x1d], chip);
    const device: Device = {
      state: { registers, chip: chip.state, clock: clock.state },
      // The chip has its own supply: a reset of the processor does not reach it.
      reset({ kind }) {
        if (kind !== 'power-on') return;
        chip.reset();
        reset();
      },
      read: () => 0,
      write: () => undefined,
    };
    return device;
  },
};
