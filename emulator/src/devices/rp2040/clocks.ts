import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';
import { peripheralSize, withAtomicAliases } from './atomic.js';
import { interruptRegisters, interruptStatus } from './interrupts.js';

/** Sources by AUXSRC, as clocks of the board; `sys` is the CPU's. Absent: an input pin, which has no clock (data sheet, 2.15.7). */
const auxiliary = {
  REF: ['pll-usb'],
  SYS: ['pll-sys', 'pll-usb', 'rosc', 'xosc'],
  PERI: ['cpu', 'pll-sys', 'pll-usb', 'rosc', 'xosc'],
  USB: ['pll-usb', 'pll-sys', 'rosc', 'xosc'],
  ADC: ['pll-usb', 'pll-sys', 'rosc', 'xosc'],
  RTC: ['pll-usb', 'pll-sys', 'rosc', 'xosc'],
} as const;

/** What FC0_SRC names. */
const counted = [undefined, 'pll-sys', 'pll-usb', 'rosc', 'rosc', 'xosc', undefined, undefined, 'ref', 'cpu', 'peri', 'usb', 'adc', 'rtc'];

/**
 * Clocks of RP2040 (data sheet, 2.15): multiplexers and dividers of clk_ref, clk_sys (the board's `cpu`), clk_peri, clk_usb, clk_adc and clk_rtc,
 * which become the board's clocks; the frequency counter. Switches are done at once. Clock outputs, gates and resuscitation are stored only.
 */
export const rp2040Clocks: DeviceClass = {
  name: 'rp2040-clocks',
  summary: 'RP2040 clocks (data sheet 2.15)',
  size: peripheralSize,
  interrupts: ['irq'],
  create(environment) {
    const irq = environment.interrupt('irq');
    const named = (name: string): number => environment.clocks.named(name).hertz;
    const generator = (name: string, offset: number, control: number, divider: number | undefined, selected: () => number): readonly RegisterDescription[] => [
      { name: `${name}_CTRL`, offset, writable: control, write: update },
      ...(divider === undefined ? [] : [{ name: `${name}_DIV`, offset: offset + 4, reset: 0x100, writable: divider, write: update }]),
      { name: `${name}_SELECTED`, offset: offset + 8, access: 'ro', steady: true, read: selected },
    ];
    const one = (): number => 1;
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        ...[0, 1, 2, 3].flatMap((output) => generator(`GPOUT${output}`, output * 12, 0x0013_1de0, 0xffff_ffff, one)),
        ...generator('REF', 0x30, 0x63, 0x300, () => 1 << (block.get('REF_CTRL') & 3)),
        ...generator('SYS', 0x3c, 0xe1, 0xffff_ffff, () => 1 << (block.get('SYS_CTRL') & 1)),
        ...generator('PERI', 0x48, 0xce0, undefined, one),
        ...generator('USB', 0x54, 0x0013_0ce0, 0x300, one),
        ...generator('ADC', 0x60, 0x0013_0ce0, 0x300, one),
        ...generator('RTC', 0x6c, 0x0013_0ce0, 0xffff_ffff, one),
        { name: 'SYS_RESUS_CTRL', offset: 0x78, reset: 0xff, writable: 0x1_11ff },
        { name: 'SYS_RESUS_STATUS', offset: 0x7c, access: 'ro' },
        { name: 'FC0_REF_KHZ', offset: 0x80, writable: 0xf_ffff },
        { name: 'FC0_MIN_KHZ', offset: 0x84, writable: 0x1ff_ffff },
        { name: 'FC0_MAX_KHZ', offset: 0x88, reset: 0x1ff_ffff, writable: 0x1ff_ffff },
        { name: 'FC0_DELAY', offset: 0x8c, reset: 1, writable: 7 },
        { name: 'FC0_INTERVAL', offset: 0x90, reset: 8, writable: 0xf },
        { name: 'FC0_SRC', offset: 0x94, writable: 0xff },
        { name: 'FC0_STATUS', offset: 0x98, access: 'ro', steady: true, read: () => frequencyStatus() },
        { name: 'FC0_RESULT', offset: 0x9c, access: 'ro', read: () => frequencyCount() },
        { name: 'WAKE_EN0', offset: 0xa0, reset: 0xffff_ffff },
        { name: 'WAKE_EN1', offset: 0xa4, reset: 0x7fff, writable: 0x7fff },
        { name: 'SLEEP_EN0', offset: 0xa8, reset: 0xffff_ffff },
        { name: 'SLEEP_EN1', offset: 0xac, reset: 0x7fff, writable: 0x7fff },
        { name: 'ENABLED0', offset: 0xb0, access: 'ro', reset: 0xffff_ffff },
        { name: 'ENABLED1', offset: 0xb4, access: 'ro', reset: 0x7fff },
        { name: 'INTR', offset: 0xb8, access: 'ro' },
        ...interruptRegisters(0xbc, { bits: 1, raw: () => 0, block: () => block, update: () => irq.set(interruptStatus(block, 0) !== 0) }),
      ],
      reset: () => {
        update();
        irq.set(false);
      },
    });

    /** CHANGE of the frequency in the units of FC0_RESULT: kHz and 5 fraction bits. */
    function frequencyCount(): number {
      const name = counted[block.get('FC0_SRC') & 0xff];
      return name === undefined || (name.startsWith('pll') && named(name) === 1) ? 0 : Math.floor((named(name) * 32) / 1000);
    }
    /** DONE, PASS, and SLOW or FAST where the frequency lies outside of the limits. */
    function frequencyStatus(): number {
      if (block.get('FC0_SRC') === 0) return 0;
      const kilohertz = frequencyCount() / 32;
      const slow = kilohertz < block.get('FC0_MIN_KHZ');
      const fast = kilohertz > block.get('FC0_MAX_KHZ');
      return (slow || fast ? 0 : 1) | (1 << 4) | (fast ? 1 << 20 : 0) | (slow ? 1 << 24 : 0);
    }

    function source(name: keyof typeof auxiliary): number {
      const field = (block.get(`${name}_CTRL`) >>> 5) & (name === 'REF' ? 3 : 7);
      const clock = (auxiliary[name] as readonly string[])[field];
      return clock === undefined ? 1 : named(clock);
    }
    function set(clock: string, hertz: number): void {
      environment.clocks.named(clock).hertz = Math.max(1, Math.round(hertz));
    }
    /** 24 bits and 8 fraction bits; 0 is 2^16 (clk_sys) or more: as slow as it gets. */
    function divided(name: string, hertz: number): number {
      const divider = block.get(`${name}_DIV`) / 256;
      return hertz / (divider < 1 ? 65_536 : divider);
    }

    function update(): void {
      const reference = divided('REF', [named('rosc'), source('REF'), named('xosc'), named('rosc')][block.get('REF_CTRL') & 3] ?? 1);
      set('ref', reference);
      set('cpu', divided('SYS', (block.get('SYS_CTRL') & 1) === 0 ? reference : source('SYS')));
      set('peri', source('PERI'));
      for (const name of ['USB', 'ADC', 'RTC'] as const) set(name.toLowerCase(), divided(name, source(name)));
    }
    for (const name of ['pll-sys', 'pll-usb', 'xosc', 'rosc']) environment.clocks.named(name).afterChange(update);
    return withAtomicAliases(block);
  },
};
