import type { Device, DeviceClass } from '../../machine/device.js';

const nothing = (): number => 0;

/**
 * Temperature sensor LM75 (National Semiconductor data sheet DS012658): pointer, temperature of half degrees, configuration, hysteresis and limit; its
 * output, active low, is the pin `os`. The temperature is that of the parameter.
 */
export const lm75: DeviceClass = {
  name: 'lm75',
  summary: 'temperature sensor LM75 behind an I2C master (data sheet DS012658)',
  size: 0,
  parameters: {
    bus: { type: 'device', summary: 'the I2C master' },
    address: { type: 'number', default: 0x48, summary: '7-bit address' },
    millidegrees: { type: 'number', default: 25_000, summary: 'temperature in thousandths of a degree Celsius' },
  },
  create(environment): Device {
    const output = environment.pin('os');
    /** Nine bits, left-aligned in 16. */
    const halfDegrees = (millidegrees: number): number => (Math.round(millidegrees / 500) << 7) & 0xff80;
    const state = { pointer: 0, configuration: 0, hysteresis: halfDegrees(75_000), limit: halfDegrees(80_000), received: 0, sent: 0, value: 0, over: false };
    const signed = (value: number): number => (value << 16) >> 16;
    const temperature = (): number => halfDegrees(environment.number('millidegrees'));

    function compare(): void {
      const now = signed(temperature());
      if (now >= signed(state.limit)) state.over = true;
      else if (now < signed(state.hysteresis)) state.over = false;
      // Bit 2 makes the output active high.
      const active = state.over && (state.configuration & 1) === 0;
      output.drive((state.configuration & 4) !== 0 ? active : !active);
    }
    const register = (): number => [temperature(), state.configuration << 8, state.hysteresis, state.limit][state.pointer] ?? 0;

    environment.i2cBus(environment.text('bus')).attach([environment.number('address')], {
      start() {
        state.received = 0;
        state.sent = 0;
        return true;
      },
      write(byte) {
        const index = state.received++;
        if (index === 0) state.pointer = byte & 3;
        else if (state.pointer === 1) state.configuration = byte & 0x1f;
        else if (index === 1) state.value = byte << 8;
        else if (state.pointer === 2) state.hysteresis = (state.value | byte) & 0xff80;
        else if (state.pointer === 3) state.limit = (state.value | byte) & 0xff80;
        compare();
        return true;
      },
      // The configuration is one byte, sent again and again.
      read: () => (state.pointer === 1 || state.sent++ % 2 === 0 ? register() >>> 8 : register() & 0xff),
      stop: nothing,
    });
    return {
      state,
      reset: ({ kind }) => {
        if (kind === 'power-on')
          Object.assign(state, {
            pointer: 0,
            configuration: 0,
            hysteresis: halfDegrees(75_000),
            limit: halfDegrees(80_000),
            received: 0,
            sent: 0,
            value: 0,
            over: false,
          });
        compare();
      },
      read: nothing,
      write: nothing,
    };
  },
};
