/** Pages that stand alone, made by the commands, in Debian's Chromium: as files, with nothing around them. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { main, root } from './testing/fireball.js';
import { hasChromium, launchBrowser } from './testing/web-page.js';

const folder = mkdtempSync(join(tmpdir(), 'fireball-reports-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const hostile = '</td><script>document.title=1</script><img src=//evil.example/x>';

/** What a command wrote to a file. */
function made(name: string, ...args: readonly string[]): { readonly file: string; readonly status: number | null; readonly said: string } {
  const file = join(folder, name);
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args, file], { cwd: root, encoding: 'utf8' });
  return { file, status, said: `${stdout}${stderr}` };
}

/** The template of an unsigned multiplication has the signed one. */
function wrongTemplates(): string {
  const templates = join(folder, 'templates');
  mkdirSync(templates, { recursive: true });
  writeFileSync(join(templates, 'thumb2.json'), readFileSync(join(root, 'jit/templates/generated/thumb2.json'), 'utf8').replaceAll('a0fb0000', '80fb0000'));
  return templates;
}

function hostileModule(): string {
  const file = join(folder, 'module.wat');
  const name = JSON.stringify(hostile);
  writeFileSync(
    file,
    `(module (func $<img/src=x> (export ${name}) (param i64) (result i64) (block (nop)) (i64.mul (local.get 0) (i64.const 0x8123456789abcdef))))`,
  );
  return file;
}

function kernelFolder(): string {
  const kernels = join(folder, 'kernels');
  mkdirSync(join(kernels, 'wasm'), { recursive: true });
  const { fib } = JSON.parse(readFileSync(join(root, 'packages/kernels/data/baselines.json'), 'utf8')) as { readonly fib: object };
  writeFileSync(join(kernels, 'baselines.json'), JSON.stringify({ fib }));
  writeFileSync(join(kernels, 'wasm/fib.wasm'), readFileSync(join(root, 'packages/kernels/data/wasm/fib.wasm')));
  return kernels;
}

const pages = [
  {
    name: 'diff --explain --html',
    make: () => made('diff.html', 'diff', hostileModule(), '--engines', 'thumb2', '--templates', wrongTemplates(), '--explain', '--calls', '8', '--html'),
    status: 1,
    shows: ['Where it first differs', 'i64.mul', 'smull r', 'umull', 'expected', hostile],
    also: '.code tr.here.ran .bits i',
  },
  {
    name: 'emulate --report of a fault',
    make: () => made('fault.html', 'emulate', 'e2e/firmware/images/netduino2/faults.elf', '-M', 'netduino2', '--args', 'divide', '--report'),
    status: 1,
    shows: ['a division by zero', 'udiv r3, r3, r2', 'faults-arm.c:38', 'Registers', 'Console'],
    also: '.verdict.bad',
  },
  {
    name: 'emulate --report of a virtual SoC',
    make: () => made('soc.html', 'emulate', 'vsoc/guest/firmware/generated/thumb2.elf', '-M', 'vsoc-thumb2', '--report'),
    status: 0,
    shows: ['primes below 2000: 303', 'returned', 'exit status'],
    also: '.verdict.good',
  },
  {
    name: 'bench kernels --html',
    make: () => made('bench.html', 'bench', 'kernels', '--kernels', kernelFolder(), '--page', join(folder, 'page.md'), '--html'),
    status: 0,
    shows: ['Kernels', 'geometric mean', 'fib', 'gcc -O2'],
    also: 'td.right',
  },
] as const;

(hasChromium ? describe : describe.skip)('pages that stand alone', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it.each(pages)('$name', async ({ make, status, shows, also }) => {
    const { file, status: ended, said } = make();
    expect({ status: ended, said }).toEqual({ status, said });
    expect(statSync(file).size).toBeLessThan(200_000);
    const mistakes: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme });
      page.on('pageerror', ({ message }) => mistakes.push(message));
      page.on('console', (message) => mistakes.push(message.text()));
      page.on('request', (request) => {
        if (request.url() !== pathToFileURL(file).href && !request.url().startsWith('data:')) mistakes.push(request.url());
      });
      await page.goto(pathToFileURL(file).href);
      const text = await page.locator('body').innerText();
      for (const part of shows) expect(text).toContain(part);
      expect(await page.locator('script').count()).toBe(0);
      expect(await page.locator(also).count()).toBeGreaterThan(0);
      expect(await page.title()).not.toBe('1');
      // Wide tables scroll by themselves.
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
      const colours = await page.evaluate<string[]>('[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]');
      const [background, ink] = colours.map(luminance);
      expect(background! > ink!).toBe(colorScheme === 'light');
      await page.emulateMedia({ media: 'print' });
      expect(luminance(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor'))).toBe(255);
      await page.close();
    }
    expect(mistakes).toEqual([]);
  });
});

const luminance = (rgb: string): number => Math.max(...(rgb.match(/\d+/g) ?? []).slice(0, 3).map(Number));

it('says where no page can be written', () => {
  const { status, said } = made('nowhere/x.html', 'diff', 'packages/kernels/data/wasm/fib.wasm', '--engines', 'thumb2', '--html');
  expect(status).toBe(2);
  expect(said).toContain('cannot write');
});
