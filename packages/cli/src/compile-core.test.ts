import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { readElf32 } from '@fireball/image';
import { documentOf, runCli, withFolder } from '@fireball/testkit';
import { runCommandLine } from './program.js';

const functions = ['fireball_core_bounds', 'fireball_core_compile', 'fireball_core_fault', 'fireball_core_init', 'fireball_core_module', 'fireball_core_place'];
const programFunctions = ['fireball_program_compile', 'fireball_program_export', 'fireball_program_install', 'fireball_program_load'];

it('writes the compiler at an address, with what its header declares', () =>
  withFolder({}, (folder) => {
    const file = join(folder, 'core.elf');
    const document = documentOf(runCli(['compile-core', '--target', 'rv32', '--ram', '0x20000000:256K', '--at', '0x1000', '-o', file, '--json']));
    expect(document).toMatchObject({ target: 'rv32', file, header: join(folder, 'core.h'), ram: { address: 0x2000_0000, bytes: 0x4_0000, memory: 0x3_0000 } });
    const { type, machine, symbols, segments } = readElf32(new Uint8Array(readFileSync(file)));
    expect([type, machine, segments[0]!.virtualAddress, segments[0]!.data.length]).toEqual([2, 243, 0x1000, document['bytes']]);
    const header = readFileSync(join(folder, 'core.h'), 'utf8');
    expect(header).toContain('#define FIREBALL_CORE_RAM 0x20000000u');
    expect(symbols.flatMap(({ name }) => (name === '' ? [] : [name]))).toEqual(functions);
    expect([...header.matchAll(/(fireball_core_\w+)\(/g)].map(([, name]) => name!).sort()).toEqual(functions);
  }));

it.each([
  ['alone', [], functions],
  ['with the interpreter', ['--interpreter'], [...functions, ...programFunctions]],
])('writes the compiler %s as a C source whose functions are those of the header', (_what, options, functions) =>
  withFolder({}, (folder) => {
    expect(runCli(['compile-core', '-o', join(folder, 'core.c'), ...options]).status).toBe(0);
    const declared = [...readFileSync(join(folder, 'core.h'), 'utf8').matchAll(/^(u?int32_t fireball_\w+\(.*\));$/gm)].map(([, text]) => text);
    const defined = [...readFileSync(join(folder, 'core.c'), 'utf8').matchAll(/^(u?int32_t fireball_\w+\(.*?\)) \{/gm)].map(([, text]) => text);
    expect(defined).toEqual(declared);
    expect(defined).toHaveLength(functions.length);
  }),
);

const compilers = [
  ['arm-none-eabi-gcc', '-xc', '-std=c90', '-Wno-long-long'],
  ['arm-none-eabi-gcc', '-xc', '-std=c99'],
  ['arm-none-eabi-g++', '-xc++', '-std=c++98'],
  ['arm-none-eabi-g++', '-xc++', '-std=c++17'],
];
const [[anyCompiler]] = compilers as [[string]];

(spawnSync(anyCompiler, ['--version']).status === 0 ? it.each(compilers) : it.skip.each(compilers))(
  'writes a header that %s %s %s takes without a warning, whose functions are those of C',
  (compiler, ...options) =>
    withFolder({ 'user.c': '#include "core.h"\nint32_t user(void) { return fireball_core_init() + fireball_program_export(0, 0); }\n' }, (folder) => {
      expect(runCli(['compile-core', '-o', join(folder, 'core.o'), '--interpreter']).status).toBe(0);
      const object = join(folder, 'user.o');
      const { stderr, status } = spawnSync(
        compiler,
        [...options, '-mthumb', '-mcpu=cortex-m4', '-ffreestanding', '-Wall', '-Wextra', '-pedantic', '-Werror', '-c', join(folder, 'user.c'), '-o', object],
        { encoding: 'utf8' },
      );
      expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
      const names = readFileSync(object, 'latin1').split('\0');
      expect(names).toEqual(expect.arrayContaining(['fireball_core_init', 'fireball_program_export']));
    }),
);

it.each([
  [['-o', 'core.bin'], 'core.bin is no .o, .elf or .c: the ending says what is written'],
  [['-o', 'core.elf'], 'an .elf needs --at ADDRESS'],
  [['-o', 'core.o', '--at', '0x100'], '--at is for an .elf, not for an .o'],
  [['-o', 'core.elf', '--at', '0x101'], '--at: 0x101 is no multiple of 16'],
  [['-o', 'core.elf', '--at', '0x21000000'], 'would lie in its RAM from 0x21000000 to 0x21100000'],
  [['-o', 'core.elf', '--at', 'rom'], "--at: 'rom' is no address; e.g. 0x10000"],
  [['-o', 'core.o', '--ram', '0x20000000:64K'], '65536 bytes are too little: the compiler needs 81920, 0x14000'],
  [['-o', 'core.o', '--ram', '0x20000100:1M'], '0x20000100 is no multiple of 4096'],
  [['-o', 'core.o', '--ram', '0xf0000000:1M'], 'ends too high'],
  [['-o', 'core.o', '--cpu', 'z80'], 'z80'],
  [['-o', 'missing/folder/core.o'], 'missing/folder/core.o'],
  [['-o', 'core.o', '--target', 'arm'], "'arm' is invalid"],
  [[], "required option '-o, --output <file>'"],
])('refuses %j', async (args, message) => {
  let said = '';
  const streams = { stdout: () => undefined, stderr: (text: string) => void (said += text), interactive: false };
  expect(await runCommandLine(['compile-core', ...args], streams)).toBe(2);
  expect(said).toContain(message);
});
