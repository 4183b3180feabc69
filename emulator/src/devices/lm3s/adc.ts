import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';

/** Steps, and places of the FIFO, of each sequencer. */
const depths = [8, 4, 4, 1];
/** Bits of a step in SSCTL. */
const END = 1 << 1;
const INTERRUPT = 1 << 2;
const TEMPERATURE = 1 << 3;
const EMPTY = 1 << 8;
const FULL = 1 << 12;

/**
 * ADC of Stellaris (LM3S6965 data sheet, chapter 12): four sequencers, started by firmware (PSSI). Inputs read `value`, the temperature sensor `temperature`. Other triggers
 * are stored, and warned of; averages change nothing.
 */
export const lm3sAdc: DeviceClass = {
  name: 'lm3s-adc',
  summary: 'Stellaris ADC (LM3S6965 data sheet, chapter 12)',
  size: 0x1000,
  interrupts: ['ss0', 'ss1', 'ss2', 'ss3'],
  parameters: {
    value: { type: 'number', default: 0x200, summary: 'what inputs read, 0 to 1023' },
    // 25 degrees: (147.5 - 25) x 1024 / 225.
    temperature: { type: 'number', default: 557, summary: 'what the temperature sensor reads' },
  },
  create(environment) {
    const outputs = depths.map((_, index) => environment.interrupt(`ss${index}`));
    const extra = { queues: depths.map((): number[] => []) };
    // One million samples a second.
    const timers = depths.map((_, index) =>
      environment.timer(() => {
        sample(index);
      }),
    );
    const sequencer = (index: number): RegisterDescription[] => [
      { name: `SSMUX${index}`, offset: 0x040 + 0x20 * index },
      { name: `SSCTL${index}`, offset: 0x044 + 0x20 * index },
      { name: `SSFIFO${index}`, offset: 0x048 + 0x20 * index, access: 'ro', read: () => take(index) },
      {
        name: `SSFSTAT${index}`,
        offset: 0x04c + 0x20 * index,
        access: 'ro',
        reset: EMPTY,
        read: () => {
          const { length } = extra.queues[index] ?? [];
          return (length === 0 ? EMPTY : 0) | (length === depths[index] ? FULL : 0) | ((length & 0xf) << 4);
        },
      },
    ];
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'ACTSS', offset: 0x000, writable: 0xf },
        { name: 'RIS', offset: 0x004, access: 'ro' },
        { name: 'IM', offset: 0x008, writable: 0xf, write: () => drive() },
        {
          name: 'ISC',
          offset: 0x00c,
          writable: 0,
          steady: true,
          read: () => block.get('RIS') & block.get('IM'),
          write: (_stored, _before, written) => {
            block.set('RIS', block.get('RIS') & ~written);
            drive();
          },
        },
        { name: 'OSTAT', offset: 0x010, access: 'w1c', writable: 0xf },
        {
          name: 'EMUX',
          offset: 0x014,
          writable: 0xffff,
          write: (stored) => {
            if (stored !== 0) environment.warn(`EMUX 0x${stored.toString(16)}: only firmware's trigger is modelled`);
          },
        },
        { name: 'USTAT', offset: 0x018, access: 'w1c', writable: 0xf },
        { name: 'SSPRI', offset: 0x020, reset: 0x3210, writable: 0x3333 },
        {
          name: 'PSSI',
          offset: 0x028,
          access: 'wo',
          writable: 0,
          write: (_stored, _before, written) => {
            depths.forEach((_, index) => {
              if (((written & block.get('ACTSS')) >>> index) & 1) timers[index]?.set(environment.timeline.now + environment.clocks.cpu.hertz / 1e6);
            });
          },
        },
        { name: 'SAC', offset: 0x030, writable: 7 },
        ...depths.flatMap((_, index) => sequencer(index)),
        { name: 'TMLB', offset: 0x100, writable: 1 },
      ],
      extra,
      reset: () => {
        for (const queue of extra.queues) queue.length = 0;
        for (const timer of timers) timer.clear();
        drive();
      },
    });
    function sample(index: number): void {
      const queue = extra.queues[index] ?? [];
      const control = block.get(`SSCTL${index}`);
      for (let step = 0; step < (depths[index] ?? 0); step++) {
        const bits = control >>> (4 * step);
        if (queue.length < (depths[index] ?? 0)) queue.push(environment.number((bits & TEMPERATURE) !== 0 ? 'temperature' : 'value') & 0x3ff);
        else block.set('OSTAT', block.get('OSTAT') | (1 << index));
        if ((bits & INTERRUPT) !== 0) block.set('RIS', block.get('RIS') | (1 << index));
        if ((bits & END) !== 0) break;
      }
      drive();
    }
    function take(index: number): number {
      const value = extra.queues[index]?.shift();
      if (value === undefined) block.set('USTAT', block.get('USTAT') | (1 << index));
      return value ?? 0;
    }
    function drive(): void {
      const active = block.get('RIS') & block.get('IM');
      outputs.forEach((output, index) => {
        output.set(((active >>> index) & 1) === 1);
      });
    }
    return block;
  },
};
