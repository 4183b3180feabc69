/** Random modules through the built command line. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fireball, main, root } from './testing/fireball.js';

interface FuzzDocument {
  readonly cases: number;
  readonly modules: number;
  readonly calls: number;
  readonly traps: number;
  readonly mismatches: number;
  readonly inconclusive: number;
  readonly unsupported: number;
  readonly fallbacks: number;
  readonly interrupted: boolean;
  readonly failures: readonly { readonly name: string; readonly engine: string; readonly bytes: number; readonly file: string }[];
}

let corpus: string;
beforeEach(() => {
  corpus = mkdtempSync(join(tmpdir(), 'fireball-corpus-'));
});
afterEach(() => {
  rmSync(corpus, { recursive: true });
});

function fuzz(...args: readonly string[]): { status: number | null; document: FuzzDocument } {
  const { status, stdout } = fireball(['fuzz', '--json', '--corpus', corpus, ...args]);
  return { status, document: JSON.parse(stdout) as FuzzDocument };
}

const fine = { mismatches: 0, fallbacks: 0, unsupported: 0, interrupted: false, failures: [] };

describe('random modules', () => {
  it.each([
    ['own', 'full', 'interp,v8', 300],
    ['own', 'i32', 'interp,thumb2,rv32', 60],
    ['own', 'full', 'interp,thumb2,rv32', 60],
    ['own', 'full', 'interp,vsoc-interp-thumb2,vsoc-interp-rv32', 40],
    ['binaryen', 'full', 'interp,v8', 3],
  ])(
    'of generator %s, features %s, agree on %s',
    (generator, features, engines, runs) => {
      const { status, document } = fuzz('--generator', generator, '--features', features, '--engines', engines, '--runs', String(runs));
      expect(document).toMatchObject({ ...fine, cases: runs });
      expect(document.calls).toBeGreaterThan(runs);
      // Nothing is left behind where nothing was found.
      expect(readdirSync(corpus)).toEqual([]);
      expect(status).toBe(0);
    },
    120_000,
  );

  it('are the same whatever the number of processes', () => {
    const [one, two] = ['1', '2'].map((jobs) => fuzz('--seed', '77', '--runs', '80', '--jobs', jobs).document);
    const counts = ({ cases, modules, calls, traps, inconclusive }: FuzzDocument): object => ({ cases, modules, calls, traps, inconclusive });
    expect(counts(one!)).toEqual(counts(two!));
  }, 60_000);

  it('find a wrong template, reduce and keep what shows it', () => {
    const templates = join(corpus, 'templates');
    cpSync(join(root, 'jit/templates/generated'), templates, { recursive: true });
    const file = join(templates, 'rv32.json');
    const set = readFileSync(file, 'utf8');
    // The unsigned remainder becomes the signed one.
    expect(set).toContain('"remu":23');
    writeFileSync(file, set.replace('"remu":23', '"remu":22'));
    const { status, document } = fuzz('--features', 'i32', '--engines', 'interp,rv32', '--runs', '60', '--templates', templates);
    expect(status).toBe(1);
    expect(document.mismatches).toBeGreaterThan(0);
    expect(document.failures.length).toBeGreaterThan(0);
    for (const { engine, bytes, file: saved, name } of document.failures) {
      expect(engine).toBe('rv32');
      expect(bytes).toBeLessThan(200);
      expect(readFileSync(saved).length).toBe(bytes);
      expect(readFileSync(join(corpus, `${name}.wat`), 'utf8')).toContain('i32.rem_u');
      expect(existsSync(join(corpus, `${name}.json`))).toBe(true);
    }
  }, 120_000);

  it('stop at Ctrl-C with the summary so far', async () => {
    const child = spawn(process.execPath, [main, 'fuzz', '--json', '--corpus', corpus, '--minutes', '5'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.on('data', (text: Buffer) => {
      stdout += text.toString();
    });
    // The notes appear as soon as the children run cases.
    while (readdirSync(corpus).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    child.kill('SIGINT');
    const status = await new Promise((resolve) => child.on('close', resolve));
    const document = JSON.parse(stdout) as FuzzDocument;
    expect(document).toMatchObject({ ...fine, interrupted: true });
    expect(document.cases).toBeGreaterThan(0);
    expect(readdirSync(corpus)).toEqual([]);
    expect(status).toBe(0);
  }, 60_000);
});
