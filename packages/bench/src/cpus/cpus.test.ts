import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { bundledKernels, loadKernels, type Kernel } from '@fireball/kernels';
import { BareCall } from './bare-call.js';
import { measureCpu } from './measure.js';
import { cpuCells, formatCpuSection, type CpuComparison } from './page.js';

async function kernelNamed(name: string): Promise<Kernel> {
  const kernel = (await loadKernels(bundledKernels)).find((each) => each.name === name);
  if (kernel === undefined) throw new Error(`no kernel ${name} in ${join(bundledKernels, 'wasm')}`);
  return kernel;
}

describe('libunicorn alone makes the call that an emulated CPU makes', () => {
  it.each(['thumb2', 'rv32'] as const)('%s', async (isa) => {
    const kernel = await kernelNamed('sieve');
    const bare = new BareCall();
    try {
      const row = measureCpu(kernel, isa, 2, bare);
      expect(row).toMatchObject({ name: 'sieve', target: isa });
      expect(row.instructions).toBeGreaterThan(100_000);
      expect(row.mips).toBeGreaterThan(0);
      expect(row.bare).toBeGreaterThan(0);
      // A call that finds another result is no measurement.
      const start = {
        isa,
        pc: 0,
        until: 0,
        registers: new Array<number>(isa === 'thumb2' ? 15 : 31).fill(0),
        regions: [{ base: 0, bytes: new Uint8Array(4096), isCode: true }],
      };
      expect(() => bare.seconds(start, 1, 7)).toThrow(/0x00000007 was expected/);
    } finally {
      bare.close();
    }
  });

  it('is not measured where nobody asks for it', async () => {
    expect(measureCpu(await kernelNamed('sieve'), 'thumb2', 1, undefined).bare).toBeUndefined();
  });
});

it('a row has our multiple of each other, and the page their means', () => {
  const row: CpuComparison = { name: 'sieve', target: 'thumb2', instructions: 200_000, mips: 500, withoutInternals: 50, bare: 125 };
  expect(cpuCells(row)).toEqual(['sieve', 'thumb2', '500', '50', '10.00', '125', '4.00']);
  expect(cpuCells({ ...row, bare: undefined }).slice(-2)).toEqual(['-', '-']);
  const page = formatCpuSection([row, { ...row, mips: 250 }, { ...row, target: 'rv32' }], 20);
  expect(page).toContain('| **geometric mean** | thumb2 | | | **7.07** | | **2.83** |');
  expect(page).toContain('| sieve | rv32 | 500 |');
});
