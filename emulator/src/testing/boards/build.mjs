// Compiles the programs of this folder with GNU C for Arm into programs.json: node emulator/src/testing/boards/build.mjs
// With --check it says by its exit status whether programs.json is what it would write: 1 it is not, 69 this is another compiler.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = import.meta.dirname;
const output = join(folder, 'programs.json');
const scratch = mkdtempSync(join(tmpdir(), 'fireball-boards-'));

const programs = {
  stm32vldiscovery: { source: 'stm32.c', options: ['-DF1', '-mcpu=cortex-m3'], flash: 0x08000000, ram: 0x20000000 },
  netduino2: { source: 'stm32.c', options: ['-DF2', '-mcpu=cortex-m3'], flash: 0x08000000, ram: 0x20000000 },
  netduinoplus2: { source: 'stm32.c', options: ['-DF4', '-mcpu=cortex-m4'], flash: 0x08000000, ram: 0x20000000 },
  rp2040: { source: 'rp2040.c', options: ['-mcpu=cortex-m0plus'], flash: 0x10000000, ram: 0x20000000 },
  'rp2040-boot2': { source: 'rp2040.c', secondStage: 'boot2.s', options: ['-mcpu=cortex-m0plus'], flash: 0x10000100, ram: 0x20000000 },
};

function run(tool, ...args) {
  const { status, stdout, stderr } = spawnSync(`arm-none-eabi-${tool}`, args, { encoding: 'utf8', cwd: scratch });
  if (status !== 0) throw new Error(`arm-none-eabi-${tool}: ${stderr}`);
  return stdout;
}

/** 252 bytes and their CRC-32, which the boot ROM looks at: not reflected, from all ones. */
function assemble(source) {
  run('as', '-o', 'stage.o', join(folder, source));
  run('ld', '-Ttext=0', '-e', '0', '-o', 'stage.elf', 'stage.o');
  run('objcopy', '-O', 'binary', 'stage.elf', 'stage.bin');
  const stage = Buffer.alloc(256);
  readFileSync(join(scratch, 'stage.bin')).copy(stage);
  let crc = 0xffffffff;
  for (const byte of stage.subarray(0, 252)) {
    crc = (crc ^ (byte << 24)) >>> 0;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc >>> 31 ? 0x04c11db7 : 0)) >>> 0;
  }
  stage.writeUInt32LE(crc, 252);
  return stage;
}

function compile({ source, secondStage, options, flash, ram }) {
  writeFileSync(
    join(scratch, 'board.ld'),
    `SECTIONS { . = ${flash}; .text : { *(.vectors) *(.text*) *(.rodata*) } . = ${ram}; .bss (NOLOAD) : { *(.bss*) *(.data*) *(COMMON) } /DISCARD/ : { *(.ARM.*) } }`,
  );
  run(
    'gcc',
    '-mthumb',
    '-Os',
    '-ffreestanding',
    '-nostdlib',
    '-Wall',
    '-Werror',
    '--param=min-pagesize=0',
    '-T',
    'board.ld',
    '-Wl,--build-id=none,-e,reset',
    ...options,
    '-o',
    'board.elf',
    join(folder, source),
    '-lgcc',
  );
  run('objcopy', '-O', 'binary', '-j', '.text', 'board.elf', 'board.bin');
  return Buffer.concat([secondStage === undefined ? Buffer.alloc(0) : assemble(secondStage), readFileSync(join(scratch, 'board.bin'))]).toString('hex');
}

try {
  const compiler = run('gcc', '-dumpfullversion').trim();
  const check = process.argv.includes('--check');
  const other = check && JSON.parse(readFileSync(output, 'utf8')).compiler !== compiler;
  const text = `${JSON.stringify({ compiler, code: Object.fromEntries(Object.entries(programs).map(([name, program]) => [name, compile(program)])) }, null, 2)}\n`;
  if (!check) writeFileSync(output, text);
  else if (other) process.exitCode = 69;
  else if (readFileSync(output, 'utf8') !== text) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
