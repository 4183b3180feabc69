import { createCipheriv } from 'node:crypto';
import type { DeviceClass } from '../../machine/device.js';
import { Peripheral } from './peripheral.js';

/** AES-128 of nRF51 (nRF51 Reference Manual 3.0, chapter 23): key, clear text and cipher text in RAM, one block in 8.5 us. */
export const nrf51Ecb: DeviceClass = {
  name: 'nrf51-ecb',
  summary: 'nRF51 ECB (RM 3.0 chapter 23)',
  size: 0x1000,
  interrupts: ['irq'],
  create(environment) {
    const done = environment.timer(() => {
      const at = block.get('ECBDATAPTR');
      const input = Array.from({ length: 32 }, (_, index) => environment.bus.read(at + index, 1));
      if (input.includes(undefined)) {
        environment.warn(`ECBDATAPTR 0x${at.toString(16)} is no memory`);
        peripheral.event('ERRORECB');
        return;
      }
      const bytes = Uint8Array.from(input, (byte) => byte ?? 0);
      const cipher = createCipheriv('aes-128-ecb', bytes.subarray(0, 16), null);
      cipher.update(bytes.subarray(16)).forEach((byte, index) => environment.bus.write(at + 32 + index, 1, byte));
      peripheral.event('ENDECB');
    });
    const peripheral: Peripheral = new Peripheral(environment, {
      tasks: {
        STARTECB: {
          offset: 0x000,
          run: () => {
            done.set(environment.timeline.now + (8.5 * environment.clocks.cpu.hertz) / 1e6);
          },
        },
        STOPECB: {
          offset: 0x004,
          run: () => {
            if (done.at === Infinity) return;
            done.clear();
            peripheral.event('ERRORECB');
          },
        },
      },
      events: { ENDECB: 0x100, ERRORECB: 0x104 },
      registers: [{ name: 'ECBDATAPTR', offset: 0x504 }],
      reset: () => {
        done.clear();
      },
    });
    const { block } = peripheral;
    return block;
  },
};
