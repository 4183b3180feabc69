import type { DeviceClass } from '../../machine/device.js';
import { overrunParameter, SerialReceiver } from '../serial-receiver.js';
import { Peripheral } from './peripheral.js';

const ENABLED = 4;
const queueDepth = 6;
const OVERRUN = 1 << 0;
const disconnectedPin = 0xffff_ffff;

/** UART of nRF51 (nRF51 Reference Manual 3.0, chapter 29). Six received bytes are kept, RXD shows the oldest one. CTS is always given. */
export const nrf51Uart: DeviceClass = {
  name: 'nrf51-uart',
  summary: 'nRF51 UART (RM 3.0 chapter 29)',
  size: 0x1000,
  interrupts: ['irq'],
  serial: true,
  parameters: overrunParameter,
  create(environment) {
    const { serial, timeline } = environment;
    const extra = { transmits: false, receives: false, sending: false, byte: 0, waiting: [] as number[], queue: [] as number[] };
    const losesCharacters = environment.number('overrun') !== 0;
    const isEnabled = (): boolean => block.get('ENABLE') === ENABLED;
    /** BAUDRATE is a fraction of 16 MHz in 2^-32; ten bits, one more for parity. CPU and 16 MHz are one clock. */
    const characterTime = (): number => {
      const rate = Math.max(block.get('BAUDRATE'), 1);
      return ((block.get('CONFIG') & 0xe) === 0 ? 10 : 11) * (2 ** 32 / rate);
    };
    const sent = environment.timer(() => {
      extra.sending = false;
      serial.send(extra.byte);
      const next = extra.waiting.shift();
      if (next !== undefined) send(next);
      peripheral.event('TXDRDY');
    });
    const stopped = environment.timer(() => {
      peripheral.event('RXTO');
    });
    const receiver = new SerialReceiver(environment, {
      characterTime,
      enabled: () => isEnabled() && extra.receives,
      room: () => extra.queue.length < queueDepth,
      receive: (byte) => {
        if (extra.queue.length >= queueDepth) {
          block.set('ERRORSRC', block.get('ERRORSRC') | OVERRUN);
          peripheral.event('ERROR');
          return;
        }
        extra.queue.push(byte);
        if (extra.queue.length === 1) peripheral.event('RXDRDY');
      },
    });
    const peripheral: Peripheral = new Peripheral(environment, {
      tasks: {
        STARTRX: {
          offset: 0x000,
          run: () => {
            extra.receives = true;
            receiver.listen();
          },
        },
        STOPRX: {
          offset: 0x004,
          run: () => {
            if (!extra.receives) return;
            extra.receives = false;
            stopped.set(timeline.now + characterTime());
          },
        },
        STARTTX: {
          offset: 0x008,
          run: () => {
            extra.transmits = true;
          },
        },
        STOPTX: {
          offset: 0x00c,
          run: () => {
            extra.transmits = false;
          },
        },
        SUSPEND: {
          offset: 0x01c,
          run: () => {
            extra.transmits = false;
            extra.receives = false;
          },
        },
      },
      events: { CTS: 0x100, NCTS: 0x104, RXDRDY: 0x108, TXDRDY: 0x11c, ERROR: 0x124, RXTO: 0x144 },
      shorts: [
        [3, 'CTS', 'STARTRX'],
        [4, 'NCTS', 'STOPRX'],
      ],
      registers: [
        { name: 'ERRORSRC', offset: 0x480, access: 'w1c', writable: 0xf },
        {
          name: 'ENABLE',
          offset: 0x500,
          writable: 0x7,
          write: () => {
            receiver.listen();
          },
        },
        ...['PSELRTS', 'PSELTXD', 'PSELCTS', 'PSELRXD'].map((name, index) => ({ name, offset: 0x508 + 4 * index, reset: disconnectedPin })),
        {
          name: 'RXD',
          offset: 0x518,
          access: 'ro',
          read: () => {
            const byte = extra.queue.shift();
            if (byte !== undefined) block.set('RXD', byte);
            if (extra.queue.length > 0) peripheral.event('RXDRDY');
            receiver.listen();
            return block.get('RXD');
          },
        },
        {
          name: 'TXD',
          offset: 0x51c,
          access: 'wo',
          writable: 0,
          write: (_stored, _before, written) => {
            if (!isEnabled() || !extra.transmits) environment.warn('write to TXD while the transmitter is off: lost');
            else if (!extra.sending) send(written & 0xff);
            else if (losesCharacters) extra.waiting = [written & 0xff];
            else extra.waiting.push(written & 0xff);
          },
        },
        { name: 'BAUDRATE', offset: 0x524, reset: 0x0400_0000 },
        { name: 'CONFIG', offset: 0x56c, writable: 0xf, fields: { HWFC: [0, 0], PARITY: [3, 1] } },
      ],
      extra: { uart: extra, receiver: receiver.state },
      reset: () => {
        Object.assign(extra, { transmits: false, receives: false, sending: false, byte: 0 });
        extra.waiting.length = 0;
        extra.queue.length = 0;
        sent.clear();
        stopped.clear();
        receiver.reset();
      },
    });
    const { block } = peripheral;
    function send(byte: number): void {
      Object.assign(extra, { sending: true, byte });
      sent.set(timeline.now + characterTime());
    }
    return block;
  },
};
