import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadUnicorn } from './index.js';

const uc = loadUnicorn();
const folder = mkdtempSync(join(tmpdir(), 'unicorn-constants-'));
const script = fileURLToPath(new URL('../scripts/constants.mjs', import.meta.url));
const header = '/usr/include/unicorn/unicorn.h';
/** The generated files are those of this release; other headers have other registers. */
const sameRelease =
  existsSync(header) && uc.version() >>> 8 === ((uc.API_MAJOR << 16) | (uc.API_MINOR << 8) | uc.API_PATCH);

describe('generated constants', () => {
  beforeAll(() => {
    spawnSync(process.execPath, [script, folder]);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  (sameRelease ? it : it.skip).each(['core', 'arm', 'riscv'])('%s is what the headers give', (name) => {
    const committed = new URL(`./constants/${name}.ts`, import.meta.url);
    expect(readFileSync(join(folder, `${name}.ts`), 'utf8')).toBe(readFileSync(committed, 'utf8'));
  });
});
