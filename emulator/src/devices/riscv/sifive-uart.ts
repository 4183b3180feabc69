import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

/** Entries of both FIFOs (SiFive FE310-G000 Manual v3p2, 18.1). */
const fifoEntries = 8;
const flag = 0x8000_0000;
const transmitWatermark = 1;
const receiveWatermark = 2;
/** Bits of a character on the wire: start, 8 of data, one or two stop bits. */
const frameBits = (txctrl: number): number => 10 + ((txctrl >> 1) & 1);

/** UART of SiFive's chips. Bytes take their time on the wire, both ways. */
export const sifiveUart: DeviceClass = {
  name: 'sifive-uart',
  summary: 'SiFive UART (SiFive FE310-G000 Manual, chapter 18)',
  size: 0x1000,
  interrupts: ['irq'],
  clocks: ['clock'],
  serial: true,
  deviceTree: { node: 'serial', compatible: ['sifive,uart0'] },
  create(environment) {
    const state = { transmit: [] as number[], receive: [] as number[] };
    const irq = environment.interrupt('irq');
    const clock = environment.clock('clock');
    const sent = environment.timer(() => {
      const byte = state.transmit.shift();
      if (byte !== undefined) environment.serial.send(byte);
      send();
    });
    const arrived = environment.timer(() => {
      takeByte();
    });
    const cycles = (): number => ((block.get('div') + 1) * frameBits(block.get('txctrl')) * environment.clocks.cpu.hertz) / clock.hertz;
    const enabled = (register: 'txctrl' | 'rxctrl'): boolean => (block.get(register) & 1) === 1;
    const watermark = (register: 'txctrl' | 'rxctrl'): number => block.get(register) >> 16;

    /** Less than txcnt entries wait; more than rxcnt do (18.7). */
    function pending(): number {
      return (state.transmit.length < watermark('txctrl') ? transmitWatermark : 0) | (state.receive.length > watermark('rxctrl') ? receiveWatermark : 0);
    }

    function update(): void {
      irq.set((pending() & block.get('ie')) !== 0);
    }

    function send(): void {
      if (enabled('txctrl') && state.transmit.length > 0 && sent.at === Infinity) sent.set(environment.timeline.now + cycles());
      update();
    }

    function expectByte(): void {
      if (arrived.at === Infinity) arrived.set(environment.timeline.now + cycles());
    }

    /** The world waits while the receiver is off or full. */
    function takeByte(): void {
      if (!enabled('rxctrl') || state.receive.length >= fifoEntries) return;
      const byte = environment.serial.receive();
      if (byte === undefined) return;
      state.receive.push(byte);
      expectByte();
      update();
    }

    const block = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'txdata',
          offset: 0x00,
          steady: true,
          read: () => (state.transmit.length >= fifoEntries ? flag : 0),
          write: (_stored, _before, written) => {
            // Of a full FIFO the new byte is lost (18.3).
            if (state.transmit.length < fifoEntries) state.transmit.push(written & 0xff);
            send();
          },
        },
        {
          name: 'rxdata',
          offset: 0x04,
          access: 'ro',
          read: () => {
            const byte = state.receive.shift();
            expectByte();
            update();
            return byte ?? flag;
          },
        },
        {
          name: 'txctrl',
          offset: 0x08,
          writable: 0x7_0003,
          fields: { txen: [0, 0], nstop: [1, 1], txcnt: [18, 16] },
          write: () => {
            send();
          },
        },
        {
          name: 'rxctrl',
          offset: 0x0c,
          writable: 0x7_0001,
          fields: { rxen: [0, 0], rxcnt: [18, 16] },
          write: () => {
            expectByte();
            update();
          },
        },
        {
          name: 'ie',
          offset: 0x10,
          writable: transmitWatermark | receiveWatermark,
          write: () => {
            update();
          },
        },
        { name: 'ip', offset: 0x14, access: 'ro', steady: true, read: () => pending() },
        { name: 'div', offset: 0x18, writable: 0xffff, reset: 3 },
      ],
      extra: state,
      reset: () => {
        state.transmit = [];
        state.receive = [];
        sent.clear();
        arrived.clear();
        update();
      },
    });
    environment.serial.onInput(expectByte);
    return block;
  },
};
