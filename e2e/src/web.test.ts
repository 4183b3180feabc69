/** The page of the debugger in Debian's Chromium. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { root } from './testing/fireball.js';
import { hasChromium, launchBrowser, openPage, type } from './testing/web-page.js';
import { ServedPage } from './testing/served-page.js';

const fib = `${root}/packages/kernels/data/wasm/fib.wasm`;

(hasChromium ? describe : describe.skip)('the page of the debugger', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  describe.each(['thumb2', 'rv32'])('on %s', (engine) => {
    let served: ServedPage;
    let page: Page;
    let mistakes: string[];
    beforeAll(async () => {
      served = await ServedPage.start([fib, '--engine', engine]);
      ({ page, mistakes } = await openPage(browser, served.address));
    });
    afterAll(async () => {
      await page.close();
      served.kill();
    });
    const here = (column: string): Promise<string> => page.locator(`.row .${column}.here`).innerText();

    it('paints the position in all three columns within a second', async () => {
      const painted = await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime");
      expect(painted).toBeLessThan(1000);
      expect(await page.locator('.row .template .name').count()).toBeGreaterThan(5);
      expect(await page.locator('.row .bits i').count()).toBeGreaterThan(10);
    });

    it('stops at a breakpoint that was clicked, and steps in all units, there and back', async () => {
      await page.selectOption('.heads select', { label: 'func[1]' });
      const row = page.locator('.row', { hasText: 'i32.ge_s' }).first();
      await row.locator('[data-gutter=wasm]').click();
      await expect(page.locator('.list', { hasText: '0x58' }).innerText()).resolves.toContain('0x58');
      await page.keyboard.press('c');
      await page.locator('.log', { hasText: 'breakpoint 1' }).waitFor();
      expect(await here('wasm')).toContain('i32.ge_s');
      expect(await page.locator('.facts').first().innerText()).toContain('24 (0x18)');
      const at = await page.locator('.timeline .now').innerText();
      await page.keyboard.press('3');
      await page.keyboard.press('s');
      await page.locator('.timeline .now', { hasNotText: new RegExp(`^${at}$`) }).waitFor();
      await page.keyboard.press('Shift+S');
      await page.locator('.timeline .now', { hasText: new RegExp(`^${at}$`) }).waitFor();
      expect(page.url()).toMatch(/#\d+\.\d+$/);
    });

    it('shows what belongs together under the mouse', async () => {
      await page.locator('.row', { hasText: 'i32.ge_s' }).first().locator('.machine').hover();
      await page.locator('.row.hotter').first().waitFor();
      const operand = page.locator('.row.hotter .template .hole').last();
      await operand.hover();
      await page.locator('.row.hotter .bits .lit').first().waitFor();
    });

    it('goes along the timeline, and to the position of a link', async () => {
      await type(page, 'delete 1');
      await type(page, 'goto 300');
      const slider = page.locator('.timeline input');
      await slider.focus();
      await slider.press('Home');
      await page.waitForURL(/#0\.0$/);
      await page.evaluate("location.hash = '#123.0'");
      await page.locator('.timeline .now', { hasText: /^123$/ }).waitFor();
    });

    it('has the shell in its console, with what is wrong', async () => {
      expect(await type(page, 'print 6 * 7')).toBe('42 (0x2a)');
      await page.fill('#prompt', 'frobnicate');
      await page.press('#prompt', 'Enter');
      await page.locator('.log .problem', { hasText: 'frobnicate' }).waitFor();
    });

    it('shows memory, and says where there is none', async () => {
      await page.getByRole('tab', { name: 'Memory' }).click();
      await page.getByRole('textbox', { name: 'address' }).fill('sp');
      await page.keyboard.press('Enter');
      await page.locator('.dump', { hasText: /^200[\da-f]{5} {2}[\da-f]{2} / }).waitFor();
      await page.getByRole('textbox', { name: 'address' }).fill('0xffffff00');
      await page.keyboard.press('Enter');
      await page.locator('.problem', { hasText: 'there is no memory' }).waitFor();
    });

    it('made no mistake', () => {
      expect(mistakes).toEqual([]);
      expect(served.said).not.toContain('bug');
    });
  });
});
