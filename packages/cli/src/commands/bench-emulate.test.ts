import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { documentOf, runCli, withFolder } from '@fireball/testkit';

it(
  'writes the exact numbers, and --check finds a number that is another',
  () =>
    withFolder({ 'page.md': '# Mine\n' }, (folder) => {
      const page = join(folder, 'page.md');
      const bench = (...args: string[]): ReturnType<typeof runCli> => runCli(['bench', 'emulate', '--page', page, '--json', ...args]);
      const written = bench();
      expect(written).toMatchObject({ status: 0, stderr: '' });
      expect(documentOf(written)).toMatchObject({
        suite: 'emulate',
        outdated: true,
        rows: expect.arrayContaining([
          { program: 'sleep', core: 'rv32', machine: 'virt-rv32', instructions: 4145, cycles: 90_000_000_113, virtualSeconds: 3600.00000452 },
        ]) as unknown,
      });
      const text = readFileSync(page, 'utf8');
      expect(text).toMatch(/^# Mine\n\n<!-- bench emulate: begin -->\n## Firmware on emulated boards\n/);
      expect(text).not.toContain('Speed');
      writeFileSync(page, text.replace('| 4,145 |', '| 4,146 |'));
      expect(bench('--check')).toMatchObject({ status: 1 });
      expect(readFileSync(page, 'utf8')).toContain('| 4,146 |');
    }),
  60_000,
);
