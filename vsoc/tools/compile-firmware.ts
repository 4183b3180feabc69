import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Isa } from '@fireball/contracts';
import { commonFlags, compile, targets } from './compile-image.js';
import { folderOf } from './folders.js';

const flags = [
  ...commonFlags,
  '-nostdlib',
  // Nothing in the file may differ from one build to the next.
  '-s',
  '-Wl,--build-id=none',
  '-Wl,--fatal-warnings',
];
const folder = folderOf('firmware');

/** The committed sample firmware. */
export function firmwareFile(isa: Isa): string {
  return join(folder, 'generated', `${isa}.elf`);
}

/** Compiles and links the sample firmware; the wasm module that it carries is committed. */
export function compileFirmware(isa: Isa): Buffer {
  const output = mkdtempSync(join(tmpdir(), 'fireball-firmware-'));
  try {
    const elf = join(output, 'firmware.elf');
    const { command, flags: target } = targets[isa];
    compile(command, [...target, ...flags, '-T', 'firmware.ld', 'sample.c', 'module.S', '-o', elf, '-lgcc'], folder);
    return readFileSync(elf);
  } finally {
    rmSync(output, { recursive: true });
  }
}
