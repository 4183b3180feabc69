import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

/** Of STA. */
const [CTIMEOUT, DTIMEOUT, CMDSENT] = [1 << 2, 1 << 3, 1 << 7];
const [TXFIFOE, TXFIFOHE] = [1 << 18, 1 << 14];
/** Bits that ICR clears. */
const clearable = 0x00c0_07ff;
const [CPSMEN, WAITRESP] = [1 << 10, 1 << 6];

/**
 * SDIO of STM32F2 and F4 (RM0033 chapter 28, RM0090 chapter 31) with an empty slot: commands without a response are sent, all others and all data find no
 * answer and time out. Nothing takes time.
 */
export const stm32Sdio: DeviceClass = {
  name: 'stm32-sdio',
  summary: 'STM32F2 and F4 SDIO without a card (RM0090 31)',
  size: 0x400,
  interrupts: ['irq'],
  create(environment) {
    const irq = environment.interrupt('irq');
    const update = (): void => {
      irq.set((block.get('STA') & block.get('MASK')) !== 0);
    };
    const flag = (bit: number): void => {
      block.set('STA', block.get('STA') | bit);
      update();
    };
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'POWER', offset: 0x00, writable: 3 },
        { name: 'CLKCR', offset: 0x04, writable: 0x7fff },
        { name: 'ARG', offset: 0x08 },
        {
          name: 'CMD',
          offset: 0x0c,
          writable: 0x7fff,
          write: (stored) => {
            if ((stored & CPSMEN) !== 0) flag((stored & WAITRESP) !== 0 ? CTIMEOUT : CMDSENT);
          },
        },
        { name: 'RESPCMD', offset: 0x10, access: 'ro' },
        { name: 'RESP', offset: 0x14, count: 4, access: 'ro' },
        { name: 'DTIMER', offset: 0x24 },
        { name: 'DLEN', offset: 0x28, writable: 0x01ff_ffff },
        {
          name: 'DCTRL',
          offset: 0x2c,
          writable: 0xfff,
          write: (stored) => {
            if ((stored & 1) !== 0) flag(DTIMEOUT);
          },
        },
        { name: 'DCOUNT', offset: 0x30, access: 'ro' },
        { name: 'STA', offset: 0x34, access: 'ro', reset: TXFIFOE | TXFIFOHE },
        {
          name: 'ICR',
          offset: 0x38,
          access: 'wo',
          write: (_stored, _before, written) => {
            block.set('STA', block.get('STA') & ~(written & clearable));
            update();
          },
        },
        {
          name: 'MASK',
          offset: 0x3c,
          writable: 0x00ff_ffff,
          write: () => {
            update();
          },
        },
        { name: 'FIFOCNT', offset: 0x48, access: 'ro' },
        { name: 'FIFO', offset: 0x80, count: 32 },
      ],
      reset: () => {
        update();
      },
    });
    return block;
  },
};
