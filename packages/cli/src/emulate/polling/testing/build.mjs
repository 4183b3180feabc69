// Compiles loops.c with GNU C into loops.json: node packages/cli/src/emulate/polling/testing/build.mjs
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = import.meta.dirname;
const scratch = mkdtempSync(join(tmpdir(), 'fireball-loops-'));
const arm = { prefix: 'arm-none-eabi', options: ['-mthumb'], base: 0 };
const riscv = { prefix: 'riscv64-unknown-elf', options: ['-mcmodel=medany'], base: 0x80000000 };
const cores = {
  'cortex-m0': { ...arm, options: [...arm.options, '-mcpu=cortex-m0'] },
  'cortex-m4': { ...arm, options: [...arm.options, '-mcpu=cortex-m4'] },
  rv32imac: { ...riscv, options: [...riscv.options, '-march=rv32imac', '-mabi=ilp32'] },
  rv64imac: { ...riscv, options: [...riscv.options, '-march=rv64imac', '-mabi=lp64'] },
};

function run(prefix, tool, ...args) {
  const { status, stdout, stderr } = spawnSync(`${prefix}-${tool}`, args, { encoding: 'utf8', cwd: scratch });
  if (status !== 0) throw new Error(`${prefix}-${tool}: ${stderr}`);
  return stdout;
}

function compile({ prefix, options, base }, level) {
  writeFileSync(
    join(scratch, 'loops.ld'),
    `SECTIONS { . = ${base + 0x100}; .text : { *(.text*) *(.rodata*) } . = ${base === 0 ? 0x20000000 : base + 0x10000}; .bss (NOLOAD) : { *(.bss*) *(.sbss*) *(COMMON) } /DISCARD/ : { *(.ARM.*) } }`,
  );
  run(
    prefix,
    'gcc',
    level,
    '-ffreestanding',
    '-nostdlib',
    '-Wall',
    '-Werror',
    '-T',
    'loops.ld',
    '-Wl,--build-id=none,-e,tick',
    ...options,
    '-o',
    'loops.elf',
    join(folder, 'loops.c'),
  );
  run(prefix, 'objcopy', '-O', 'binary', '-j', '.text', 'loops.elf', 'loops.bin');
  const symbols = run(prefix, 'nm', 'loops.elf')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, kind]) => kind === 'T');
  return {
    base: base + 0x100,
    code: readFileSync(join(scratch, 'loops.bin')).toString('hex'),
    functions: Object.fromEntries(symbols.map(([address, , name]) => [name, parseInt(address, 16)])),
  };
}

try {
  const programs = Object.entries(cores).flatMap(([core, options]) => ['-O0', '-Os', '-O2'].map((level) => ({ core, level, ...compile(options, level) })));
  writeFileSync(join(folder, 'loops.json'), `${JSON.stringify({ compiler: run(arm.prefix, 'gcc', '-dumpfullversion').trim(), programs }, null, 2)}\n`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
