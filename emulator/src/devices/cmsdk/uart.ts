import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { cmsdkIdentification } from '../identification.js';
import { overrunParameter, SerialReceiver } from '../serial-receiver.js';

const TX_FULL = 1 << 0;
const RX_FULL = 1 << 1;
const TX_OVERRUN = 1 << 2;
const RX_OVERRUN = 1 << 3;

/** Bits of CTRL; of INTSTATUS bits 0 to 3 are transmit, receive, transmit overrun, receive overrun, in the order of the enables. */
const TX_ENABLE = 1 << 0;
const RX_ENABLE = 1 << 1;
const ENABLES_SHIFT = 2;
const HIGH_SPEED = 1 << 6;

const leastDivider = 16;
const bitsOfCharacter = 10;

/**
 * APB UART of the Cortex-M System Design Kit (DDI0479D 4.3): one character in the shift register, one in the buffer, each way.
 * A divider below 16 sends nothing on silicon; QEMU sends, and so does this, as with 16. Output `overflow` is both overruns, as boards wire it.
 */
export const cmsdkUart: DeviceClass = {
  name: 'cmsdk-uart',
  summary: 'CMSDK APB UART (DDI0479D 4.3)',
  size: 0x1000,
  interrupts: ['rx', 'tx', 'overflow'],
  clocks: ['pclk'],
  serial: true,
  parameters: overrunParameter,
  create(environment) {
    const { serial, timeline } = environment;
    const clock = environment.clock('pclk');
    const outputs = { rx: environment.interrupt('rx'), tx: environment.interrupt('tx'), overflow: environment.interrupt('overflow') };
    const losesCharacters = environment.number('overrun') !== 0;
    const shift = { busy: false, byte: 0, waiting: [] as number[], warned: false };

    const characterTime = (): number => {
      // High-speed test mode: one clock a bit.
      const divider = (block.get('CTRL') & HIGH_SPEED) !== 0 ? 1 : Math.max(block.get('BAUDDIV'), leastDivider);
      return (bitsOfCharacter * divider * environment.clocks.cpu.hertz) / clock.hertz;
    };
    const sent = environment.timer(() => {
      serial.send(shift.byte);
      shift.busy = false;
      transmit();
    });
    const receiver = new SerialReceiver(environment, {
      characterTime,
      enabled: () => (block.get('CTRL') & RX_ENABLE) !== 0,
      room: () => (block.get('STATE') & RX_FULL) === 0,
      receive: (byte) => {
        if ((block.get('STATE') & RX_FULL) !== 0) {
          raise(RX_OVERRUN, RX_OVERRUN);
        } else {
          block.set('DATA', byte);
          raise(RX_FULL, 1 << 1);
        }
      },
    });

    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'DATA',
          offset: 0x000,
          writable: 0,
          read: (stored) => {
            block.set('STATE', block.get('STATE') & ~RX_FULL);
            receiver.listen();
            return stored;
          },
          write: (_stored, _before, written) => {
            if ((block.get('STATE') & TX_FULL) !== 0 && losesCharacters) {
              raise(TX_OVERRUN, TX_OVERRUN);
              return;
            }
            shift.waiting.push(written & 0xff);
            block.set('STATE', block.get('STATE') | TX_FULL);
            transmit();
          },
        },
        {
          name: 'STATE',
          offset: 0x004,
          access: 'w1c',
          writable: TX_OVERRUN | RX_OVERRUN,
          fields: { TX_FULL: [0, 0], RX_FULL: [1, 1], TX_OVERRUN: [2, 2], RX_OVERRUN: [3, 3] },
          write: (_stored, _before, written) => {
            clear(written & (TX_OVERRUN | RX_OVERRUN));
          },
        },
        {
          name: 'CTRL',
          offset: 0x008,
          writable: 0x7f,
          fields: { TX_EN: [0, 0], RX_EN: [1, 1], TX_INTEN: [2, 2], RX_INTEN: [3, 3], TXO_INTEN: [4, 4], RXO_INTEN: [5, 5], HSTEST: [6, 6] },
          write: () => {
            transmit();
            receiver.listen();
          },
        },
        {
          name: 'INTSTATUS',
          offset: 0x00c,
          access: 'w1c',
          writable: 0xf,
          fields: { TX: [0, 0], RX: [1, 1], TXO: [2, 2], RXO: [3, 3] },
          write: (_stored, _before, written) => {
            clear(written & 0xf);
          },
        },
        {
          name: 'BAUDDIV',
          offset: 0x010,
          writable: 0xf_ffff,
        },
        cmsdkIdentification(0x21),
      ],
      extra: { shift, receiver: receiver.state },
      reset: () => {
        Object.assign(shift, { busy: false, byte: 0, warned: false });
        shift.waiting.length = 0;
        sent.clear();
        receiver.reset();
        drive();
        receiver.listen();
      },
    });

    function transmit(): void {
      const [next] = shift.waiting;
      if (shift.busy || next === undefined || (block.get('CTRL') & TX_ENABLE) === 0) return;
      if (block.get('BAUDDIV') < leastDivider && !shift.warned) {
        shift.warned = true;
        environment.warn(`sends with BAUDDIV ${block.get('BAUDDIV')}, which silicon does not: the least is ${leastDivider}`);
      }
      shift.waiting.shift();
      Object.assign(shift, { busy: true, byte: next });
      sent.set(timeline.now + characterTime());
      if (shift.waiting.length > 0) return;
      block.set('STATE', block.get('STATE') & ~TX_FULL);
      raise(0, 1 << 0);
    }

    /** Sets bits of STATE, and of INTSTATUS those that are enabled. */
    function raise(state: number, interrupt: number): void {
      block.set('STATE', block.get('STATE') | state);
      block.set('INTSTATUS', block.get('INTSTATUS') | (interrupt & (block.get('CTRL') >>> ENABLES_SHIFT)));
      drive();
    }

    /** Overruns are one bit with two addresses. */
    function clear(bits: number): void {
      block.set('INTSTATUS', block.get('INTSTATUS') & ~bits);
      block.set('STATE', block.get('STATE') & ~(bits & (TX_OVERRUN | RX_OVERRUN)));
      drive();
    }

    function drive(): void {
      const status = block.get('INTSTATUS');
      outputs.tx.set((status & 1) !== 0);
      outputs.rx.set((status & 2) !== 0);
      outputs.overflow.set((status & 0xc) !== 0);
    }
    return block;
  },
};
