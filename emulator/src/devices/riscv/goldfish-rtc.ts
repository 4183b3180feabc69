import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

const nanoseconds = 1e9;
const mask32 = 0xffff_ffffn;

/** Android's virtual clock: nanoseconds since 1970, by virtual time from an epoch that the board gives. */
export const goldfishRtc: DeviceClass = {
  name: 'goldfish-rtc',
  summary: 'Goldfish RTC (Android Goldfish hardware, goldfish-rtc)',
  size: 0x24,
  interrupts: ['irq'],
  parameters: { epoch: { type: 'number', default: 1_577_836_800, summary: 'seconds since 1970 at power-on; 2020-01-01 where nothing is said' } },
  deviceTree: { node: 'rtc', compatible: ['google,goldfish-rtc'] },
  create(environment) {
    const irq = environment.interrupt('irq');
    const state = { offset: new BigInt64Array(1), alarm: new BigUint64Array(1), armed: false, pending: false, enabled: false };
    const now = (): bigint =>
      BigInt.asUintN(
        64,
        BigInt(environment.number('epoch')) * BigInt(nanoseconds) + BigInt(Math.floor(environment.clocks.seconds * nanoseconds)) + (state.offset[0] ?? 0n),
      );
    const update = (): void => {
      irq.set(state.pending && state.enabled);
    };
    const timer = environment.timer(() => {
      state.pending = true;
      state.armed = false;
      update();
    });
    const arm = (): void => {
      const wait = (state.alarm[0] ?? 0n) - now();
      state.armed = true;
      timer.set(environment.timeline.now + Math.max(0, (Number(wait) * environment.clocks.cpu.hertz) / nanoseconds));
    };
    const block = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'TIME_LOW',
          offset: 0x00,
          // A read of the lower half latches the upper one.
          read: () => {
            const time = now();
            block.set('TIME_HIGH', Number(time >> 32n));
            return Number(time & mask32);
          },
          write: (low) => {
            const time = (BigInt(block.get('TIME_HIGH')) << 32n) | BigInt(low);
            state.offset[0] = BigInt.asIntN(64, (state.offset[0] ?? 0n) + time - now());
            if (state.armed) arm();
          },
        },
        { name: 'TIME_HIGH', offset: 0x04 },
        {
          name: 'ALARM_LOW',
          offset: 0x08,
          write: (low) => {
            state.alarm[0] = (BigInt(block.get('ALARM_HIGH')) << 32n) | BigInt(low);
            arm();
          },
        },
        { name: 'ALARM_HIGH', offset: 0x0c },
        {
          name: 'IRQ_ENABLED',
          offset: 0x10,
          writable: 1,
          write: (value) => {
            state.enabled = value === 1;
            update();
          },
        },
        {
          name: 'CLEAR_ALARM',
          offset: 0x14,
          access: 'wo',
          write: () => {
            state.armed = false;
            timer.clear();
          },
        },
        { name: 'ALARM_STATUS', offset: 0x18, access: 'ro', steady: true, read: () => (state.armed ? 1 : 0) },
        {
          name: 'CLEAR_INTERRUPT',
          offset: 0x1c,
          access: 'wo',
          write: () => {
            state.pending = false;
            update();
          },
        },
      ],
      extra: state,
      reset: () => {
        Object.assign(state, { armed: false, pending: false, enabled: false });
        state.offset.fill(0n);
        state.alarm.fill(0n);
        timer.clear();
        update();
      },
    });
    return block;
  },
};
