import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { DeviceClass } from '../../machine/device.js';
import { Peripheral } from './peripheral.js';

/** Values of ENABLE. */
const CCM = 2;
const AAR = 3;
const DECRYPTS = 1;
/** Bytes of a key, of the S0, length and S1 before a packet's data, and of the check behind it. */
const keySize = 16;
const headerSize = 3;
const micSize = 4;
/** Bits of S0 that a retransmission changes (NESN, SN, MD) are not in the check (Bluetooth core specification, volume 6, part E, 2.2). */
const checkedBits = 0xe3;
const mostPlain = 27;
/** Microseconds: an identity key of AAR, and the key stream of a packet (product specification: at most 50 us). */
const resolveTime = 6;
const keyStreamTime = 50;
/** A byte at the radio's pace, 1 Mbit/s, which CCM keeps up with. */
const byteTime = 8;

/**
 * AAR and CCM of nRF51, which share addresses (nRF51 Reference Manual 3.0, chapters 25 and 24): resolves private addresses, encrypts and decrypts
 * packets of Bluetooth low energy. Tasks and events have AAR's names: KSGEN is START, ENDKSGEN is END, ENDCRYPT is RESOLVED, ERROR is NOTRESOLVED.
 */
export const nrf51AarCcm: DeviceClass = {
  name: 'nrf51-aar-ccm',
  summary: 'nRF51 AAR and CCM (RM 3.0 chapters 25, 24)',
  size: 0x1000,
  interrupts: ['irq'],
  create(environment) {
    const after = (microseconds: number): number => environment.timeline.now + (microseconds * environment.clocks.cpu.hertz) / 1e6;
    const is = (kind: number): boolean => block.get('ENABLE') === kind;
    /** Undefined, and told to the log, where there is no memory. */
    const bytesAt = (address: number, size: number): Uint8Array | undefined => {
      const bytes = Array.from({ length: size }, (_, index) => environment.bus.read(address + index, 1));
      if (!bytes.includes(undefined)) return Uint8Array.from(bytes, (byte) => byte ?? 0);
      environment.warn(`there is no memory of ${size} bytes at 0x${address.toString(16)}`);
      return undefined;
    };
    const resolved = environment.timer(() => {
      const found = resolve();
      block.set('STATUS', Math.max(found, 0));
      peripheral.event(found < 0 ? 'NOTRESOLVED' : 'RESOLVED');
      peripheral.event('END');
    });
    const keyStream = environment.timer(() => {
      peripheral.event('END');
    });
    const crypted = environment.timer(() => {
      peripheral.event(crypt() ? 'RESOLVED' : 'NOTRESOLVED');
    });
    const peripheral: Peripheral = new Peripheral(environment, {
      tasks: {
        START: {
          offset: 0x000,
          run: () => {
            if (is(AAR)) resolved.set(after(resolveTime * block.get('NIRK')));
            else if (is(CCM)) keyStream.set(after(keyStreamTime));
          },
        },
        CRYPT: {
          offset: 0x004,
          run: () => {
            const length = environment.bus.read(block.get('INPTR') + 1, 1) ?? 0;
            if (is(CCM)) crypted.set(after(byteTime * length));
          },
        },
        STOP: {
          offset: 0x008,
          run: () => {
            for (const timer of [resolved, keyStream, crypted]) timer.clear();
          },
        },
      },
      events: { END: 0x100, RESOLVED: 0x104, NOTRESOLVED: 0x108 },
      shorts: [[0, 'END', 'CRYPT']],
      registers: [
        { name: 'STATUS', offset: 0x400, access: 'ro' },
        { name: 'ENABLE', offset: 0x500, writable: 3 },
        // MODE of CCM.
        { name: 'NIRK', offset: 0x504, reset: 1, writable: 0x1f },
        // IRKPTR of AAR.
        { name: 'CNFPTR', offset: 0x508 },
        { name: 'INPTR', offset: 0x50c },
        // ADDRPTR of AAR.
        { name: 'OUTPTR', offset: 0x510 },
        { name: 'SCRATCHPTR', offset: 0x514 },
      ],
      reset: () => {
        for (const timer of [resolved, keyStream, crypted]) timer.clear();
      },
    });
    const { block } = peripheral;

    /** Index of the identity key that made the address, -1 for none: hash = AES(key, random part), 24 bits (volume 3, part H, 2.2.2). */
    function resolve(): number {
      const address = bytesAt(block.get('OUTPTR') + headerSize, 6);
      if (address === undefined) return -1;
      const padded = new Uint8Array(keySize);
      padded.set(address.subarray(3).toReversed(), keySize - 3);
      for (let index = 0; index < block.get('NIRK'); index++) {
        const key = bytesAt(block.get('CNFPTR') + keySize * index, keySize);
        if (key === undefined) return -1;
        const hash = createCipheriv('aes-128-ecb', key, null)
          .update(padded)
          .subarray(keySize - 3)
          .reverse();
        if (hash.every((byte, at) => byte === address[at])) return index;
      }
      return -1;
    }

    /** False: a packet or pointer that is none. */
    function crypt(): boolean {
      const configuration = bytesAt(block.get('CNFPTR'), 33);
      const header = bytesAt(block.get('INPTR'), headerSize);
      if (configuration === undefined || header === undefined) return false;
      const [s0 = 0, length = 0, s1 = 0] = header;
      const decrypts = (block.get('NIRK') & 1) === DECRYPTS;
      if (length > mostPlain + (decrypts ? micSize : 0)) return false;
      const input = bytesAt(block.get('INPTR') + headerSize, length);
      if (input === undefined) return false;
      // Key, packet counter of 39 bits, direction, initialisation vector.
      const key = configuration.subarray(0, keySize);
      const nonce = new Uint8Array(13);
      nonce.set(configuration.subarray(16, 21));
      nonce[4] = ((nonce[4] ?? 0) & 0x7f) | (((configuration[24] ?? 0) & 1) << 7);
      nonce.set(configuration.subarray(25, 33), 5);
      const check = Uint8Array.of(s0 & checkedBits);
      const output = decrypts ? decrypt(key, nonce, check, input) : encrypt(key, nonce, check, input);
      [s0, output.length, s1, ...output].forEach((byte, index) => environment.bus.write(block.get('OUTPTR') + index, 1, byte));
      return true;
    }

    /** Empty packets have no check. */
    function encrypt(key: Uint8Array, nonce: Uint8Array, check: Uint8Array, input: Uint8Array): Uint8Array {
      if (input.length === 0) return input;
      const cipher = createCipheriv('aes-128-ccm', key, nonce, { authTagLength: micSize });
      cipher.setAAD(check, { plaintextLength: input.length });
      return Buffer.concat([cipher.update(input), cipher.final(), cipher.getAuthTag()]);
    }

    function decrypt(key: Uint8Array, nonce: Uint8Array, check: Uint8Array, input: Uint8Array): Uint8Array {
      const size = Math.max(0, input.length - micSize);
      block.set('STATUS', input.length === 0 ? 1 : 0);
      if (size === 0) return input.subarray(0, 0);
      const options = { authTagLength: micSize };
      const decipher = createDecipheriv('aes-128-ccm', key, nonce, options);
      decipher.setAuthTag(input.subarray(size));
      decipher.setAAD(check, { plaintextLength: size });
      const plain = decipher.update(input.subarray(0, size));
      try {
        decipher.final();
        block.set('STATUS', 1);
      } catch {
        // MICSTATUS says it; what was decrypted is not to be used.
      }
      return plain;
    }
    return block;
  },
};
