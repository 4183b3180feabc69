import { describe, expect, it } from '@jest/globals';
import { BareLoop } from './bare-loop.js';
import { benchImages, imageFile } from './images.js';
import { runImage } from './machine-run.js';
import { measureImage, type EmulateRow } from './measure.js';
import { emulateCells, emulateColumns, formatEmulateSection, formatEmulateTimes } from './page.js';
import { hasQemu } from './qemu.js';

const asleep = {
  program: 'sleep',
  core: 'cortex-m4',
  machine: 'mps2-an386',
  instructions: 760,
  cycles: 90_000_000_046,
  virtualSeconds: 3600.00000184,
} as const;

it('runs an image from reset to its end, the same every time', async () => {
  for (let pass = 0; pass < 2; pass++) expect(await runImage({ program: 'sleep', core: 'cortex-m4' })).toMatchObject(asleep);
});

describe('beside others', () => {
  it('the bare loop executes as many instructions as our machine, and finds the same result', async () => {
    const bare = new BareLoop();
    try {
      for (const core of ['cortex-m4', 'rv32'] as const) {
        const { instructions } = await runImage({ program: 'mixed', core });
        expect(bare.run({ program: 'mixed', core }).instructions).toBe(instructions);
      }
      // It has no devices: what needs some does not end as it should.
      expect(() => bare.run({ program: 'devices', core: 'rv32' })).toThrow(/bare-loop rv32/);
    } finally {
      bare.close();
    }
  });

  it('each runs what it can, in the fastest of the passes', async () => {
    const bare = new BareLoop();
    try {
      const row = await measureImage({ program: 'ticks', core: 'cortex-m4' }, bare, 1);
      expect(Object.keys(row.others)).toEqual(hasQemu('cortex-m4') ? ['qemu'] : []);
      const small = await measureImage({ program: 'ticks', core: 'cortex-m0plus' }, bare, 1);
      expect(small.others.rp2040js).toBeGreaterThan(0);
    } finally {
      bare.close();
    }
  });
});

describe('the page', () => {
  const row: EmulateRow = { ...asleep, seconds: 0.002, mips: 0.38, others: {} };
  const mixed: EmulateRow = {
    ...asleep,
    program: 'mixed',
    instructions: 86_063_634,
    cycles: 86_063_634,
    virtualSeconds: 3.44254536,
    seconds: 0.25,
    mips: 344.25,
    others: { bare: 172.125, qemu: 688.5 },
  };

  it('has every image once, each with its file', () => {
    expect(new Set(benchImages.map(({ program, core }) => imageFile(program, core))).size).toBe(benchImages.length);
  });

  it('states what repeats', () => {
    expect(formatEmulateSection([row, mixed])).toContain(
      '| asleep for an hour | cortex-m4 | mps2-an386 | 760 | 90,000,000,046 | 3600.000002 |\n| mixed | cortex-m4 | mps2-an386 | 86,063,634 | 86,063,634 | 3.442545 |',
    );
  });

  it('states times, ratios, and what is not installed', () => {
    const section = formatEmulateTimes([row, mixed], 0.2994);
    expect(emulateCells(mixed)).toEqual(['mixed', 'cortex-m4', 'mps2-an386', '344.3', '172.1', '2.00', '688.5', '0.50', '-', '-']);
    expect(emulateColumns).toHaveLength(10);
    expect(section).toContain('not installed here: rp2040js');
    expect(section).toContain('An hour of virtual time asleep (cortex-m4, mps2-an386; 760 instructions): 2.0 ms.');
    expect(section).toContain('to its prompt and end: 299 ms.');
    expect(formatEmulateTimes([mixed], undefined)).not.toContain('MicroPython');
  });
});
