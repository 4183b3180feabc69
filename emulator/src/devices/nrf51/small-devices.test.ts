import { createCipheriv } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { DeviceClass } from '../../machine/device.js';
import { DeviceBench } from '../../testing/device-bench.js';
import { nrf51AarCcm } from './aar-ccm.js';
import { nrf51Ecb } from './ecb.js';
import { nrf51Ficr } from './ficr.js';
import { nrf51Nvmc } from './nvmc.js';
import { nrf51Radio } from './radio.js';
import { nrf51Rng } from './rng.js';
import { nrf51Temp } from './temp.js';
import { nrf51Uart } from './uart.js';

const ram = 0x2000_0000;

function bench(
  device: DeviceClass,
  parameters: Readonly<Record<string, number | string>> = {},
): {
  readonly poke: DeviceBench;
  readonly write: (offset: number, value: number) => void;
  readonly read: (offset: number) => number;
  readonly store: (offset: number, hex: string) => void;
  readonly load: (offset: number, size: number) => string;
} {
  const poke = new DeviceBench([{ device, name: 'it', parameters }], {
    clocks: { cpu: 16_000_000 },
    memory: [
      { name: 'ram', kind: 'ram', base: ram, size: 0x1000 },
      { name: 'flash', kind: 'rom', base: 0, size: 0x1000, fill: 0xff },
      { name: 'uicr', kind: 'rom', base: 0x1000_1000, size: 0x400, fill: 0xff },
    ],
  });
  return {
    poke,
    write: (offset, value) => {
      poke.write('it', offset, value);
    },
    read: (offset) => poke.read('it', offset),
    store: (offset, hex) => {
      poke.machine.memory('ram').set(Buffer.from(hex, 'hex'), offset);
    },
    load: (offset, size) => Buffer.from(poke.machine.memory('ram').subarray(offset, offset + size)).toString('hex'),
  };
}

describe('nRF51 ECB, CCM and AAR', () => {
  it('encrypts a block (FIPS 197, C.1)', () => {
    const { poke, write, read, store, load } = bench(nrf51Ecb);
    store(0, '000102030405060708090a0b0c0d0e0f00112233445566778899aabbccddeeff');
    write(0x504, ram);
    write(0x304, 1);
    write(0x000, 1);
    poke.pass(135);
    expect(read(0x100)).toBe(0);
    poke.pass(1);
    expect([read(0x100), poke.interrupt('it.irq'), load(32, 16)]).toEqual([1, true, '69c4e0d86a7b0430d8cdb78070b4c55a']);
    write(0x000, 1);
    write(0x004, 1);
    expect(read(0x104)).toBe(1);
    write(0x504, 0x3000_0000);
    write(0x104, 0);
    write(0x000, 1);
    poke.pass(136);
    expect(read(0x104)).toBe(1);
  });

  // Bluetooth core specification 4.0, volume 6, part C, 1: session key, initialisation vector, LL_START_ENC_RSP of both sides.
  const key = '99ad1b5226a37e3e058e3b8e27c2c666';
  const vector = '24abdcbabebaafde';
  it.each([
    ['0f0106', '0f059fcda7f448', '01'],
    ['070106', '0705a34c13a415', '00'],
  ])('encrypts and decrypts the packet %s', (plain, cipher, direction) => {
    const { poke, write, read, store, load } = bench(nrf51AarCcm);
    const packet = (hex: string): string => `${hex.slice(0, 4)}00${hex.slice(4)}`;
    store(0, `${key}0000000000000000${direction}${vector}`);
    store(0x100, packet(plain));
    write(0x500, 2);
    write(0x504, 0);
    write(0x508, ram);
    write(0x50c, ram + 0x100);
    write(0x510, ram + 0x200);
    write(0x200, 1);
    write(0x000, 1);
    poke.pass(16 * 100);
    expect([read(0x100), read(0x104), load(0x200, cipher.length / 2 + 1)]).toEqual([1, 1, packet(cipher)]);
    write(0x504, 1);
    write(0x50c, ram + 0x200);
    write(0x510, ram + 0x300);
    write(0x000, 1);
    poke.pass(16 * 200);
    expect([read(0x400), load(0x300, plain.length / 2 + 1)]).toEqual([1, packet(plain)]);
    store(0x203, '00');
    write(0x000, 1);
    poke.pass(16 * 200);
    expect(read(0x400)).toBe(0);
  });

  it('resolves addresses (volume 3, part H, D.7)', () => {
    const { poke, write, read, store } = bench(nrf51AarCcm);
    store(0, `${'11'.repeat(16)}ec0234a357c8ad05341010a60a397d9b`);
    store(0x100, '000000aafb0d948170');
    write(0x500, 3);
    write(0x504, 2);
    write(0x508, ram);
    write(0x510, ram + 0x100);
    write(0x000, 1);
    poke.pass(16 * 20);
    expect([read(0x100), read(0x104), read(0x108), read(0x400)]).toEqual([1, 1, 0, 1]);
    store(0x103, 'ab');
    write(0x000, 1);
    poke.pass(16 * 20);
    expect(read(0x108)).toBe(1);
  });

  it('agrees with a library on packets of any length', () => {
    for (let length = 1; length <= 27; length++) {
      const { poke, write, store, load } = bench(nrf51AarCcm);
      const data = Buffer.from(Array.from({ length }, (_, index) => index * 7));
      store(0, `${key}010203040500000001${vector}`);
      store(0x100, `1e${length.toString(16).padStart(2, '0')}00${data.toString('hex')}`);
      write(0x500, 2);
      write(0x504, 0);
      write(0x508, ram);
      write(0x50c, ram + 0x100);
      write(0x510, ram + 0x200);
      write(0x004, 1);
      poke.pass(16 * 300);
      const cipher = createCipheriv('aes-128-ccm', Buffer.from(key, 'hex'), Buffer.from(`0102030485${vector}`, 'hex'), { authTagLength: 4 });
      cipher.setAAD(Uint8Array.of(0x02), { plaintextLength: length });
      const expected = Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()]).toString('hex');
      expect(load(0x200, length + 7)).toBe(`1e${(length + 4).toString(16).padStart(2, '0')}00${expected}`);
    }
  });
});

describe('nRF51 RNG and TEMP', () => {
  it('makes a byte in its time, the same ones in each run, until stopped', () => {
    const bytes = [1, 1, 2].map((seed) => {
      const { poke, write, read } = bench(nrf51Rng, { seed });
      write(0x504, 1);
      write(0x000, 1);
      poke.pass(16 * 677 - 1);
      expect(read(0x100)).toBe(0);
      poke.pass(1);
      return Array.from({ length: 20 }, () => {
        expect(read(0x100)).toBe(1);
        write(0x100, 0);
        const value = read(0x508);
        poke.pass(16 * 677);
        return value;
      });
    });
    expect(bytes[0]).toEqual(bytes[1]);
    expect(bytes[0]).not.toEqual(bytes[2]);
    expect(new Set(bytes[0]).size).toBeGreaterThan(15);
  });

  it('stops by shortcut', () => {
    const { poke, write, read } = bench(nrf51Rng);
    write(0x200, 1);
    write(0x000, 1);
    poke.pass(16 * 167);
    expect(read(0x100)).toBe(1);
    write(0x100, 0);
    poke.pass(16 * 1000);
    expect(read(0x100)).toBe(0);
  });

  it.each([
    [21, 84],
    [-7, -28],
  ])('measures %i degrees in quarters', (celsius, quarters) => {
    const { poke, write, read } = bench(nrf51Temp, { celsius });
    write(0x000, 1);
    poke.pass(16 * 36);
    expect([read(0x100), read(0x508) | 0]).toEqual([1, quarters]);
  });
});

describe('nRF51 NVMC and FICR', () => {
  it('programs words, whose ones only fall, and erases', () => {
    const { poke, write, read } = bench(nrf51Nvmc);
    const { bus } = poke.machine;
    expect(read(0x400)).toBe(1);
    expect(bus.write(0x400, 4, 0)).toBe(false);
    write(0x504, 1);
    expect(bus.write(0x400, 4, 0x1234_5678)).toBe(true);
    expect(bus.write(0x400, 4, 0xff00_ffff)).toBe(true);
    expect(bus.write(0x7fc, 4, 0)).toBe(true);
    expect(bus.write(0x1000_1080, 4, 7)).toBe(true);
    expect([bus.read(0x400, 4), bus.read(0x1000_1080, 4)]).toEqual([0x1200_5678, 7]);
    // Only with CONFIG set to it.
    write(0x508, 0x400);
    expect(bus.read(0x400, 4)).toBe(0x1200_5678);
    write(0x504, 2);
    write(0x508, 0x404);
    expect([bus.read(0x400, 4), bus.read(0x7fc, 4), bus.read(0x1000_1080, 4)]).toEqual([0xffff_ffff, 0xffff_ffff, 7]);
    write(0x514, 1);
    expect(bus.read(0x1000_1080, 4)).toBe(0xffff_ffff);
    poke.machine.memory('flash').fill(0);
    write(0x50c, 1);
    expect(poke.machine.memory('flash').every((byte) => byte === 0xff)).toBe(true);
  });

  it('says what chip it is', () => {
    const { poke, read } = bench(nrf51Ficr);
    expect([read(0x010), read(0x014), read(0x034), read(0x038), read(0x05c), read(0x000)]).toEqual([1024, 256, 2, 8192, 0xffff_0072, 0xffff_ffff]);
    expect([read(0x0a0), (read(0x0a8) >>> 14) & 3]).toEqual([0xffff_ffff, 3]);
    expect(read(0x060)).not.toBe(bench(nrf51Ficr, { serial: 2 }).read(0x060));
    expect(poke.warnings).toEqual([]);
  });
});

describe('nRF51 UART', () => {
  /** Cycles of ten bits at 115,200 baud, as BAUDRATE has it. */
  const character = Math.ceil((10 * 2 ** 32) / 0x01d7_e000);
  const started = (): ReturnType<typeof bench> => {
    const it = bench(nrf51Uart);
    it.write(0x524, 0x01d7_e000);
    it.write(0x500, 4);
    it.write(0x000, 1);
    it.write(0x008, 1);
    return it;
  };

  it('sends a character in its time', () => {
    const { poke, write, read } = started();
    const heard = poke.listen('it');
    write(0x304, 1 << 7);
    write(0x51c, 0x141);
    poke.pass(character - 1);
    expect([heard, read(0x11c)]).toEqual([[], 0]);
    poke.pass(1);
    expect([heard, read(0x11c), poke.interrupt('it.irq')]).toEqual([[0x41], 1, true]);
    write(0x00c, 1);
    write(0x51c, 0x42);
    poke.pass(2 * character);
    expect(heard).toEqual([0x41]);
  });

  it('receives in order, one event for each byte of RXD', () => {
    const { poke, write, read } = started();
    poke.machine.serial('it').type('abcdefgh');
    poke.pass(20 * character);
    const got = Array.from({ length: 8 }, () => {
      expect(read(0x108)).toBe(1);
      write(0x108, 0);
      const byte = read(0x518);
      poke.pass(2 * character);
      return String.fromCharCode(byte);
    });
    expect(got.join('')).toBe('abcdefgh');
    expect(read(0x108)).toBe(0);
    write(0x004, 1);
    poke.pass(character);
    expect(read(0x144)).toBe(1);
    poke.machine.serial('it').type('x');
    poke.pass(10 * character);
    expect(read(0x108)).toBe(0);
  });

  it('loses characters where the board says so', () => {
    const it = bench(nrf51Uart, { overrun: 1 });
    it.write(0x524, 0x01d7_e000);
    it.write(0x500, 4);
    it.write(0x000, 1);
    it.poke.machine.serial('it').type('abcdefghij');
    it.poke.pass(20 * character);
    expect([it.read(0x124), it.read(0x480)]).toEqual([1, 1]);
    it.write(0x480, 1);
    expect(it.read(0x480)).toBe(0);
  });
});

describe('nRF51 RADIO', () => {
  const STATE = 0x550;
  it('sends into the air: ramps up, sends, goes off', () => {
    const { poke, write, read, store } = bench(nrf51Radio);
    store(0, '0003aabbcc');
    write(0x504, ram);
    write(0x518, 0xff);
    write(0x200, 3);
    write(0x000, 1);
    expect(read(STATE)).toBe(9);
    poke.pass(16 * 130);
    expect([read(0x100), read(STATE)]).toEqual([1, 11]);
    poke.pass(16 * 2500);
    expect([read(0x104), read(0x108), read(0x10c), read(0x110), read(STATE)]).toEqual([1, 1, 1, 1, 0]);
  });

  it('listens and hears nobody', () => {
    const { poke, write, read } = bench(nrf51Radio);
    write(0x200, 1);
    write(0x004, 1);
    poke.pass(16_000_000);
    expect([read(0x100), read(0x10c), read(STATE)]).toEqual([1, 0, 3]);
    write(0x010, 1);
    poke.pass(16 * 10);
    expect([read(0x110), read(STATE)]).toEqual([1, 0]);
  });
});
