import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { identification } from '../identification.js';
import { overrunParameter, SerialReceiver } from '../serial-receiver.js';

/** Interrupt bits of RIS, MIS, IMSC, ICR (DDI0183G 3.3.10). */
const RX = 1 << 4;
const TX = 1 << 5;
const RT = 1 << 6;
const OE = 1 << 10;

const FEN = 1 << 4;
const UARTEN = 1 << 0;
const LBE = 1 << 7;
const TXE = 1 << 8;
const RXE = 1 << 9;

/** Levels of IFLS in eighths of a FIFO. */
const levels = [1, 2, 4, 6, 7];

/**
 * Arm's UART PL011 (DDI0183G): FIFOs of 16 or 32, or of one with FEN clear, interrupts at their levels, receive time-out, loop-back. A character takes the
 * time that the divisors and LCR give it. A transmitter that is off sends all the same, as QEMU's does, with a warning. Modem lines, IrDA, breaks and
 * framing errors are not modelled. DMA requests are its pins `dma-rx` and `dma-tx`.
 */
export const pl011: DeviceClass = {
  name: 'pl011',
  summary: 'PrimeCell UART PL011 (DDI0183G)',
  size: 0x1000,
  interrupts: ['irq'],
  clocks: ['uartclk'],
  serial: true,
  parameters: { fifo: { type: 'number', default: 16, summary: 'depth of each FIFO: 16, or 32 from revision r1p5 on' }, ...overrunParameter },
  create(environment) {
    const { serial, timeline } = environment;
    const irq = environment.interrupt('irq');
    const clock = environment.clock('uartclk');
    const transmitRequest = environment.pin('dma-tx');
    const receiveRequest = environment.pin('dma-rx');
    const losesCharacters = environment.number('overrun') !== 0;
    const depth = (): number => (block.field('LCR_H', 'FEN') === 1 ? environment.number('fifo') : 1);
    const state = { transmit: [] as number[], receive: [] as number[], sending: -1, warned: false };
    const sent = environment.timer(() => {
      const byte = state.sending;
      state.sending = -1;
      if ((block.get('CR') & LBE) !== 0) take(byte);
      else serial.send(byte);
      const before = state.transmit.length;
      next();
      transmitLevel(before);
      update();
    });
    /** Characters that stay in the FIFO below its level ask for an interrupt after 32 bit times. */
    const timeout = environment.timer(() => {
      if (state.receive.length > 0) raise(RT);
      update();
    });
    const receiver = new SerialReceiver(environment, {
      characterTime,
      enabled: () => (block.get('CR') & (UARTEN | RXE | LBE)) === (UARTEN | RXE),
      room: () => state.receive.length < depth(),
      receive: (byte) => {
        take(byte);
        update();
      },
    });

    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'DR',
          offset: 0x00,
          writable: 0,
          read: () => {
            const value = state.receive.shift() ?? 0;
            if (state.receive.length < triggerLevel('RXIFLSEL')) clear(RX);
            if (state.receive.length === 0) {
              clear(RT);
              timeout.clear();
            } else {
              timeout.set(timeline.now + 32 * bitTime());
            }
            receiver.listen();
            update();
            return value;
          },
          write: (_stored, _before, written) => {
            if (!state.warned && (block.get('CR') & (UARTEN | TXE)) !== (UARTEN | TXE)) {
              state.warned = true;
              environment.warn('sends although CR.UARTEN or CR.TXE is clear, which silicon does not');
            }
            // Without FIFOs the holding register is the FIFO's only place.
            if (state.transmit.length < depth() || !losesCharacters) state.transmit.push(written & 0xff);
            if (state.transmit.length > triggerLevel('TXIFLSEL')) clear(TX);
            const before = state.transmit.length;
            next();
            transmitLevel(before);
            update();
          },
        },
        // A write clears the errors, whatever its value.
        {
          name: 'RSR',
          offset: 0x04,
          writable: 0,
          write: () => {
            block.set('RSR', 0);
          },
        },
        { name: 'FR', offset: 0x18, access: 'ro', steady: true, read: () => flags() },
        { name: 'ILPR', offset: 0x20, writable: 0xff },
        { name: 'IBRD', offset: 0x24, writable: 0xffff },
        { name: 'FBRD', offset: 0x28, writable: 0x3f },
        {
          name: 'LCR_H',
          offset: 0x2c,
          writable: 0xff,
          fields: { BRK: [0, 0], PEN: [1, 1], EPS: [2, 2], STP2: [3, 3], FEN: [4, 4], WLEN: [6, 5], SPS: [7, 7] },
          write: (stored, before) => {
            if (((stored ^ before) & FEN) !== 0) {
              state.transmit = [];
              state.receive = [];
            }
            receiver.listen();
            update();
          },
        },
        {
          name: 'CR',
          offset: 0x30,
          reset: 0x300,
          writable: 0xff87,
          fields: { UARTEN: [0, 0], LBE: [7, 7], TXE: [8, 8], RXE: [9, 9] },
          write: (stored) => {
            if ((stored & 0xc006) !== 0) environment.warn(`CR 0x${stored.toString(16)}: flow control and IrDA are not modelled`);
            receiver.listen();
            update();
          },
        },
        { name: 'IFLS', offset: 0x34, reset: 0x12, writable: 0x3f, fields: { TXIFLSEL: [2, 0], RXIFLSEL: [5, 3] }, write: () => update() },
        { name: 'IMSC', offset: 0x38, writable: 0x7ff, write: () => update() },
        { name: 'RIS', offset: 0x3c, access: 'ro' },
        { name: 'MIS', offset: 0x40, access: 'ro', steady: true, read: () => block.get('RIS') & block.get('IMSC') },
        {
          name: 'ICR',
          offset: 0x44,
          access: 'wo',
          write: (_stored, _before, written) => {
            clear(written);
            update();
          },
        },
        { name: 'DMACR', offset: 0x48, writable: 7, write: () => update() },
        // Revision r1p5, whose FIFOs have 32 places, or r1p4.
        identification([0x11, 0x10, environment.number('fifo') === 32 ? 0x34 : 0x24, 0x00]),
      ],
      extra: { uart: state, receiver: receiver.state },
      reset: () => {
        Object.assign(state, { transmit: [], receive: [], sending: -1, warned: false });
        sent.clear();
        timeout.clear();
        receiver.reset();
        receiver.listen();
        update();
      },
    });

    /** CPU cycles of a bit: 16 x (IBRD + FBRD / 64) clocks. */
    function bitTime(): number {
      const divisor = Math.max(1, block.get('IBRD') + block.get('FBRD') / 64);
      return (16 * divisor * environment.clocks.cpu.hertz) / clock.hertz;
    }
    function characterTime(): number {
      return (1 + 5 + block.field('LCR_H', 'WLEN') + block.field('LCR_H', 'PEN') + 1 + block.field('LCR_H', 'STP2')) * bitTime();
    }
    function flags(): number {
      const { transmit, receive, sending } = state;
      return (
        (sending >= 0 ? 1 << 3 : 0) |
        (receive.length === 0 ? 1 << 4 : 0) |
        (transmit.length >= depth() ? 1 << 5 : 0) |
        (receive.length >= depth() ? 1 << 6 : 0) |
        (transmit.length === 0 ? 1 << 7 : 0)
      );
    }
    function triggerLevel(field: 'RXIFLSEL' | 'TXIFLSEL'): number {
      if (depth() === 1) return field === 'RXIFLSEL' ? 1 : 0;
      return (depth() * (levels[block.field('IFLS', field)] ?? 4)) / 8;
    }
    function raise(bits: number): void {
      block.set('RIS', block.get('RIS') | bits);
    }
    function clear(bits: number): void {
      block.set('RIS', block.get('RIS') & ~bits);
    }
    function next(): void {
      if (state.sending >= 0) return;
      const byte = state.transmit.shift();
      if (byte === undefined) return;
      state.sending = byte;
      sent.set(timeline.now + characterTime());
    }
    /** The interrupt comes when the FIFO falls to its level, not while it is below (DDI0183G 2.8.2). */
    function transmitLevel(before: number): void {
      const level = triggerLevel('TXIFLSEL');
      if (before > level && state.transmit.length <= level) raise(TX);
    }
    function take(byte: number): void {
      if (state.receive.length >= depth()) {
        raise(OE);
        block.set('RSR', block.get('RSR') | 8);
        return;
      }
      state.receive.push(byte);
      if (state.receive.length >= triggerLevel('RXIFLSEL')) raise(RX);
      timeout.set(timeline.now + 32 * bitTime());
    }
    function update(): void {
      irq.set((block.get('RIS') & block.get('IMSC')) !== 0);
      // Last, because a DMA controller answers within the call.
      const requests = block.get('DMACR');
      receiveRequest.drive((requests & 1) !== 0 && state.receive.length > 0);
      transmitRequest.drive((requests & 2) !== 0 && state.transmit.length < depth());
    }
    return block;
  },
};
