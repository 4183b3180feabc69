import { describe, expect, it } from '@jest/globals';
import type { DeviceClass } from '../../machine/device.js';
import { DeviceBench } from '../../testing/device-bench.js';
import { pl022 } from '../primecell/pl022.js';
import { mps2Fpgaio } from './fpgaio.js';
import { mps2Sbcon } from './sbcon.js';
import { mps2Scc } from './scc.js';

describe('MPS2 FPGAIO (AN385 4.3)', () => {
  it('drives LEDs, reads buttons, and counts', () => {
    const b = new DeviceBench([{ device: mps2Fpgaio, name: 'io' }]);
    b.write('io', 0x0, 0xff);
    expect([b.read('io', 0x0), b.machine.pin('io.LED1').level]).toEqual([3, true]);
    b.machine.pin('io.BUTTON1').set(true);
    expect(b.read('io', 0x8)).toBe(2);
    b.write('io', 0x1c, 9);
    b.pass(2_500_000);
    expect([0x10, 0x14].map((at) => b.read('io', at))).toEqual([2, 250]);
    expect(b.read('io', 0x18)).toBe(250_000);
    b.pass(3);
    expect(b.read('io', 0x20)).toBe(6);
    b.write('io', 0x10, 40);
    b.pass(1_000_000);
    expect(b.read('io', 0x10)).toBe(41);
  });
});

describe('MPS2 SCC (AN385 4.4)', () => {
  const bench = (): DeviceBench => new DeviceBench([{ device: mps2Scc, name: 'scc', parameters: { id: 0x4104_3850, switches: 5 } }]);
  it('identifies itself, shows switches, drives LEDs', () => {
    const b = bench();
    expect([0xc, 0x10, 0x100, 0xff8, 0xffc].map((at) => b.read('scc', at))).toEqual([5, 2, 0xffff_0001, 0x0020_0008, 0x4104_3850]);
    b.write('scc', 0x4, 0x81);
    expect([0, 1, 7].map((led) => b.machine.pin(`scc.LED${led}`).level)).toEqual([true, false, true]);
  });
  it('reads and sets oscillators, and refuses what is none', () => {
    const b = bench();
    b.write('scc', 0xa8, 0x8010_0001);
    expect([b.read('scc', 0xac), b.read('scc', 0xa0), b.read('scc', 0xa8)]).toEqual([1, 24_576_000, 0x0010_0001]);
    b.write('scc', 0xa4, 1000);
    b.write('scc', 0xa8, 0xc010_0002);
    b.write('scc', 0xa8, 0x8010_0002);
    expect(b.read('scc', 0xa0)).toBe(1000);
    b.write('scc', 0xa8, 0x8010_0003);
    expect(b.read('scc', 0xac)).toBe(3);
  });
});

describe('MPS2 two-wire I2C (AN385 4.2)', () => {
  it('pulls its wires down, and sees who else does', () => {
    const b = new DeviceBench([{ device: mps2Sbcon, name: 'i2c' }]);
    expect(b.read('i2c', 0x0)).toBe(3);
    b.write('i2c', 0x4, 1);
    expect([b.read('i2c', 0x0), b.machine.pin('i2c.SCL').level]).toEqual([2, false]);
    b.machine.pin('i2c.SDA').set(false);
    expect(b.read('i2c', 0x0)).toBe(0);
    b.machine.pin('i2c.SDA').set(undefined);
    b.write('i2c', 0x0, 1);
    expect(b.read('i2c', 0x0)).toBe(3);
  });
});

describe('PL022 (DDI0194G)', () => {
  const [CR0, CR1, DR, SR, CPSR, IMSC, RIS, MIS, ICR] = [0x0, 0x4, 0x8, 0xc, 0x10, 0x14, 0x18, 0x1c, 0x20];
  const bench = (): DeviceBench => {
    const b = new DeviceBench([{ device: pl022, name: 'spi' }]);
    b.write('spi', CR0, 0x0107);
    b.write('spi', CPSR, 2);
    return b;
  };
  it('loops frames back, each after its bits', () => {
    const b = bench();
    expect([b.read('spi', SR), b.read('spi', RIS)]).toEqual([3, 8]);
    b.write('spi', CR1, 3);
    b.write('spi', DR, 0x1a5);
    expect(b.read('spi', SR)).toBe(0x13);
    b.pass(8 * 4 - 1);
    expect(b.read('spi', SR) & 4).toBe(0);
    b.pass(1);
    expect([b.read('spi', SR), b.read('spi', DR), b.read('spi', SR)]).toEqual([7, 0xa5, 3]);
  });
  it('asks when it is half full, when it has waited, and when it has lost a frame', () => {
    const b = bench();
    b.write('spi', CR1, 3);
    b.write('spi', IMSC, 7);
    for (let frame = 0; frame < 4; frame++) b.write('spi', DR, frame);
    b.pass(3 * 32);
    expect([b.read('spi', MIS), b.interrupt('spi.irq')]).toEqual([0, false]);
    b.pass(32);
    expect([b.read('spi', MIS), b.interrupt('spi.irq')]).toEqual([4, true]);
    b.read('spi', DR);
    expect(b.read('spi', MIS)).toBe(0);
    b.pass(200);
    expect(b.read('spi', MIS)).toBe(2);
    for (let frame = 0; frame < 6; frame++) b.write('spi', DR, frame);
    b.pass(1000);
    expect(b.read('spi', MIS)).toBe(7);
    b.write('spi', ICR, 3);
    expect(b.read('spi', MIS)).toBe(4);
    expect([0xfe0, 0xfe4, 0xfe8].map((at) => b.read('spi', at))).toEqual([0x22, 0x10, 0x24]);
  });
  it('talks to the chip whose chip select is low', () => {
    const got: number[] = [];
    const chip: DeviceClass = {
      name: 'chip',
      summary: '',
      size: 0,
      create: (environment) => {
        const peripheral = { select: () => undefined, transfer: (byte: number) => (got.push(byte), byte ^ 0xff) };
        environment.spiBus('spi').attach(peripheral, environment.wire('gpio.0'));
        return { state: {}, read: () => 0, write: () => undefined, reset: () => undefined };
      },
    };
    const b = new DeviceBench([{ device: pl022, name: 'spi' }, { device: chip }]);
    const cs = b.machine.pin('gpio.0');
    b.write('spi', CR0, 0x0107);
    b.write('spi', CR1, 2);
    b.write('spi', DR, 0x12);
    b.pass(100);
    expect([got, b.read('spi', DR)]).toEqual([[0x12], 0xed]);
    cs.set(true);
    b.write('spi', DR, 0x12);
    b.pass(100);
    expect([got, b.read('spi', DR)]).toEqual([[0x12], 0xff]);
  });
});
