import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { boardNames } from '@fireball/emulator';
import { documentOf, runCli, withFolder } from '@fireball/testkit';
import { repositoryRoot } from './paths.js';

describe('machines', () => {
  it('lists all boards', () => {
    const { status, stdout } = runCli(['machines']);
    expect(status).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.split(' ')[0]),
    ).toEqual(boardNames());
    expect(stdout).toMatch(/^mps2-an385\s+cortex-m3\s+25 MHz\s+Arm MPS2/m);
    expect(documentOf(runCli(['machines', '--json']))).toMatchObject({
      machines: expect.arrayContaining([expect.objectContaining({ name: 'microbit', core: 'cortex-m0', hertz: 16_000_000 })]),
    });
  });

  it('shows memory map, devices, interrupts and clocks of one', () => {
    const { status, stdout } = runCli(['machines', 'mps2-an385']);
    expect(status).toBe(0);
    expect(stdout).toContain(
      'processor: cortex-m3, 32 interrupts, priorities of 8 bits, MPU of 8 regions, bit-band aliases\nclocks: cpu 25 MHz, reference 1 MHz\nconsole: uart0\n',
    );
    expect(stdout).toMatch(/^0x00000000\.\.0x003fffff\s+4 MiB\s+ssram1\s+ram$/m);
    expect(stdout).toMatch(/^0x00400000\.\.0x007fffff\s+4 MiB\s+ssram1-again\s+ssram1 again$/m);
    expect(stdout).toMatch(/^0x40004000\.\.0x40004fff\s+4 KiB\s+uart0\s+cmsdk-uart\s+rx 0, tx 1, overflow 12\s+CMSDK APB UART/m);
    expect(stdout).toMatch(/^0x40008000\.\.0x40008fff\s+4 KiB\s+watchdog\s+cmsdk-watchdog\s+nmi\s/m);
    const { machine } = documentOf(runCli(['machines', 'mps2-an385', '--json'])) as { readonly machine: { readonly devices: readonly object[] } };
    expect(machine.devices).toContainEqual(expect.objectContaining({ name: 'uart0', base: 0x4000_4000, interrupts: { rx: 0, tx: 1, overflow: 12 } }));
  });

  it('reads the board and the device of docs/boards.md', async () => {
    const page = readFileSync(join(repositoryRoot, 'docs', 'boards.md'), 'utf8');
    const block = (language: string): string => new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(page)?.[1] ?? '';
    await withFolder({}, (folder) => {
      const file = join(folder, 'page.yaml');
      writeFileSync(join(folder, 'sensor.mjs'), block('js'));
      // Without the board below it, whose devices the page's own would meet.
      writeFileSync(
        file,
        block('yaml')
          .replace(/^extends.*$/m, '')
          .replace('devices:', 'devices:\n  thermometer: { device: thermometer, base: 0x50000000, interrupts: { irq: 3 } }'),
      );
      const { status, stdout, stderr } = runCli(['machines', file]);
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^0x50000000\.\.0x5000000f\s+16\s+thermometer\s+thermometer\s+3\s+a temperature that rises/m);
    });
  });

  it('takes board files, and says what is wrong with them, or with a name', async () => {
    await withFolder({}, (folder) => {
      const file = join(folder, 'mine.yaml');
      writeFileSync(file, 'extends: mps2-an385\nsummary: mine\ndevices:\n  extra: { device: cmsdk-uart, base: 0x40004800 }\n');
      expect(runCli(['machines', file])).toMatchObject({
        status: 65,
        stderr: expect.stringMatching(/mine\.yaml, line 4: 'extra' at 0x40004800\.\.0x400057ff overlaps 'uart0' at 0x40004000\.\.0x40004fff/),
      });
      writeFileSync(file, 'extends: mps2-an385\nsummary: mine\ndevices:\n  uart4:\n');
      const { status, stdout } = runCli(['machines', file]);
      expect([status, stdout.startsWith('mine: mine\n'), stdout.includes('uart4')]).toEqual([0, true, false]);
    });
    expect(runCli(['machines', 'microbti'])).toMatchObject({ status: 2, stderr: expect.stringContaining('did you mean microbit?') });
  });
});
