import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { readImage } from '@fireball/image';
import { loadBoard } from '../board-file.js';
import { createProcessor } from '../machine/cores.js';
import { Machine } from '../machine/machine.js';
import { Semihosting } from '../semihosting/semihosting.js';

/** Debian's package snek: a language for microcontrollers, built for QEMU's virt. It reads its script from the host. */
const interpreter = '/usr/share/snek/snek-qemu-riscv-1.9.elf';
const script = `def fact(n):
  if n <= 1:
    return 1
  return n * fact(n - 1)

for i in range(1, 8):
  print(i, fact(i), 1 / i)

print(foo)
`;
/** What qemu-system-riscv32 7.2 prints, with status 1. */
const expected = `1 1 1
2 2 0.5
3 6 0.33333334
4 24 0.25
5 120 0.2
6 720 0.16666667
7 5040 0.14285715
t.py:9 undefined: foo
`;

const present = existsSync(interpreter);

(present ? it : it.skip)(
  `virt-rv32 runs a script of Snek as QEMU does${present ? '' : ` (skipped: ${interpreter} of Debian's snek is not there)`}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fireball-snek-'));
    writeFileSync(join(folder, 't.py'), script);
    const { board, deviceClass } = await loadBoard('virt-rv32');
    const machine = new Machine({ board, deviceClass, createProcessor });
    machine.load(readImage(readFileSync(interpreter)));
    machine.reset();
    const printed: Uint8Array[] = [];
    const semihosting = new Semihosting({
      bus: machine.bus,
      wordSize: 4,
      write: (bytes) => printed.push(Uint8Array.from(bytes)),
      read: () => undefined,
      waiting: () => 0,
      folder,
      commandLine: 't.py',
      seconds: () => machine.clocks.seconds,
      heap: () => ({ base: 0x8100_0000, limit: 0x8200_0000 }),
      warn: () => undefined,
    });
    machine.processor.onSemihosting = semihosting.handle;
    const end = machine.run({ instructions: 20_000_000 });
    rmSync(folder, { recursive: true });
    machine.close();
    expect(Buffer.concat(printed).toString()).toBe(expected);
    expect(end).toMatchObject({ kind: 'exit', status: 1 });
  },
);
