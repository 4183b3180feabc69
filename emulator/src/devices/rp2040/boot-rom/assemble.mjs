// Assembles boot-rom.s with GNU as for Arm into boot-rom.ts: node emulator/src/devices/rp2040/boot-rom/assemble.mjs
// With --check it says by its exit status whether boot-rom.ts is what it would write.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = import.meta.dirname;
const scratch = mkdtempSync(join(tmpdir(), 'fireball-boot-rom-'));

function run(tool, ...args) {
  const { status, stderr } = spawnSync(`arm-none-eabi-${tool}`, args, { encoding: 'utf8', cwd: scratch });
  if (status !== 0) throw new Error(`arm-none-eabi-${tool}: ${stderr}`);
}

try {
  run('as', '-o', 'rom.o', join(folder, 'boot-rom.s'));
  run('ld', '-Ttext=0', '-e', '0', '-o', 'rom.elf', 'rom.o');
  run('objcopy', '-O', 'binary', 'rom.elf', 'rom.bin');
  const hex = readFileSync(join(scratch, 'rom.bin')).toString('hex');
  const text = `// Written by assemble.mjs from boot-rom.s.\n\n/** Machine code of the boot ROM, at address 0. */\nexport const bootRomHex =\n  '${hex}';\n`;
  const output = join(folder, 'boot-rom.ts');
  if (!process.argv.includes('--check')) writeFileSync(output, text);
  else if (readFileSync(output, 'utf8') !== text) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true });
}
