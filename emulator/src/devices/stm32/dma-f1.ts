import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { endSignals, isPulseRequest, itemSize, moveItem, type DmaSide } from './dma-transfer.js';

/** Wires that ask for a transfer, by controller and channel (RM0008 tables 78 and 79; RM0041 table 56 has TIM6, TIM7 and TIM15 to TIM17 besides). */
const requests: Readonly<Record<number, readonly string[]>> = {
  1: [
    'adc1.dma tim2.dma-ch3 tim4.dma-ch1 tim17.dma-ch1 tim17.dma-up',
    'spi1.dma-rx usart3.dma-tx tim1.dma-ch1 tim2.dma-up tim3.dma-ch3',
    'spi1.dma-tx usart3.dma-rx tim1.dma-ch2 tim3.dma-ch4 tim3.dma-up tim6.dma-up dac.dma-1 tim16.dma-ch1 tim16.dma-up',
    'spi2.dma-rx usart1.dma-tx i2c2.dma-tx tim1.dma-ch4 tim1.dma-trig tim1.dma-com tim4.dma-ch2 tim7.dma-up dac.dma-2',
    'spi2.dma-tx usart1.dma-rx i2c2.dma-rx tim1.dma-up tim2.dma-ch1 tim4.dma-ch3 tim15.dma-ch1 tim15.dma-up tim15.dma-trig tim15.dma-com',
    'usart2.dma-rx i2c1.dma-tx tim1.dma-ch3 tim3.dma-ch1 tim3.dma-trig',
    'usart2.dma-tx i2c1.dma-rx tim2.dma-ch2 tim2.dma-ch4 tim4.dma-up',
  ],
  2: [
    'spi3.dma-rx tim5.dma-ch4 tim5.dma-trig tim8.dma-ch3 tim8.dma-up',
    'spi3.dma-tx tim5.dma-ch3 tim5.dma-up tim8.dma-ch4 tim8.dma-trig tim8.dma-com',
    'uart4.dma-rx tim6.dma-up dac.dma-1 tim8.dma-ch1',
    'tim5.dma-ch2 tim7.dma-up dac.dma-2',
    'uart4.dma-tx adc3.dma tim5.dma-ch1 tim8.dma-ch2',
  ],
};

const GIF = 1;
const TCIF = 2;
const HTIF = 4;
const TEIF = 8;

/**
 * DMA controller of STM32F1 (RM0008 chapter 13, RM0041 chapter 9). A transfer takes no time: memory to memory all at once, otherwise one item
 * for each request; those of timers and of the DAC are pulses. Priorities are not modelled: who asks first is served first.
 */
export const stm32f1Dma: DeviceClass = {
  name: 'stm32f1-dma',
  summary: 'STM32F1 DMA controller (RM0008 13, RM0041 9)',
  size: 0x400,
  interrupts: ['channel1', 'channel2', 'channel3', 'channel4', 'channel5', 'channel6', 'channel7'],
  parameters: { controller: { type: 'number', default: 1, summary: '1: seven channels, 2: five' } },
  create(environment) {
    const wires = (requests[environment.number('controller')] ?? []).map((names) => names.split(' ').map((name) => environment.wire(name)));
    const count = wires.length;
    const askingReceivers = endSignals(environment, wires.flat());
    const interrupts = wires.map((_, channel) => environment.interrupt(`channel${channel + 1}`));
    /** Of each channel: addresses under way, the count to begin again with, and pulses that have not been served. */
    const state = {
      source: new Float64Array(count),
      memory: new Float64Array(count),
      reload: new Uint32Array(count),
      busy: new Uint8Array(count),
      pulses: new Uint32Array(count),
    };

    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'ISR', offset: 0x00, access: 'ro' },
        {
          name: 'IFCR',
          offset: 0x04,
          access: 'wo',
          write: (_stored, _before, written) => {
            let flags = block.get('ISR');
            // CGIFx clears all four flags of its channel.
            for (let channel = 0; channel < count; channel++) if ((written >>> (channel * 4)) & GIF) flags &= ~(0xf << (channel * 4));
            flags &= ~written;
            for (let channel = 0; channel < count; channel++) if (((flags >>> (channel * 4)) & 0xe) === 0) flags &= ~(GIF << (channel * 4));
            block.set('ISR', flags);
            update();
          },
        },
        {
          name: 'CCR',
          offset: 0x08,
          count,
          stride: 20,
          writable: 0x7fff,
          fields: {
            EN: [0, 0],
            TCIE: [1, 1],
            HTIE: [2, 2],
            TEIE: [3, 3],
            DIR: [4, 4],
            CIRC: [5, 5],
            PINC: [6, 6],
            MINC: [7, 7],
            PSIZE: [9, 8],
            MSIZE: [11, 10],
            PL: [13, 12],
            MEM2MEM: [14, 14],
          },
          write: (stored, before, _written, channel) => {
            if ((stored & ~before & 1) !== 0) {
              state.source[channel] = block.get(`CPAR${channel}`);
              state.memory[channel] = block.get(`CMAR${channel}`);
              state.reload[channel] = block.get(`CNDTR${channel}`);
              state.pulses[channel] = 0;
            }
            serve(channel);
            update();
          },
        },
        {
          name: 'CNDTR',
          offset: 0x0c,
          count,
          stride: 20,
          writable: 0xffff,
          write: (_stored, before, _written, channel) => {
            if (isEnabled(channel)) block.set(`CNDTR${channel}`, before);
          },
        },
        { name: 'CPAR', offset: 0x10, count, stride: 20 },
        { name: 'CMAR', offset: 0x14, count, stride: 20 },
      ],
      extra: state,
      reset: () => {
        state.busy.fill(0);
        state.pulses.fill(0);
        update();
      },
    });
    wires.forEach((names, channel) => {
      for (const wire of names) {
        // One that is not switched on does not remember a pulse.
        const isPulse = isPulseRequest(wire);
        wire.onChange((level) => {
          if (isPulse && (!level || !isEnabled(channel))) return;
          if (isPulse) state.pulses[channel] = (state.pulses[channel] ?? 0) + 1;
          serve(channel);
          update();
        });
      }
    });

    function isEnabled(channel: number): boolean {
      return (block.get(`CCR${channel}`) & 1) !== 0;
    }

    /** As long as somebody asks. A device answers within the write to it, and asks again or not. */
    function serve(channel: number): void {
      if (state.busy[channel] === 1) return;
      state.busy[channel] = 1;
      const memoryToMemory = (block.get(`CCR${channel}`) & 0x4000) !== 0;
      while (isEnabled(channel) && block.get(`CNDTR${channel}`) > 0 && (memoryToMemory || asks(channel))) {
        if (!transfer(channel)) break;
        if (memoryToMemory && block.get(`CNDTR${channel}`) === (state.reload[channel] ?? 0)) break;
      }
      state.busy[channel] = 0;
    }

    /** Is there a request? A pulse is taken. */
    function asks(channel: number): boolean {
      const pulses = state.pulses[channel] ?? 0;
      if (pulses > 0) state.pulses[channel] = pulses - 1;
      return pulses > 0 || wires[channel]?.some((wire) => !isPulseRequest(wire) && wire.level) === true;
    }

    function transfer(channel: number): boolean {
      const control = block.get(`CCR${channel}`);
      const peripheral: DmaSide = { address: state.source[channel] ?? 0, size: itemSize((control >>> 8) & 3), increments: (control & 0x40) !== 0 };
      const memory: DmaSide = { address: state.memory[channel] ?? 0, size: itemSize((control >>> 10) & 3), increments: (control & 0x80) !== 0 };
      const fromMemory = (control & 0x10) !== 0;
      const receivers = askingReceivers(wires[channel] ?? []);
      if (!moveItem(environment.bus, fromMemory ? memory : peripheral, fromMemory ? peripheral : memory)) {
        // A transfer error switches the channel off (RM0008 13.3.4).
        block.set(`CCR${channel}`, block.get(`CCR${channel}`) & ~1);
        flag(channel, TEIF);
        return false;
      }
      state.source[channel] = peripheral.address;
      state.memory[channel] = memory.address;
      const left = block.get(`CNDTR${channel}`) - 1;
      block.set(`CNDTR${channel}`, left);
      if (left === 1) for (const last of receivers) last.pulse();
      const reload = state.reload[channel] ?? 0;
      if (left === reload - Math.ceil(reload / 2)) flag(channel, HTIF);
      if (left === 0) {
        flag(channel, TCIF);
        if ((control & 0x20) !== 0) {
          block.set(`CNDTR${channel}`, reload);
          state.source[channel] = block.get(`CPAR${channel}`);
          state.memory[channel] = block.get(`CMAR${channel}`);
        }
      }
      return true;
    }

    function flag(channel: number, bit: number): void {
      block.set('ISR', block.get('ISR') | ((bit | GIF) << (channel * 4)));
    }

    function update(): void {
      interrupts.forEach((interrupt, channel) => {
        interrupt.set(((block.get('ISR') >>> (channel * 4)) & block.get(`CCR${channel}`) & 0xe) !== 0);
      });
    }
    return block;
  },
};
