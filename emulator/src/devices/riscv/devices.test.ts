import { describe, expect, it } from '@jest/globals';
import { DeviceBench } from '../../testing/device-bench.js';
import { cfiFlash } from './cfi-flash.js';
import { clint } from './clint.js';
import { fwCfg } from './fw-cfg.js';
import { goldfishRtc } from './goldfish-rtc.js';
import { ns16550 } from './ns16550.js';
import { pcieEcam } from './pcie-ecam.js';
import { plic } from './plic.js';
import { sifiveGpio } from './sifive-gpio.js';
import { sifivePrci } from './sifive-prci.js';
import { sifiveTest } from './sifive-test.js';
import { sifiveUart } from './sifive-uart.js';
import { virtioMmio } from './virtio-mmio.js';

describe('clint', () => {
  const bench = (): DeviceBench => new DeviceBench([{ device: clint, clocks: { mtime: 'mtime' } }], { clocks: { mtime: 100_000 } });

  it('asks while mtime is not below mtimecmp', () => {
    const b = bench();
    expect(b.interrupt('clint.mtip')).toBe(false);
    b.write('clint', 0x4000, 50);
    b.write('clint', 0x4004, 0);
    b.pass(499);
    expect([b.read('clint', 0xbff8), b.interrupt('clint.mtip')]).toEqual([49, false]);
    b.pass(1);
    expect([b.read('clint', 0xbff8), b.interrupt('clint.mtip')]).toEqual([50, true]);
    b.write('clint', 0x4000, 60);
    expect(b.interrupt('clint.mtip')).toBe(false);
    b.pass(100);
    expect(b.interrupt('clint.mtip')).toBe(true);
  });

  it('has 64 bits that may be written by halves, and carries', () => {
    const b = bench();
    b.write('clint', 0xbff8, 0xffff_ffff);
    b.write('clint', 0xbffc, 7);
    b.pass(10);
    expect([b.read('clint', 0xbff8), b.read('clint', 0xbffc)]).toEqual([0, 8]);
    b.write('clint', 0x4000, 5);
    b.write('clint', 0x4004, 8);
    b.pass(49);
    expect(b.interrupt('clint.mtip')).toBe(false);
    b.pass(1);
    expect(b.interrupt('clint.mtip')).toBe(true);
  });

  it('sets a timer for never', () => {
    const b = bench();
    b.write('clint', 0x4000, 0xffff_ffff);
    b.write('clint', 0x4004, 0xffff_ffff);
    expect(b.machine.timeline.next).toBe(Infinity);
  });

  it('has a software interrupt of one bit', () => {
    const b = bench();
    b.write('clint', 0, 0xffff_ffff);
    expect([b.read('clint', 0), b.interrupt('clint.msip')]).toEqual([1, true]);
    b.write('clint', 0, 0);
    expect(b.interrupt('clint.msip')).toBe(false);
  });
});

describe('plic', () => {
  const claim = 0x20_0004;
  const threshold = 0x20_0000;
  const supervisor = 0x1000;

  function bench(): { b: DeviceBench; wire: (source: number, level: boolean) => void } {
    // Its outputs lie where no source is.
    const b = new DeviceBench([{ device: plic, interrupts: { meip: 1000, seip: 1001 } }]);
    for (let source = 1; source <= 40; source++) b.write('plic', 4 * source, 1);
    return {
      b,
      wire: (source, level) => {
        b.machine.processor.interruptInput(source).set(level);
      },
    };
  }

  it('passes on what is enabled and above the threshold', () => {
    const { b, wire } = bench();
    wire(10, true);
    expect([b.read('plic', 0x1000), b.interrupt('plic.meip')]).toEqual([1 << 10, false]);
    b.write('plic', 0x2000, 1 << 10);
    expect([b.interrupt('plic.meip'), b.interrupt('plic.seip')]).toEqual([true, false]);
    b.write('plic', threshold, 1);
    expect(b.interrupt('plic.meip')).toBe(false);
    b.write('plic', 4 * 10, 2);
    expect(b.interrupt('plic.meip')).toBe(true);
    b.write('plic', 4 * 10, 0);
    b.write('plic', threshold, 0);
    expect(b.interrupt('plic.meip')).toBe(false);
  });

  it('gives the highest priority first, the lowest number among equals, and nests', () => {
    const { b, wire } = bench();
    b.write('plic', 0x2000, 0xffff_ffff);
    b.write('plic', 0x2004, 0xffff_ffff);
    b.write('plic', 4 * 33, 5);
    for (const source of [7, 33, 3]) wire(source, true);
    expect(b.read('plic', claim)).toBe(33);
    // The handler lets only what is more important interrupt it.
    b.write('plic', threshold, 5);
    expect(b.interrupt('plic.meip')).toBe(false);
    b.write('plic', 4 * 20, 6);
    wire(20, true);
    expect(b.interrupt('plic.meip')).toBe(true);
    expect(b.read('plic', claim)).toBe(20);
    wire(20, false);
    b.write('plic', claim, 20);
    b.write('plic', threshold, 0);
    expect([b.read('plic', claim), b.read('plic', claim), b.read('plic', claim)]).toEqual([3, 7, 0]);
  });

  it('asks again after completion while the wire is high, and not before', () => {
    const { b, wire } = bench();
    b.write('plic', 0x2000, 1 << 4);
    wire(4, true);
    expect(b.read('plic', claim)).toBe(4);
    wire(4, false);
    wire(4, true);
    expect(b.interrupt('plic.meip')).toBe(false);
    // Completion of what this context has not enabled is ignored.
    b.write('plic', claim + supervisor, 4);
    expect(b.interrupt('plic.meip')).toBe(false);
    b.write('plic', claim, 4);
    expect(b.interrupt('plic.meip')).toBe(true);
  });

  it('has contexts of its own for both modes, and registers of the bits that exist', () => {
    const { b, wire } = bench();
    b.write('plic', 0x2080, 0xffff_ffff);
    expect(b.read('plic', 0x2080)).toBe(0xffff_fffe);
    b.write('plic', 0x208c, 0xffff_ffff);
    expect(b.read('plic', 0x208c)).toBe(0);
    b.write('plic', threshold + supervisor, 0xffff);
    expect(b.read('plic', threshold + supervisor)).toBe(7);
    b.write('plic', threshold + supervisor, 0);
    wire(9, true);
    expect([b.interrupt('plic.meip'), b.interrupt('plic.seip')]).toEqual([false, true]);
    expect(b.read('plic', claim + supervisor)).toBe(9);
  });
});

describe('ns16550', () => {
  // 1 MHz of CPU, 1.6 MHz of clock: a divisor of 10 makes 10,000 baud, 1,000 cycles for a frame of 10 bits.
  function bench(): DeviceBench {
    const b = new DeviceBench([{ device: ns16550, clocks: { clock: 'uart' } }], { clocks: { uart: 1_600_000 } });
    b.write('ns16550', 3, 0x83, 1);
    b.write('ns16550', 0, 10, 1);
    b.write('ns16550', 1, 0, 1);
    b.write('ns16550', 3, 0x03, 1);
    return b;
  }
  const lsr = (b: DeviceBench): number => b.read('ns16550', 5, 1);
  const iir = (b: DeviceBench): number => b.read('ns16550', 2, 1);

  it('takes the time of ten bits for a byte', () => {
    const b = bench();
    const heard = b.listen('ns16550');
    expect(lsr(b)).toBe(0x60);
    b.write('ns16550', 0, 0x41, 1);
    expect(lsr(b)).toBe(0x20);
    b.write('ns16550', 0, 0x42, 1);
    expect(lsr(b)).toBe(0x00);
    b.pass(1000);
    expect([heard, lsr(b)]).toEqual([[0x41], 0x20]);
    b.pass(999);
    expect(heard).toEqual([0x41]);
    b.pass(1);
    expect([heard, lsr(b)]).toEqual([[0x41, 0x42], 0x60]);
  });

  it.each([
    [
      'after reset, as firmware for QEMU leaves it',
      undefined,
      ['ns16550: sends 0x48 whole although LCR says that characters have 5 bits, which silicon does not'],
    ],
    ['of seven bits, which it fits', 2, []],
    ['of eight', 3, []],
  ] as const)('sends a byte whole, whatever the length of characters is: %s', (_, lcr, warnings) => {
    const b = new DeviceBench([{ device: ns16550, clocks: { clock: 'uart' } }], { clocks: { uart: 1_600_000 } });
    const heard = b.listen('ns16550');
    if (lcr !== undefined) b.write('ns16550', 3, lcr, 1);
    for (const byte of [0x48, 0x69]) {
      b.write('ns16550', 0, byte, 1);
      b.pass(1000);
    }
    expect([heard, b.warnings]).toEqual([[0x48, 0x69], warnings]);
  });

  it('keeps its divisor behind DLAB, and its scratch register', () => {
    const b = bench();
    b.write('ns16550', 7, 0x5a, 1);
    b.write('ns16550', 3, 0x83, 1);
    b.write('ns16550', 1, 0x12, 1);
    expect([b.read('ns16550', 0, 1), b.read('ns16550', 1, 1), b.read('ns16550', 7, 1)]).toEqual([10, 0x12, 0x5a]);
    b.write('ns16550', 3, 0x03, 1);
    expect(b.read('ns16550', 1, 1)).toBe(0);
  });

  it('asks when its transmitter is empty, until IIR or a write', () => {
    const b = bench();
    b.write('ns16550', 1, 2, 1);
    expect([b.interrupt('ns16550.irq'), iir(b), iir(b)]).toEqual([true, 2, 1]);
    expect(b.interrupt('ns16550.irq')).toBe(false);
    b.write('ns16550', 0, 0x41, 1);
    b.write('ns16550', 0, 0x42, 1);
    expect(b.interrupt('ns16550.irq')).toBe(false);
    b.pass(1000);
    expect([b.interrupt('ns16550.irq'), iir(b)]).toEqual([true, 2]);
  });

  it('receives at the trigger level of its FIFO, or after four characters of silence', () => {
    const b = bench();
    b.write('ns16550', 2, 0x41, 1);
    b.write('ns16550', 1, 1, 1);
    b.machine.serial('ns16550').type('abc');
    b.pass(3500);
    expect([lsr(b) & 1, b.interrupt('ns16550.irq')]).toEqual([1, false]);
    b.pass(4000);
    expect([b.interrupt('ns16550.irq'), iir(b)]).toEqual([true, 0xcc]);
    expect([0, 0, 0].map(() => b.read('ns16550', 0, 1))).toEqual([0x61, 0x62, 0x63]);
    expect([b.interrupt('ns16550.irq'), iir(b), lsr(b)]).toEqual([false, 0xc1, 0x60]);
    b.machine.serial('ns16550').type('defgh');
    b.pass(4500);
    expect([b.interrupt('ns16550.irq'), iir(b)]).toEqual([true, 0xc4]);
  });

  it('loses nothing that is typed, however late it is read', () => {
    const b = bench();
    const text = 'a long line that is longer than the FIFO has room for';
    b.machine.serial('ns16550').type(text);
    let got = '';
    for (let step = 0; step < 200; step++) {
      b.pass(3000);
      if ((lsr(b) & 1) === 1) got += String.fromCharCode(b.read('ns16550', 0, 1));
    }
    expect(got).toBe(text);
  });

  it('hears itself in loop-back, with its modem lines', () => {
    const b = bench();
    const heard = b.listen('ns16550');
    expect(b.read('ns16550', 6, 1)).toBe(0xb0);
    b.write('ns16550', 4, 0x1a, 1);
    expect(b.read('ns16550', 6, 1) & 0xf0).toBe(0x90);
    b.write('ns16550', 0, 0x77, 1);
    b.pass(1000);
    expect([heard, b.read('ns16550', 0, 1)]).toEqual([[], 0x77]);
  });
});

describe('sifive-uart', () => {
  it('sends, receives and asks by watermarks', () => {
    const b = new DeviceBench([{ device: sifiveUart }]);
    const heard = b.listen('sifive-uart');
    const at = { txdata: 0, rxdata: 4, txctrl: 8, rxctrl: 12, ie: 16, ip: 20, div: 24 };
    b.write('sifive-uart', at.div, 99);
    b.write('sifive-uart', at.txdata, 0x41);
    b.pass(5000);
    expect(heard).toEqual([]);
    b.write('sifive-uart', at.txctrl, 0x1_0001);
    b.write('sifive-uart', at.ie, 1);
    expect([b.read('sifive-uart', at.ip), b.interrupt('sifive-uart.irq')]).toEqual([0, false]);
    b.pass(1000);
    expect([heard, b.read('sifive-uart', at.ip), b.interrupt('sifive-uart.irq')]).toEqual([[0x41], 1, true]);
    for (let n = 0; n < 8; n++) b.write('sifive-uart', at.txdata, n);
    expect(b.read('sifive-uart', at.txdata)).toBe(0x8000_0000);
    expect(b.read('sifive-uart', at.rxdata)).toBe(0x8000_0000);
    b.write('sifive-uart', at.rxctrl, 1);
    b.machine.serial('sifive-uart').type('x');
    b.pass(1001);
    expect(b.read('sifive-uart', at.ip) & 2).toBe(2);
    expect(b.read('sifive-uart', at.rxdata)).toBe(0x78);
  });
});

describe('sifive-prci', () => {
  it('makes the CPU clock of ring, crystal and PLL', () => {
    const b = new DeviceBench([{ device: sifivePrci }]);
    const hertz = (): number => b.machine.clocks.cpu.hertz;
    expect(hertz()).toBe(14_400_000);
    expect(b.read('sifive-prci', 0)).toBe(0xc010_0004);
    expect(b.read('sifive-prci', 4) >>> 31).toBe(1);
    // The crystal, bypassing the PLL; then 16 MHz / 2 * 80 / 2 = 320 MHz.
    b.write('sifive-prci', 8, 0x7_0000);
    expect(hertz()).toBe(16_000_000);
    b.write('sifive-prci', 8, 0x3_0000 | (1 << 10) | (39 << 4) | 1);
    expect([hertz(), b.read('sifive-prci', 8) >>> 31]).toEqual([320_000_000, 1]);
    b.write('sifive-prci', 12, 1);
    expect(hertz()).toBe(80_000_000);
  });
});

describe('sifive-gpio', () => {
  it('drives and reads pins, and asks for edges and levels', () => {
    const b = new DeviceBench([{ device: sifiveGpio }]);
    const pin = b.machine.pin('sifive-gpio.5');
    b.write('sifive-gpio', 0x08, 1 << 5);
    b.write('sifive-gpio', 0x0c, 1 << 5);
    expect(pin.level).toBe(true);
    b.write('sifive-gpio', 0x40, 1 << 5);
    expect(pin.level).toBe(false);
    b.write('sifive-gpio', 0x08, 0);
    b.write('sifive-gpio', 0x04, 0xff);
    b.write('sifive-gpio', 0x18, 1 << 5);
    pin.set(true);
    expect([b.read('sifive-gpio', 0) >>> 5, b.read('sifive-gpio', 0x1c), b.interrupt('sifive-gpio.irq5')]).toEqual([1, 1 << 5, true]);
    b.write('sifive-gpio', 0x1c, 1 << 5);
    expect(b.interrupt('sifive-gpio.irq5')).toBe(false);
    // A level asks as long as it lasts.
    b.write('sifive-gpio', 0x28, 1 << 5);
    b.write('sifive-gpio', 0x2c, 1 << 5);
    expect(b.interrupt('sifive-gpio.irq5')).toBe(true);
    b.write('sifive-gpio', 0x10, 1 << 6);
    expect(b.machine.pin('sifive-gpio.6').level).toBe(true);
  });
});

describe('sifive-test', () => {
  it.each([
    [0x5555, { kind: 'power-off', status: 0 }],
    [0x3333, { kind: 'power-off', status: 0 }],
    [0x0007_3333, { kind: 'power-off', status: 7 }],
  ])('0x%s ends the machine', (value, end) => {
    const b = new DeviceBench([{ device: sifiveTest }]);
    b.write('sifive-test', 0, value);
    expect(b.machine.run({ instructions: 1 })).toMatchObject(end);
  });

  it('resets, and says what it does not know', () => {
    const b = new DeviceBench([{ device: sifiveTest }]);
    b.write('sifive-test', 0, 0x7777);
    b.pass(1);
    expect(b.resets).toEqual(['the test finisher']);
    b.write('sifive-test', 0, 0x1234);
    expect(b.warnings).toEqual(['sifive-test: the test finisher knows no command 0x1234']);
  });
});

describe('probes', () => {
  it('find flash of 32 MiB in sectors of 256 KiB, which is programmed and erased', () => {
    const b = new DeviceBench([{ device: cfiFlash }]);
    const read = (at: number): number => b.read('cfi-flash', at);
    const write = (at: number, value: number): void => {
      b.write('cfi-flash', at, value);
    };
    expect(read(0)).toBe(0xffff_ffff);
    write(0x55 * 4, 0x0098_0098);
    expect([0x10, 0x11, 0x12].map((word) => String.fromCharCode(read(word * 4) & 0xff)).join('')).toBe('QRY');
    expect(2 * 2 ** (read(0x27 * 4) & 0xff)).toBe(0x200_0000);
    expect(((read(0x2d * 4) & 0xff) + 1) * 2 * 256 * ((read(0x2f * 4) & 0xff) + 256 * (read(0x30 * 4) & 0xff))).toBe(0x200_0000);
    write(0, 0x0040_0040);
    write(0x40000, 0x1234_5678);
    expect(read(0) & 0x80).toBe(0x80);
    write(0, 0x00ff_00ff);
    expect([read(0x40000), b.read('cfi-flash', 0x40001, 1)]).toEqual([0x1234_5678, 0x56]);
    write(0x40000, 0x0020_0020);
    write(0x40000, 0x00d0_00d0);
    write(0, 0x00ff_00ff);
    expect(read(0x40000)).toBe(0xffff_ffff);
  });

  it('find nothing on PCI, in virtio slots and in the firmware configuration', () => {
    const b = new DeviceBench([{ device: pcieEcam }, { device: virtioMmio }, { device: fwCfg }]);
    expect([b.read('pcie-ecam', 0), b.read('pcie-ecam', 2, 2)]).toEqual([0xffff_ffff, 0xffff]);
    expect([b.read('virtio-mmio', 0), b.read('virtio-mmio', 8)]).toEqual([0x7472_6976, 0]);
    b.write('fw-cfg', 8, 0x0000, 2);
    expect(String.fromCharCode(...[0, 0, 0, 0].map(() => b.read('fw-cfg', 0, 1)))).toBe('QEMU');
    b.write('fw-cfg', 8, 0x1900, 2);
    expect(b.read('fw-cfg', 0)).toBe(0);
  });
});

describe('goldfish-rtc', () => {
  it('counts nanoseconds of virtual time and rings', () => {
    const b = new DeviceBench([{ device: goldfishRtc, parameters: { epoch: 1000 } }]);
    const now = (): bigint => {
      const low = b.read('goldfish-rtc', 0);
      return (BigInt(b.read('goldfish-rtc', 4)) << 32n) | BigInt(low);
    };
    b.pass(3);
    expect(now()).toBe(1000n * 1_000_000_000n + 3000n);
    const alarm = now() + 5000n;
    b.write('goldfish-rtc', 0x10, 1);
    b.write('goldfish-rtc', 0x0c, Number(alarm >> 32n));
    b.write('goldfish-rtc', 0x08, Number(alarm & 0xffff_ffffn));
    b.pass(4);
    expect([b.interrupt('goldfish-rtc.irq'), b.read('goldfish-rtc', 0x18)]).toEqual([false, 1]);
    b.pass(1);
    expect([b.interrupt('goldfish-rtc.irq'), b.read('goldfish-rtc', 0x18)]).toEqual([true, 0]);
    b.write('goldfish-rtc', 0x1c, 1);
    expect(b.interrupt('goldfish-rtc.irq')).toBe(false);
  });
});
