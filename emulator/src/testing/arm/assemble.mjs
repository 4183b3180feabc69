// Assembles programs/*.s with GNU as for Arm into programs.json: node emulator/src/testing/arm/assemble.mjs
// With --check it says by its exit status whether programs.json is what it would write.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const folder = import.meta.dirname;
const scratch = mkdtempSync(join(tmpdir(), 'fireball-guest-'));

function run(tool, ...args) {
  const { status, stderr } = spawnSync(`arm-none-eabi-${tool}`, args, { encoding: 'utf8', cwd: scratch });
  if (status !== 0) throw new Error(`arm-none-eabi-${tool}: ${stderr}`);
}

function assemble(file) {
  run('as', '-I', join(folder, 'programs'), '-o', 'guest.o', join(folder, 'programs', file));
  run('ld', '-Ttext=0', '-e', '0', '-o', 'guest.elf', 'guest.o');
  run('objcopy', '-O', 'binary', 'guest.elf', 'guest.bin');
  return readFileSync(join(scratch, 'guest.bin')).toString('hex');
}

try {
  const sources = readdirSync(join(folder, 'programs')).filter((name) => name.endsWith('.s'));
  const programs = Object.fromEntries(sources.sort().map((name) => [basename(name, '.s'), assemble(name)]));
  const text = `${JSON.stringify(programs, null, 2)}\n`;
  const listing = join(folder, 'programs.json');
  if (!process.argv.includes('--check')) writeFileSync(listing, text);
  else if (readFileSync(listing, 'utf8') !== text) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true });
}
