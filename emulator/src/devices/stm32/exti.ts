import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

/** Interrupt outputs by line: lines 5 to 9 and 10 to 15 share one each. */
const outputOf = (line: number): string =>
  line < 5
    ? `exti${line}`
    : line < 10
      ? 'exti9_5'
      : line < 16
        ? 'exti15_10'
        : ({ 16: 'pvd', 17: 'rtc-alarm', 18: 'usb', 19: 'eth', 20: 'usb-hs', 21: 'tamper', 22: 'rtc-wakeup' }[line] ?? '');

const lineCount = 23;

/**
 * External interrupts (RM0008 10.2, RM0033 8.2, RM0090 12.2): lines are its pins `0` to `22`; an edge that RTSR or FTSR names, or SWIER, sets
 * the line's bit in PR, and where EMR has it, is an event, which the core's WFE waits for (output `event`, RXEV).
 */
export const stm32Exti: DeviceClass = {
  name: 'stm32-exti',
  summary: 'STM32 external interrupts (RM0008 10.3, RM0090 12.3)',
  size: 0x400,
  interrupts: [
    'exti0',
    'exti1',
    'exti2',
    'exti3',
    'exti4',
    'exti9_5',
    'exti15_10',
    'pvd',
    'rtc-alarm',
    'usb',
    'eth',
    'usb-hs',
    'tamper',
    'rtc-wakeup',
    'event',
  ],
  parameters: { lines: { type: 'number', default: 23, summary: 'implemented lines: 18 on F100, 19 on F103, 23 on F2 and F4' } },
  create(environment) {
    const implemented = 2 ** Math.min(lineCount, environment.number('lines')) - 1;
    const outputs = new Map(Array.from({ length: lineCount }, (_, line) => [outputOf(line), environment.interrupt(outputOf(line))] as const));
    const event = environment.interrupt('event');
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'IMR',
          offset: 0x00,
          writable: implemented,
          write: () => {
            update();
          },
        },
        { name: 'EMR', offset: 0x04, writable: implemented },
        { name: 'RTSR', offset: 0x08, writable: implemented },
        { name: 'FTSR', offset: 0x0c, writable: implemented },
        {
          name: 'SWIER',
          offset: 0x10,
          writable: implemented,
          write: (stored, before) => {
            // Bits stay until PR is cleared; only their rise sets PR.
            block.set('SWIER', stored | before);
            pend(stored & ~before);
          },
        },
        {
          name: 'PR',
          offset: 0x14,
          access: 'w1c',
          writable: implemented,
          write: (_stored, _before, written) => {
            block.set('SWIER', block.get('SWIER') & ~written);
            update();
          },
        },
      ],
      reset: () => {
        update();
      },
    });
    for (let line = 0; line < lineCount; line++) {
      const mask = 1 << line;
      environment.pin(String(line)).onChange((level) => {
        if (block.get(level ? 'RTSR' : 'FTSR') & mask) pend(mask);
      });
    }

    /** A masked line sets nothing, nor does an event (RM0090 12.2.5 and 12.3.5). */
    function pend(lines: number): void {
      if ((lines & block.get('EMR')) !== 0) event.pulse();
      block.set('PR', block.get('PR') | (lines & block.get('IMR')));
      update();
    }

    function update(): void {
      const active = block.get('PR') & block.get('IMR');
      for (const [name, output] of outputs)
        output.set(Array.from({ length: lineCount }, (_, line) => line).some((line) => (active >>> line) & 1 && outputOf(line) === name));
    }
    return block;
  },
};
