import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

const PE = 1 << 0;
const FE = 1 << 1;
const NE = 1 << 2;
const ORE = 1 << 3;
const IDLE = 1 << 4;
const RXNE = 1 << 5;
const TC = 1 << 6;
const TXE = 1 << 7;
const LBD = 1 << 8;
const CTS = 1 << 9;

/** Cleared by a read of SR and then an access to DR. */
const clearedBySequence = PE | FE | NE | ORE | IDLE;

/**
 * USART of STM32F1, F2 and F4 (RM0041 chapter 23, RM0008 chapter 27, RM0033 chapter 24, RM0090 chapter 30). A character takes the time that
 * BRR, M and STOP give it. The other side waits until firmware has taken a byte, so that nothing typed is lost; with `overrun: 1` it does
 * not, and ORE is set as on silicon. A transmitter that is off, or whose BRR is 0, sends all the same, as QEMU's does, with a warning.
 * Synchronous, smartcard, IrDA, LIN and half-duplex modes and flow control are not modelled.
 */
export const stm32Usart: DeviceClass = {
  name: 'stm32-usart',
  summary: 'STM32F1, F2, F4 USART (RM0008 27, RM0033 24, RM0090 30)',
  size: 0x400,
  interrupts: ['irq'],
  clocks: ['pclk'],
  serial: true,
  parameters: { overrun: { type: 'number', default: 0, summary: '1: bytes that come too fast are lost' } },
  create(environment) {
    const { serial, timeline } = environment;
    const irq = environment.interrupt('irq');
    const clock = environment.clock('pclk');
    const transmitRequest = environment.pin('dma-tx');
    const receiveRequest = environment.pin('dma-rx');
    const losesBytes = environment.number('overrun') !== 0;
    const state = { shift: 0, sending: false, waiting: 0, arriving: false, idleFollows: false, seen: 0, warned: false };

    const sent = environment.timer(() => {
      state.sending = false;
      serial.send(state.shift);
      if ((block.get('SR') & TXE) === 0) transmit(state.waiting);
      else block.set('SR', block.get('SR') | TC);
      update();
    });
    const arrival = environment.timer(() => {
      state.arriving = false;
      if (state.idleFollows) {
        state.idleFollows = false;
        block.set('SR', block.get('SR') | IDLE);
      } else {
        arrive();
      }
      listen();
      update();
    });
    serial.onInput(() => {
      listen();
    });

    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'SR',
          offset: 0x00,
          reset: TXE | TC,
          writable: CTS | LBD | TC | RXNE,
          fields: { PE: [0, 0], FE: [1, 1], NE: [2, 2], ORE: [3, 3], IDLE: [4, 4], RXNE: [5, 5], TC: [6, 6], TXE: [7, 7], LBD: [8, 8], CTS: [9, 9] },
          steady: true,
          noted: true,
          read: (stored) => {
            state.seen = stored;
            return stored;
          },
          write: (stored, before) => {
            // Zeros clear, ones do nothing.
            block.set('SR', before & stored);
            listen();
            update();
          },
        },
        {
          name: 'DR',
          offset: 0x04,
          writable: 0,
          read: (stored) => {
            block.set('SR', block.get('SR') & ~(RXNE | (state.seen & clearedBySequence)));
            state.seen = 0;
            listen();
            update();
            return stored;
          },
          write: (_stored, _before, written) => {
            let cleared = state.seen & clearedBySequence;
            if ((state.seen & TC) !== 0) cleared |= TC;
            state.seen = 0;
            block.set('SR', block.get('SR') & ~cleared);
            if (state.sending) {
              state.waiting = written & 0x1ff;
              block.set('SR', block.get('SR') & ~TXE);
            } else {
              transmit(written & 0x1ff);
            }
            update();
          },
        },
        { name: 'BRR', offset: 0x08, writable: 0xffff },
        {
          name: 'CR1',
          offset: 0x0c,
          writable: 0xbfff,
          fields: {
            SBK: [0, 0],
            RE: [2, 2],
            TE: [3, 3],
            IDLEIE: [4, 4],
            RXNEIE: [5, 5],
            TCIE: [6, 6],
            TXEIE: [7, 7],
            PEIE: [8, 8],
            M: [12, 12],
            UE: [13, 13],
            OVER8: [15, 15],
          },
          write: (stored) => {
            // SBK: the break is sent at once, the bit is clear when it has been.
            block.set('CR1', stored & ~1);
            listen();
            update();
          },
        },
        { name: 'CR2', offset: 0x10, writable: 0x7f6f, fields: { STOP: [13, 12] } },
        {
          name: 'CR3',
          offset: 0x14,
          writable: 0x0fff,
          fields: { EIE: [0, 0], DMAR: [6, 6], DMAT: [7, 7] },
          write: (stored) => {
            const special = stored & 0x32a;
            if (special !== 0) environment.warn(`CR3 0x${special.toString(16)}: flow control, half-duplex, smartcard and IrDA modes are not modelled`);
            update();
          },
        },
        { name: 'GTPR', offset: 0x18, writable: 0xffff },
      ],
      extra: state,
      reset: () => {
        Object.assign(state, { shift: 0, sending: false, waiting: 0, arriving: false, idleFollows: false, seen: 0, warned: false });
        sent.clear();
        arrival.clear();
        update();
      },
    });

    /** CPU cycles of one character: start bit, 8 or 9 bits, stop bits. */
    function characterTime(): number {
      const brr = block.get('BRR');
      // With OVER8, three fraction bits of eighths.
      const divider = block.field('CR1', 'OVER8') === 1 ? (brr >>> 4) * 8 + (brr & 7) : brr;
      const stopBits = [1, 0.5, 2, 1.5][block.field('CR2', 'STOP')] ?? 1;
      const bits = 1 + (block.field('CR1', 'M') === 1 ? 9 : 8) + stopBits;
      return (bits * Math.max(divider, 8) * environment.clocks.cpu.hertz) / clock.hertz;
    }

    function transmit(character: number): void {
      const on = (block.get('CR1') & 0x2008) === 0x2008;
      if (!state.warned && (!on || block.get('BRR') === 0)) {
        state.warned = true;
        environment.warn(on ? 'sends with BRR 0, which silicon does not' : 'sends although CR1.UE or CR1.TE is clear, which silicon does not');
      }
      state.shift = character & (block.field('CR1', 'M') === 1 ? 0x1ff : 0xff);
      state.sending = true;
      block.set('SR', (block.get('SR') | TXE) & ~TC);
      sent.set(timeline.now + characterTime());
    }

    const receives = (): boolean => (block.get('CR1') & 0x2004) === 0x2004;

    /** Starts what comes next on the line, where something does: a character, or the time after which the line counts as idle. */
    function listen(): void {
      if (state.arriving || !receives()) return;
      if (serial.waiting > 0) {
        if (!losesBytes && (block.get('SR') & RXNE) !== 0) return;
        state.idleFollows = false;
      } else if (!state.idleFollows) {
        return;
      }
      state.arriving = true;
      arrival.set(timeline.now + characterTime());
    }

    function arrive(): void {
      if (!receives()) return;
      const byte = serial.receive();
      if (byte === undefined) return;
      const status = block.get('SR');
      if ((status & RXNE) !== 0) {
        block.set('SR', status | ORE);
      } else {
        block.set('DR', byte);
        block.set('SR', status | RXNE);
      }
      state.idleFollows = serial.waiting === 0;
    }

    function update(): void {
      const status = block.get('SR');
      const control = block.get('CR1');
      const control3 = block.get('CR3');
      let active = (status & control & (TXE | TC | RXNE | IDLE)) !== 0;
      active ||= (control & RXNE) !== 0 && (status & ORE) !== 0;
      active ||= (control & 0x100) !== 0 && (status & PE) !== 0;
      active ||= (control3 & 0x41) === 0x41 && (status & (ORE | NE | FE)) !== 0;
      irq.set(active);
      // Last, because a DMA controller answers within the call: what it has read may have brought it here before, to write.
      receiveRequest.drive((control3 & 0x40) !== 0 && (status & RXNE) !== 0);
      transmitRequest.drive((control3 & 0x80) !== 0 && (block.get('SR') & TXE) !== 0 && (control & 0x2008) === 0x2008);
    }
    return block;
  },
};
