import type { Device, DeviceClass } from '../../machine/device.js';

const WIP = 1;
const WEL = 2;

/** Erase commands and the bytes that they erase. */
const erases: Readonly<Record<number, number>> = { 0x20: 0x1000, 0x52: 0x8000, 0xd8: 0x1_0000 };

/**
 * Serial NOR flash of the 25 series (Winbond W25Q data sheet, chapter 8): reads, page program, sector, block and chip erase, status registers, JEDEC and
 * unique ID, with 24-bit addresses. Its contents are a memory of the board, or its own. Operations take no time.
 */
export const spiFlash: DeviceClass = {
  name: 'spi-flash',
  summary: 'serial NOR flash behind an SPI master (W25Q data sheet)',
  size: 0,
  parameters: {
    bus: { type: 'device', summary: 'the SPI master' },
    select: { type: 'pin', summary: 'the pin that is its chip select, gpioa.4' },
    memory: { type: 'memory', default: '', summary: 'the memory that it is; none: one of its own' },
    size: { type: 'number', default: 2 * 1024 * 1024, summary: 'bytes, where it has a memory of its own' },
    id: { type: 'number', default: 0, summary: 'JEDEC manufacturer and device ID; 0: that of a W25Q of its size' },
  },
  create(environment): Device {
    const name = environment.text('memory');
    const bytes = name === '' ? new Uint8Array(environment.number('size')).fill(0xff) : environment.memory(name);
    const id = environment.number('id') || 0xef4000 | Math.ceil(Math.log2(bytes.length));
    /** The older identification is one less than the last byte of JEDEC's. */
    const deviceId = (id - 1) & 0xff;
    const state = { position: 0, command: 0, address: 0, status: 0, status2: 2, page: [] as number[] };
    const changed = (offset: number, size: number): void => {
      if (name !== '') environment.memoryChanged(name, offset, size);
    };

    function begin(command: number): void {
      state.command = command;
      state.address = 0;
      state.page = [];
      if (command === 0x06) state.status |= WEL;
      else if (command === 0x04) state.status &= ~WEL;
    }

    /** What a command answers at its `index`-th byte, from 1. */
    function answer(index: number, byte: number): number {
      const { command } = state;
      if (command === 0x05) return state.status & ~WIP;
      if (command === 0x35) return state.status2;
      if (command === 0x9f) return (id >>> (16 - ((index - 1) % 3) * 8)) & 0xff;
      // Release from power-down, and manufacturer and device ID, behind an address.
      if (command === 0xab) return index > 3 ? deviceId : 0xff;
      if (command === 0x90 && index > 3) return index % 2 === 0 ? id >>> 16 : deviceId;
      if (command === 0x4b) return index < 5 ? 0xff : (0xe6 + index * 0x13) & 0xff;
      if (command === 0x01) {
        if ((state.status & WEL) !== 0 && index === 1) state.status = (byte & 0xfc) | WEL;
        if ((state.status & WEL) !== 0 && index === 2) state.status2 = byte;
        return 0xff;
      }
      if (index <= 3) {
        state.address = (state.address << 8) | byte;
        return 0xff;
      }
      // Fast read has a dummy byte.
      if (command === 0x03 || (command === 0x0b && index > 4)) {
        const value = bytes[state.address % bytes.length] ?? 0xff;
        state.address++;
        return value;
      }
      if (command === 0x02) state.page.push(byte);
      return 0xff;
    }

    /** Operations that change it begin when the chip is deselected. */
    function end(): void {
      const { command, address, page } = state;
      if ((state.status & WEL) === 0 || command === 0x06) return;
      const size = erases[command];
      if (size !== undefined && state.position === 4) erase((address % bytes.length) - (address % size), size);
      else if ((command === 0xc7 || command === 0x60) && state.position === 1) erase(0, bytes.length);
      else if (command === 0x02 && page.length > 0) program(address % bytes.length, page);
      else if (command !== 0x01) return;
      state.status &= ~WEL;
    }
    function erase(offset: number, size: number): void {
      bytes.fill(0xff, offset, offset + size);
      changed(offset, Math.min(size, bytes.length - offset));
    }
    /** Bits are cleared; behind the end of its page of 256 bytes the address begins at the page's beginning again. */
    function program(offset: number, page: readonly number[]): void {
      const base = offset - (offset % 256);
      page.forEach((byte, index) => {
        const at = base + ((offset + index) % 256);
        bytes[at] = (bytes[at] ?? 0xff) & byte;
      });
      changed(base, 256);
    }

    environment.spiBus(environment.text('bus')).attach(
      {
        select(selected) {
          if (selected) state.position = 0;
          else end();
        },
        transfer(byte) {
          const index = state.position++;
          if (index > 0) return answer(index, byte);
          begin(byte);
          return 0xff;
        },
      },
      environment.wire(environment.text('select')),
    );
    const nothing = (): number => 0;
    return {
      state,
      ...(name === '' ? { storage: bytes } : {}),
      reset: () => {
        Object.assign(state, { position: 0, command: 0, address: 0, status: 0, page: [] });
      },
      read: nothing,
      write: nothing,
    };
  },
};
