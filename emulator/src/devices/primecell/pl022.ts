import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { identification } from '../identification.js';

const depth = 8;
/** Bits of RIS, MIS, IMSC: receive overrun, receive time-out, receive half full, transmit half empty. */
const OVERRUN = 1 << 0;
const TIMEOUT = 1 << 1;
const RECEIVE = 1 << 2;
const TRANSMIT = 1 << 3;

const LOOPBACK = 1 << 0;
const ENABLE = 1 << 1;
const SLAVE = 1 << 2;

/**
 * Arm's synchronous serial port PL022 (DDI0194G), as an SPI master: chips hang at the SPI bus of its name. Frames take their time by CPSR
 * and SCR. Slave mode, TI's and Microwire's formats shift bits as SPI does. DMA requests are its pins
 * `dma-rx` and `dma-tx`.
 */
export const pl022: DeviceClass = {
  name: 'pl022',
  summary: 'PrimeCell synchronous serial port PL022 (DDI0194G)',
  size: 0x1000,
  interrupts: ['irq'],
  clocks: ['sspclk'],
  create(environment) {
    const irq = environment.interrupt('irq');
    const clock = environment.clock('sspclk');
    const bus = environment.spiBus(environment.name);
    const transmitRequest = environment.pin('dma-tx');
    const receiveRequest = environment.pin('dma-rx');
    const extra = { transmit: [] as number[], receive: [] as number[], busy: false, frame: 0 };
    const bits = (): number => (block.get('CR0') & 0xf) + 1;
    const done = environment.timer(() => {
      extra.busy = false;
      const answer = exchange(extra.frame);
      if (extra.receive.length < depth) extra.receive.push(answer);
      else block.set('RIS', block.get('RIS') | OVERRUN);
      start();
      update();
    });
    /** Frames that stay in the queue while nothing is read for 32 bit times ask by the time-out. */
    const timeout = environment.timer(() => {
      if (extra.receive.length > 0) block.set('RIS', block.get('RIS') | TIMEOUT);
      update();
    });
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'CR0', offset: 0x00, writable: 0xffff, fields: { DSS: [3, 0], FRF: [5, 4], SPO: [6, 6], SPH: [7, 7], SCR: [15, 8] } },
        {
          name: 'CR1',
          offset: 0x04,
          writable: 0xf,
          fields: { LBM: [0, 0], SSE: [1, 1], MS: [2, 2], SOD: [3, 3] },
          write: (stored) => {
            if ((stored & (SLAVE | ENABLE)) === (SLAVE | ENABLE)) environment.warn('CR1.MS: slave mode is not modelled');
            start();
            update();
          },
        },
        {
          name: 'DR',
          offset: 0x08,
          writable: 0,
          read: () => {
            const value = extra.receive.shift() ?? 0;
            restartTimeout();
            update();
            return value;
          },
          write: (_stored, _before, written) => {
            if (extra.transmit.length >= depth) environment.warn('write to DR while the transmit queue is full');
            else extra.transmit.push(written & 0xffff);
            start();
            update();
          },
        },
        {
          name: 'SR',
          offset: 0x0c,
          access: 'ro',
          reset: 0x3,
          fields: { TFE: [0, 0], TNF: [1, 1], RNE: [2, 2], RFF: [3, 3], BSY: [4, 4] },
          steady: true,
          read: () =>
            (extra.transmit.length === 0 ? 1 : 0) |
            (extra.transmit.length < depth ? 2 : 0) |
            (extra.receive.length > 0 ? 4 : 0) |
            (extra.receive.length >= depth ? 8 : 0) |
            (extra.busy || extra.transmit.length > 0 ? 16 : 0),
        },
        { name: 'CPSR', offset: 0x10, writable: 0xff },
        {
          name: 'IMSC',
          offset: 0x14,
          writable: 0xf,
          write: () => {
            update();
          },
        },
        { name: 'RIS', offset: 0x18, access: 'ro', reset: TRANSMIT },
        { name: 'MIS', offset: 0x1c, access: 'ro', steady: true, read: () => block.get('RIS') & block.get('IMSC') },
        {
          name: 'ICR',
          offset: 0x20,
          access: 'wo',
          write: (_stored, _before, written) => {
            block.set('RIS', block.get('RIS') & ~(written & (OVERRUN | TIMEOUT)));
            update();
          },
        },
        {
          name: 'DMACR',
          offset: 0x24,
          writable: 3,
          write: () => {
            update();
          },
        },
        identification([0x22, 0x10, 0x24, 0x00]),
      ],
      extra,
      reset: () => {
        Object.assign(extra, { busy: false, frame: 0 });
        extra.transmit.length = 0;
        extra.receive.length = 0;
        done.clear();
        timeout.clear();
        update();
      },
    });

    /** CPU cycles of one bit. CPSR is even, and at least 2. */
    function bitTime(): number {
      const divider = Math.max(2, block.get('CPSR') & 0xfe) * (1 + block.field('CR0', 'SCR'));
      return (divider * environment.clocks.cpu.hertz) / clock.hertz;
    }
    function start(): void {
      if (extra.busy || (block.get('CR1') & (ENABLE | SLAVE)) !== ENABLE) return;
      const next = extra.transmit.shift();
      if (next === undefined) return;
      Object.assign(extra, { busy: true, frame: next });
      done.set(environment.timeline.now + bits() * bitTime());
    }
    function exchange(frame: number): number {
      const mask = 2 ** bits() - 1;
      if ((block.get('CR1') & LOOPBACK) !== 0) return frame & mask;
      // Bytes, most significant first: a chip counts clocks in eights.
      return (bits() > 8 ? (bus.transfer((frame >>> 8) & 0xff) << 8) | bus.transfer(frame & 0xff) : bus.transfer(frame & 0xff)) & mask;
    }
    function restartTimeout(): void {
      if (extra.receive.length > 0) timeout.set(environment.timeline.now + 32 * bitTime());
      else timeout.clear();
    }
    function update(): void {
      if (extra.receive.length > 0 && !extra.busy) restartTimeout();
      const levels = (extra.receive.length >= depth / 2 ? RECEIVE : 0) | (extra.transmit.length <= depth / 2 ? TRANSMIT : 0);
      block.set('RIS', (block.get('RIS') & (OVERRUN | TIMEOUT)) | levels);
      if (extra.receive.length === 0) block.set('RIS', block.get('RIS') & ~TIMEOUT);
      irq.set((block.get('RIS') & block.get('IMSC')) !== 0);
      // Last, because a DMA controller answers within the call.
      const requests = block.get('DMACR');
      receiveRequest.drive((requests & 1) !== 0 && extra.receive.length > 0);
      transmitRequest.drive((requests & 2) !== 0 && extra.transmit.length < depth);
    }
    return block;
  },
};
