// `node kernels.mjs FOLDER` compiles a folder of kernels (packages/kernels/data and its like) by clang to wasm and writes what gcc's code of the same
// source needs into its baselines.json; `--check` only compares. Instructions of one warm run() are the difference of two images, of which one makes
// one more call, on an emulated board: exact. Needs clang, lld and Debian's cross compilers.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const repository = resolve(here, '../../..');
const header = join(repository, 'packages/kernels/data/src');
const levels = ['O0', 'Os', 'O2'];
const targets = {
  thumb2: {
    prefix: 'arm-none-eabi-',
    start: 'arm',
    flags: ['-mcpu=cortex-m4', '-mthumb'],
    machine: 'mps2-an386',
    flash: 0,
    ram: 0x2000_0000,
  },
  rv32: {
    prefix: 'riscv64-unknown-elf-',
    start: 'riscv',
    flags: ['-march=rv32imc', '-mabi=ilp32'],
    machine: 'virt-rv32',
    flash: 0x8000_0000,
    ram: 0x8020_0000,
  },
};

function run(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${stderr}`);
  return stdout;
}

const common = ['-std=c11', '-nostdlib', '-ffreestanding', '-fno-builtin'];

function compileToWasm(source, file) {
  const link = ['--no-entry', '--strip-all', '-z,stack-size=4096', '--initial-memory=65536', '--stack-first'].map((option) => `-Wl,${option}`);
  run('clang', ['--target=wasm32', '-O2', ...common, '-fvisibility=hidden', '-fuse-ld=lld', `-I${header}`, ...link, source, '-o', file]);
}

function checksumOf(wasm) {
  const { results } = JSON.parse(run(join(repository, 'fireball'), ['run', wasm, '--json']));
  return (Number(results[0].value) >>> 0).toString(16).padStart(8, '0');
}

/** Executed instructions of an image that calls run() so often, and fails where the last call gives another checksum. */
function execute({ prefix, start, flags, machine, flash, ram }, object, scratch, calls, checksum) {
  const main = join(scratch, 'main.c');
  const image = join(scratch, 'image.elf');
  writeFileSync(main, `int run(void);\nint main(void) { ${'run(); '.repeat(calls - 1)}return run() != (int)0x${checksum}; }\n`);
  const symbols = [`FLASH=${flash}`, `RAM=${ram}`, `STACK=${ram + 0x4_0000}`].map((symbol) => `,--defsym=${symbol}`);
  const link = ['-T', join(here, 'link.ld'), `-Wl,-z,max-page-size=16,--no-warn-rwx-segments,--build-id=none${symbols.join('')}`];
  const sources = [join(here, `src/start-${start}.c`), main];
  run(`${prefix}gcc`, [...flags, '-O2', '-std=gnu11', '-nostdlib', '-ffreestanding', ...link, ...sources, object, '-lgcc', '-o', image]);
  const report = join(scratch, 'report.json');
  run(join(repository, 'fireball'), ['emulate', '-M', machine, image, '--report', report]);
  return JSON.parse(readFileSync(report, 'utf8')).instructions;
}

/** Linked code with the parts of libgcc that it calls, without constants. */
function codeBytes({ prefix, flags, flash, ram }, object, scratch) {
  const image = join(scratch, 'code.elf');
  // Without a global pointer, and addresses as far away as a device has them.
  const places = Object.entries({ text: flash, data: ram, bss: ram }).map(([section, address]) => `-T${section}=0x${address.toString(16)}`);
  const options = ['-e,run,--gc-sections,--build-id=none,--defsym=__global_pointer$=0', ...places];
  run(`${prefix}gcc`, [...flags, '-nostdlib', ...options.map((option) => `-Wl,${option}`), object, '-lgcc', '-o', image]);
  const [, size] = /^\.text\s+(\d+)/m.exec(run(`${prefix}size`, ['-A', image]));
  return Number(size);
}

function measure(target, source, scratch, checksum) {
  const rows = {};
  for (const level of levels) {
    const object = join(scratch, 'kernel.o');
    run(`${target.prefix}gcc`, [...target.flags, `-${level}`, '-ffunction-sections', ...common, `-I${header}`, '-c', source, '-o', object]);
    const [once, twice] = [1, 2].map((calls) => execute(target, object, scratch, calls, checksum));
    // The call itself is the caller's.
    rows[`gcc-${level}`] = { instructions: twice - once - 1, bytes: codeBytes(target, object, scratch) };
  }
  return rows;
}

const [folder, option] = process.argv.slice(2);
if (folder === undefined || (option !== undefined && option !== '--check')) {
  console.error('usage: node kernels.mjs FOLDER [--check]');
  process.exit(2);
}
const page = join(folder, 'baselines.json');
const scratch = mkdtempSync(join(tmpdir(), 'kernels-'));
try {
  const known = option === '--check' ? JSON.parse(readFileSync(page, 'utf8')) : {};
  const measured = {};
  for (const name of readdirSync(join(folder, 'src')).filter((file) => file.endsWith('.c'))) {
    const source = join(folder, 'src', name);
    const kernel = basename(name, '.c');
    const wasm = join(option === '--check' ? scratch : join(folder, 'wasm'), `${kernel}.wasm`);
    compileToWasm(source, wasm);
    const checksum = checksumOf(wasm);
    measured[kernel] = { checksum };
    for (const [name, target] of Object.entries(targets)) measured[kernel][name] = measure(target, source, scratch, checksum);
    if (option === '--check') compare(kernel, known[kernel], measured[kernel]);
  }
  if (option !== '--check') writeFileSync(page, `${JSON.stringify(measured, null, 1)}\n`);
} finally {
  rmSync(scratch, { recursive: true });
}

function compare(kernel, known, found) {
  const differences = Object.keys(targets).flatMap((target) =>
    levels.flatMap((level) => {
      const [is, was] = [found, known].map((rows) => rows?.[target]?.[`gcc-${level}`]);
      const same = is.instructions === was?.instructions && is.bytes === was.bytes;
      return same ? [] : [`${kernel} ${target} gcc-${level}: ${JSON.stringify(was)} in the file, ${JSON.stringify(is)} now`];
    }),
  );
  if (found.checksum !== known?.checksum) differences.push(`${kernel}: checksum ${known?.checksum} in the file, ${found.checksum} now`);
  for (const difference of differences) console.log(difference);
  if (differences.length > 0) process.exitCode = 1;
}
