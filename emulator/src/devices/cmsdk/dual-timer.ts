import type { DeviceClass, DeviceEnvironment } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';
import { DownCounter } from '../down-counter.js';
import { cmsdkIdentification } from '../identification.js';

const ONE_SHOT = 1 << 0;
const WIDE = 1 << 1;
const INTERRUPT_ENABLE = 1 << 5;
const PERIODIC = 1 << 6;
const ENABLE = 1 << 7;

const prescalers = [1, 16, 256, 256];
const controlAtReset = INTERRUPT_ENABLE;

/** APB dual timer of the Cortex-M System Design Kit (DDI0479D 4.2), Arm's SP804 by another name. `combined` is either timer. */
export const cmsdkDualTimer: DeviceClass = {
  name: 'cmsdk-dual-timer',
  summary: 'CMSDK APB dual timer (DDI0479D 4.2)',
  size: 0x1000,
  interrupts: ['combined', 'timer1', 'timer2'],
  clocks: ['timclk'],
  create(environment) {
    const combined = environment.interrupt('combined');
    const outputs = [environment.interrupt('timer1'), environment.interrupt('timer2')];
    const drive = (): void => {
      const test = (block.get('ITCR') & 1) !== 0;
      const levels = [0, 1].map(
        (index) => (test ? (block.get('ITOP') >>> index) & 1 : block.get(`RIS${index + 1}`) & (block.get(`CONTROL${index + 1}`) >>> 5)) !== 0,
      );
      outputs.forEach((output, index) => {
        output.set(levels[index] ?? false);
      });
      combined.set(levels.some(Boolean));
    };
    const timers = [1, 2].map((number) => timer(environment, number, () => block, drive));
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        ...timers.flatMap(({ registers }) => registers),
        { name: 'ITCR', offset: 0xf00, writable: 1, write: drive },
        { name: 'ITOP', offset: 0xf04, writable: 3, steady: true, read: () => 0, write: drive },
        cmsdkIdentification(0x23),
      ],
      extra: { timers: timers.map(({ counter }) => counter.state) },
      reset: () => {
        for (const { counter } of timers) counter.reset(0xffff_ffff);
        drive();
      },
    });
    return block;
  },
};

interface Half {
  readonly counter: DownCounter;
  readonly registers: readonly RegisterDescription[];
}

function timer(environment: DeviceEnvironment, number: number, blockOf: () => RegisterBlock, drive: () => void): Half {
  const base = (number - 1) * 0x20;
  const name = (register: string): string => `${register}${number}`;
  const get = (register: string): number => blockOf().get(name(register));
  const set = (register: string, value: number): void => {
    blockOf().set(name(register), value);
  };
  const limit = (): number => ((get('CONTROL') & WIDE) !== 0 ? 0xffff_ffff : 0xffff);
  const counter = new DownCounter(
    environment,
    environment.clock('timclk'),
    // Free-running: from the top. Periodic: from BGLOAD, which LOAD sets too.
    () => ((get('CONTROL') & PERIODIC) !== 0 ? (get('BGLOAD') & limit()) >>> 0 : limit()),
    () => {
      set('RIS', 1);
      drive();
    },
  );
  /** Changes what the reload value depends on. */
  const change = (register: string, stored: number, before: number): void => {
    set(register, before);
    counter.settle();
    set(register, stored);
    counter.reloadChanged();
  };
  const registers: RegisterDescription[] = [
    {
      name: name('LOAD'),
      offset: base,
      // Reads give what BGLOAD gives.
      steady: true,
      read: () => get('BGLOAD'),
      write: (stored) => {
        set('BGLOAD', stored);
        counter.set((stored & limit()) >>> 0);
      },
    },
    { name: name('VALUE'), offset: base + 0x4, access: 'ro', reset: 0xffff_ffff, read: () => counter.value },
    {
      name: name('CONTROL'),
      offset: base + 0x8,
      reset: controlAtReset,
      writable: 0xef,
      fields: { ONESHOT: [0, 0], SIZE: [1, 1], PRESCALE: [3, 2], INTEN: [5, 5], MODE: [6, 6], ENABLE: [7, 7] },
      write: (stored, before) => {
        change('CONTROL', stored, before);
        if (counter.value > limit()) counter.set(counter.value & 0xffff);
        counter.divide(prescalers[(stored >>> 2) & 3] ?? 1);
        counter.run((stored & ENABLE) !== 0, (stored & ONE_SHOT) !== 0);
        drive();
      },
    },
    {
      name: name('INTCLR'),
      offset: base + 0xc,
      access: 'wo',
      write: () => {
        set('RIS', 0);
        drive();
      },
    },
    { name: name('RIS'), offset: base + 0x10, access: 'ro' },
    { name: name('MIS'), offset: base + 0x14, access: 'ro', steady: true, read: () => get('RIS') & (get('CONTROL') >>> 5) & 1 },
    {
      name: name('BGLOAD'),
      offset: base + 0x18,
      write: (stored, before) => {
        change('BGLOAD', stored, before);
      },
    },
  ];
  return { counter, registers };
}
