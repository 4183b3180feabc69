import { UsageError } from '@fireball/contracts';
import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { peripheralSize, withAtomicAliases } from './atomic.js';
import { interruptRegisters, interruptStatus } from './interrupts.js';

const depth = 4;
/** 27 degrees Celsius: 0.706 V of 3.3 V (data sheet 4.9.5). */
const temperature = 876;

/** ADC of RP2040 (data sheet, 4.9): single and free-running conversions of 96 cycles of clk_adc, round robin, FIFO. Pins carry `inputs`. */
export const rp2040Adc: DeviceClass = {
  name: 'rp2040-adc',
  summary: 'RP2040 ADC (data sheet 4.9)',
  size: peripheralSize,
  interrupts: ['fifo'],
  clocks: ['adc'],
  parameters: { inputs: { type: 'text', default: '', summary: 'what inputs 0 to 4 read, INPUT=VALUE separated by spaces; the others read 0, 4 27 degrees' } },
  create(environment) {
    const irq = environment.interrupt('fifo');
    const request = environment.pin('dma');
    const clock = environment.clock('adc');
    const inputs = new Map([[4, temperature], ...parseInputs(environment.text('inputs'))]);
    const state = { converting: false, fifo: [] as number[] };
    const done = environment.timer(() => {
      convert();
    });
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'CS',
          offset: 0x00,
          writable: 0x001f_700f,
          fields: { EN: [0, 0], TS_EN: [1, 1], START_ONCE: [2, 2], START_MANY: [3, 3], READY: [8, 8], AINSEL: [14, 12], RROBIN: [20, 16] },
          steady: true,
          read: (stored) => (stored & ~4) | ((stored & 1) !== 0 && !state.converting ? 0x100 : 0),
          write: (stored) => {
            block.set('CS', stored & ~4);
            if ((stored & 1) === 0) stop();
            else if ((stored & 0xc) !== 0 && !state.converting) begin();
          },
        },
        { name: 'RESULT', offset: 0x04, access: 'ro' },
        {
          name: 'FCS',
          offset: 0x08,
          writable: 0x0f00_000f,
          fields: { EN: [0, 0], SHIFT: [1, 1], ERR: [2, 2], DREQ_EN: [3, 3], THRESH: [27, 24] },
          steady: true,
          read: (stored) => stored | (state.fifo.length === 0 ? 0x100 : 0) | (state.fifo.length === depth ? 0x200 : 0) | (state.fifo.length << 16),
          write: (stored, before, written) => {
            // UNDER and OVER are cleared by ones.
            block.set('FCS', (stored & 0x0f00_000f) | (before & 0xc00 & ~written));
            update();
          },
        },
        {
          name: 'FIFO',
          offset: 0x0c,
          access: 'ro',
          read: () => {
            const value = state.fifo.shift();
            if (value === undefined) block.set('FCS', block.get('FCS') | 0x400);
            update();
            return value ?? 0;
          },
        },
        { name: 'DIV', offset: 0x10, writable: 0xff_ffff },
        { name: 'INTR', offset: 0x14, access: 'ro', steady: true, read: () => raw() },
        ...interruptRegisters(0x18, { bits: 1, raw, block: () => block, update }),
      ],
      extra: state,
      reset: () => {
        stop();
        state.fifo = [];
        update();
      },
    });
    function stop(): void {
      state.converting = false;
      done.clear();
    }
    function begin(): void {
      state.converting = true;
      // DIV: the period of free-running conversions, where it is longer than one.
      const cycles = block.field('CS', 'START_MANY') === 1 ? Math.max(96, block.get('DIV') / 256 + 1) : 96;
      done.set(environment.timeline.now + (cycles * environment.clocks.cpu.hertz) / clock.hertz);
    }
    function convert(): void {
      state.converting = false;
      const channel = block.field('CS', 'AINSEL');
      const value = channel === 4 && block.field('CS', 'TS_EN') === 0 ? 0 : (inputs.get(channel) ?? 0);
      block.set('RESULT', value);
      if (block.field('FCS', 'EN') === 1) {
        if (state.fifo.length === depth) block.set('FCS', block.get('FCS') | 0x800);
        else state.fifo.push(block.field('FCS', 'SHIFT') === 1 ? value >>> 4 : value);
      }
      const robin = block.field('CS', 'RROBIN');
      if (robin !== 0) {
        let next = channel;
        do next = (next + 1) % 5;
        while (((robin >>> next) & 1) === 0 && next !== channel);
        block.set('CS', (block.get('CS') & ~0x7000) | (next << 12));
      }
      if (block.field('CS', 'START_MANY') === 1) begin();
      update();
    }
    function raw(): number {
      const threshold = block.field('FCS', 'THRESH');
      return block.field('FCS', 'EN') === 1 && state.fifo.length >= threshold && threshold > 0 ? 1 : 0;
    }
    function update(): void {
      irq.set(interruptStatus(block, raw()) !== 0);
      request.drive(block.field('FCS', 'DREQ_EN') === 1 && state.fifo.length > 0);
    }
    return withAtomicAliases(block);
  },
};

/** `0=2048 1=100`. */
function parseInputs(text: string): readonly (readonly [number, number])[] {
  return text.split(/\s+/).flatMap((entry) => {
    if (entry === '') return [];
    const match = /^([0-4])=(\d+)$/.exec(entry);
    if (match === null || Number(match[2]) > 4095) throw new UsageError(`'${entry}' is no input of the ADC: INPUT=VALUE, inputs 0 to 4, values 0 to 4095`);
    return [[Number(match[1]), Number(match[2])] as const];
  });
}
