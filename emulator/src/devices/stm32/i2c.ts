import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

const SB = 1 << 0;
const ADDR = 1 << 1;
const BTF = 1 << 2;
const STOPF = 1 << 4;
const RXNE = 1 << 6;
const TXE = 1 << 7;
const AF = 1 << 10;
const errors = 0xdf00;

const MSL = 1 << 0;
const BUSY = 1 << 1;
const TRA = 1 << 2;

/** What is on the wires, until its timer ends. */
type Phase = 'idle' | 'start' | 'address' | 'transmit' | 'receive' | 'stop';

/**
 * I2C of STM32F1, F2 and F4 as a master (RM0008 chapter 26, RM0041 chapter 23, RM0033 chapter 23, RM0090 chapter 27). Every condition and byte
 * takes the time that CCR gives it; the clock is stretched where firmware is late. Slave mode, 10-bit addresses, SMBus and PEC are not modelled.
 */
export const stm32I2c: DeviceClass = {
  name: 'stm32-i2c',
  summary: 'STM32F1, F2, F4 I2C master (RM0008 26, RM0033 23, RM0090 27)',
  size: 0x400,
  interrupts: ['event', 'error'],
  clocks: ['pclk'],
  create(environment) {
    const event = environment.interrupt('event');
    const error = environment.interrupt('error');
    const clock = environment.clock('pclk');
    const bus = environment.i2cBus(environment.name);
    const transmitRequest = environment.pin('dma-tx');
    const receiveRequest = environment.pin('dma-rx');
    const idle = {
      phase: 'idle' as Phase,
      shift: 0,
      shiftFull: false,
      received: 0,
      acknowledges: false,
      statusRead: false,
      byteNumber: 0,
      finished: false,
      last: false,
    };
    const state = { ...idle };
    environment.pin('dma-last').onChange((level) => {
      if (level) state.last = true;
    });
    const timer = environment.timer(() => {
      const { phase } = state;
      state.phase = 'idle';
      if (phase === 'start') started();
      else if (phase === 'address') addressed();
      else if (phase === 'transmit') transmitted();
      else if (phase === 'receive') received();
      else if (phase === 'stop') stopped();
      update();
    });

    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'CR1',
          offset: 0x00,
          writable: 0xbffb,
          fields: { PE: [0, 0], START: [8, 8], STOP: [9, 9], ACK: [10, 10], POS: [11, 11], SWRST: [15, 15] },
          write: (stored) => {
            if ((stored & 1) === 0 || (stored & 0x8000) !== 0) abort((stored & 0x8000) !== 0);
            else conditions();
            update();
          },
        },
        {
          name: 'CR2',
          offset: 0x04,
          writable: 0x1f3f,
          fields: { FREQ: [5, 0], ITERREN: [8, 8], ITEVTEN: [9, 9], ITBUFEN: [10, 10], DMAEN: [11, 11], LAST: [12, 12] },
          write: () => {
            update();
          },
        },
        { name: 'OAR1', offset: 0x08, writable: 0xc3ff },
        { name: 'OAR2', offset: 0x0c, writable: 0xff },
        {
          name: 'DR',
          offset: 0x10,
          writable: 0,
          read: (stored) => {
            let status = block.get('SR1') & ~RXNE;
            if (state.statusRead) status &= ~BTF;
            block.set('SR1', status);
            // What waited in the shift register moves up, and the clock runs on.
            if (state.shiftFull) deliver();
            conditions();
            update();
            return stored;
          },
          write: (_stored, _before, written) => {
            const byte = written & 0xff;
            const status = block.get('SR1');
            block.set('DR', byte);
            if ((status & SB) !== 0) {
              if (state.statusRead) {
                block.set('SR1', status & ~SB);
                begin('address', byte, 9);
              }
            } else if ((block.get('SR2') & TRA) !== 0) {
              block.set('SR1', status & ~(TXE | BTF));
              if (state.phase === 'idle' && (status & ADDR) === 0) load();
            }
            update();
          },
        },
        {
          name: 'SR1',
          offset: 0x14,
          writable: errors,
          fields: {
            SB: [0, 0],
            ADDR: [1, 1],
            BTF: [2, 2],
            ADD10: [3, 3],
            STOPF: [4, 4],
            RXNE: [6, 6],
            TXE: [7, 7],
            BERR: [8, 8],
            ARLO: [9, 9],
            AF: [10, 10],
            OVR: [11, 11],
          },
          steady: true,
          read: (stored) => {
            state.statusRead = true;
            return stored;
          },
          write: (stored, before) => {
            // Zeros clear, ones do nothing.
            block.set('SR1', before & stored);
            update();
          },
        },
        {
          name: 'SR2',
          offset: 0x18,
          access: 'ro',
          fields: { MSL: [0, 0], BUSY: [1, 1], TRA: [2, 2] },
          read: (stored) => {
            const status = block.get('SR1');
            if (state.statusRead && (status & ADDR) !== 0) {
              block.set('SR1', status & ~ADDR);
              dataPhase();
              update();
            }
            return stored;
          },
        },
        { name: 'CCR', offset: 0x1c, writable: 0xcfff, fields: { CCR: [11, 0], DUTY: [14, 14], FS: [15, 15] } },
        { name: 'TRISE', offset: 0x20, reset: 2, writable: 0x3f },
        { name: 'FLTR', offset: 0x24, writable: 0x1f },
      ],
      extra: state,
      reset: () => {
        abort(false);
        update();
      },
    });

    /** CPU cycles of one bit: 2 CCR in standard mode, 3 or 25 in fast mode (RM0090 27.6.8). */
    function bitTime(): number {
      const factor = block.field('CCR', 'FS') === 0 ? 2 : block.field('CCR', 'DUTY') === 0 ? 3 : 25;
      return (factor * Math.max(1, block.field('CCR', 'CCR')) * environment.clocks.cpu.hertz) / clock.hertz;
    }

    function begin(phase: Phase, shift: number, bits: number): void {
      state.phase = phase;
      state.shift = shift;
      state.statusRead = false;
      timer.set(environment.timeline.now + bits * bitTime());
    }

    /** PE off, or SWRST: which resets the registers too. */
    function abort(registers: boolean): void {
      Object.assign(state, idle);
      timer.clear();
      bus.stop();
      if (registers) {
        for (const name of ['CR2', 'OAR1', 'OAR2', 'DR', 'CCR', 'FLTR']) block.set(name, 0);
        block.set('CR1', 0x8000);
        block.set('TRISE', 2);
      } else {
        block.set('CR1', block.get('CR1') & ~0x300);
      }
      block.set('SR1', 0);
      block.set('SR2', 0);
    }

    /** START and STOP of CR1 take effect between bytes. */
    function conditions(): void {
      if (state.phase !== 'idle' || (block.get('SR1') & ADDR) !== 0) return;
      const master = (block.get('SR2') & MSL) !== 0;
      if (block.field('CR1', 'STOP') === 1 && master) begin('stop', 0, 1);
      else if (block.field('CR1', 'START') === 1 && (block.get('SR1') & SB) === 0) begin('start', 0, 1);
    }

    function started(): void {
      block.set('CR1', block.get('CR1') & ~0x100);
      block.set('SR1', (block.get('SR1') & errors) | SB);
      block.set('SR2', MSL | BUSY);
      state.shiftFull = false;
    }

    function stopped(): void {
      bus.stop();
      block.set('CR1', block.get('CR1') & ~0x200);
      block.set('SR1', block.get('SR1') & ~(BTF | TXE | SB));
      block.set('SR2', 0);
      conditions();
    }

    function addressed(): void {
      const read = (state.shift & 1) !== 0;
      if (!bus.start(state.shift >>> 1, read)) {
        block.set('SR1', block.get('SR1') | AF);
        conditions();
        return;
      }
      Object.assign(state, { byteNumber: 0, finished: false, last: false });
      block.set('SR1', block.get('SR1') | ADDR | (read ? 0 : TXE));
      block.set('SR2', MSL | BUSY | (read ? 0 : TRA));
    }

    /** ADDR has been cleared. */
    function dataPhase(): void {
      if ((block.get('SR2') & TRA) === 0) begin('receive', 0, 9);
      else if ((block.get('SR1') & TXE) === 0) load();
      else conditions();
    }

    /** DR moves into the shift register. */
    function load(): void {
      block.set('SR1', block.get('SR1') | TXE);
      begin('transmit', block.get('DR'), 9);
    }

    function transmitted(): void {
      if (!bus.write(state.shift)) {
        block.set('SR1', block.get('SR1') | AF);
        conditions();
        return;
      }
      if ((block.get('SR1') & TXE) === 0) {
        load();
        return;
      }
      block.set('SR1', block.get('SR1') | BTF);
      conditions();
    }

    function received(): void {
      state.received = bus.read();
      state.byteNumber++;
      // With POS, ACK is that of the byte after this one, so that the first is always acknowledged. With LAST, DMA's last byte is not.
      state.acknowledges = block.field('CR1', 'ACK') === 1 || (block.field('CR1', 'POS') === 1 && state.byteNumber === 1);
      if (state.last && block.field('CR2', 'LAST') === 1) state.acknowledges = false;
      state.shiftFull = true;
      if ((block.get('SR1') & RXNE) !== 0) {
        // Both full: the clock stays low.
        block.set('SR1', block.get('SR1') | BTF);
        conditions();
      } else {
        deliver();
        conditions();
      }
    }

    /** The shift register's byte into DR; after an acknowledged one the next begins. */
    function deliver(): void {
      state.shiftFull = false;
      block.set('DR', state.received);
      block.set('SR1', block.get('SR1') | RXNE);
      if ((block.get('SR2') & MSL) === 0) return;
      state.finished ||= !state.acknowledges;
      const ends = (block.get('CR1') & 0x300) !== 0;
      if (!state.finished && !ends && state.phase === 'idle') begin('receive', 0, 9);
    }

    function update(): void {
      const status = block.get('SR1');
      const control = block.get('CR2');
      const buffers = (control & 0x400) !== 0 ? TXE | RXNE : 0;
      event.set((control & 0x200) !== 0 && (status & (SB | ADDR | BTF | STOPF | (1 << 3) | buffers)) !== 0);
      error.set((control & 0x100) !== 0 && (status & errors) !== 0);
      // Last, because a DMA controller answers within the call.
      const byDma = (control & 0x800) !== 0;
      receiveRequest.drive(byDma && (status & RXNE) !== 0);
      transmitRequest.drive(byDma && (block.get('SR2') & TRA) !== 0 && (block.get('SR1') & TXE) !== 0);
    }
    return block;
  },
};
