// Rebuilds PROGRAM-ARCHITECTURE.elf with Debian's cross compilers.
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const targets = [
  { name: 'thumb2', prefix: 'arm-none-eabi', flags: ['-mcpu=cortex-m4', '-mthumb'], code: 0, ram: 0x2000_0000 },
  {
    name: 'rv32',
    prefix: 'riscv64-unknown-elf',
    flags: ['-march=rv32imac_zicsr', '-mabi=ilp32', '-mcmodel=medany', '-mno-relax'],
    code: 0x8000_0000,
    ram: 0x8010_0000,
  },
  {
    name: 'rv64',
    prefix: 'riscv64-unknown-elf',
    flags: ['-march=rv64imac', '-mabi=lp64', '-mcmodel=medany', '-mno-relax'],
    code: 0x8000_0000,
    ram: 0x8010_0000,
  },
];

const float = ['-mfpu=fpv4-sp-d16', '-mfloat-abi=hard'];
const programs = [
  ...targets.map((target) => ({ ...target, program: 'sample' })),
  ...targets
    .filter(({ name }) => name !== 'rv64')
    .flatMap((target) =>
      ['tasks', 'threads'].map((program) => ({ ...target, flags: target.name === 'thumb2' ? [...target.flags, ...float] : target.flags, program })),
    ),
  ...['echo', 'host-echo'].flatMap((program) =>
    targets
      .filter(({ name }) => name !== 'rv64')
      .map((target) => ({ ...target, flags: program === 'host-echo' ? [...target.flags, '-DSEMIHOSTING'] : target.flags, program, source: 'echo' })),
  ),
];

for (const { name, prefix, flags, code, ram, program, source = program } of programs) {
  const hex = (value) => `0x${value.toString(16)}`;
  const { status, stderr } = spawnSync(
    `${prefix}-gcc`,
    [
      ...flags,
      '-std=gnu11',
      '-Og',
      '-g',
      '-gdwarf-4',
      '-Wall',
      '-Werror',
      '-ffreestanding',
      '-nostdlib',
      `-ffile-prefix-map=${folder}=/firmware/debug`,
      `-Wl,--section-start=.vectors=${hex(code)},-Ttext=${hex(code + 0x100)},-Tdata=${hex(ram)},-Tbss=${hex(ram + 0x100)},--defsym=stack_top=${hex(ram + 0x4000)},--build-id=none,--no-warn-rwx-segments`,
      name === 'thumb2' ? '-Wl,-estart' : '-Wl,-ereset',
      '-Wl,--omagic',
      `${source}.c`,
      '-o',
      `${program}-${name}.elf`,
    ],
    { cwd: folder, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
}
