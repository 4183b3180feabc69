/** Mixed mode's two workers: the compiler on the device, and the host's. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InternalError, NoRoomError, UnsupportedError } from '@fireball/contracts';
import { Random } from '@fireball/engines';
import { compileFunction, functionSource, loadTemplates, type CompileOptions, type CompilerCore, type FunctionSource } from '@fireball/jit';
import { createVsoc, DeviceCore, jitStatus, offlineEnvironment, type CoreFunction, type MixedOptions, type OfflineEnvironment } from '@fireball/vsoc';
import { decodeModule, validateModule, type ValidatedModule } from '@fireball/wasm';
import { corpus } from '../corpus/index.js';
import { largeModules, readModule } from './modules/packages.js';
import { root } from './testing/fireball.js';
import { loopsOf, moduleOfText, targets } from './testing/native.js';

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

/** Every so many functions; a long run takes all. */
const isLongRun = process.env['WORKER_FUNCTIONS'] === 'all';
const modulesIn = (...path: readonly string[]): ValidatedModule[] =>
  readdirSync(join(root, ...path))
    .filter((name) => name.endsWith('.wasm'))
    .map((name) => validateModule(decodeModule(readFileSync(join(root, ...path, name)))));
const suites = [
  { name: 'the corpus', step: 9, modules: () => corpus.flatMap(({ rows }) => rows.flatMap(({ modules }) => modules.map(({ wat }) => moduleOfText(wat)))) },
  { name: 'the wide kernels', step: 5, modules: () => modulesIn('packages', 'kernels', 'data', 'wide', 'wasm') },
  { name: 'C and Rust', step: 9, modules: () => modulesIn('e2e', 'sources') },
  ...largeModules.map(({ name, path }) => ({ name, step: 401, modules: () => [validateModule(decodeModule(readModule(path)))] })),
];

/** More than any function takes. */
const budget = 10_000_000_000;

describe.each(targets)('functions of modules for %s', (isa) => {
  const templates = loadTemplates(isa);
  let large: DeviceCore;
  let small: DeviceCore;
  beforeAll(() => {
    // The largest functions of esbuild, of 200 KB, take 47 MB.
    large = new DeviceCore(isa, { memoryBytes: 0x400_0000 });
    small = new DeviceCore(isa, { memoryBytes: 0x2_0000 });
  });
  afterAll(() => {
    for (const device of [large, small]) device.close();
  });

  /** By the host's core, or a piece of work for the device's. */
  function made<Made>(device: DeviceCore | undefined, make: (core: CompilerCore | undefined) => Made): Made {
    if (device === undefined) return make(undefined);
    try {
      return make(device.beginJob(budget));
    } finally {
      device.endJob();
      expect(device.isIntact).toBe(true);
    }
  }

  /** Code and what is known of it, or why there is none. */
  function codeOf(source: FunctionSource, environment: OfflineEnvironment, options: CompileOptions, device?: DeviceCore): object {
    try {
      const compiled = made(device, (core) => compileFunction(source, templates, environment, options, core));
      const code = made(device, (core) => compiled.linkAt(environment.codeAddress, environment.entries, {}, core));
      const { bytes, crc, sites, trapStubs, osrEntries, locations } = code;
      // Of which locals live it has a function.
      const boundaries = locations?.boundaries.map((boundary) => ({
        offsets: [boundary.wasmOffset, boundary.codeOffset],
        operands: boundary.operands,
        live: source.locals.map((_, local) => boundary.isLive(local)),
      }));
      return { bytes, crc, sites, trapStubs, osrEntries, locations: locations && { ...locations, boundaries } };
    } catch (error) {
      if (error instanceof NoRoomError) return { refused: 'no-memory' };
      if (error instanceof UnsupportedError) return { refused: error.message };
      throw error;
    }
  }

  it.each(suites)(
    '$name: the same code from the device, or with little memory a refusal by name',
    ({ modules, step }) => {
      const outcomes = { same: 0, refused: 0 };
      const different: string[] = [];
      let position = 0;
      for (const [number, module] of modules().entries()) {
        const environment = offlineEnvironment(module, isa);
        for (const entry of module.functions) {
          if (position++ % (isLongRun ? 1 : step) !== 0) continue;
          // In turns: what mixed mode asks for beside code, and code that takes misaligned accesses apart.
          const kind = (position + entry.index) % 4;
          const source = functionSource(module, entry);
          const options = { osrLoops: kind < 2 ? loopsOf(entry) : [], locations: kind === 1 };
          const meant = kind === 3 ? ({ ...environment, misaligned: 'split' } as const) : environment;
          const expected = codeOf(source, meant, options);
          const where = `function ${entry.index} of module ${number}`;
          if (!isDeepStrictEqual(codeOf(source, meant, options, large), expected)) different.push(where);
          const cramped = codeOf(source, meant, options, small);
          if (isDeepStrictEqual(cramped, { refused: 'no-memory' })) outcomes.refused++;
          else if (isDeepStrictEqual(cramped, expected)) outcomes.same++;
          else different.push(`${where}, with little memory`);
        }
      }
      expect(different).toEqual([]);
      expect(outcomes.same).toBeGreaterThan(0);
    },
    1_800_000,
  );

  it('a bit changed in code or tables of the compiler is a fault, and the next function gets its code', () => {
    const [module] = modulesIn('packages', 'kernels', 'data', 'wide', 'wasm');
    const environment = offlineEnvironment(module!, isa);
    const random = new Random(isLongRun ? 0x5eed : 7);
    const calls: readonly CoreFunction[] = ['readBody', 'planFunction', 'analyseUses', 'nameOperands', 'giveRegisters', 'selectByNeed', 'layOutPlaced'];
    for (let count = isLongRun ? 1500 : 15; count > 0; count--) {
      const entry = random.pick(module!.functions);
      const damage = { call: random.pick(calls), place: random.word() / 2 ** 32 };
      const source = functionSource(module!, entry);
      const core = large.beginJob(5_000_000, damage);
      expect(() => compileFunction(source, templates, environment, {}, core)).toThrow(InternalError);
      large.endJob();
      expect(large.isIntact).toBe(false);
      large.restart();
      expect(codeOf(source, environment, {}, large)).toEqual(codeOf(source, environment, {}));
    }
  }, 1_800_000);
});
