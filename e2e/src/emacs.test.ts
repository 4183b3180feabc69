/** Emacs' dap-mode, without a window, on the debug adapter: a client that nobody here wrote. Needs Debian's emacs-nox and elpa-dap-mode; .ci/nightly installs them. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { main, root } from './testing/fireball.js';

const text = `(module
  (func $square (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
  (func (export "sum") (param $n i32) (result i32) (local $s i32)
    (loop (local.set $s (i32.add (local.get $s) (call $square (local.get $n))))
      (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s)))`;
const isThere = existsSync('/usr/share/emacs/site-lisp/elpa-src') && spawnSync('dpkg', ['-s', 'elpa-dap-mode', 'emacs-nox']).status === 0;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fireball-emacs-'));
  writeFileSync(join(folder, 'sum.wat'), text);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

(isThere ? it : it.skip)(
  'launches, stops at a breakpoint, steps and disconnects (needs emacs-nox and elpa-dap-mode)',
  () => {
    const environment = {
      ...process.env,
      HOME: folder,
      FIREBALL_ADAPTER: `${process.execPath} ${main} debug --dap`,
      FIREBALL_PROGRAM: join(folder, 'sum.wat'),
    };
    const { status, stderr } = spawnSync('emacs', ['--batch', '-l', join(root, 'e2e/src/emacs/dap-session.el')], { env: environment, encoding: 'utf8' });
    const said = stderr.split('\n').filter((line) => /^(stopped|breakpoint|disconnected|nothing)/.test(line));
    expect({ status, said }).toEqual({
      status: 0,
      said: [
        'stopped in sum, line 8',
        'breakpoint verified: t',
        'stopped in square, line 2',
        'stopped in square, line 3',
        'stopped in square, line 4',
        'disconnected',
      ],
    });
  },
  60_000,
);
