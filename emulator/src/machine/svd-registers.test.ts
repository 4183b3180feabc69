import { afterEach, describe, expect, it } from '@jest/globals';
import { InvalidInputError } from '@fireball/contracts';
import { readSvd, type SvdDevice } from '@fireball/svd';
import { guestBoard } from '../testing/arm/guest.js';
import { program } from '../testing/arm/programs.js';
import { createProcessor } from './cores.js';
import { Machine } from './machine.js';
import { RegisterBlock } from './register-block.js';
import { SvdRegisters } from './svd-registers.js';

const chip = (peripherals: string): SvdDevice => readSvd(`<device><name>CHIP</name><peripherals>${peripherals}</peripherals></device>`);
const register = (name: string, offset: number, more: string): string =>
  `<register><name>${name}</name><addressOffset>${offset}</addressOffset>${more}</register>`;
const base = 0x5000_0000;

const svd = chip(`
  <peripheral><name>CLOCK</name><baseAddress>${base}</baseAddress>
    <addressBlock><offset>0</offset><size>0x100</size><usage>registers</usage></addressBlock>
    <registers>
      ${register('CR', 0, '<resetValue>0x83</resetValue><fields><field><name>ON</name><bitRange>[0:0]</bitRange></field><field><name>READY</name><bitRange>[17:17]</bitRange><access>read-only</access></field></fields>')}
      ${register('ID', 4, '<resetValue>0x12345678</resetValue><access>read-only</access>')}
      ${register('KEY', 8, '<resetValue>0xff</resetValue><access>write-only</access>')}
      ${register('FLAGS', 12, '<resetValue>0xf</resetValue><modifiedWriteValues>oneToClear</modifiedWriteValues>')}
      ${register('STATUS', 16, '<resetValue>0xf</resetValue><modifiedWriteValues>zeroToClear</modifiedWriteValues>')}
      ${register('BYTE', 20, '<size>8</size><resetValue>0x11</resetValue>')}
      ${register('NEXT', 21, '<size>8</size><resetValue>0x22</resetValue>')}
      ${register('WIDE', 24, '<size>64</size><resetValue>0x1122334455667788</resetValue>')}
      ${register('MODE_A', 32, '<resetValue>5</resetValue><access>read-only</access>')}
      ${register('MODE_B', 32, '<resetValue>6</resetValue>')}
      ${['oneToSet', 'zeroToSet', 'oneToToggle', 'zeroToToggle', 'clear', 'set', 'modify'].map((effect, index) => register(effect, 36 + 4 * index, `<size>8</size><resetValue>3</resetValue><modifiedWriteValues>${effect}</modifiedWriteValues>`)).join('')}
    </registers>
  </peripheral>
  <peripheral><name>MODELLED</name><baseAddress>0x50001000</baseAddress>
    <registers>${register('KNOWN', 0, '<resetValue>1</resetValue>')}${register('UNKNOWN', 4, '<resetValue>0x77</resetValue>')}</registers>
  </peripheral>`);

describe('a register of the file', () => {
  const cases: [name: string, offset: number, size: 1 | 2 | 4, before: number, written: number, after: number][] = [
    ['keeps what is written, but for fields that are read only', 0, 4, 0x83, 0xffff_ffff, 0xfffd_ffff],
    ['is written in bytes', 1, 1, 0, 0xaa, 0xaa],
    ['is read in halfwords', 6, 2, 0x1234, 0, 0x1234],
    ['that is read only stays', 4, 4, 0x1234_5678, 0, 0x1234_5678],
    ['that is written only reads 0', 8, 4, 0, 0x55, 0],
    ['is cleared by ones', 12, 4, 0xf, 0x5, 0xa],
    ['is cleared by zeros', 16, 4, 0xf, 0x5, 0x5],
    ['of 8 bits lies beside another', 20, 2, 0x2211, 0x4433, 0x4433],
    ['of 64 bits is read by halves', 28, 4, 0x1122_3344, 1, 1],
    ['at the address of another may be written by its rights', 32, 4, 5, 9, 9],
    ['is set by ones', 36, 1, 3, 5, 7],
    ['is set by zeros', 40, 1, 3, 0xf5, 0x0b],
    ['is flipped by ones', 44, 1, 3, 5, 6],
    ['is flipped by zeros', 48, 1, 3, 0xfa, 6],
    ['is cleared by any write', 52, 1, 3, 5, 0],
    ['is set by any write', 56, 1, 3, 5, 0xff],
    ['is changed in a way that nobody says', 60, 1, 3, 5, 5],
    ['that is none reads 0', 64, 4, 0, 9, 0],
  ];
  it.each(cases)('%s', (_name, offset, size, before, written, after) => {
    const registers = new SvdRegisters(svd);
    expect(registers.read(base + offset, size)).toBe(before);
    registers.write(base + offset, size, written);
    expect(registers.read(base + offset, size)).toBe(after);
    registers.reset();
    expect(registers.read(base + offset, size)).toBe(before);
  });

  it('is named, with its fields', () => {
    const registers = new SvdRegisters(svd);
    expect([registers.nameAt(base), registers.nameAt(base + 2), registers.nameAt(base + 32), registers.nameAt(base + 64)]).toEqual([
      'CLOCK.CR',
      'CLOCK.CR',
      'CLOCK.MODE_A',
      undefined,
    ]);
    expect([registers.fieldAt(base, 17), registers.fieldAt(base + 2, 1), registers.fieldAt(base, 5)]).toEqual(['READY', 'READY', undefined]);
  });
});

const machines: Machine[] = [];
afterEach(() => {
  for (const machine of machines.splice(0)) machine.close();
});

interface Heard {
  readonly device: string;
  readonly address: number;
  readonly value: number;
}

/** A Cortex-M3 at a body of code whose r0 has `at`, with a device at 0x50001000 that has the register KNOWN. */
function machineAt(body: readonly number[], at: number, file: SvdDevice, heard: Heard[] = []): Machine {
  const block = { name: 'block', summary: '', size: 0x1000, create: () => new RegisterBlock({ registers: [{ name: 'OWN', offset: 0, reset: 9 }] }) };
  const board = guestBoard({
    core: 'cortex-m3',
    program: new Uint8Array(),
    devices: [{ name: 'modelled', device: 'block', base: 0x5000_1000, size: 0x1000, interrupts: {}, clocks: {}, parameters: {} }],
  });
  const machine = new Machine({
    board,
    createProcessor,
    deviceClass: () => block,
    svd: file,
    onAccess: { hear: (device, where, offset, _size, value) => heard.push({ device, address: where + offset, value }) * 0, again: () => undefined },
  });
  machines.push(machine);
  const flash = machine.memory('flash');
  flash.set(program('faults'));
  new DataView(flash.buffer, flash.byteOffset).setUint32(0x200, 0, true);
  flash.set(new Uint8Array(Uint16Array.from([...body, 0x2018, 0xbeab]).buffer), 0x200);
  machine.processor.onSemihosting = () => ({ exit: 0 });
  machine.reset();
  machine.processor.writeRegister('pc', 0x200);
  machine.processor.writeRegister('r0', at);
  return machine;
}

describe('a machine with an SVD file', () => {
  // ldr r1, [r0]; str r1, [r0]; ldr r2, [r0]
  const body = [0x6801, 0x1c49, 0x6001, 0x6802];
  const cases: [name: string, at: number, before: number, after: number, device: string, register: string, modelled: boolean][] = [
    ['has what the board does not', base, 0x83, 0x84, 'CLOCK', 'CLOCK.CR', false],
    ['has registers that a device lacks', 0x5000_1004, 0x77, 0x78, 'modelled', 'MODELLED.UNKNOWN', false],
    ['leaves those of the device', 0x5000_1000, 9, 10, 'modelled', 'MODELLED.KNOWN', true],
    ['reads 0 between registers', base + 0x80, 0, 0, 'CLOCK', 'CLOCK + 0x80', false],
  ];
  it.each(cases)('%s', (_name, at, before, after, device, name, modelled) => {
    const heard: Heard[] = [];
    const machine = machineAt(body, at, svd, heard);
    expect(machine.run({ instructions: 100 })).toMatchObject({ kind: 'exit' });
    expect([machine.processor.readRegister('r1') - 1, machine.processor.readRegister('r2')]).toEqual([before, after]);
    expect(heard.map(({ device: by, address, value }) => [by, address, value])).toEqual([
      [device, at, before],
      [device, at, before + 1],
      [device, at, after],
    ]);
    expect([machine.bus.describe(at), machine.models(at), machine.bus.read(at, 4)]).toEqual([name, modelled, after]);
    machine.reset();
    expect(machine.bus.read(at, 4)).toBe(before);
  });

  it('still has bus faults elsewhere, in the same page too, and no code in registers', () => {
    for (const at of [base + 0x100, 0x5800_0000]) {
      const machine = machineAt(body, at, svd);
      machine.run({ instructions: 100 });
      expect(machine.bus.read(0xe000_ed38, 4)).toBe(at);
    }
    const machine = machineAt([0x4700], base + 1, svd); // bx r0
    machine.run({ instructions: 100 });
    expect(machine.bus.read(0xe000_ed28, 4)).toBe(1);
  });

  it('refuses one that is scattered over the whole address space', () => {
    const scattered = chip(
      Array.from(
        { length: 1200 },
        (_, n) =>
          `<peripheral><name>P${n}</name><baseAddress>${0x6000_0000 + n * 0x2_0000}</baseAddress><registers>${register('R', 0, '')}</registers></peripheral>`,
      ).join(''),
    );
    expect(() => machineAt(body, 0, scattered)).toThrow(InvalidInputError);
  });

  it('takes parts that lie over each other, memory and the core', () => {
    const over = (name: string, at: number, size: number): string =>
      `<peripheral><name>${name}</name><baseAddress>${at}</baseAddress><addressBlock><offset>0</offset><size>${size}</size></addressBlock><registers>${register('R', 0, '<resetValue>3</resetValue>')}</registers></peripheral>`;
    const machine = machineAt(
      body,
      base,
      chip(
        over('A', base, 0x3000) +
          over('B', base + 0x1000, 0x100) +
          over('RAM', 0x2000_0000, 0x2_0000) +
          over('SCS', 0xe000_e000, 0x1000) +
          over('ALIAS', 0x4200_0000, 0x1000),
      ),
    );
    machine.run({ instructions: 100 });
    expect([
      machine.processor.readRegister('r2'),
      machine.bus.read(0x2000_0000, 4),
      machine.bus.read(0x2001_0000, 4),
      machine.bus.read(0xe000_ed00, 4),
    ]).toEqual([4, 0, 0, expect.any(Number)]);
  });
});
