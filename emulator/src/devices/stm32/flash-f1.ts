import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { KeyLock } from './flash-keys.js';

const key1 = 0x4567_0123;
const key2 = 0xcdef_89ab;

const PG = 1 << 0;
const PER = 1 << 1;
const MER = 1 << 2;
const OPTPG = 1 << 4;
const OPTER = 1 << 5;
const STRT = 1 << 6;
const LOCK = 1 << 7;
const OPTWRE = 1 << 9;

const BSY = 1 << 0;
const PGERR = 1 << 2;
const WRPRTERR = 1 << 4;
const EOP = 1 << 5;

/** Typical times (data sheets, "Flash memory characteristics"): half-word, page, whole memory. */
const programSeconds = 52.5e-6;
const eraseSeconds = 20e-3;

/**
 * Flash program and erase controller of STM32F1 (PM0063 for F100, PM0075 for F103). Half-words are programmed by writes to the memory while PG
 * is set; any other write to it is a bus fault. BSY lasts as long as on silicon; a write that comes earlier waits, as the bus does there.
 * The option bytes are those of the device `option-bytes`; read protection is shown, not enforced.
 */
export const stm32f1Flash: DeviceClass = {
  name: 'stm32f1-flash',
  summary: 'STM32F1 flash controller (PM0063, PM0075)',
  size: 0x400,
  interrupts: ['irq'],
  parameters: {
    memory: { type: 'text', default: 'flash', summary: 'the memory that it programs' },
    base: { type: 'number', default: 0x0800_0000, summary: 'address of the memory' },
    page: { type: 'number', default: 1024, summary: 'bytes of a page: 1024, or 2048 on high-density chips' },
    options: { type: 'number', default: 0x1fff_f800, summary: 'address of the option bytes' },
  },
  create(environment) {
    const irq = environment.interrupt('irq');
    const name = environment.text('memory');
    const bytes = environment.memory(name);
    const base = environment.number('base');
    const page = environment.number('page');
    const options = environment.number('options');
    const optionProgram = environment.pin('option-program');
    const optionErase = environment.pin('option-erase');
    const lock = new KeyLock(key1, key2);
    const optionLock = new KeyLock(key1, key2);
    const done = environment.timer(() => {
      finish();
    });

    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        // F100 has no prefetch buffer and no wait states, but the bits.
        { name: 'ACR', offset: 0x00, reset: 0x30, writable: 0x1f, steady: true, read: (stored) => ((stored & 0x10) << 1) | (stored & 0x1f) },
        {
          name: 'KEYR',
          offset: 0x04,
          access: 'wo',
          write: (_stored, _before, written) => {
            lock.write(written);
            if (lock.state.open) block.set('CR', block.get('CR') & ~LOCK);
          },
        },
        {
          name: 'OPTKEYR',
          offset: 0x08,
          access: 'wo',
          write: (_stored, _before, written) => {
            if (!lock.state.open) return;
            optionLock.write(written);
            if (optionLock.state.open) block.set('CR', block.get('CR') | OPTWRE);
          },
        },
        {
          name: 'SR',
          offset: 0x0c,
          access: 'w1c',
          writable: PGERR | WRPRTERR | EOP,
          fields: { BSY: [0, 0], PGERR: [2, 2], WRPRTERR: [4, 4], EOP: [5, 5] },
          write: () => {
            update();
          },
        },
        {
          name: 'CR',
          offset: 0x10,
          reset: LOCK,
          writable: 0x16f7 | OPTWRE,
          fields: {
            PG: [0, 0],
            PER: [1, 1],
            MER: [2, 2],
            OPTPG: [4, 4],
            OPTER: [5, 5],
            STRT: [6, 6],
            LOCK: [7, 7],
            OPTWRE: [9, 9],
            ERRIE: [10, 10],
            EOPIE: [12, 12],
          },
          write: (stored, before) => {
            if ((before & LOCK) !== 0) {
              block.set('CR', before);
              return;
            }
            // OPTWRE can only be cleared, LOCK only be set, STRT starts and is not kept.
            block.set('CR', stored & ~STRT & ~(OPTWRE & ~before));
            if ((stored & OPTWRE) === 0) optionLock.close();
            if ((stored & LOCK) !== 0) {
              lock.close();
              optionLock.close();
              block.set('CR', block.get('CR') & ~OPTWRE);
            } else if ((stored & STRT) !== 0) {
              erase(stored);
            }
            optionProgram.drive((block.get('CR') & (OPTPG | OPTWRE)) === (OPTPG | OPTWRE));
            update();
          },
        },
        { name: 'AR', offset: 0x14, access: 'wo' },
        // From the option bytes as they were at reset: error, RDP, user bits.
        { name: 'OBR', offset: 0x1c, access: 'ro', reset: 0x03ff_fffc },
        { name: 'WRPR', offset: 0x20, access: 'ro', reset: 0xffff_ffff },
      ],
      extra: { lock: lock.state, optionLock: optionLock.state },
      reset: () => {
        lock.reset();
        optionLock.reset();
        optionProgram.drive(false);
        done.clear();
        loadOptions();
        update();
      },
    });
    environment.onMemoryWrite(name, (offset, size, value) => {
      if (size !== 2 || (block.get('CR') & (PG | LOCK)) !== PG) return false;
      finish();
      const before = (bytes[offset] ?? 0) | ((bytes[offset + 1] ?? 0) << 8);
      // Only erased half-words take a value; every one takes 0.
      if (isProtected(offset)) {
        raise(WRPRTERR);
      } else if (before !== 0xffff && value !== 0) {
        raise(PGERR);
      } else {
        bytes[offset] = value & 0xff;
        bytes[offset + 1] = value >>> 8;
        environment.memoryChanged(name, offset, 2);
        begin(programSeconds);
      }
      return true;
    });

    /** WRPR: a bit for each four pages of 1 KiB or two of 2 KiB; the last for all the rest. */
    function isProtected(offset: number): boolean {
      return ((block.get('WRPR') >>> Math.min(31, Math.floor(offset / 4096))) & 1) === 0;
    }

    function erase(control: number): void {
      finish();
      if ((control & MER) !== 0) {
        if (block.get('WRPR') !== 0xffff_ffff) {
          raise(WRPRTERR);
          return;
        }
        eraseBytes(0, bytes.length);
      } else if ((control & PER) !== 0) {
        const offset = block.get('AR') - base;
        if (offset < 0 || offset >= bytes.length) {
          environment.warn(`FLASH_AR 0x${block.get('AR').toString(16)} is not in the flash memory`);
          return;
        }
        if (isProtected(offset)) {
          raise(WRPRTERR);
          return;
        }
        eraseBytes(offset - (offset % page), page);
      } else if ((control & (OPTER | OPTWRE)) === (OPTER | OPTWRE)) {
        optionErase.drive(true);
        optionErase.drive(false);
        begin(eraseSeconds);
      }
    }

    function eraseBytes(offset: number, size: number): void {
      bytes.fill(0xff, offset, offset + size);
      environment.memoryChanged(name, offset, size);
      begin(eraseSeconds);
    }

    function begin(seconds: number): void {
      block.set('SR', block.get('SR') | BSY);
      done.set(environment.timeline.now + seconds * environment.clocks.cpu.hertz);
    }

    function finish(): void {
      if ((block.get('SR') & BSY) === 0) return;
      done.clear();
      block.set('SR', (block.get('SR') & ~BSY) | EOP);
      update();
    }

    function raise(flag: number): void {
      block.set('SR', block.get('SR') | flag);
      update();
    }

    /** Option bytes come in pairs, a value and its complement. */
    function loadOptions(): void {
      const valid = (index: number): number | undefined => {
        const value = environment.bus.read(options + index * 2, 1);
        const complement = environment.bus.read(options + index * 2 + 1, 1);
        return value !== undefined && complement !== undefined && (value ^ complement) === 0xff ? value : undefined;
      };
      // No option bytes on the board: none is set.
      if (environment.bus.read(options, 1) === undefined) return;
      const readProtected = valid(0) !== 0xa5;
      const user = valid(1) ?? 0xff;
      block.set('OBR', (readProtected ? 2 : 0) | (user << 2) | ((valid(2) ?? 0xff) << 10) | ((valid(3) ?? 0xff) << 18));
      block.set(
        'WRPR',
        [4, 5, 6, 7].reduce((value, index, at) => value | ((valid(index) ?? 0xff) << (at * 8)), 0),
      );
    }

    function update(): void {
      const status = block.get('SR');
      const control = block.get('CR');
      irq.set(((control & 0x1000) !== 0 && (status & EOP) !== 0) || ((control & 0x400) !== 0 && (status & (PGERR | WRPRTERR)) !== 0));
    }
    return block;
  },
};
