/** The example firmware that carries interpreter and compiler: it validates a module on the device, interprets it, and compiles what is hot. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Isa } from '@fireball/contracts';
import { readElf32 } from '@fireball/image';
import { featuresOf, type LinkEnvironment } from '@fireball/jit';
import { runCli } from '@fireball/testkit';
import { buildCoreImage, createVsoc, defaultCpu, type CoreImage, type VsocValue } from '@fireball/vsoc';
import { TypeNumbers } from '@fireball/wasm';
import { isInstalled, machines, runElf } from './qemu/machine.js';
import { exampleModule, newFirmware, placedCode, printedResult, toolchains } from './testing/core-firmware.js';
import { compiledTargets } from './testing/native.js';

const mixed = exampleModule('mixed.wasm');

const { link, remove } = newFirmware(['mixed.c'], 'mixed.wasm');
afterAll(remove);

const i32 = (value: number): VsocValue => ({ type: 'i32', value });
const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);

/** What the firmware prints of calls, in order. */
const calls: readonly (readonly [string, VsocValue])[] = [
  ['sort', i32(8)],
  ['run', i32(16)],
  ['run', i32(28)],
  ['calls', i32(0)],
  ...[0, 1, 2, 3, 4].map((which) => ['choose', i32(which)] as const),
  ['sort', i32(100)],
  ['spread', i32(100)],
  ['sort', i32(100)],
  ['spread', i32(100)],
  ['pairs', i32(100)],
  ['divide', { type: 'i64', value: -7n }],
  ['divide', { type: 'i64', value: 0n }],
  ['half', { type: 'f32', value: 0x4049_0fdb }],
  ['is_even', i32(61)],
  ['is_even', i32(62)],
  ['is_even', i32(1_000_000)],
  ['last', i32(0x80)],
  ['beyond', i32(0xfffd)],
  ['grow', i32(1)],
  ['last', i32(0x81)],
  ['beyond', i32(0xfffd)],
  ['grow', i32(1)],
  ['grow', i32(1)],
  ['beyond', i32(0x2_fffd)],
  ...times(5, ['run', i32(16)] as const),
  ['beyond', i32(0x2_fffd)],
  ['beyond', i32(0x1_fffc)],
  ['last', i32(0x82)],
  ['grow', i32(0)],
  ['calls', i32(0)],
];

/** What the interpreter in ROM says where the host has made it ready. */
function interpreted(isa: Isa): string[] {
  const vsoc = createVsoc({ isa, tier: 'interpreter', maxPages: 3 });
  try {
    let noted = 0;
    const note = vsoc.createHostFunction({ params: ['i32'], results: [] }, ([value]) => {
      noted += Number(value!.value);
      return [];
    });
    const instance = vsoc.instantiate(mixed, () => note);
    const results = calls.map(([name, argument]) => {
      const { trap, results } = instance.invoke(name, [argument]);
      return trap === null ? `${name} = ${printedResult(results[0]!)}` : `${name} trapped`;
    });
    return [...results, `noted 0x${noted.toString(16).padStart(8, '0')}`];
  } finally {
    vsoc.close();
  }
}

/** Addresses as the firmware says them. */
function environmentOf(isa: Isa, image: CoreImage, elf: Uint8Array, line: string): LinkEnvironment {
  const { symbols } = readElf32(elf);
  const at = (name: string): number => symbols.find((symbol) => symbol.name === name)!.value;
  const printed = (what: string): number => Number(new RegExp(`\\b${what} (0x[0-9a-f]+)`).exec(line)![1]);
  const core = (at('fireball_core_init') & -(isa === 'thumb2' ? 2 : 1)) - image.entries.get('fireball_core_init')!;
  const numbers = new TypeNumbers();
  const typeNumbers = mixed.module.types.map((type) => numbers.of(type));
  return {
    features: featuresOf(isa, defaultCpu[isa]),
    memory: { base: at('memory'), minBytes: 0x1_0000, fixed: false, boundsRoutine: printed('bounds'), record: printed('memory'), pageShift: 16 },
    table: () => ({ record: printed('table'), elements: printed('elements') }),
    typeNumber: (index) => typeNumbers[index]!,
    dataRecord: () => 0,
    elementRecord: () => 0,
    descriptorAddress: () => printed('memory'),
    resultBuffer: printed('results'),
    globalAddress: (index) => printed('globals') + 8 * index,
    slotAddress: (index) => printed('slots') + 8 * index,
    routineAddress: (op) => (image.routines.has(op) ? (core >>> 0) + image.routines.get(op)! : undefined),
    farRoutines: true,
    misaligned: 'hw',
    compiler: image.compiler,
    stackLimit: at('stack_limit'),
  };
}

const isResult = (line: string): boolean => calls.some(([name]) => line.startsWith(`${name} `)) || line.startsWith('noted ');
/** What does not depend on where the linker put things, or on time. */
const resultsOf = (lines: readonly string[]): string[] => lines.filter(isResult).map((line) => line.replace(/;.*/, ''));

describe.each(compiledTargets)('firmware with interpreter and $compiler compiler for $isa', ({ isa, compiler }) => {
  const { command, board, ram } = toolchains[isa];
  if (spawnSync(command, ['--version']).status !== 0) {
    it.skip(`${command} is not installed (Debian: gcc-${isa === 'thumb2' ? 'arm-none-eabi' : 'riscv64-unknown-elf'}); no firmware is made`, () => undefined);
    return;
  }
  const image = buildCoreImage({ isa, compiler, interpreter: true, ram: { base: ram, size: 0x10_0000 } });

  it('validates a module on an emulated board, interprets it, and goes on with code that is what the host makes', () => {
    const elf = link(isa, image, 'o');
    const { stdout, status } = runCli(['emulate', elf, '-M', board]);
    const lines = stdout.split('\n').filter((line) => line !== '');
    expect([status, lines[0], ...resultsOf(lines)]).toEqual([0, 'a broken module: invalid at 0x00000018', ...interpreted(isa)]);
    const compiled = lines.filter((line) => line.startsWith('function '));
    const environment = environmentOf(
      isa,
      image,
      new Uint8Array(readFileSync(elf)),
      lines.find((line) => line.startsWith('instance:'))!,
    );
    const index = (line: string): number => Number(/0x[0-9a-f]+/.exec(line)![0]);
    expect(compiled).toEqual(compiled.map((line) => placedCode(mixed, index(line), line, isa, environment)));
    // In the middle of what runs, functions that others call, and those that call others.
    expect(new Set(compiled.map(index)).size).toBe(10);
    expect(lines.indexOf(compiled[0]!)).toBeGreaterThan(lines.findIndex(isResult));
  });

  const machine = machines.find((candidate) => candidate.board.isa === isa)!;
  const judge = isInstalled(machine) ? it : it.skip;
  judge('does the same on QEMU, with the compiler from a C source', () => {
    const { lines, status } = runElf(machine, readFileSync(link(isa, image, 'c')));
    expect([status, ...resultsOf(lines)]).toEqual([0, ...interpreted(isa)]);
    expect(lines.filter((line) => line.includes('CRC-32'))).toHaveLength(10);
  });
});
