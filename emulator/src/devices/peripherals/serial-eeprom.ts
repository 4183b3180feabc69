import { UsageError } from '@fireball/contracts';
import type { Device, DeviceClass } from '../../machine/device.js';

/** Bytes and bytes of a page, by kilobits, the number in the name; larger ones have two address bytes (Microchip data sheets of 24LC and 25LC). */
const sizes: ReadonlyMap<number, { readonly bytes: number; readonly page: number }> = new Map(
  [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].map((kilobits) => {
    const bytes = kilobits * 128;
    return [kilobits, { bytes, page: bytes <= 256 ? 8 : bytes <= 2048 ? 16 : bytes <= 8192 ? 32 : 64 }];
  }),
);

function sizeOf(kilobits: number): { readonly bytes: number; readonly page: number } {
  const size = sizes.get(kilobits);
  if (size === undefined) throw new UsageError(`there is no serial EEPROM of ${kilobits} kilobits; there are ${[...sizes.keys()].join(', ')}`);
  return size;
}

const nothing = (): number => 0;

/**
 * Serial EEPROM of the 24 series, 24LC01 to 24LC512: random, current-address and sequential reads, page writes that wrap within the page. The upper
 * address bits of 24LC04 to 24LC16 are in the I2C address. A write takes no time: it is always acknowledged.
 */
export const i2cEeprom: DeviceClass = {
  name: 'i2c-eeprom',
  summary: 'serial EEPROM 24LC01 to 24LC512 behind an I2C master',
  size: 0,
  parameters: {
    bus: { type: 'device', summary: 'the I2C master' },
    address: { type: 'number', default: 0x50, summary: '7-bit address' },
    kilobits: { type: 'number', default: 2, summary: '1, 2, 4 and so on to 512' },
  },
  create(environment): Device {
    const { bytes: size, page } = sizeOf(environment.number('kilobits'));
    const wide = size > 2048;
    const blocks = wide ? 1 : Math.max(1, size / 256);
    const base = environment.number('address') & ~(blocks - 1);
    const bytes = new Uint8Array(size).fill(0xff);
    const state = { pointer: 0, received: 0 };
    environment.i2cBus(environment.text('bus')).attach(
      Array.from({ length: blocks }, (_, block) => base + block),
      {
        start(read, address) {
          state.received = 0;
          if (!wide) state.pointer = ((address - base) << 8) | (state.pointer & 0xff);
          if (!read && wide) state.pointer = 0;
          return true;
        },
        write(byte) {
          const addressBytes = wide ? 2 : 1;
          if (state.received < addressBytes) {
            state.pointer = wide ? ((state.pointer << 8) | byte) % size : (state.pointer & ~0xff) | byte;
          } else {
            bytes[state.pointer % size] = byte;
            state.pointer = state.pointer - (state.pointer % page) + ((state.pointer + 1) % page);
          }
          state.received++;
          return true;
        },
        read() {
          const value = bytes[state.pointer % size] ?? 0xff;
          state.pointer = (state.pointer + 1) % size;
          return value;
        },
        stop: nothing,
      },
    );
    return { state, storage: bytes, reset: nothing, read: nothing, write: nothing };
  },
};

/**
 * Serial EEPROM of the 25 series, 25LC01 to 25LC512: READ, WRITE within a page, WREN, WRDI, RDSR, WRSR. A write takes no time.
 */
export const spiEeprom: DeviceClass = {
  name: 'spi-eeprom',
  summary: 'serial EEPROM 25LC01 to 25LC512 behind an SPI master',
  size: 0,
  parameters: {
    bus: { type: 'device', summary: 'the SPI master' },
    select: { type: 'pin', summary: 'the pin that is its chip select, gpioa.4' },
    kilobits: { type: 'number', default: 256, summary: '1, 2, 4 and so on to 512' },
  },
  create(environment): Device {
    const { bytes: size, page } = sizeOf(environment.number('kilobits'));
    const addressBytes = size > 512 ? 2 : 1;
    const bytes = new Uint8Array(size).fill(0xff);
    const state = { position: 0, command: 0, pointer: 0, status: 0 };
    function transfer(byte: number): number {
      const index = state.position++;
      if (index === 0) {
        // 25LC04: the ninth address bit is bit 3 of READ and WRITE.
        state.command = addressBytes === 1 ? byte & ~8 : byte;
        state.pointer = addressBytes === 1 ? (byte >>> 3) & 1 : 0;
        if (state.command === 6) state.status |= 2;
        else if (state.command === 4) state.status &= ~2;
        return 0xff;
      }
      if (state.command === 5) return state.status;
      if (state.command === 1) {
        if ((state.status & 2) !== 0) state.status = (byte & 0x8c) | 2;
        return 0xff;
      }
      if (index <= addressBytes) {
        state.pointer = (state.pointer << 8) | byte;
        return 0xff;
      }
      if (state.command === 3) {
        const value = bytes[state.pointer % size] ?? 0xff;
        state.pointer = (state.pointer + 1) % size;
        return value;
      }
      if (state.command === 2 && (state.status & 2) !== 0) {
        bytes[state.pointer % size] = byte;
        state.pointer = state.pointer - (state.pointer % page) + ((state.pointer + 1) % page);
      }
      return 0xff;
    }
    environment.spiBus(environment.text('bus')).attach(
      {
        select(selected) {
          // A write is done when the chip is deselected, and ends the permission to write.
          if (!selected && (state.command === 2 || state.command === 1) && state.position > 1) state.status &= ~2;
          state.position = 0;
        },
        transfer,
      },
      environment.wire(environment.text('select')),
    );
    return { state, storage: bytes, reset: nothing, read: nothing, write: nothing };
  },
};
