import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';
import { peripheralSize, withAtomicAliases } from './atomic.js';

const enable = 0xfab;
const disable = 0xd1e;

/** STATUS of both: stable as soon as it is on; BADWRITE of a value that is none. */
function statusRegister(offset: number, isOn: () => boolean, more: number): RegisterDescription {
  return { name: 'STATUS', offset, access: 'w1c', writable: 1 << 24, steady: true, read: (stored) => (stored & (1 << 24)) | (isOn() ? 0x8000_1000 | more : 0) };
}

/** Crystal oscillator of RP2040 (data sheet, 2.16): stable as soon as it is on. */
export const rp2040Xosc: DeviceClass = {
  name: 'rp2040-xosc',
  summary: 'RP2040 crystal oscillator (data sheet 2.16)',
  size: peripheralSize,
  create(environment) {
    const isOn = (): boolean => block.field('CTRL', 'ENABLE') === enable;
    const state = { countedAt: 0, count: 0 };
    const count = (): number =>
      Math.max(
        0,
        state.count - Math.floor(((environment.timeline.now - state.countedAt) * environment.clocks.named('xosc').hertz) / environment.clocks.cpu.hertz),
      );
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'CTRL',
          offset: 0x00,
          writable: 0x00ff_ffff,
          fields: { FREQ_RANGE: [11, 0], ENABLE: [23, 12] },
          write: (stored, before) => {
            const key = stored >>> 12;
            if (key !== enable && key !== disable) {
              block.set('CTRL', (stored & 0xfff) | (before & 0x00ff_f000));
              block.set('STATUS', 1 << 24);
            }
          },
        },
        statusRegister(0x04, isOn, 0),
        {
          name: 'DORMANT',
          offset: 0x08,
          reset: 0x7761_6b65,
          write: (stored) => {
            if (stored === 0x636f_6d61) environment.warn('XOSC_DORMANT: the oscillator goes on, dormant mode is not modelled');
          },
        },
        { name: 'STARTUP', offset: 0x0c, reset: 0xc4, writable: 0x0010_3fff },
        {
          name: 'COUNT',
          offset: 0x1c,
          writable: 0xff,
          read: () => count(),
          write: (stored) => {
            Object.assign(state, { count: stored, countedAt: environment.timeline.now });
          },
        },
      ],
      extra: state,
    });
    return withAtomicAliases(block);
  },
};

/** Ring oscillator of RP2040 (data sheet, 2.17): always at the board's clock `rosc`; random bits are those of a fixed sequence. */
export const rp2040Rosc: DeviceClass = {
  name: 'rp2040-rosc',
  summary: 'RP2040 ring oscillator (data sheet 2.17)',
  size: peripheralSize,
  create(environment) {
    const isOn = (): boolean => block.field('CTRL', 'ENABLE') !== disable;
    const state = { random: 0x2545_f491 };
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'CTRL', offset: 0x00, reset: (enable << 12) | 0xaa0, writable: 0x00ff_ffff, fields: { FREQ_RANGE: [11, 0], ENABLE: [23, 12] } },
        { name: 'FREQA', offset: 0x04 },
        { name: 'FREQB', offset: 0x08 },
        {
          name: 'DORMANT',
          offset: 0x0c,
          reset: 0x7761_6b65,
          write: (stored) => {
            if (stored === 0x636f_6d61) environment.warn('ROSC_DORMANT: the oscillator goes on, dormant mode is not modelled');
          },
        },
        { name: 'DIV', offset: 0x10, reset: 0xab0, writable: 0xfff },
        { name: 'PHASE', offset: 0x14, reset: 0x8, writable: 0xfff },
        statusRegister(0x18, isOn, 1 << 16),
        {
          name: 'RANDOMBIT',
          offset: 0x1c,
          access: 'ro',
          read: () => {
            let { random } = state;
            random ^= random << 13;
            random ^= random >>> 17;
            random ^= random << 5;
            state.random = random >>> 0;
            return (random >>> 16) & 1;
          },
        },
        { name: 'COUNT', offset: 0x20, writable: 0xff, steady: true, read: () => 0 },
      ],
      extra: state,
    });
    return withAtomicAliases(block);
  },
};
