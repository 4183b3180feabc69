import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';
import { eventWire } from './peripheral.js';

const programmable = 16;
const groups = 4;
/** Channels 20 to 31: addresses of event and task (nRF51 Reference Manual 3.0, chapter 16). */
const fixed: readonly (readonly [event: number, task: number])[] = [
  [0x4000_8140, 0x4000_1000],
  [0x4000_8140, 0x4000_1004],
  [0x4000_8144, 0x4000_1010],
  [0x4000_1128, 0x4000_f000],
  [0x4000_1100, 0x4000_f000],
  [0x4000_1104, 0x4000_f004],
  [0x4000_1104, 0x4000_8044],
  [0x4000_110c, 0x4000_8048],
  [0x4000_b140, 0x4000_1000],
  [0x4000_b140, 0x4000_1004],
  [0x4000_b140, 0x4000_800c],
  [0x4000_b140, 0x4000_8000],
];
const firstFixed = 20;
const implemented = 0xfff0_ffff;

/** Programmable peripheral interconnect of nRF51 (nRF51 Reference Manual 3.0, chapter 16): events run tasks, without the CPU. */
export const nrf51Ppi: DeviceClass = {
  name: 'nrf51-ppi',
  summary: 'nRF51 PPI (RM 3.0 chapter 16)',
  size: 0x1000,
  create(environment) {
    const heard = new Set<number>();
    const channel = (index: number): readonly [event: number, task: number] | undefined =>
      index < programmable ? [block.get(`CH${2 * index}`), block.get(`CH${2 * index + 1}`)] : fixed[index - firstFixed];
    /** A wire is listened to once, for all channels. */
    const hear = (address: number): void => {
      if (address === 0 || heard.has(address)) return;
      heard.add(address);
      environment.wire(eventWire(address)).onChange((level) => {
        if (!level) return;
        const enabled = block.get('CHENSET');
        for (let index = 0; index < 32; index++) {
          const [event, task = 0] = channel(index) ?? [];
          if (event === address && ((enabled >>> index) & 1) === 1) environment.bus.write(task, 4, 1);
        }
      });
    };
    const groupTask = (kind: 'EN' | 'DIS', index: number): RegisterDescription => ({
      name: `TASKS_CHG${index}${kind}`,
      offset: 8 * index + (kind === 'EN' ? 0 : 4),
      access: 'wo',
      writable: 0,
      write: (_stored, _before, written) => {
        const members = block.get(`CHG${index}`);
        if ((written & 1) === 1) block.set('CHENSET', kind === 'EN' ? block.get('CHENSET') | members : block.get('CHENSET') & ~members);
      },
    });
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        ...Array.from({ length: groups }, (_, index) => [groupTask('EN', index), groupTask('DIS', index)]).flat(),
        {
          name: 'CHEN',
          offset: 0x500,
          writable: 0,
          steady: true,
          read: () => block.get('CHENSET'),
          write: (_stored, _before, written) => {
            block.set('CHENSET', written & implemented);
          },
        },
        {
          name: 'CHENSET',
          offset: 0x504,
          writable: 0,
          write: (stored, _before, written) => {
            block.set('CHENSET', stored | (written & implemented));
          },
        },
        {
          name: 'CHENCLR',
          offset: 0x508,
          writable: 0,
          steady: true,
          read: () => block.get('CHENSET'),
          write: (_stored, _before, written) => {
            block.set('CHENSET', block.get('CHENSET') & ~written);
          },
        },
        // EEP and TEP of each channel, in turn.
        {
          name: 'CH',
          offset: 0x510,
          count: 2 * programmable,
          write: (stored, _before, _written, index) => {
            if (index % 2 === 0) hear(stored);
          },
        },
        { name: 'CHG', offset: 0x800, count: groups, writable: implemented },
      ],
      restored: () => {
        for (let index = 0; index < programmable; index++) hear(block.get(`CH${2 * index}`));
      },
    });
    for (const [event] of fixed) hear(event);
    return block;
  },
};
