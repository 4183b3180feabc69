// Rebuilds images/PROGRAM-CORE.elf with Debian's cross compilers; no library is needed.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));

/** Where the images of a core lie: of the machines mps2-an386, rp2040 and virt-rv32. */
const cores = {
  'cortex-m4': { compiler: 'arm-none-eabi-gcc', start: 'arm', flags: ['-mthumb', '-mcpu=cortex-m4'], flash: 0, ram: 0x2000_0000 },
  'cortex-m0plus': { compiler: 'arm-none-eabi-gcc', start: 'arm', flags: ['-mthumb', '-mcpu=cortex-m0plus'], flash: 0x1000_0000, ram: 0x2000_0000 },
  rv32: {
    compiler: 'riscv64-unknown-elf-gcc',
    start: 'riscv',
    flags: ['-march=rv32imac', '-mabi=ilp32', '-mcmodel=medany'],
    flash: 0x8000_0000,
    ram: 0x8020_0000,
  },
};
const all = ['cortex-m4', 'rv32'];
const programs = { mixed: [...all, 'cortex-m0plus'], ticks: [...all, 'cortex-m0plus'], devices: all, sleep: all, empty: all };

mkdirSync(join(folder, 'images'), { recursive: true });
for (const [program, builtFor] of Object.entries(programs)) {
  for (const core of builtFor) {
    const { compiler, start, flags, flash, ram } = cores[core];
    const args = [
      ...flags,
      '-std=gnu11',
      '-O2',
      '-Wall',
      '-Wextra',
      '-Werror',
      '-ffreestanding',
      '-nostdlib',
      '-ffunction-sections',
      '-T',
      'link.ld',
      `-Wl,--gc-sections,-z,max-page-size=16,--no-warn-rwx-segments,--build-id=none,--defsym=FLASH=${flash},--defsym=RAM=${ram}`,
      `src/start-${start}.c`,
      'src/work.c',
      `src/${program}.c`,
      '-lgcc',
      '-o',
      `images/${program}-${core}.elf`,
    ];
    const { status, stderr } = spawnSync(compiler, args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${compiler} ${args.join(' ')}\n${stderr}`);
  }
}
