import { describe, expect, it } from '@jest/globals';
import { InvalidInputError } from '@fireball/contracts';
import { readSvd, type SvdDevice, type SvdRegister } from './index.js';

const device = (peripherals: string, properties = ''): string => `<?xml version="1.0" encoding="utf-8"?>
<device schemaVersion="1.3" xmlns:xs="http://www.w3.org/2001/XMLSchema-instance">
  <name>CHIP</name>${properties}
  <peripherals>
${peripherals}
  </peripherals>
</device>`;
const peripheral = (name: string, base: string, registers: string, more = '', attributes = ''): string =>
  `<peripheral${attributes}><name>${name}</name><description>a <b>device</b> &amp; more</description><baseAddress>${base}</baseAddress>${more}${registers === '' ? '' : `<registers>${registers}</registers>`}</peripheral>`;
const register = (name: string, offset: string, more = '', attributes = ''): string =>
  `<register${attributes}><name>${name}</name><addressOffset>${offset}</addressOffset>${more}</register>`;
const field = (name: string, bits: string, more = ''): string => `<field><name>${name}</name>${bits}${more}</field>`;

function registersOf(chip: SvdDevice): Record<string, SvdRegister> {
  return Object.fromEntries(chip.peripherals.flatMap(({ name, registers }) => registers.map((one) => [`${name}.${one.name}`, one])));
}
const read = (peripherals: string, properties?: string): Record<string, SvdRegister> => registersOf(readSvd(device(peripherals, properties)));
const addresses = (registers: Record<string, SvdRegister>): Record<string, string> =>
  Object.fromEntries(Object.entries(registers).map(([name, { address }]) => [name, address.toString(16)]));

describe('numbers', () => {
  it.each([
    ['0x40', 0x40],
    ['0X4f', 0x4f],
    ['64', 64],
    ['+64', 64],
    ['#101', 5],
    ['0b1x1', 5],
    ['4k', 4096],
    ['1K', 1024],
  ])('%s', (text, value) => {
    expect(read(peripheral('P', '0', register('R', text)))['P.R']!.address).toBe(value);
  });
});

describe('size, access and resetValue', () => {
  const all = '<size>16</size><access>read-only</access><resetValue>0x1234</resetValue>';
  it('are inherited, and given anew further in', () => {
    const own = '<resetValue>7</resetValue>';
    const registers = read(
      peripheral('A', '0x1000', register('R', '0') + register('S', '4', '<size>8</size><access>write-only</access>')) +
        peripheral(
          'B',
          '0x2000',
          `${register('R', '0')}<cluster><name>C</name><addressOffset>8</addressOffset><access>read-write</access>${register('R', '4')}</cluster>`,
          own,
        ),
      all,
    );
    expect(registers).toMatchObject({
      'A.R': { size: 2, reset: 0x1234n, readable: 0xffffn, writable: 0n },
      'A.S': { size: 1, reset: 0x34n, readable: 0n, writable: 0xffn },
      'B.R': { size: 2, reset: 7n },
      'B.C.R': { address: 0x200c, reset: 7n, readable: 0xffffn, writable: 0xffffn },
    });
  });

  it('without any are 32 bits, read and written, 0', () => {
    expect(read(peripheral('P', '0x40000000', register('R', '4')))).toMatchObject({
      'P.R': { address: 0x4000_0004, size: 4, reset: 0n, readable: 0xffff_ffffn, writable: 0xffff_ffffn },
    });
  });

  it('of fields are those bits alone', () => {
    const fields = [
      field('READY', '<bitOffset>17</bitOffset>', '<access>read-only</access>'),
      field('MODE', '<bitRange>[5:4]</bitRange>'),
      field('FLAG', '<lsb>8</lsb><msb>9</msb>', '<modifiedWriteValues>oneToClear</modifiedWriteValues>'),
      field('DONE', '<bitOffset>10</bitOffset><bitWidth>2</bitWidth>', '<modifiedWriteValues>zeroToClear</modifiedWriteValues>'),
      field('KEY', '<bitRange>[31:24]</bitRange>', '<access>write-only</access>'),
      field('OTHER_MODE', '<bitRange>[5:4]</bitRange>', '<access>read-only</access>'),
    ].join('');
    expect(read(peripheral('P', '0', register('R', '0', `<fields>${fields}</fields>`)))['P.R']).toMatchObject({
      readable: 0x00ff_ffffn,
      writable: 0xfffd_f0ffn,
      clearedByOnes: 0x300n,
      clearedByZeros: 0xc00n,
      setByOnes: 0n,
      setByZeros: 0n,
      flippedByOnes: 0n,
      flippedByZeros: 0n,
      fields: [
        { name: 'READY', low: 17, high: 17 },
        { name: 'MODE', low: 4, high: 5 },
        { name: 'FLAG' },
        { name: 'DONE', low: 10, high: 11 },
        { name: 'KEY' },
        { name: 'OTHER_MODE' },
      ],
    });
  });
});

describe('what files of makers have, too', () => {
  it.each([
    ['read', 0xffff_ffffn, 0n],
    ['write', 0n, 0xffff_ffffn],
    ['Read/Write', 0xffff_ffffn, 0xffff_ffffn],
    ['readOnly', 0xffff_ffffn, 0n],
    ['read-writeOnce', 0xffff_ffffn, 0xffff_ffffn],
  ])('access %s', (access, readable, writable) => {
    expect(read(peripheral('P', '0', register('R', '0', `<access>${access}</access>`)))['P.R']).toMatchObject({ readable, writable });
  });

  it('a field beyond its register, which is left out', () => {
    const fields = field('A', '<bitRange>[ 7 : 0 ]</bitRange>') + field('B', '<bitOffset>15</bitOffset><bitWidth>2</bitWidth>', '<access>read-only</access>');
    expect(read(peripheral('P', '0', register('R', '0', `<size>16</size><fields>${fields}</fields>`)))['P.R']).toMatchObject({
      writable: 0xffffn,
      fields: [{ name: 'A', low: 0, high: 7 }],
    });
  });

  // SiFive, Nordic: indices in brackets, registers of a cluster without <registers>, stray elements; Raspberry Pi: names after fields; NXP: registers of a bit.
  it('their order and their own elements', () => {
    const chip = `\uFEFF<?xml version="1.0" encoding="utf-8"?>
<!-- a chip -->
<device schemaVersion="1.1" xmlns:xs="http://www.w3.org/2001/XMLSchema-instance" xs:noNamespaceSchemaLocation="CMSIS-SVD.xsd" >
  <vendorExtensions><peripherals><peripheral><name>X</name></peripheral></peripherals></vendorExtensions>
  <name>CHIP</name>
  <cpu><name>CM0</name><mpuPresent>true</mpuPresent></cpu>
  <peripherals><peripheral><name>PLIC</name><baseAddress>0x0C000000</baseAddress><registers>
    <register><dim>2</dim><dimIncrement>0x04</dimIncrement><name>priority[%s]</name><addressOffset>0</addressOffset>
      <enumeratedValues derivedFrom="threshold"></enumeratedValues></register>
    <register><name>claim</name><addressOffset>0x200004</addressOffset><range><minimum>0</minimum></range></register></registers></peripheral>
  <peripheral><addressBlock><offset>0</offset><size>0x20</size></addressBlock><baseAddress>0x14000000</baseAddress><name>XIP</name><registers>
    <register><addressOffset>8</addressOffset><fields><field><access>read-only</access><bitRange>[1:1]</bitRange><name>EMPTY</name></field></fields><name>STAT</name><resetValue>2</resetValue></register>
    <cluster><name>INFO</name><access>read-only</access><addressOffset>0x10</addressOffset><register><name>PART</name><addressOffset>4</addressOffset><resetValue>0x51</resetValue></register></cluster>
    <register><dim>2</dim><dimIncrement>0x1</dimIncrement><dimIndex>0-1</dimIndex><name>B%s</name><addressOffset>0</addressOffset><size>1</size></register>
    </registers><size>32</size></peripheral></peripherals></device>`;
    const registers = registersOf(readSvd(chip));
    expect(addresses(registers)).toEqual({
      'PLIC.priority[0]': 'c000000',
      'PLIC.priority[1]': 'c000004',
      'PLIC.claim': 'c200004',
      'XIP.STAT': '14000008',
      'XIP.INFO.PART': '14000014',
      'XIP.B0': '14000000',
      'XIP.B1': '14000001',
    });
    expect(registers).toMatchObject({
      'XIP.STAT': { reset: 2n, writable: 0xffff_fffdn },
      'XIP.INFO.PART': { reset: 0x51n, writable: 0n },
      'XIP.B1': { size: 1 },
    });
  });
});

describe('arrays', () => {
  const dim = (count: number, increment: number, index = ''): string =>
    `<dim>${count}</dim><dimIncrement>${increment}</dimIncrement>${index === '' ? '' : `<dimIndex>${index}</dimIndex>`}`;
  const cases: [name: string, peripherals: string, expected: Record<string, string>][] = [
    ['of registers', peripheral('P', '0x10', register('R%s', '0', dim(3, 4))), { 'P.R0': '10', 'P.R1': '14', 'P.R2': '18' }],
    ['with brackets', peripheral('P', '0x10', register('R[%s]', '0', dim(2, 8))), { 'P.R[0]': '10', 'P.R[1]': '18' }],
    ['from another number', peripheral('P', '0', register('R%s', '0', dim(2, 4, '3-4'))), { 'P.R3': '0', 'P.R4': '4' }],
    ['by letters', peripheral('P', '0', register('R%s', '0', dim(3, 4, 'B-D'))), { 'P.RB': '0', 'P.RC': '4', 'P.RD': '8' }],
    ['by names', peripheral('P', '0', register('%s_CTRL', '0', dim(2, 4, 'RED, BLUE'))), { 'P.RED_CTRL': '0', 'P.BLUE_CTRL': '4' }],
    ['without a place for the index', peripheral('P', '0', register('R', '0', dim(2, 4))), { 'P.R0': '0', 'P.R1': '4' }],
    ['of peripherals', peripheral('UART%s', '0x1000', register('R', '4'), dim(2, 0x400)), { 'UART0.R': '1004', 'UART1.R': '1404' }],
    [
      'of clusters in clusters',
      peripheral(
        'P',
        '0',
        `<cluster><name>A[%s]</name>${dim(2, 0x100)}<addressOffset>0</addressOffset><cluster><name>B%s</name>${dim(2, 0x10)}<addressOffset>8</addressOffset>${register('R%s', '4', dim(2, 4))}</cluster></cluster>`,
      ),
      {
        'P.A[0].B0.R0': 'c',
        'P.A[0].B0.R1': '10',
        'P.A[0].B1.R0': '1c',
        'P.A[0].B1.R1': '20',
        'P.A[1].B0.R0': '10c',
        'P.A[1].B0.R1': '110',
        'P.A[1].B1.R0': '11c',
        'P.A[1].B1.R1': '120',
      },
    ],
  ];
  it.each(cases)('%s', (_name, peripherals, expected) => {
    expect(addresses(read(peripherals))).toEqual(expected);
  });

  it('of fields', () => {
    const fields = `<fields><field><name>PIN%s</name>${dim(3, 2)}<bitOffset>4</bitOffset><bitWidth>2</bitWidth></field></fields>`;
    expect(read(peripheral('P', '0', register('R', '0', fields)))['P.R']!.fields.map(({ name, high, low }) => [name, high, low])).toEqual([
      ['PIN0', 5, 4],
      ['PIN1', 7, 6],
      ['PIN2', 9, 8],
    ]);
  });
});

describe('derivedFrom', () => {
  const from = (name: string): string => ` derivedFrom="${name}"`;
  const cases: [name: string, peripherals: string, expected: Record<string, string>][] = [
    ['a peripheral', peripheral('A', '0x100', register('R', '4')) + peripheral('B', '0x200', '', '', from('A')), { 'A.R': '104', 'B.R': '204' }],
    [
      'one further down, which is derived itself',
      peripheral('A', '0x100', '', '', from('B')) + peripheral('B', '0x200', '', '', from('C')) + peripheral('C', '0x300', register('R', '0')),
      { 'A.R': '100', 'B.R': '200', 'C.R': '300' },
    ],
    [
      'a peripheral, with registers of its own',
      peripheral('A', '0x100', register('R', '4') + register('S', '8')) + peripheral('B', '0x200', register('S', '0xc') + register('T', '0x10'), '', from('A')),
      { 'A.R': '104', 'A.S': '108', 'B.R': '204', 'B.S': '20c', 'B.T': '210' },
    ],
    ['a register', peripheral('A', '0', register('R', '0', '<size>8</size>') + register('S', '1', '', from('R'))), { 'A.R': '0', 'A.S': '1' }],
    [
      'a register elsewhere',
      peripheral('A', '0', register('R', '0')) + peripheral('B', '0x10', register('S', '4', '', from('A.R'))),
      { 'A.R': '0', 'B.S': '14' },
    ],
    [
      'a register elsewhere, which is derived there',
      peripheral('A', '0', register('Q', '0', '<size>8</size>') + register('R', '1', '', from('Q'))) +
        peripheral('B', '0x10', register('S', '4', '', from('A.R'))),
      { 'A.Q': '0', 'A.R': '1', 'B.S': '14' },
    ],
    [
      'a cluster',
      peripheral(
        'A',
        '0',
        `<cluster><name>C</name><addressOffset>0</addressOffset>${register('R', '4')}</cluster><cluster${from('C')}><name>D</name><addressOffset>0x20</addressOffset></cluster>`,
      ),
      { 'A.C.R': '4', 'A.D.R': '24' },
    ],
    [
      'a register in a cluster',
      peripheral(
        'A',
        '0',
        `<cluster><name>C</name><addressOffset>0</addressOffset>${register('R', '4')}</cluster>${register('S', '0x40', '', from('C.R'))}${register('T', '0x44', '', from('R'))}`,
      ),
      { 'A.C.R': '4', 'A.S': '40', 'A.T': '44' },
    ],
    [
      'the register of the same name in another peripheral',
      peripheral('A', '0', register('R', '0')) + peripheral('B', '0x10', register('R', '4', '', from('A.R'))),
      { 'A.R': '0', 'B.R': '14' },
    ],
  ];
  it.each(cases)('%s', (_name, peripherals, expected) => {
    expect(addresses(read(peripherals))).toEqual(expected);
  });

  it('takes over properties, fields and address blocks', () => {
    const block = '<addressBlock><offset>0</offset><size>0x400</size><usage>registers</usage></addressBlock>';
    const chip = readSvd(
      device(
        peripheral(
          'A',
          '0x1000',
          register('R', '0', `<resetValue>5</resetValue><fields>${field('F', '<bitOffset>3</bitOffset>')}</fields>`) +
            register('S', '4', '<resetValue>6</resetValue>', from('R')),
          block,
        ) + peripheral('B', '0x2000', '', '', from('A')),
      ),
    );
    expect(chip.peripherals[1]).toMatchObject({ name: 'B', base: 0x2000, ranges: [{ base: 0x2000, size: 0x400 }] });
    expect(registersOf(chip)).toMatchObject({ 'B.R': { reset: 5n, fields: [{ name: 'F' }] }, 'B.S': { reset: 6n, fields: [{ name: 'F', low: 3 }] } });
  });
});

describe('what is wrong is said with its line', () => {
  const many = '<dimIncrement>4</dimIncrement>';
  const cases: [name: string, text: string, message: RegExp][] = [
    ['no XML', 'hello', /^line 1: not well-formed XML: /],
    ['nothing', '', /^line \d+: /],
    ['another XML', '<svg>\n</svg>', /^line 1: the root element is <svg>, not <device>: this is no CMSIS-SVD file/],
    ['a file that is cut off', device(peripheral('P', '0', register('R', '0'))).slice(0, -40), /not well-formed XML: unclosed tag/],
    ['an end tag that does not fit', '<device>\n<name></device>', /^line 2: not well-formed XML/],
    [
      'entities of its own',
      '<!DOCTYPE device [<!ENTITY a "b"><!ENTITY c "&a;&a;&a;">]>\n<device><name>&c;</name></device>',
      /^line 2: not well-formed XML: undefined entity/,
    ],
    ['no peripheral', device(''), /^line 2: the device has no <peripheral>/],
    ['no base address', device('<peripheral><name>P</name></peripheral>'), /^line 5: peripheral P has no <baseAddress>/],
    ['no name', device('\n<peripheral/>'), /^line 6: a <peripheral> without <name>/],
    ['no offset', device(peripheral('P', '0', '<register><name>R</name></register>')), /register R has no <addressOffset>/],
    ['a number that is none', device(peripheral('P', '\n0xZ', '')), /^line 5: '0xZ' is no number for <baseAddress>/],
    ['an access that is none', device(peripheral('P', '0', register('R', '0', '<access>often</access>'))), /<access> is 'often', not one of read-only/],
    ['an address outside', device(peripheral('P', '0xfffffffc', register('R', '4'))), /register R is at 0x100000000, outside of the 32-bit address space/],
    ['a register too wide', device(peripheral('P', '0', register('R', '0', '<size>4096</size>'))), /a register of 4096 bits/],
    [
      'a field upside down',
      device(peripheral('P', '0', register('R', '0', `<fields>${field('F', '<lsb>3</lsb><msb>2</msb>')}</fields>`))),
      /field F has the bits 2:3/,
    ],
    ['a field without bits', device(peripheral('P', '0', register('R', '0', `<fields>${field('F', '')}</fields>`))), /field F has neither <bitRange>/],
    [
      'more indices than elements',
      device(peripheral('P', '0', register('R%s', '0', `<dim>2</dim>${many}<dimIndex>A,B,C</dimIndex>`))),
      /<dimIndex> has 3 indices, and <dim> is 2/,
    ],
    ['an array without increment', device(peripheral('P', '0', register('R%s', '0', '<dim>2</dim>'))), /R%s has <dim> and no <dimIncrement>/],
    ['a base that is not there', device(peripheral('P', '0', '', '', ' derivedFrom="Q"')), /^line 5: derivedFrom: there is no peripheral 'Q'/],
    ['itself as base', device(peripheral('P', '0', '', '', ' derivedFrom="P"')), /goes round in a circle: P from P/],
    [
      'a circle',
      device(peripheral('P', '0', '', '', ' derivedFrom="Q"') + peripheral('Q', '0', '', '', ' derivedFrom="P"')),
      /goes round in a circle: P from Q from P/,
    ],
    [
      'a cluster in itself',
      device(peripheral('P', '0', '<cluster><name>C</name><addressOffset>0</addressOffset><cluster derivedFrom="C"><name>D</name></cluster></cluster>')),
      /cluster .* is more than 16 clusters deep, or contains itself/,
    ],
    [
      'a huge array',
      device(peripheral('P', '0', register('R%s', '0', `<dim>4000000000</dim>${many}`))),
      /<dim> 4000000000 of R%s: the file describes too many registers/,
    ],
    [
      'arrays in arrays in arrays',
      device(
        peripheral(
          'P',
          '0',
          ['A', 'B', 'C', 'D'].map((name) => `<cluster><name>${name}%s</name><dim>1000</dim>${many}<addressOffset>0</addressOffset>`).join('') +
            '</cluster>'.repeat(4),
        ),
      ),
      /more than 200000 registers|too many registers/,
    ],
    [
      'a huge increment',
      device(peripheral('P', '0', register('R%s', '0', `<dim>3</dim><dimIncrement>${'9'.repeat(300)}</dimIncrement>`))),
      /outside of the 32-bit address space/,
    ],
  ];
  it.each(cases)('%s', (_name, text, message) => {
    const start = performance.now();
    let caught: unknown;
    try {
      readSvd(text);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(InvalidInputError);
    expect((caught as InvalidInputError).message).toMatch(message);
    expect(performance.now() - start).toBeLessThan(5000);
  });

  const large: [name: string, make: () => string][] = [
    [
      'many peripherals, each derived from the last',
      () =>
        device(
          `${Array.from({ length: 20_000 }, (_, n) => peripheral(`P${n}`, '0', '', '', ` derivedFrom="LAST"`)).join('')}${peripheral('LAST', '0', register('R', '0'))}`,
        ),
    ],
    [
      'many registers, each derived from another',
      () =>
        device(
          peripheral('P', '0', Array.from({ length: 20_000 }, (_, n) => register(`R${n}`, '0', '', ' derivedFrom="BASE"')).join('') + register('BASE', '0')),
        ),
    ],
    [
      'a long chain',
      () => device(Array.from({ length: 5000 }, (_, n) => peripheral(`P${n}`, '0', '', '', n === 0 ? '' : ` derivedFrom="P${n - 1}"`)).join('')),
    ],
    ['a deep nest of other elements', () => `<device>${'<x>'.repeat(100_000)}`],
    [
      'a deep nest of clusters',
      () => device(peripheral('P', '0', `${'<cluster><name>C</name><addressOffset>0</addressOffset>'.repeat(20_000)}${'</cluster>'.repeat(20_000)}`)),
    ],
    ['a long text', () => `<device><name>${'a'.repeat(1_000_000)}</name></device>`],
    ['a number of a million digits', () => device(peripheral('P', '1'.repeat(1_000_000), ''))],
    ['many fields', () => device(peripheral('P', '0', register('R', '0', `<fields>${field('F', '<bitOffset>0</bitOffset>').repeat(20_000)}</fields>`)))],
  ];
  it.each(large)('%s is read or refused in time', (_name, make) => {
    const text = make();
    const start = performance.now();
    try {
      readSvd(text);
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidInputError);
    }
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
