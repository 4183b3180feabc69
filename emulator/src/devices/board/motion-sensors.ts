import type { DeviceClass } from '../../machine/device.js';

interface Sensor {
  readonly name: string;
  readonly summary: string;
  readonly address: number;
  /** Registers at power-on, by address. */
  readonly registers: Readonly<Record<number, number>>;
  /** Parameters, and the registers, high byte first, that show them shifted left. */
  readonly axes: Readonly<Record<string, { readonly register: number; readonly shift: number; readonly otherwise: number }>>;
  readonly writable: (register: number) => boolean;
}

/** A chip of registers behind I2C: the first byte written is the register's address, which counts up with each further byte, either way. */
function sensor({ name, summary, address, registers, axes, writable }: Sensor): DeviceClass {
  return {
    name,
    summary,
    size: 0,
    parameters: {
      bus: { type: 'text', summary: 'the I2C master' },
      address: { type: 'number', default: address, summary: 'on the bus' },
      ...Object.fromEntries(Object.entries(axes).map(([axis, { otherwise }]) => [axis, { type: 'number' as const, default: otherwise, summary: 'reading, in counts' }])),
    },
    create(environment) {
      const state = { registers: new Uint8Array(256), pointer: 0, addressed: false };
      environment.i2cBus(environment.text('bus')).attach([environment.number('address')], {
        start: (read) => {
          state.addressed = !read;
          return true;
        },
        write: (byte) => {
          if (state.addressed) state.pointer = byte;
          else if (writable(state.pointer)) state.registers[state.pointer] = byte;
          if (!state.addressed) state.pointer = (state.pointer + 1) & 0xff;
          state.addressed = false;
          return true;
        },
        read: () => {
          const byte = state.registers[state.pointer] ?? 0;
          state.pointer = (state.pointer + 1) & 0xff;
          return byte;
        },
        stop: () => undefined,
      });
      const reset = (): void => {
        state.registers.fill(0);
        Object.assign(state, { pointer: 0, addressed: false });
        for (const [register, value] of Object.entries(registers)) state.registers[Number(register)] = value;
        for (const [axis, { register, shift }] of Object.entries(axes)) {
          const value = environment.number(axis) << shift;
          state.registers[register] = value >>> 8;
          state.registers[register + 1] = value;
        }
      };
      reset();
      return { state, read: () => 0, write: () => undefined, reset };
    },
  };
}

/** Accelerometer of the first micro:bit: lies flat, 1 g down, 1,024 counts a g at 2 g full scale. */
export const mma8653 = sensor({
  name: 'mma8653',
  summary: 'MMA8653FC accelerometer behind I2C (data sheet rev 8, table 10)',
  address: 0x1d,
  // STATUS: data ready; WHO_AM_I.
  registers: { 0x00: 0x0f, 0x0d: 0x5a },
  axes: { x: { register: 0x01, shift: 6, otherwise: 0 }, y: { register: 0x03, shift: 6, otherwise: 0 }, z: { register: 0x05, shift: 6, otherwise: -256 } },
  writable: (register) => register === 0x0e || register >= 0x10,
});

/** Magnetometer of the first micro:bit. */
export const mag3110 = sensor({
  name: 'mag3110',
  summary: 'MAG3110 magnetometer behind I2C (data sheet rev 9.2, table 10)',
  address: 0x0e,
  // DR_STATUS: data ready; WHO_AM_I.
  registers: { 0x00: 0x0f, 0x07: 0xc4 },
  axes: { x: { register: 0x01, shift: 0, otherwise: 200 }, y: { register: 0x03, shift: 0, otherwise: 0 }, z: { register: 0x05, shift: 0, otherwise: -400 } },
  writable: (register) => register >= 0x09 && register <= 0x11,
});

export const i2cMotionSensors: readonly DeviceClass[] = [mag3110, mma8653];
