import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { main } from './testing/fireball.js';

/** Images of Debian's packages `snek` and `firmware-microbit-micropython`: nobody here wrote them. Skipped where they are not installed. */
const snek = { 'mps2-an385': '/usr/share/snek/snek-qemu-arm-1.9.elf', 'virt-rv32': '/usr/share/snek/snek-qemu-riscv-1.9.elf' } as const;
const hanoi = '/usr/share/doc/snek/examples/hanoi.py';
const micropython = '/usr/share/firmware-microbit-micropython/firmware.hex';

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function emulate(args: readonly string[], input = ''): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'emulate', ...args], { encoding: 'utf8', input, timeout: 50_000 });
  return { status, stdout, stderr };
}

const where = (image: string): typeof it | typeof it.skip => (existsSync(image) ? it : it.skip);
const title = (text: string, image: string): string => (existsSync(image) ? text : `${text} (skipped: ${image} is not installed)`);

describe.each(Object.entries(snek))('snek on %s', (machine, image) => {
  where(image)(title('runs a script from the semihosting folder, and ends with 1 where it fails', image), () => {
    const folder = mkdtempSync(join(tmpdir(), 'fireball-snek-'));
    try {
      writeFileSync(join(folder, 't.py'), 'print("hello", 6*7)\n\nfoo()\n');
      const run = emulate([image, '--machine', machine, '--semihosting-dir', folder, '--args', 't.py']);
      expect(run).toEqual({ status: 1, stdout: 'hello 42\nt.py:3 undefined: foo\n', stderr: '' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  where(hanoi)(
    title('prints its hanoi.py as QEMU does, byte for byte', hanoi),
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'fireball-snek-'));
      try {
        cpSync(hanoi, join(folder, 'hanoi.py'));
        const { stdout } = emulate([image, '--machine', machine, '--semihosting-dir', folder, '--args', 'hanoi.py']);
        // Of what QEMU 7.2 prints.
        expect(createHash('sha256').update(stdout).digest('hex')).toBe('8ecc70d12f94a1db081380d4449b05398851f569637864a26d6f59bfa40d4da8');
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    60_000,
  );
});

describe('MicroPython on microbit', () => {
  const session = (input: string, until: string): Ran => emulate([micropython, '--machine', 'microbit', '--until', until, '--max-virtual-time', '20'], input);

  where(micropython)(title('answers at its prompt', micropython), () => {
    const run = session('print(6*7)\r2**100\r', '1267650600228229401496703205376');
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout).toContain('MicroPython v1.9.2-34-gd64154c73 on 2017-09-01; micro:bit v1.0.1 with nRF51822');
    expect(run.stdout).toContain('42\r\n');
  });

  where(micropython)(
    title('raises exceptions, and a text that does not come is status 1', micropython),
    () => {
      expect(session('1/0\r', 'ZeroDivisionError: division by zero')).toMatchObject({ status: 0, stderr: '' });
      const run = session('1/0\r', 'never printed');
      expect(run).toMatchObject({ status: 1 });
      expect(run.stderr).toContain("time limit: 'never printed' has not come");
    },
    60_000,
  );

  where(micropython)(title('two runs are the same', micropython), () => {
    const report = (): object => {
      const { stdout } = emulate([micropython, '--machine', 'microbit', '--until', '>>> ', '--json'], '');
      const { seconds: _seconds, mips: _mips, ...same } = JSON.parse(stdout) as Record<string, unknown>;
      return same;
    };
    expect(report()).toEqual(report());
  });
});
