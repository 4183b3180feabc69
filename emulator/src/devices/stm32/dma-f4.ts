import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import type { Pin } from '../../machine/signal.js';
import { endSignals, isPulseRequest, itemSize, lowBytes } from './dma-transfer.js';

/** Wires that ask for a transfer, by controller, stream and channel (RM0033 tables 22 and 23, RM0090 tables 42 and 43). */
const requests: Readonly<Record<number, readonly Readonly<Record<number, string>>[]>> = {
  1: [
    { 0: 'spi3.dma-rx', 1: 'i2c1.dma-rx', 2: 'tim4.dma-ch1', 4: 'uart5.dma-rx', 6: 'tim5.dma-ch3 tim5.dma-up' },
    { 3: 'tim2.dma-up tim2.dma-ch3', 4: 'usart3.dma-rx', 6: 'tim5.dma-ch4 tim5.dma-trig', 7: 'tim6.dma-up' },
    { 0: 'spi3.dma-rx', 1: 'tim7.dma-up', 3: 'i2c3.dma-rx', 4: 'uart4.dma-rx', 5: 'tim3.dma-ch4 tim3.dma-up', 6: 'tim5.dma-ch1', 7: 'i2c2.dma-rx' },
    { 0: 'spi2.dma-rx', 2: 'tim4.dma-ch2', 4: 'usart3.dma-tx', 6: 'tim5.dma-ch4 tim5.dma-trig', 7: 'i2c2.dma-rx' },
    { 0: 'spi2.dma-tx', 1: 'tim7.dma-up', 3: 'i2c3.dma-tx', 4: 'uart4.dma-tx', 5: 'tim3.dma-ch1 tim3.dma-trig', 6: 'tim5.dma-ch2', 7: 'usart3.dma-tx' },
    { 0: 'spi3.dma-tx', 1: 'i2c1.dma-rx', 3: 'tim2.dma-ch1', 4: 'usart2.dma-rx', 5: 'tim3.dma-ch2', 7: 'dac.dma-1' },
    { 1: 'i2c1.dma-tx', 2: 'tim4.dma-up', 3: 'tim2.dma-ch2 tim2.dma-ch4', 4: 'usart2.dma-tx', 6: 'tim5.dma-up', 7: 'dac.dma-2' },
    { 0: 'spi3.dma-tx', 1: 'i2c1.dma-tx', 2: 'tim4.dma-ch3', 3: 'tim2.dma-up tim2.dma-ch4', 4: 'uart5.dma-tx', 5: 'tim3.dma-ch3', 7: 'i2c2.dma-tx' },
  ],
  2: [
    { 0: 'adc1.dma', 2: 'adc3.dma', 3: 'spi1.dma-rx', 6: 'tim1.dma-trig' },
    { 2: 'adc3.dma', 5: 'usart6.dma-rx', 6: 'tim1.dma-ch1', 7: 'tim8.dma-up' },
    {
      0: 'tim8.dma-ch1 tim8.dma-ch2 tim8.dma-ch3',
      1: 'adc2.dma',
      3: 'spi1.dma-rx',
      4: 'usart1.dma-rx',
      5: 'usart6.dma-rx',
      6: 'tim1.dma-ch2',
      7: 'tim8.dma-ch1',
    },
    { 1: 'adc2.dma', 3: 'spi1.dma-tx', 6: 'tim1.dma-ch1', 7: 'tim8.dma-ch2' },
    { 0: 'adc1.dma', 6: 'tim1.dma-ch4 tim1.dma-trig tim1.dma-com', 7: 'tim8.dma-ch3' },
    { 3: 'spi1.dma-tx', 4: 'usart1.dma-rx', 6: 'tim1.dma-up' },
    { 0: 'tim1.dma-ch1 tim1.dma-ch2 tim1.dma-ch3', 5: 'usart6.dma-tx', 6: 'tim1.dma-ch3' },
    { 4: 'usart1.dma-tx', 5: 'usart6.dma-tx', 7: 'tim8.dma-ch4 tim8.dma-trig tim8.dma-com' },
  ],
};

const streams = 8;
const HTIF = 1 << 4;
const TCIF = 1 << 5;
const TEIF = 1 << 3;
/** Where a stream's six flags begin in its status register. */
const flagShift = (stream: number): number => [0, 6, 16, 22][stream & 3] ?? 0;

/**
 * DMA controller of STM32F2 and F4 (RM0033 chapter 9, RM0090 chapter 10). A transfer takes no time: memory to memory all at once, otherwise
 * one item for each request; those of timers and of the DAC are pulses. The FIFO packs and unpacks items of different sizes; its errors, bursts, priorities and peripheral
 * flow control are not modelled.
 */
export const stm32f4Dma: DeviceClass = {
  name: 'stm32f4-dma',
  summary: 'STM32F2 and F4 DMA controller (RM0033 9, RM0090 10)',
  size: 0x400,
  interrupts: Array.from({ length: streams }, (_, stream) => `stream${stream}`),
  parameters: { controller: { type: 'number', default: 1, summary: '1 or 2: only 2 can move memory to memory' } },
  create(environment) {
    const controller = environment.number('controller');
    const wires = (requests[controller] ?? []).map(
      (channels) =>
        new Map(Object.entries(channels).map(([channel, names]) => [Number(channel), names.split(' ').map((name) => environment.wire(name))] as const)),
    );
    const askingReceivers = endSignals(
      environment,
      wires.flatMap((channels) => [...channels.values()].flat()),
    );
    const interrupts = Array.from({ length: streams }, (_, stream) => environment.interrupt(`stream${stream}`));
    /** Of each stream: addresses under way, the count to begin again with, and pulses that have not been served. */
    const state = {
      peripheral: new Float64Array(streams),
      memory: new Float64Array(streams),
      reload: new Uint32Array(streams),
      busy: new Uint8Array(streams),
      pulses: new Uint32Array(streams),
    };

    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'LISR', offset: 0x00, access: 'ro' },
        { name: 'HISR', offset: 0x04, access: 'ro' },
        ...(['LIFCR', 'HIFCR'] as const).map((name, index) => ({
          name,
          offset: 0x08 + index * 4,
          access: 'wo' as const,
          write: (_stored: number, _before: number, written: number) => {
            const status = index === 0 ? 'LISR' : 'HISR';
            block.set(status, block.get(status) & ~written);
            update();
          },
        })),
        {
          name: 'CR',
          offset: 0x10,
          count: streams,
          stride: 0x18,
          writable: 0x0fef_ffff,
          fields: {
            EN: [0, 0],
            DIR: [7, 6],
            CIRC: [8, 8],
            PINC: [9, 9],
            MINC: [10, 10],
            PSIZE: [12, 11],
            MSIZE: [14, 13],
            DBM: [18, 18],
            CT: [19, 19],
            CHSEL: [27, 25],
          },
          write: (stored, before, _written, stream) => {
            if ((before & 1) !== 0 && (stored & 1) !== 0) {
              // Only interrupt enables can be changed while it runs.
              block.set(`CR${stream}`, (before & ~0x1e) | (stored & 0x1e));
            } else if ((stored & 1) !== 0) {
              state.peripheral[stream] = block.get(`PAR${stream}`);
              state.memory[stream] = block.get(`${(stored & 0x8_0000) !== 0 ? 'M1AR' : 'M0AR'}${stream}`);
              state.reload[stream] = block.get(`NDTR${stream}`);
              state.pulses[stream] = 0;
              if (((stored >>> 6) & 3) === 2 && controller === 1) environment.warn('DMA1 cannot move memory to memory');
            } else if ((before & 1) !== 0) {
              // Switching off ends the transfer and says so (RM0090 10.3.14).
              flag(stream, TCIF);
            }
            serve(stream);
            update();
          },
        },
        {
          name: 'NDTR',
          offset: 0x14,
          count: streams,
          stride: 0x18,
          writable: 0xffff,
          write: (_stored, before, _written, stream) => {
            if (isEnabled(stream)) block.set(`NDTR${stream}`, before);
          },
        },
        { name: 'PAR', offset: 0x18, count: streams, stride: 0x18 },
        { name: 'M0AR', offset: 0x1c, count: streams, stride: 0x18 },
        { name: 'M1AR', offset: 0x20, count: streams, stride: 0x18 },
        { name: 'FCR', offset: 0x24, count: streams, stride: 0x18, reset: 0x21, writable: 0x87 },
      ],
      extra: state,
      reset: () => {
        state.busy.fill(0);
        state.pulses.fill(0);
        update();
      },
    });
    wires.forEach((channels, stream) => {
      for (const wire of new Set([...channels.values()].flat())) {
        // One that is not switched on, or serves another channel, does not remember a pulse.
        const isPulse = isPulseRequest(wire);
        wire.onChange((level) => {
          if (isPulse && (!level || !isEnabled(stream) || chosen(stream)?.includes(wire) !== true)) return;
          if (isPulse) state.pulses[stream] = (state.pulses[stream] ?? 0) + 1;
          serve(stream);
          update();
        });
      }
    });

    function isEnabled(stream: number): boolean {
      return (block.get(`CR${stream}`) & 1) !== 0;
    }

    function flag(stream: number, bits: number): void {
      const status = stream < 4 ? 'LISR' : 'HISR';
      block.set(status, block.get(status) | (bits << flagShift(stream)));
    }

    /** As long as somebody asks. A device answers within the write to it, and asks again or not. */
    function serve(stream: number): void {
      if (state.busy[stream] === 1) return;
      state.busy[stream] = 1;
      const control = block.get(`CR${stream}`);
      const memoryToMemory = ((control >>> 6) & 3) === 2;
      while (isEnabled(stream) && block.get(`NDTR${stream}`) > 0 && (memoryToMemory || asks(stream))) transfer(stream);
      state.busy[stream] = 0;
    }

    /** The wires of the channel that CHSEL names. */
    function chosen(stream: number): readonly Pin[] | undefined {
      return wires[stream]?.get((block.get(`CR${stream}`) >>> 25) & 7);
    }

    /** Is there a request? A pulse is taken. */
    function asks(stream: number): boolean {
      const pulses = state.pulses[stream] ?? 0;
      if (pulses > 0) state.pulses[stream] = pulses - 1;
      return pulses > 0 || chosen(stream)?.some((wire) => !isPulseRequest(wire) && wire.level) === true;
    }

    function transfer(stream: number): void {
      const control = block.get(`CR${stream}`);
      const size = itemSize((control >>> 11) & 3);
      // In direct mode, MSIZE is PSIZE; with the FIFO, bytes pass in order whatever the sizes.
      const fromMemory = ((control >>> 6) & 3) === 1;
      const peripheral = state.peripheral[stream] ?? 0;
      const memory = state.memory[stream] ?? 0;
      const receivers = askingReceivers(chosen(stream) ?? []);
      const value = environment.bus.read(fromMemory ? memory : peripheral, size);
      if (value === undefined || !environment.bus.write(fromMemory ? peripheral : memory, size, lowBytes(value, size))) {
        block.set(`CR${stream}`, block.get(`CR${stream}`) & ~1);
        flag(stream, TEIF);
        return;
      }
      // PINCOS: steps of 4 whatever the size.
      if ((control & 0x200) !== 0) state.peripheral[stream] = peripheral + ((control & 0x8000) !== 0 ? 4 : size);
      if ((control & 0x400) !== 0) state.memory[stream] = memory + size;
      const left = block.get(`NDTR${stream}`) - 1;
      block.set(`NDTR${stream}`, left);
      if (left === 1) for (const last of receivers) last.pulse();
      const reload = state.reload[stream] ?? 0;
      if (left === reload - Math.ceil(reload / 2)) flag(stream, HTIF);
      if (left === 0) complete(stream, control);
    }

    function complete(stream: number, control: number): void {
      flag(stream, TCIF);
      const doubleBuffer = (control & 0x4_0000) !== 0;
      if (!doubleBuffer && ((control & 0x100) === 0 || ((control >>> 6) & 3) === 2)) {
        block.set(`CR${stream}`, block.get(`CR${stream}`) & ~1);
        return;
      }
      if (doubleBuffer) block.set(`CR${stream}`, control ^ 0x8_0000);
      block.set(`NDTR${stream}`, state.reload[stream] ?? 0);
      state.peripheral[stream] = block.get(`PAR${stream}`);
      state.memory[stream] = block.get(`${(block.get(`CR${stream}`) & 0x8_0000) !== 0 ? 'M1AR' : 'M0AR'}${stream}`);
    }

    function update(): void {
      interrupts.forEach((interrupt, stream) => {
        const flags = block.get(stream < 4 ? 'LISR' : 'HISR') >>> flagShift(stream);
        // DMEIE, TEIE, HTIE, TCIE are bits 1 to 4 of CR, their flags bits 2 to 5.
        interrupt.set((flags & ((block.get(`CR${stream}`) & 0x1e) << 1)) !== 0);
      });
    }
    return block;
  },
};
