import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

/** Debian's package of this name. */
const executablePath = '/usr/bin/chromium';
export const hasChromium = existsSync(executablePath);

export function launchBrowser(): Promise<Browser> {
  // As root it starts without its sandbox only.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

/** A page that shows a session, with the mistakes that it made. */
export async function openPage(
  browser: Browser,
  address: string,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<{ readonly page: Page; readonly mistakes: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme });
  const mistakes: string[] = [];
  page.on('pageerror', ({ message }) => mistakes.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error') mistakes.push(message.text());
  });
  page.setDefaultTimeout(60_000);
  await page.goto(address);
  await page.waitForSelector('.side .registers');
  return { page, mistakes };
}

/** Leaves a picture in the folder that SCREENSHOTS names, where it does. The mouse is out of the way: nothing lights up. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (folder === undefined) return;
  await page.mouse.move(0, 0);
  // What the mouse has shown fades.
  await page.waitForTimeout(1000);
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** Types a command into the console, and waits for what it says. */
export async function type(page: Page, line: string): Promise<string> {
  const typed = page.locator('.log .typed');
  const before = await typed.count();
  await page.fill('#prompt', line);
  await page.press('#prompt', 'Enter');
  await typed.nth(before).waitFor();
  return (await page.locator('.log').innerText()).split(`› ${line}\n`).at(-1)!.trim();
}
