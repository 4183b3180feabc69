import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { KeyLock } from './flash-keys.js';

const BSY = 1 << 16;
const EOP = 1 << 0;
const WRPERR = 1 << 4;
const PGAERR = 1 << 5;
const PGPERR = 1 << 6;
const PGSERR = 1 << 7;
const errors = WRPERR | PGAERR | PGPERR | PGSERR;

const PG = 1 << 0;
const SER = 1 << 1;
const MER = 1 << 2;
const STRT = 1 << 16;
const EOPIE = 1 << 24;
const ERRIE = 1 << 25;
const LOCK = (1 << 31) >>> 0;

/** Bytes of the twelve sectors of 1 MiB. */
const sectors = [16, 16, 16, 16, 64, 128, 128, 128, 128, 128, 128, 128].map((size) => size * 1024);

/**
 * Flash controller of STM32F2 (PM0059) and F405/F407 (RM0090 chapter 3). While PG is set, writes to the memory of the width that PSIZE names
 * clear bits; sectors are erased as a whole. An operation takes `operation` microseconds (silicon: 16 for a word, but 250,000 and more for a
 * sector, which firmware would spend polling); a write that comes earlier waits, as the bus does there. Option bytes are those of OPTCR.
 */
export const stm32f4Flash: DeviceClass = {
  name: 'stm32f4-flash',
  summary: 'STM32F2 and F4 flash controller (PM0059, RM0090 3)',
  size: 0x400,
  interrupts: ['irq'],
  parameters: {
    memory: { type: 'text', default: 'flash', summary: 'the memory that it programs' },
    operation: { type: 'number', default: 16, summary: 'microseconds of a programming or erase operation' },
  },
  create(environment) {
    const irq = environment.interrupt('irq');
    const name = environment.text('memory');
    const bytes = environment.memory(name);
    const seconds = environment.number('operation') / 1e6;
    const lock = new KeyLock(0x4567_0123, 0xcdef_89ab);
    const optionLock = new KeyLock(0x0819_2a3b, 0x4c5d_6e7f);
    const done = environment.timer(() => {
      finish();
    });

    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'ACR',
          offset: 0x00,
          writable: 0x1f07,
          fields: { LATENCY: [2, 0], PRFTEN: [8, 8], ICEN: [9, 9], DCEN: [10, 10], ICRST: [11, 11], DCRST: [12, 12] },
        },
        {
          name: 'KEYR',
          offset: 0x04,
          access: 'wo',
          write: (_stored, _before, written) => {
            lock.write(written);
            if (lock.state.open) block.set('CR', block.get('CR') & 0x7fff_ffff);
          },
        },
        {
          name: 'OPTKEYR',
          offset: 0x08,
          access: 'wo',
          write: (_stored, _before, written) => {
            optionLock.write(written);
            if (optionLock.state.open) block.set('OPTCR', block.get('OPTCR') & ~1);
          },
        },
        {
          name: 'SR',
          offset: 0x0c,
          access: 'w1c',
          writable: 0xf3,
          fields: { EOP: [0, 0], OPERR: [1, 1], WRPERR: [4, 4], PGAERR: [5, 5], PGPERR: [6, 6], PGSERR: [7, 7], BSY: [16, 16] },
          write: () => {
            update();
          },
        },
        {
          name: 'CR',
          offset: 0x10,
          reset: LOCK,
          writable: 0x8301_037f,
          fields: { PG: [0, 0], SER: [1, 1], MER: [2, 2], SNB: [6, 3], PSIZE: [9, 8], STRT: [16, 16], EOPIE: [24, 24], ERRIE: [25, 25], LOCK: [31, 31] },
          write: (stored, before) => {
            if (before >= LOCK) {
              block.set('CR', before);
              return;
            }
            block.set('CR', stored & ~STRT);
            if (stored >= LOCK) lock.close();
            else if ((stored & STRT) !== 0) erase(stored);
            update();
          },
        },
        {
          name: 'OPTCR',
          offset: 0x14,
          lasting: true,
          reset: 0x0fff_aaed,
          writable: 0x0fff_ffef,
          fields: { OPTLOCK: [0, 0], OPTSTRT: [1, 1], BOR_LEV: [3, 2], RDP: [15, 8], nWRP: [27, 16] },
          write: (stored, before) => {
            if ((before & 1) !== 0) {
              block.set('OPTCR', before);
              return;
            }
            block.set('OPTCR', stored & ~2);
            if ((stored & 1) !== 0) optionLock.close();
            else if ((stored & 2) !== 0) begin();
          },
        },
      ],
      extra: { lock: lock.state, optionLock: optionLock.state },
      reset: () => {
        lock.reset();
        optionLock.reset();
        block.set('OPTCR', block.get('OPTCR') | 1);
        done.clear();
        update();
      },
    });
    environment.onMemoryWrite(name, (offset, size, value) => {
      finish();
      const control = block.get('CR');
      if (control >= LOCK || (control & PG) === 0) raise(PGSERR);
      else if (isProtected(sectorAt(offset))) raise(WRPERR);
      // x64 is two words written one after the other.
      else if (size !== [1, 2, 4, 4][block.field('CR', 'PSIZE')]) raise(PGPERR);
      else program(offset, size, value);
      return true;
    });

    /** Programming clears bits: 0 and 1 make 0 (RM0090 3.6.4). */
    function program(offset: number, size: number, value: number): void {
      for (let index = 0; index < size; index++) bytes[offset + index] = (bytes[offset + index] ?? 0) & (value >>> (index * 8));
      environment.memoryChanged(name, offset, size);
      begin();
    }

    function sectorAt(offset: number): number {
      let end = 0;
      return sectors.findIndex((size) => offset < (end += size));
    }

    function isProtected(sector: number): boolean {
      return sector >= 0 && ((block.get('OPTCR') >>> (16 + sector)) & 1) === 0;
    }

    function erase(control: number): void {
      finish();
      const sector = (control >>> 3) & 0xf;
      if ((control & MER) !== 0) {
        if ((block.get('OPTCR') & 0x0fff_0000) !== 0x0fff_0000) raise(WRPERR);
        else eraseBytes(0, bytes.length);
      } else if ((control & SER) !== 0) {
        const offset = sectors.slice(0, sector).reduce((sum, size) => sum + size, 0);
        const size = sectors[sector];
        if (size === undefined || offset >= bytes.length) environment.warn(`FLASH_CR.SNB ${sector}: there is no such sector`);
        else if (isProtected(sector)) raise(WRPERR);
        else eraseBytes(offset, size);
      }
    }

    function eraseBytes(offset: number, size: number): void {
      bytes.fill(0xff, offset, offset + size);
      environment.memoryChanged(name, offset, Math.min(size, bytes.length - offset));
      begin();
    }

    function begin(): void {
      block.set('SR', block.get('SR') | BSY);
      done.set(environment.timeline.now + seconds * environment.clocks.cpu.hertz);
    }

    /** EOP is set only where its interrupt is enabled (RM0090 3.9.5). */
    function finish(): void {
      if ((block.get('SR') & BSY) === 0) return;
      done.clear();
      block.set('SR', (block.get('SR') & ~BSY) | ((block.get('CR') & EOPIE) !== 0 ? EOP : 0));
      update();
    }

    function raise(flag: number): void {
      block.set('SR', block.get('SR') | flag);
      update();
    }

    function update(): void {
      const status = block.get('SR');
      const control = block.get('CR');
      irq.set(((control & EOPIE) !== 0 && (status & EOP) !== 0) || ((control & ERRIE) !== 0 && (status & errors) !== 0));
    }
    return block;
  },
};
