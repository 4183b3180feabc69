import type { Device, DeviceClass } from '../../machine/device.js';
import { RegisterChip } from './register-chip.js';
import { SampleClock } from './sample-clock.js';

const DR_STATUS = 0x00;
const OUT_X_MSB = 0x01;
const OUT_Z_LSB = 0x06;
const WHO_AM_I = 0x07;
const SYSMOD = 0x08;
const OFF_X_MSB = 0x09;
const OFF_Z_LSB = 0x0e;
const DIE_TEMP = 0x0f;
const CTRL_REG1 = 0x10;
const CTRL_REG2 = 0x11;
const registerCount = 0x12;

const ACTIVE = 1 << 0;
const TRIGGER = 1 << 1;
const FAST_READ = 1 << 2;
const RAW = 1 << 5;
const MAG_RST = 1 << 4;
const NEW = 0x0f;
const OVERWRITTEN = 0xf0;
/** Hertz with DR = 0 and OS = 0; each of their steps halves it. */
const fastest = 80;

/** MAG3110, a magnetometer (NXP data sheet MAG3110, revision 9.2): tenths of a microtesla in 16 bits, a sample ready on INT1 until it is read. */
export const mag3110: DeviceClass = {
  name: 'mag3110',
  summary: 'MAG3110 magnetometer on I2C (NXP data sheet)',
  size: 0,
  parameters: {
    bus: { type: 'device', summary: 'the I2C master' },
    int1: { type: 'pin', default: '', summary: 'the pin that INT1 drives, gpio.29' },
    x: { type: 'number', default: 200, least: -10000, most: 10000, summary: 'field, in tenths of a microtesla' },
    y: { type: 'number', default: 0, least: -10000, most: 10000, summary: 'the same' },
    z: { type: 'number', default: -400, least: -10000, most: 10000, summary: 'the same' },
    celsius: { type: 'number', default: 25, least: -40, most: 85, summary: 'temperature of the chip' },
  },
  create(environment) {
    const field = ['x', 'y', 'z'].map((axis) => environment.number(axis));
    const output = environment.text('int1') === '' ? undefined : environment.wire(environment.text('int1'));
    const registers = new Uint8Array(registerCount);
    const register = (number: number): number => registers[number] ?? 0;

    const chip = new RegisterChip({
      read(number) {
        if (number === SYSMOD) return (register(CTRL_REG1) & ACTIVE) === 0 ? 0 : (register(CTRL_REG2) & RAW) === 0 ? 2 : 1;
        const value = register(number);
        if (number >= OUT_X_MSB && number <= OUT_Z_LSB) {
          registers[DR_STATUS] = 0;
          update();
        }
        return value;
      },
      write(number, value) {
        if (number >= OFF_X_MSB && number <= OFF_Z_LSB) {
          // Fifteen bits, the lowest is not there.
          registers[number] = number % 2 === 0 ? value & 0xfe : value;
        } else if (number === CTRL_REG1) {
          registers[CTRL_REG1] = value & ~TRIGGER;
          if ((value & (ACTIVE | TRIGGER)) === TRIGGER) single();
          else clock.run((value & ACTIVE) === 0 ? 0 : rate());
        } else if (number === CTRL_REG2) {
          registers[CTRL_REG2] = value & ~MAG_RST & 0xb0;
        }
      },
      next(number) {
        if ((register(CTRL_REG1) & FAST_READ) === 0 || number === DR_STATUS || number > OUT_Z_LSB) return (number + 1) % registerCount;
        return number >= OUT_Z_LSB - 1 ? WHO_AM_I : number + 2;
      },
    });
    const clock = new SampleClock(environment, sample);
    const triggered = environment.timer(sample);

    function rate(): number {
      return fastest / 2 ** ((register(CTRL_REG1) >>> 5) + ((register(CTRL_REG1) >>> 3) & 3));
    }
    /** A measurement asked for in standby takes a period. */
    function single(): void {
      triggered.set(environment.timeline.now + environment.clocks.cpu.hertz / rate());
    }
    function sample(): void {
      field.forEach((tenths, axis) => {
        const at = OFF_X_MSB + 2 * axis;
        const offset = (((register(at) << 8) | register(at + 1)) << 16) >> 17;
        const counts = Math.max(-32768, Math.min(32767, tenths - ((register(CTRL_REG2) & RAW) === 0 ? offset : 0)));
        registers[OUT_X_MSB + 2 * axis] = counts >> 8;
        registers[OUT_X_MSB + 2 * axis + 1] = counts;
      });
      registers[DR_STATUS] = NEW | (register(DR_STATUS) === 0 ? 0 : OVERWRITTEN);
      update();
    }
    function update(): void {
      output?.set((register(DR_STATUS) & NEW) !== 0);
    }
    environment.i2cBus(environment.text('bus')).attach([0x0e], chip);
    const device: Device = {
      state: { registers, chip: chip.state, clock: clock.state },
      // The chip has its own supply: a reset of the processor does not reach it.
      reset({ kind }) {
        if (kind !== 'power-on') return;
        chip.reset();
        registers.fill(0);
        registers[WHO_AM_I] = 0xc4;
        registers[DIE_TEMP] = environment.number('celsius');
        clock.run(0);
        triggered.clear();
        update();
      },
      read: () => 0,
      write: () => undefined,
    };
    return device;
  },
};
