import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { crcOf } from './spi-crc.js';

const RXNE = 1 << 0;
const TXE = 1 << 1;
const CRCERR = 1 << 4;
const OVR = 1 << 6;
const BSY = 1 << 7;

/**
 * SPI of STM32F1, F2 and F4 as a master (RM0008 chapter 25, RM0041 chapter 22, RM0033 chapter 25, RM0090 chapter 28): a frame of 8 or 16 bits
 * takes the time that BR gives it; chips hang on its bus, selected by pins. With SSOE, pin `nss` is low while it is enabled. Receive-only and bidirectional
 * modes clock by themselves while they receive; CRCEN counts and compares. Slave mode and I2S are not modelled.
 */
export const stm32Spi: DeviceClass = {
  name: 'stm32-spi',
  summary: 'STM32F1, F2, F4 SPI master (RM0008 25, RM0033 25, RM0090 28)',
  size: 0x400,
  interrupts: ['irq'],
  clocks: ['pclk'],
  create(environment) {
    const irq = environment.interrupt('irq');
    const clock = environment.clock('pclk');
    const bus = environment.spiBus(environment.name);
    const select = environment.pin('nss');
    const transmitRequest = environment.pin('dma-tx');
    const receiveRequest = environment.pin('dma-rx');
    const idle = { shift: 0, shifting: false, waiting: 0, overrunSeen: false, isCrc: false };
    const state = { ...idle };
    const done = environment.timer(() => {
      state.shifting = false;
      const frame = exchange(state.shift);
      if (sendsOnly()) block.set('SR', block.get('SR') & ~BSY);
      else receive(frame);
      checkSum(frame);
      next();
      update();
    });

    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'CR1',
          offset: 0x00,
          writable: 0xffff,
          fields: {
            CPHA: [0, 0],
            CPOL: [1, 1],
            MSTR: [2, 2],
            BR: [5, 3],
            SPE: [6, 6],
            LSBFIRST: [7, 7],
            SSI: [8, 8],
            SSM: [9, 9],
            RXONLY: [10, 10],
            DFF: [11, 11],
            CRCNEXT: [12, 12],
            CRCEN: [13, 13],
            BIDIOE: [14, 14],
            BIDIMODE: [15, 15],
          },
          write: (stored, before) => {
            // CRCEN clears both sums.
            if ((stored & ~before & 0x2000) !== 0) for (const name of ['RXCRCR', 'TXCRCR']) block.set(name, 0);
            if ((stored & 0x44) === 0x40) environment.warn('slave mode is not modelled');
            // MODF: the select input is low in master mode (RM0090 28.3.10); with SSM it is SSI.
            if ((stored & 0x304) === 0x204 && (block.get('CR2') & 4) === 0) {
              block.set('SR', block.get('SR') | (1 << 5));
              block.set('CR1', stored & ~0x44);
            }
            if (!state.shifting) next();
            update();
          },
        },
        {
          name: 'CR2',
          offset: 0x04,
          writable: 0xf7,
          fields: { RXDMAEN: [0, 0], TXDMAEN: [1, 1], SSOE: [2, 2], ERRIE: [5, 5], RXNEIE: [6, 6], TXEIE: [7, 7] },
          write: () => {
            update();
          },
        },
        {
          name: 'SR',
          offset: 0x08,
          reset: TXE,
          writable: 1 << 4,
          fields: { RXNE: [0, 0], TXE: [1, 1], CRCERR: [4, 4], MODF: [5, 5], OVR: [6, 6], BSY: [7, 7] },
          steady: (value) => (value & (OVR | (1 << 5))) === 0,
          read: (stored) => {
            // OVR is cleared by a read of DR and then of SR, MODF by this read and a write to CR1.
            if (state.overrunSeen) {
              state.overrunSeen = false;
              block.set('SR', stored & ~OVR);
            }
            if ((stored & (1 << 5)) !== 0) block.set('SR', block.get('SR') & ~(1 << 5));
            update();
            return stored;
          },
        },
        {
          name: 'DR',
          offset: 0x0c,
          writable: 0,
          read: (stored) => {
            state.overrunSeen = (block.get('SR') & OVR) !== 0;
            block.set('SR', block.get('SR') & ~RXNE);
            update();
            return stored;
          },
          write: (_stored, _before, written) => {
            state.waiting = written & 0xffff;
            if (receivesOnly()) environment.warn('a write to DR while the SPI receives only is lost');
            else if (state.shifting) block.set('SR', block.get('SR') & ~TXE);
            else if ((block.get('CR1') & 0x44) === 0x44) shift(state.waiting);
            else environment.warn('a write to DR while the SPI is no enabled master is lost');
            update();
          },
        },
        { name: 'CRCPR', offset: 0x10, reset: 7, writable: 0xffff },
        { name: 'RXCRCR', offset: 0x14, access: 'ro' },
        { name: 'TXCRCR', offset: 0x18, access: 'ro' },
        {
          name: 'I2SCFGR',
          offset: 0x1c,
          writable: 0xfbf,
          write: (stored) => {
            if ((stored & 0x800) !== 0) environment.warn('I2SCFGR.I2SMOD: I2S is not modelled');
          },
        },
        { name: 'I2SPR', offset: 0x20, reset: 2, writable: 0x3ff },
      ],
      extra: state,
      reset: () => {
        Object.assign(state, idle);
        done.clear();
        update();
      },
    });

    function shift(frame: number): void {
      state.shift = frame;
      state.shifting = true;
      block.set('SR', block.get('SR') | TXE | BSY);
      const bits = block.field('CR1', 'DFF') === 1 ? 16 : 8;
      done.set(environment.timeline.now + (bits * (2 << block.field('CR1', 'BR')) * environment.clocks.cpu.hertz) / clock.hertz);
    }

    const isMaster = (): boolean => (block.get('CR1') & 0x44) === 0x44;
    /** One data line, as an output. */
    const sendsOnly = (): boolean => block.field('CR1', 'BIDIMODE') === 1 && block.field('CR1', 'BIDIOE') === 1;
    /** RXONLY, or one data line as an input: frames follow each other until SPE is cleared (RM0090 28.3.5). */
    const receivesOnly = (): boolean =>
      isMaster() && (block.field('CR1', 'BIDIMODE') === 1 ? block.field('CR1', 'BIDIOE') === 0 : block.field('CR1', 'RXONLY') === 1);

    /** What is shifted behind a frame: another one, or with CRCNEXT the sum of those before. */
    function next(): void {
      if (receivesOnly()) {
        shift(0xffff);
      } else if (isMaster() && (block.get('SR') & TXE) === 0) {
        shift(state.waiting);
      } else if (isMaster() && (block.get('CR1') & 0x3000) === 0x3000) {
        state.isCrc = true;
        shift(block.get('TXCRCR'));
      }
    }

    /** Sums go over data; a received sum is compared. */
    function checkSum(frame: number): void {
      if (block.field('CR1', 'CRCEN') === 0) return;
      if (state.isCrc) {
        state.isCrc = false;
        block.set('CR1', block.get('CR1') & ~0x1000);
        if (frame !== block.get('RXCRCR')) block.set('SR', block.get('SR') | CRCERR);
        return;
      }
      const bits = block.field('CR1', 'DFF') === 1 ? 16 : 8;
      for (const [name, data] of [
        ['TXCRCR', state.shift],
        ['RXCRCR', frame],
      ] as const)
        block.set(name, crcOf(block.get(name), data & (2 ** bits - 1), block.get('CRCPR'), bits));
    }

    function exchange(frame: number): number {
      const order = (byte: number): number => (block.field('CR1', 'LSBFIRST') === 1 ? reversed(byte) : byte);
      const byte = (value: number): number => order(bus.transfer(order(value & 0xff)));
      if (block.field('CR1', 'DFF') === 0) return byte(frame);
      if (block.field('CR1', 'LSBFIRST') === 1) {
        const low = byte(frame);
        return low | (byte(frame >>> 8) << 8);
      }
      const high = byte(frame >>> 8);
      return (high << 8) | byte(frame);
    }

    function receive(frame: number): void {
      const status = block.get('SR') & ~BSY;
      if ((status & RXNE) !== 0) {
        block.set('SR', status | OVR);
      } else {
        block.set('DR', frame);
        block.set('SR', status | RXNE);
      }
    }

    function update(): void {
      const status = block.get('SR');
      const control = block.get('CR2');
      irq.set(
        ((control & 0x40) !== 0 && (status & RXNE) !== 0) ||
          ((control & 0x80) !== 0 && (status & TXE) !== 0) ||
          ((control & 0x20) !== 0 && (status & 0x70) !== 0),
      );
      const enabled = isMaster();
      select.drive((control & 4) !== 0 ? !enabled : undefined);
      // Last, because a DMA controller answers within the call: what it has read may have brought it here before, to write.
      receiveRequest.drive((control & 1) !== 0 && (status & RXNE) !== 0);
      transmitRequest.drive(enabled && !receivesOnly() && (control & 2) !== 0 && (block.get('SR') & TXE) !== 0);
    }
    return block;
  },
};

function reversed(byte: number): number {
  let value = 0;
  for (let bit = 0; bit < 8; bit++) value |= ((byte >>> bit) & 1) << (7 - bit);
  return value;
}
