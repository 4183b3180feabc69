/** The example firmware that carries the compiler: what it compiles is what the host makes, and does what the interpreter in ROM does. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Isa } from '@fireball/contracts';
import { readElf32 } from '@fireball/image';
import { featuresOf, type LinkEnvironment } from '@fireball/jit';
import { runCli } from '@fireball/testkit';
import { buildCoreImage, coreHeader, createVsoc, defaultCpu, type CoreImage, type VsocValue } from '@fireball/vsoc';
import { TypeNumbers } from '@fireball/wasm';
import { isInstalled, machines, runElf } from './qemu/machine.js';
import { exampleModule, newFirmware, placedCode, printedResult, toolchains } from './testing/core-firmware.js';

const sample = exampleModule('sample.wasm');

const { link, remove } = newFirmware(['main.c', 'module.c'], 'sample.wasm');
afterAll(remove);

/** Addresses that the firmware's linker has chosen. */
function environmentOf(isa: Isa, image: CoreImage, elf: Uint8Array): LinkEnvironment {
  const { symbols } = readElf32(elf);
  const at = (name: string): number =>
    (symbols.find((symbol) => symbol.name === name)!.value & -(isa === 'thumb2' && name.startsWith('fireball') ? 2 : 1)) >>> 0;
  const core = at('fireball_core_init') - image.entries.get('fireball_core_init')!;
  const numbers = new TypeNumbers();
  const typeNumbers = sample.module.types.map((type) => numbers.of(type));
  return {
    features: featuresOf(isa, defaultCpu[isa]),
    memory: { base: at('wasm_memory'), minBytes: 0x1_0000, fixed: false, boundsRoutine: at('wasm_bounds'), record: at('wasm_memory_record'), pageShift: 16 },
    table: () => ({ record: at('wasm_table_record'), elements: at('wasm_elements') }),
    typeNumber: (index) => typeNumbers[index]!,
    dataRecord: () => 0,
    elementRecord: () => 0,
    descriptorAddress: () => at('wasm_memory_record'),
    resultBuffer: at('wasm_results'),
    globalAddress: (index) => at('wasm_globals') + 8 * index,
    slotAddress: (index) => at('wasm_slots') + 8 * index,
    routineAddress: (op) => (image.routines.has(op) ? core + image.routines.get(op)! : undefined),
    farRoutines: true,
    misaligned: 'hw',
    compiler: image.compiler,
    stackLimit: at('stack_limit'),
  };
}

const calls: readonly (readonly [string, VsocValue])[] = [
  ['fib', { type: 'i32', value: 15 }],
  ['sum', { type: 'i32', value: 5 }],
  ['gcd', { type: 'i64', value: 0x6_0012_0000n }],
  ['root', { type: 'f64', value: 0x4000_0000_0000_0000n }],
  ['half', { type: 'f32', value: 0x4049_0fdb }],
  ['choose', { type: 'i32', value: 1 }],
  ['choose', { type: 'i32', value: 2 }],
  ['calls', { type: 'i32', value: 100 }],
  ['beyond', { type: 'i32', value: 0xfffd }],
  ['grow', { type: 'i32', value: 1 }],
  ['beyond', { type: 'i32', value: 0xfffd }],
  ['beyond', { type: 'i32', value: 0x1_fffd }],
  ['grow', { type: 'i32', value: 2 }],
];

/** What the interpreter in ROM says, as the firmware prints it. */
function interpreted(isa: Isa): string[] {
  const vsoc = createVsoc({ isa, tier: 'interpreter', maxPages: 3 });
  try {
    const instance = vsoc.instantiate(sample);
    return calls.map(([name, argument]) => {
      const { trap, results } = instance.invoke(name, [argument]);
      if (trap !== null) return `${name} trapped`;
      return `${name} = ${printedResult(results[0]!)}`;
    });
  } finally {
    vsoc.close();
  }
}

describe.each(['thumb2', 'rv32'] as const)('firmware with the compiler for %s', (isa) => {
  const { command, board, ram } = toolchains[isa];
  if (spawnSync(command, ['--version']).status !== 0) {
    it.skip(`${command} is not installed (Debian: gcc-${isa === 'thumb2' ? 'arm-none-eabi' : 'riscv64-unknown-elf'}); no firmware is made`, () => undefined);
    return;
  }
  const image = buildCoreImage({ isa, ram: { base: ram, size: 0x10_0000 } });
  const small = buildCoreImage({ isa, ram: { base: ram, size: 0x1_4000 } });
  const baseline = buildCoreImage({ isa, compiler: 'baseline', ram: { base: ram, size: 0x1_4000 } });
  const trusted = buildCoreImage({ isa, ram: { base: ram, size: 0x10_0000 }, boundsChecks: 'none' });

  it.each([
    { what: 'compiles functions on an emulated board', core: image, first: ['a broken body: trapped, then not ready'] },
    { what: 'compiles them with the least RAM', core: small, first: ['a broken body: trapped, then not ready'] },
    { what: 'compiles them by the baseline compiler', core: baseline, first: ['a broken body: trapped, then not ready'] },
    { what: 'compiles them without bounds checks of its own', core: trusted, first: [] },
  ])('$what to the code that the host makes, which does what the interpreter does', ({ core, first }) => {
    const elf = link(isa, core, 'o');
    const { stdout, status } = runCli(['emulate', elf, '-M', board]);
    const lines = stdout.split('\n').filter((line) => line !== '');
    const environment = environmentOf(isa, core, new Uint8Array(readFileSync(elf)));
    const compiled = lines.filter((line) => line.startsWith('function '));
    expect(compiled).toEqual(sample.functions.map(({ index }) => placedCode(sample, index, compiled[index]!, isa, environment)));
    expect([status, ...lines.slice(0, first.length), ...lines.slice(first.length + compiled.length)]).toEqual([0, ...first, ...interpreted(isa)]);
  });

  it('validates with bounds checks in any case', () => {
    const codeOf = (boundsChecks: 'all' | 'none', interpreter: boolean): number =>
      buildCoreImage({ isa, ram: { base: ram, size: 0x10_0000 }, boundsChecks, interpreter }).parts.code;
    const [checked = 0, unchecked = 0] = (['all', 'none'] as const).map((checks) => codeOf(checks, true) - codeOf(checks, false));
    // Branches may have other lengths at other places.
    expect(Math.abs(checked - unchecked)).toBeLessThan(0.02 * checked);
  });

  it('takes a twentieth less flash without them, at least, and says so to C', () => {
    expect(trusted.parts.code).toBeLessThan(0.95 * image.parts.code);
    const headers = [image, trusted].map((core) => coreHeader(core, defaultCpu[isa], { base: ram, size: 0x10_0000 }));
    expect(headers.map((text) => /FIREBALL_CORE_BOUNDS_CHECKS (\d)/.exec(text)![1])).toEqual(['1', '0']);
  });

  const machine = machines.find((candidate) => candidate.board.isa === isa)!;
  const judge = isInstalled(machine) ? it : it.skip;
  judge('does the same on QEMU, with the compiler from a C source', () => {
    const { lines, status } = runElf(machine, readFileSync(link(isa, image, 'c')));
    expect([status, ...lines.slice(-calls.length)]).toEqual([0, ...interpreted(isa)]);
    expect(lines.filter((line) => line.includes('CRC-32'))).toHaveLength(sample.functions.length);
  });
});
