import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';
import { peripheralSize, withAtomicAliases } from './atomic.js';
import { PacingTimer } from './dma-pacing.js';
import { sniffed, sniffOutput } from './dma-sniffer.js';
import { interruptStatus } from './interrupts.js';

const channels = 12;
const numbersBelow = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number);
const numbers = numbersBelow(channels);
/** Requests of PWM and of the pacing timers are pulses, for one transfer each. */
const isPulse = (select: number): boolean => (select >= 24 && select < 32) || (select >= 0x3b && select < permanent);
const permanent = 0x3f;
/** Transfers that are made at once. */
const mostAtOnce = 0x1_0000;

/** Registers of a channel by offset, and the same in the order of its aliases (data sheet, 2.5.2.1): the last one of each group triggers. */
const aliases = [
  'READ_ADDR',
  'WRITE_ADDR',
  'TRANS_COUNT',
  'CTRL',
  'CTRL',
  'READ_ADDR',
  'WRITE_ADDR',
  'TRANS_COUNT',
  'CTRL',
  'TRANS_COUNT',
  'READ_ADDR',
  'WRITE_ADDR',
  'CTRL',
  'WRITE_ADDR',
  'TRANS_COUNT',
  'READ_ADDR',
] as const;

/** Wires that ask, by TREQ_SEL (data sheet, table 120). */
const requests: ReadonlyMap<number, string> = new Map([
  ...['spi0', 'spi1', 'uart0', 'uart1'].flatMap((name, index) => [[16 + index * 2, `${name}.dma-tx`] as const, [17 + index * 2, `${name}.dma-rx`] as const]),
  ...['i2c0', 'i2c1'].flatMap((name, index) => [[32 + index * 2, `${name}.dma-tx`] as const, [33 + index * 2, `${name}.dma-rx`] as const]),
  ...numbersBelow(8).map((slice) => [24 + slice, `pwm.wrap${slice}`] as const),
  [36, 'adc.dma'] as const,
  ...[0, 1].flatMap((block) =>
    numbersBelow(4).flatMap((machine) => [
      [block * 8 + machine, `pio${block}.dma-tx.${machine}`] as const,
      [block * 8 + 4 + machine, `pio${block}.dma-rx.${machine}`] as const,
    ]),
  ),
]);

const EN = 1 << 0;
const INCR_READ = 1 << 4;
const INCR_WRITE = 1 << 5;
const IRQ_QUIET = 1 << 21;
const BSWAP = 1 << 22;
const SNIFF_EN = 1 << 23;
const BUSY = 1 << 24;
const WRITE_ERROR = 1 << 29;
const READ_ERROR = 1 << 30;
const AHB_ERROR = 2 ** 31;

/**
 * DMA of RP2040 (data sheet, 2.5): twelve channels with their alias registers, chaining, ring buffers, byte swap, pacing timers and the sniffer. Unpaced
 * transfers, and those that UART, SPI, I2C, ADC, PWM and PIO ask for; with requests of XIP a transfer is made at once, with a warning. Transfers take
 * no time, up to 65,536 of them; more come as many cycles later.
 */
export const rp2040Dma: DeviceClass = {
  name: 'rp2040-dma',
  summary: 'RP2040 DMA (data sheet 2.5)',
  size: peripheralSize,
  interrupts: ['irq0', 'irq1'],
  create(environment) {
    const outputs = [environment.interrupt('irq0'), environment.interrupt('irq1')];
    const wires = new Map([...requests].map(([select, name]) => [select, environment.wire(name)] as const));
    /** Of each channel: transfers left, whether it has been started and is being served, and pulses that have not been. */
    const state = {
      left: new Uint32Array(channels),
      busy: new Uint8Array(channels),
      serving: new Uint8Array(channels),
      pulses: new Uint32Array(channels),
    };
    /** Channels that a transfer has triggered: they begin behind it. Empty between accesses. */
    const triggered: number[] = [];
    let depth = 0;
    const goOn = environment.timer(() => {
      for (const channel of numbers) serve(channel);
      update();
    });
    const pacing = [0, 1, 2, 3].map(
      (number) =>
        new PacingTimer(
          environment,
          number,
          () => block.get(`TIMER${number}`),
          (request) => pulse(request),
          (request) => numbers.some((channel) => waitsFor(channel, request)),
        ),
    );

    const channelRegister = (channel: number, index: number): RegisterDescription => {
      const register = aliases[index] ?? 'CTRL';
      const name = `CH${channel}_${register}`;
      const triggers = index % 4 === 3;
      const stored = index < 4 ? {} : { name: `CH${channel}_AL${index >>> 2}_${register}` };
      return {
        name,
        offset: channel * 0x40 + index * 4,
        ...(index === 3 ? { reset: channel << 11 } : {}),
        ...stored,
        writable: register === 'CTRL' ? 0x00ff_ffff : 0xffff_ffff,
        steady: true,
        read: () => (register === 'TRANS_COUNT' ? (state.left[channel] ?? 0) : block.get(name) + (register === 'CTRL' && state.busy[channel] === 1 ? BUSY : 0)),
        write: (_value, _before, written) => {
          if (register === 'CTRL') {
            // Errors are cleared by ones.
            const errors = block.get(name) & 0x6000_0000 & ~written;
            block.set(name, (written & 0x00ff_ffff) | errors | (errors === 0 ? 0 : AHB_ERROR));
          } else {
            block.set(name, written);
          }
          // A zero written to a trigger starts nothing: it ends a chain (data sheet 2.5.2.3).
          if (triggers && written !== 0) start(channel);
          else if (triggers) nullTrigger(channel);
          else serve(channel);
          update();
        },
      };
    };
    const interrupts = (line: 0 | 1): readonly RegisterDescription[] => [
      { name: `INTE${line}`, offset: 0x404 + line * 0x10, writable: 0xfff, write: () => update() },
      { name: `INTF${line}`, offset: 0x408 + line * 0x10, writable: 0xfff, write: () => update() },
      {
        name: `INTS${line}`,
        offset: 0x40c + line * 0x10,
        access: 'w1c',
        writable: 0xfff,
        steady: true,
        read: () => interruptStatus(block, block.get('INTR'), String(line)),
        write: (_stored, _before, written) => {
          block.set('INTR', block.get('INTR') & ~written);
          update();
        },
      },
    ];
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        ...numbers.flatMap((channel) => aliases.map((_, index) => channelRegister(channel, index))),
        { name: 'INTR', offset: 0x400, access: 'w1c', writable: 0xfff, write: () => update() },
        ...interrupts(0),
        ...interrupts(1),
        { name: 'TIMER', offset: 0x420, count: 4, write: (_stored, _before, _written, index) => pacing[index]?.restart() },
        {
          name: 'MULTI_CHAN_TRIGGER',
          offset: 0x430,
          access: 'wo',
          write: (_stored, _before, written) => {
            for (const channel of numbers) if ((written >>> channel) & 1) start(channel);
            update();
          },
        },
        {
          name: 'SNIFF_CTRL',
          offset: 0x434,
          writable: 0xfff,
          fields: { EN: [0, 0], DMACH: [4, 1], CALC: [8, 5], BSWAP: [9, 9], OUT_REV: [10, 10], OUT_INV: [11, 11] },
        },
        {
          name: 'SNIFF_DATA',
          offset: 0x438,
          steady: true,
          read: (stored) => sniffOutput(stored, block.field('SNIFF_CTRL', 'OUT_REV') === 1, block.field('SNIFF_CTRL', 'OUT_INV') === 1),
        },
        { name: 'FIFO_LEVELS', offset: 0x440, access: 'ro' },
        {
          name: 'CHAN_ABORT',
          offset: 0x444,
          access: 'wo',
          read: () => 0,
          write: (_stored, _before, written) => {
            for (const channel of numbers) {
              if (((written >>> channel) & 1) === 0) continue;
              state.left[channel] = 0;
              state.busy[channel] = 0;
            }
          },
        },
        { name: 'N_CHANNELS', offset: 0x448, access: 'ro', reset: channels },
      ],
      extra: { channels: state, pacing: pacing.map((timer) => timer.state) },
      reset: () => {
        state.left.fill(0);
        state.busy.fill(0);
        state.serving.fill(0);
        state.pulses.fill(0);
        for (const timer of pacing) timer.restart();
        update();
      },
    });
    for (const [select, wire] of wires) {
      const asked = (level: boolean): void => {
        if (isPulse(select)) {
          if (level) pulse(select);
          return;
        }
        for (const channel of numbers) serve(channel);
        update();
      };
      wire.onChangeAtTimes(asked, () => numbers.some((channel) => waitsFor(channel, select)));
    }

    /** A request for one transfer, of all who wait for it. */
    function pulse(select: number): void {
      for (const channel of numbers) {
        if (!waitsFor(channel, select)) continue;
        state.pulses[channel] = (state.pulses[channel] ?? 0) + 1;
        serve(channel);
      }
      update();
    }
    function waitsFor(channel: number, select: number): boolean {
      return state.busy[channel] === 1 && selected(channel) === select;
    }
    /** TREQ_SEL. */
    function selected(channel: number): number {
      return (control(channel) >>> 15) & 0x3f;
    }
    function control(channel: number): number {
      return block.get(`CH${channel}_CTRL`);
    }
    function start(channel: number): void {
      triggered.push(channel);
      beginTriggered();
    }
    function beginTriggered(): void {
      if (depth === 0) for (let next = triggered.shift(); next !== undefined; next = triggered.shift()) begin(next);
    }
    function begin(channel: number): void {
      if ((control(channel) & EN) === 0 || state.busy[channel] === 1) return;
      state.left[channel] = block.get(`CH${channel}_TRANS_COUNT`);
      state.busy[channel] = 1;
      state.pulses[channel] = 0;
      const select = selected(channel);
      wires.get(select)?.attend();
      const paced = pacing.find(({ request }) => request === select);
      paced?.attend();
      if (select !== permanent && paced === undefined && !wires.has(select))
        environment.warn(`channel ${channel}: request ${select} is not modelled, the transfer is made at once`);
      serve(channel);
    }
    function nullTrigger(channel: number): void {
      if ((control(channel) & IRQ_QUIET) !== 0) block.set('INTR', block.get('INTR') | (1 << channel));
    }
    function serve(channel: number): void {
      if (state.serving[channel] === 1) return;
      state.serving[channel] = 1;
      depth++;
      let made = 0;
      while (made < mostAtOnce && canTransfer(channel) && asks(channel)) {
        transfer(channel);
        made++;
      }
      if (made === mostAtOnce && canTransfer(channel)) goOn.set(environment.timeline.now + mostAtOnce);
      state.serving[channel] = 0;
      depth--;
      if (state.busy[channel] === 1 && state.left[channel] === 0) complete(channel);
      beginTriggered();
    }
    function canTransfer(channel: number): boolean {
      return state.busy[channel] === 1 && (control(channel) & EN) !== 0 && (state.left[channel] ?? 0) > 0;
    }
    /** Is there a request? A pulse is taken. */
    function asks(channel: number): boolean {
      const select = selected(channel);
      if (!isPulse(select)) return wires.get(select)?.level !== false;
      const pulses = state.pulses[channel] ?? 0;
      if (pulses > 0) state.pulses[channel] = pulses - 1;
      return pulses > 0;
    }
    function transfer(channel: number): void {
      const setting = control(channel);
      const size = ([1, 2, 4, 4] as const)[(setting >>> 2) & 3] ?? 4;
      const from = block.get(`CH${channel}_READ_ADDR`);
      const to = block.get(`CH${channel}_WRITE_ADDR`);
      const value = environment.bus.read(from, size);
      const data = value === undefined || (setting & BSWAP) === 0 ? value : swapped(value, size);
      if (data !== undefined) sniff(channel, data, size);
      const written = data !== undefined && environment.bus.write(to, size, data);
      if (!written) {
        block.set(`CH${channel}_CTRL`, setting + AHB_ERROR + (value === undefined ? READ_ERROR : WRITE_ERROR));
        state.busy[channel] = 0;
        state.left[channel] = 0;
        return;
      }
      // RING_SIZE: low address bits that wrap, of the side that RING_SEL names.
      const ringBits = (setting >>> 6) & 0xf;
      const ringsWrite = ((setting >>> 10) & 1) === 1;
      const moved = (address: number, rings: boolean): number => {
        if (!rings || ringBits === 0) return (address + size) >>> 0;
        const ring = 2 ** ringBits;
        return address - (address % ring) + ((address + size) % ring);
      };
      if ((setting & INCR_READ) !== 0) block.set(`CH${channel}_READ_ADDR`, moved(from, !ringsWrite));
      if ((setting & INCR_WRITE) !== 0) block.set(`CH${channel}_WRITE_ADDR`, moved(to, ringsWrite));
      state.left[channel] = (state.left[channel] ?? 1) - 1;
    }
    function sniff(channel: number, data: number, size: 1 | 2 | 4): void {
      if ((control(channel) & SNIFF_EN) === 0 || block.field('SNIFF_CTRL', 'EN') === 0 || block.field('SNIFF_CTRL', 'DMACH') !== channel) return;
      const seen = block.field('SNIFF_CTRL', 'BSWAP') === 1 ? swapped(data, size) : data;
      block.set('SNIFF_DATA', sniffed(block.get('SNIFF_DATA'), seen, size, block.field('SNIFF_CTRL', 'CALC')));
    }
    function complete(channel: number): void {
      state.busy[channel] = 0;
      if ((control(channel) & IRQ_QUIET) === 0) block.set('INTR', block.get('INTR') | (1 << channel));
      const chained = (control(channel) >>> 11) & 0xf;
      if (chained !== channel && chained < channels) start(chained);
    }
    function update(): void {
      outputs.forEach((output, line) => {
        output.set(interruptStatus(block, block.get('INTR'), String(line)) !== 0);
      });
    }
    return withAtomicAliases(block);
  },
};

function swapped(value: number, size: 1 | 2 | 4): number {
  if (size === 1) return value;
  if (size === 2) return ((value & 0xff) << 8) | (value >>> 8);
  return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}
