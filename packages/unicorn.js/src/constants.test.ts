import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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
const sameRelease = existsSync(header) && uc.version() >>> 8 === ((uc.API_MAJOR << 16) | (uc.API_MINOR << 8) | uc.API_PATCH);

const files = readdirSync(new URL('./constants', import.meta.url)).filter((file) => file !== 'later.ts');
/** Of the headers. */
const names = files.map((file) => file.replace(/\.(ts|json)$/, '')).filter((name) => name !== 'all');

describe('generated constants', () => {
  it('are of every architecture of the library', () => {
    const architectures = Object.keys(uc).filter((name) => name.startsWith('ARCH_') && name !== 'ARCH_MAX');
    expect(architectures.map((name) => name.slice(5).toLowerCase()).sort()).toEqual(names.filter((name) => name !== 'core').sort());
  });
  it('of two headers do not have one name', () => {
    const texts = names.map((name) => readFileSync(new URL(`./constants/${name}.ts`, import.meta.url), 'utf8'));
    const all = texts.flatMap((text) => [...text.matchAll(/^ {2}(\w+): -?\d+,$/gm)].map((match) => match[1]));
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThan(3000);
  });
  beforeAll(() => {
    spawnSync(process.execPath, [script, folder]);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  (sameRelease ? it : it.skip).each(files)('%s is what the headers give', (file) => {
    const committed = new URL(`./constants/${file}`, import.meta.url);
    expect(readFileSync(join(folder, file), 'utf8')).toBe(readFileSync(committed, 'utf8'));
  });
});
