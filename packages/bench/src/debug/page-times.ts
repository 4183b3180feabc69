import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InternalError } from '@fireball/contracts';

/** What is used of the package playwright-core, a development dependency. */
interface Playwright {
  readonly chromium: { launch(options: { readonly executablePath: string; readonly args: readonly string[] }): Promise<Browser> };
}

interface Browser {
  newPage(options: { readonly viewport: { readonly width: number; readonly height: number } }): Promise<Page>;
  close(): Promise<void>;
}

interface Page {
  goto(address: string): Promise<unknown>;
  waitForSelector(selector: string): Promise<unknown>;
  evaluate(expression: string): Promise<unknown>;
  context(): { newCDPSession(page: Page): Promise<{ send(method: string, parameters?: object): Promise<unknown> }> };
}

/** What Chromium takes to show the page, in milliseconds. */
export interface PageTimes {
  readonly sites: number;
  /** Until something is seen. */
  readonly firstPaint: number;
  /** From one frame to the next while it scrolls. */
  readonly medianFrame: number;
  readonly longFrame: number;
  /** Of the page's own thread, for a frame. */
  readonly work: number;
}

/** Debian's package of this name. */
const chromium = '/usr/bin/chromium';
/** Each becomes two templates. */
const statements = 2500;
const frames = 300;
/** Pixels, two rows. */
const perFrame = 40;
const tail = 0.95;

/**
 * Times of the page with a function of some 5,000 sites. Undefined where Chromium or the package that drives it is not installed.
 * @param main the command line's entry
 */
export async function measurePageTimes(main: string): Promise<PageTimes | undefined> {
  const playwright = findPlaywright();
  if (playwright === undefined || !existsSync(chromium)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'fireball-bench-'));
  const file = join(folder, 'large.wat');
  writeFileSync(file, largeModule());
  const served = spawn(process.execPath, [main, 'debug', file, '--invoke', 'run=1,2', '--web'], { stdio: ['pipe', 'ignore', 'pipe'] });
  try {
    const address = await addressOf(served.stderr);
    const browser = await playwright.chromium.launch({ executablePath: chromium, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
    try {
      return { sites: 2 * statements, ...(await timesOf(await browser.newPage({ viewport: { width: 1280, height: 800 } }), address)) };
    } finally {
      await browser.close();
    }
  } finally {
    served.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
}

function findPlaywright(): Playwright | undefined {
  try {
    return createRequire(import.meta.url)('playwright-core') as Playwright;
  } catch {
    return undefined;
  }
}

function largeModule(): string {
  const body = Array.from(
    { length: statements },
    (_, index) => `(local.set 0 (i32.add (i32.mul (local.get 0) (i32.const ${7919 * index + 3})) (local.get 1)))`,
  );
  return `(module (func (export "run") (param i32 i32) (result i32) ${body.join('\n')} (local.get 0)))`;
}

async function addressOf(stderr: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const piece of stderr) {
    text += String(piece);
    const [, address] = /open (http\S+)/.exec(text) ?? [];
    if (address !== undefined) return address;
  }
  throw new InternalError(`the page's address was not said: ${text}`);
}

/** A frame after the other moves the code by some pixels. */
const scrolling = `new Promise((done) => {
  const scroller = document.querySelector('.scroller');
  const times = [];
  const next = (now) => {
    times.push(now);
    if (times.length > ${frames}) done(times);
    else requestAnimationFrame(next, (scroller.scrollTop += ${perFrame}));
  };
  requestAnimationFrame(next);
})`;

async function timesOf(page: Page, address: string): Promise<Omit<PageTimes, 'sites'>> {
  await page.goto(address);
  await page.waitForSelector('.row .wasm.here');
  const firstPaint = (await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")) as number;
  const protocol = await page.context().newCDPSession(page);
  await protocol.send('Performance.enable', { timeDomain: 'threadTicks' });
  const worked = async (): Promise<number> => {
    const { metrics } = (await protocol.send('Performance.getMetrics')) as { readonly metrics: readonly { readonly name: string; readonly value: number }[] };
    return 1000 * (metrics.find(({ name }) => name === 'ThreadTime')?.value ?? 0);
  };
  // Once before, so that all rows have been asked for.
  await page.evaluate(scrolling);
  await page.evaluate("document.querySelector('.scroller').scrollTop = 0");
  const before = await worked();
  const times = (await page.evaluate(scrolling)) as readonly number[];
  const work = ((await worked()) - before) / frames;
  const steps = times
    .slice(1)
    .map((time, index) => time - times[index]!)
    .sort((a, b) => a - b);
  return { firstPaint, medianFrame: steps[steps.length >> 1]!, longFrame: steps[Math.floor(steps.length * tail)]!, work };
}
