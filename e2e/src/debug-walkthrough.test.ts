/** README's way from "the result differs" to the wrong machine instruction leads there. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { main, root } from './testing/fireball.js';

const stable = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.replaceAll(/\s+/g, ' ').trim());

it('the planted template bug is found as README shows', () => {
  const [, text = ''] = /^### Find a wrong template\n[\s\S]*?^```text\n([\s\S]*?)^```$/m.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  const steps = text.split(/^\$ /m).slice(1);
  expect(steps).toHaveLength(3);
  const folder = mkdtempSync(join(tmpdir(), 'fireball-walk-'));
  try {
    let commands = 0;
    for (const step of steps) {
      const [command = '', ...shown] = step.split('\n');
      const run = command.replaceAll('planted', `'${join(folder, 'planted')}'`).replace('./fireball', `'${process.execPath}' '${main}'`);
      const { stdout, stderr } = spawnSync('bash', ['-c', run], { cwd: root, encoding: 'utf8' });
      expect({ stderr, lines: stable(stdout) }).toEqual({ stderr: '', lines: stable(shown.join('\n')) });
      if (command.startsWith('./fireball')) commands += 1 + (command.match(/ -e /g) ?? []).length;
    }
    expect(commands).toBeLessThan(10);
    expect(steps[2]).toContain('smull r1, r0, r4, r3');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
