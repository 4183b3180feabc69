/** Mixed mode's two workers: the compiler on the device, and the host's. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { functionSource } from '@fireball/jit';
import { createVsoc, jitStatus, type MixedOptions } from '@fireball/vsoc';
import { decodeModule, validateModule, type ValidatedModule } from '@fireball/wasm';
import { root } from './testing/fireball.js';
import { targets } from './testing/native.js';

const folder = join(root, 'packages', 'kernels', 'data', 'wasm');
const kernels = readdirSync(folder)
  .filter((name) => name.endsWith('.wasm'))
  .map((name) => ({ name, module: validateModule(decodeModule(readFileSync(join(folder, name)))) }));

describe.each(targets)('functions of the kernels, made native on %s', (isa) => {
  /** Index, address and code of all functions, and what compiling them took for each byte of wasm. */
  function made(module: ValidatedModule, mixed: Partial<MixedOptions>): { readonly code: unknown; readonly perByte: number } {
    const vsoc = createVsoc({ isa, tier: 'mixed', mixed: { budget: 0x10_0000, ...mixed } });
    try {
      for (const callee of vsoc.instantiate(module).functions) expect(vsoc.jit.compile(callee)).toBe(jitStatus.native);
      const code = vsoc.codeMap.functions.map(({ index, code: { address, bytes, crc, osrEntries } }) => ({
        index,
        address,
        crc,
        osrEntries,
        bytes: Buffer.from(bytes).toString('hex'),
      }));
      const wasmBytes = module.functions.map((entry) => functionSource(module, entry)).reduce((sum, { start, end }) => sum + end - start, 0);
      return { code, perByte: (vsoc.mixed?.statistics.compileTime ?? 0) / wasmBytes };
    } finally {
      vsoc.close();
    }
  }

  it.each(kernels)('$name is the same code from both workers', ({ module }) => {
    const { code, perByte } = made(module, { worker: 'device' });
    const host = made(module, { worker: 'host' });
    expect(code).toEqual(host.code);
    // The host's price is about what the device takes.
    expect(perByte).toBeGreaterThan(host.perByte / 4);
    expect(perByte).toBeLessThan(4 * host.perByte + 500);
  });
});
