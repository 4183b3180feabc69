import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

const depth = 16;
const BUSY = 1;
const TFNF = 2;
const TFE = 4;
const RFNE = 8;
const RFF = 16;

/**
 * Flash serial interface of RP2040, a DW_apb_ssi (data sheet, 4.10), for what software does with it itself: serial frames to the flash chip on the
 * bus `ssi`, whose chip select `ssi.cs` is low while frames follow each other, or as the I/O bank forces it. The flash is memory of the CPU whatever
 * is set here; transfers in dual or quad mode, which only set that up, reach nobody.
 */
export const rp2040Ssi: DeviceClass = {
  name: 'rp2040-ssi',
  summary: 'RP2040 flash serial interface (data sheet 4.10)',
  size: 0x4000,
  create(environment) {
    const bus = environment.spiBus(environment.name);
    const chipSelect = environment.pin('cs');
    const forceLow = environment.pin('force-low');
    const forceHigh = environment.pin('force-high');
    const state = { transmit: [] as number[], receive: [] as number[], shifting: false };
    const done = environment.timer(() => {
      state.shifting = false;
      next();
      select();
    });
    const enabled = (): boolean => block.get('SSIENR') === 1;

    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'CTRLR0', offset: 0x00, writable: 0x017f_ffff, fields: { DFS: [3, 0], TMOD: [9, 8], DFS_32: [20, 16], SPI_FRF: [22, 21] } },
        { name: 'CTRLR1', offset: 0x04, writable: 0xffff },
        {
          name: 'SSIENR',
          offset: 0x08,
          writable: 1,
          write: (stored) => {
            // Off: the FIFOs are empty, the transfer ends.
            if (stored === 0) stop();
          },
        },
        { name: 'MWCR', offset: 0x0c, writable: 7 },
        { name: 'SER', offset: 0x10, writable: 1 },
        { name: 'BAUDR', offset: 0x14, writable: 0xffff },
        { name: 'TXFTLR', offset: 0x18, writable: 0xff },
        { name: 'RXFTLR', offset: 0x1c, writable: 0xff },
        { name: 'TXFLR', offset: 0x20, access: 'ro', steady: true, read: () => state.transmit.length },
        { name: 'RXFLR', offset: 0x24, access: 'ro', steady: true, read: () => state.receive.length },
        { name: 'SR', offset: 0x28, access: 'ro', steady: true, read: () => status() },
        { name: 'IMR', offset: 0x2c, reset: 0x3f, writable: 0x3f },
        { name: 'ISR', offset: 0x30, access: 'ro' },
        { name: 'RISR', offset: 0x34, access: 'ro' },
        { name: 'TXOICR', offset: 0x38, access: 'ro' },
        { name: 'RXOICR', offset: 0x3c, access: 'ro' },
        { name: 'RXUICR', offset: 0x40, access: 'ro' },
        { name: 'MSTICR', offset: 0x44, access: 'ro' },
        { name: 'ICR', offset: 0x48, access: 'ro' },
        { name: 'DMACR', offset: 0x4c, writable: 3 },
        { name: 'DMATDLR', offset: 0x50, reset: 0, writable: 0xff },
        { name: 'DMARDLR', offset: 0x54, reset: 4, writable: 0xff },
        { name: 'IDR', offset: 0x58, access: 'ro', reset: 0x5153_5049 },
        { name: 'SSI_VERSION_ID', offset: 0x5c, access: 'ro', reset: 0x3430_312a },
        {
          name: 'DR0',
          offset: 0x60,
          read: () => state.receive.shift() ?? 0,
          write: (_stored, _before, written) => {
            if (!enabled()) return;
            if (block.field('CTRLR0', 'SPI_FRF') !== 0) {
              // A read in dual or quad mode: NDF + 1 frames come back, of no meaning.
              if (state.receive.length < depth) state.receive.push(0);
              return;
            }
            if (state.transmit.length < depth) state.transmit.push(written);
            next();
          },
        },
        { name: 'RX_SAMPLE_DLY', offset: 0xf0, writable: 0xff },
        { name: 'SPI_CTRLR0', offset: 0xf4, reset: 0x0300_0000, writable: 0xff07_fbff },
        { name: 'TXD_DRIVE_EDGE', offset: 0xf8, writable: 0xff },
      ],
      extra: state,
      reset: () => {
        stop();
      },
    });
    forceLow.onChange(select);
    forceHigh.onChange(select);

    function status(): number {
      const { transmit, receive, shifting } = state;
      return (
        (shifting || transmit.length > 0 ? BUSY : 0) |
        (transmit.length < depth ? TFNF : 0) |
        (transmit.length === 0 ? TFE : 0) |
        (receive.length > 0 ? RFNE : 0) |
        (receive.length >= depth ? RFF : 0)
      );
    }

    function next(): void {
      if (state.shifting) return;
      const frame = state.transmit.shift();
      if (frame === undefined) return;
      state.shifting = true;
      select();
      const bits = block.field('CTRLR0', 'DFS_32') + 1;
      let answer = 0;
      for (let low = Math.ceil(bits / 8) * 8 - 8; low >= 0; low -= 8) answer = answer * 256 + bus.transfer((frame >>> low) & 0xff);
      // TMOD 1 only transmits.
      if (block.field('CTRLR0', 'TMOD') !== 1 && state.receive.length < depth) state.receive.push(answer);
      done.set(environment.timeline.now + bits * Math.max(2, block.get('BAUDR')));
    }

    function stop(): void {
      Object.assign(state, { transmit: [], receive: [], shifting: false });
      done.clear();
      select();
    }

    function select(): void {
      const busy = state.shifting || state.transmit.length > 0;
      chipSelect.drive(forceHigh.level || !(forceLow.level || busy));
    }
    return block;
  },
};
