import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

const START = 2 ** 31;
const WRITE = 2 ** 30;
/** The board's microcontroller is asked for oscillators by this function. */
const OSCILLATOR = 1;
const DONE = 1 << 0;
const ERROR = 1 << 1;

/** Hertz of the oscillators at power-on (AN385, 2.5). */
const oscillators = [50_000_000, 24_576_000, 25_000_000];

/** Serial configuration control of MPS2 (AN385, chapter 4.4): switches, LEDs and the oscillators' frequencies, which only can be read and set. */
export const mps2Scc: DeviceClass = {
  name: 'mps2-scc',
  summary: 'MPS2 serial configuration control (AN385 4.4)',
  size: 0x1000,
  parameters: {
    id: { type: 'number', summary: 'SCC_ID of the FPGA image' },
    aid: { type: 'number', default: 0x0020_0008, summary: 'SCC_AID: version of the interface' },
    revision: { type: 'number', default: 2, summary: 'CFG_REG4: revision of the board' },
    switches: { type: 'number', default: 0, summary: 'CFG_REG3: positions of the switches' },
  },
  create(environment) {
    const leds = Array.from({ length: 8 }, (_, index) => environment.pin(`LED${index}`));
    const extra = { oscillators: [...oscillators] };
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'CFG_REG0', offset: 0x000, writable: 1, fields: { REMAP: [0, 0] } },
        {
          name: 'CFG_REG1',
          offset: 0x004,
          writable: 0xff,
          write: (stored) => {
            leds.forEach((led, index) => {
              led.drive(((stored >>> index) & 1) === 1);
            });
          },
        },
        { name: 'CFG_REG2', offset: 0x008, access: 'ro' },
        { name: 'CFG_REG3', offset: 0x00c, access: 'ro', reset: environment.number('switches') & 0xff },
        { name: 'CFG_REG4', offset: 0x010, access: 'ro', reset: environment.number('revision') & 0xf },
        { name: 'SYS_CFGDATA_RTN', offset: 0x0a0, access: 'ro' },
        { name: 'SYS_CFGDATA_OUT', offset: 0x0a4 },
        {
          name: 'SYS_CFGCTRL',
          offset: 0x0a8,
          fields: { DEVICE: [11, 0], FUNCTION: [25, 20], WRITE: [30, 30], START: [31, 31] },
          write: (stored) => {
            if (stored >= START) command(stored);
          },
        },
        { name: 'SYS_CFGSTAT', offset: 0x0ac, writable: 3, fields: { DONE: [0, 0], ERROR: [1, 1] } },
        { name: 'SCC_DLL', offset: 0x100, access: 'ro', reset: 0xffff_0001 },
        { name: 'SCC_AID', offset: 0xff8, access: 'ro', reset: environment.number('aid') },
        { name: 'SCC_ID', offset: 0xffc, access: 'ro', reset: environment.number('id') },
      ],
      extra,
      reset: () => {
        extra.oscillators.splice(0, Infinity, ...oscillators);
        for (const led of leds) led.drive(false);
      },
    });
    function command(control: number): void {
      const device = control & 0xfff;
      const known = ((control >>> 20) & 0x3f) === OSCILLATOR && device < extra.oscillators.length;
      if (known && (control & WRITE) !== 0) extra.oscillators[device] = block.get('SYS_CFGDATA_OUT');
      else if (known) block.set('SYS_CFGDATA_RTN', extra.oscillators[device] ?? 0);
      block.set('SYS_CFGCTRL', control - START);
      block.set('SYS_CFGSTAT', known ? DONE : DONE | ERROR);
    }
    return block;
  },
};
