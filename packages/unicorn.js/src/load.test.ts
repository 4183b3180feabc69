import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { MissingPartError } from '@fireball/contracts';
import { loadAddon } from './load.js';

describe('a missing library', () => {
  const folder = mkdtempSync(join(tmpdir(), 'unicorn-'));
  const broken = join(folder, 'unicorn.node');
  writeFileSync(broken, 'no shared object');
  // A compiler that is there but finds no header.
  const failing = join(folder, 'compiler');
  writeFileSync(failing, '#!/bin/sh\ntest "$1" = --version\n', { mode: 0o755 });
  const build = fileURLToPath(new URL('../build.mjs', import.meta.url));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  it.each([
    ['no addon', '/nonexistent/unicorn.node'],
    ['a file that is no addon', broken],
  ])('is named in one line: %s', (_name, path) => {
    let error: unknown;
    try {
      loadAddon(path);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(MissingPartError);
    expect(error).toMatchObject({ exitStatus: 69 });
    expect(String(error)).toMatch(/^[^\n]*apt-get install -y libunicorn-dev[^\n]*$/);
  });
  it.each([
    ['compiler', { CXX: 'no-such-compiler' }, 'g++ libunicorn-dev'],
    ['header', { CXX: failing }, 'libunicorn-dev'],
  ])('does not fail the installation: no %s', (_name, variables, packages) => {
    const done = spawnSync(process.execPath, [build], {
      encoding: 'utf8',
      env: { ...process.env, ...variables },
    });
    expect(done.status).toBe(0);
    expect(done.stderr).toMatch(/^[^\n]*\n$/);
    expect(done.stderr).toContain(`apt-get install -y ${packages} &&`);
  });
});
