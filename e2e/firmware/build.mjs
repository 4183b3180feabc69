// Rebuilds images/BOARD/PROGRAM.elf with Debian's cross compilers and picolibc (picolibc-arm-none-eabi, picolibc-riscv64-unknown-elf).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { boards, driverPrograms, interactivePrograms, programs } from './boards.mjs';

const folder = dirname(fileURLToPath(import.meta.url));
const only = process.argv.slice(2);

function run(program, args) {
  const { status, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}\n${stderr}`);
}

for (const [board, { architecture, flags, flash, flashBytes, ram, ramBytes, defines, ...traits }] of Object.entries(boards)) {
  if (only.length > 0 && !only.includes(board)) continue;
  const prefix = { arm: 'arm-none-eabi', riscv: 'riscv64-unknown-elf' }[architecture];
  mkdirSync(join(folder, 'images', board), { recursive: true });
  for (const [program, fits] of Object.entries({ ...programs, ...interactivePrograms, ...driverPrograms })) {
    if (!fits({ architecture, ...traits })) continue;
    const source = [`src/${program}.c`, `src/${program}-${architecture}.c`].find((name) => existsSync(join(folder, name)));
    if (source === undefined) throw new Error(`${program} has no source for ${architecture}`);
    const output = `images/${board}/${program}.elf`;
    const symbol = (name, value) => `-Wl,--defsym=__${name}=0x${value.toString(16)}`;
    run(`${prefix}-gcc`, [
      '--specs=picolibc.specs',
      '--crt0=semihost',
      '--oslib=semihost',
      '-DPICOLIBC_INTEGER_PRINTF_SCANF',
      ...flags,
      '-std=gnu11',
      '-Os',
      '-g1',
      '-gdwarf-4',
      '-Wall',
      '-Wextra',
      '-Werror',
      '-Wno-array-bounds',
      '-ffunction-sections',
      '-fdata-sections',
      `-ffile-prefix-map=${folder}=/firmware`,
      '-Wl,--gc-sections,-z,norelro,-z,max-page-size=16,--no-warn-rwx-segments',
      `-DBOARD="${board}"`,
      ...Object.entries(defines).map(([name, value]) => `-D${name}=${typeof value === 'number' ? `0x${value.toString(16)}` : value}`),
      symbol('flash', flash),
      symbol('flash_size', flashBytes),
      symbol('ram', ram),
      symbol('ram_size', ramBytes),
      symbol('stack_size', 0x800),
      source,
      '-o',
      output,
    ]);
    // Line numbers and symbols are what reports need.
    run(`${prefix}-objcopy`, [
      '-w',
      '--remove-section=.comment',
      '--remove-section=.debug_[!l]*',
      '--remove-section=.debug_loc*',
      '--remove-section=.ARM.attributes',
      '--remove-section=.riscv.attributes',
      output,
    ]);
  }
}
