import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Isa } from '@fireball/contracts';
import { readElf32 } from '@fireball/image';
import { cores } from '@fireball/jit';
import { bundledKernels } from '@fireball/kernels';
import { documentOf, runCli, withFolder } from '@fireball/testkit';
import { qemuMachines } from '@fireball/vsoc';

const fib = join(bundledKernels, 'wasm', 'fib.wasm');
const functions = '(module (func (export "add") (param i32 i64) (result i64) (local.get 1)) (func (export "nop")))';

describe.each<[Isa, number, string]>([
  ['thumb2', 40, 'qemu-system-arm -M mps2-an386'],
  ['rv32', 243, 'qemu-system-riscv32 -M virt -bios none'],
])('compile -o for %s', (target, machine, qemu) => {
  it('writes a file and says how to run it', () =>
    withFolder({}, (folder) => {
      const file = join(folder, 'app.elf');
      const document = documentOf(runCli(['compile', fib, '--target', target, '-o', file, '--json']));
      const bytes = new Uint8Array(readFileSync(file));
      expect(document).toMatchObject({ target, file, bytes: bytes.length, calls: ['run()'] });
      expect(document['command']).toContain(`${qemu} `);
      expect(document['command']).toContain(`-kernel ${file}`);
      const elf = readElf32(bytes);
      expect(elf.machine).toBe(machine);
      expect(elf.symbols.map(({ name }) => name)).toEqual(expect.arrayContaining(['run', 'start', 'i64.div_s']));
    }));

  it('names a machine that has the core', () =>
    withFolder({}, (folder) => {
      for (const cpu of Object.keys(cores[target])) {
        const document = documentOf(runCli(['compile', fib, '--target', target, '--cpu', cpu, '-o', join(folder, 'app.elf'), '--json']));
        const { program, args } = qemuMachines.find(({ cpus }) => cpus.includes(cpu))!;
        expect(document['command']).toContain(`${[program, ...args].join(' ')} `);
      }
    }));

  it('takes calls with arguments, and the memories of a board', () =>
    withFolder({ 'm.wat': functions }, (folder) => {
      const file = join(folder, 'app.elf');
      const memories = ['--rom', '0x8000000:128K', '--ram', '0x20000000:64K', '--stack', '8192'];
      const calls = ['--invoke', 'add=1,-0x2', '--invoke', 'nop'];
      const document = documentOf(runCli(['compile', join(folder, 'm.wat'), '--target', target, '-o', file, ...memories, ...calls, '--json']));
      expect(document).toMatchObject({ calls: ['add(1, -0x2)', 'nop()'], command: null });
      const { segments } = readElf32(new Uint8Array(readFileSync(file)));
      for (const { physicalAddress, data } of segments) {
        expect(physicalAddress).toBeGreaterThanOrEqual(0x800_0000);
        expect(physicalAddress + data.length).toBeLessThanOrEqual(0x802_0000);
      }
    }));
});

const importing = '(module (import "env" "f" (func)) (func (export "run")))';
const trapping = '(module (func $s unreachable) (start $s) (func (export "run")))';

it.each<[string, string, string[], number, string]>([
  ['an import', importing, [], 65, 'not supported: imports of a bare system ("env" "f")'],
  ['a start function that traps', trapping, [], 1, 'instantiation trapped: unreachable'],
  ['an unknown function', functions, ['--invoke', 'ad=1'], 2, "'ad'"],
  ['too few arguments', functions, ['--invoke', 'add=1'], 2, 'add takes 2 argument(s) (i32 i64), 1 given'],
  ['no choice of a function', functions, [], 2, '--invoke NAME is needed'],
  ['no memory', functions, ['--ram', '0x20000000'], 2, "--ram: '0x20000000' is no memory; ADDRESS:SIZE is wanted"],
  ['a memory of odd size', functions, ['--ram', '0:5', '--invoke', 'nop'], 2, '--ram: the RAM at 0x0 of 5 bytes: address and size must be multiples of 4096'],
  [
    'too little RAM',
    functions,
    ['--ram', '0x20000000:16K', '--stack', '16384', '--invoke', 'nop'],
    2,
    '--ram: the RAM at 0x20000000 of 16384 bytes is too small for a stack of 16384 bytes',
  ],
  [
    'too little RAM for any stack',
    functions,
    ['--ram', '0x20000000:8K', '--invoke', 'nop'],
    2,
    '--ram: the RAM at 0x20000000 of 8192 bytes is too small for a stack of 4096 bytes',
  ],
  ['a ROM without room for code', functions, ['--rom', '0:64K', '--invoke', 'nop'], 2, '--rom: the ROM at 0x0 of 65536 bytes is too small'],
  ['an odd stack', functions, ['--stack', '7', '--invoke', 'nop'], 2, '--stack: the stack must be a multiple of 4096 bytes'],
  [
    'RAM over RAM',
    functions,
    ['--ram', '0x20000000:64K', '--ram', '0x20001000:64K', '--invoke', 'nop'],
    2,
    '--ram: the RAM at 0x20001000 of 65536 bytes overlaps the RAM at 0x20000000',
  ],
  [
    'more memory than there is RAM',
    '(module (memory 100) (func (export "nop")))',
    ['--ram', '0x20000000:64K', '--invoke', 'nop'],
    65,
    'there is the ROM at 0x0 of 4194304 bytes, the RAM at 0x20000000 of 65536 bytes; --rom and --ram say what a board has',
  ],
])('compile -o refuses %s', (_, text, options, status, says) =>
  withFolder({ 'm.wat': text }, (folder) => {
    const result = runCli(['compile', join(folder, 'm.wat'), '-o', join(folder, 'app.elf'), ...options]);
    expect(result.stderr).toContain(says);
    expect(result).toMatchObject({ status, stdout: '' });
  }),
);

it.each([
  [['--invoke', 'run'], '--invoke needs -o FILE'],
  [['--rom', '0:64K'], '--rom needs -o FILE'],
  [['-o', '/nowhere/app.elf'], 'cannot write /nowhere/app.elf'],
])('compile %p is refused', (options, says) => {
  const result = runCli(['compile', fib, ...options]);
  expect(result.stderr).toContain(says);
  expect(result).toMatchObject({ status: 2, stdout: '' });
});
