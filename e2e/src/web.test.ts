/** The page of the debugger in Debian's Chromium. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { root } from './testing/fireball.js';
import { hasChromium, launchBrowser, openPage, picture, type } from './testing/web-page.js';
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

    it('paints code in all three columns, and the position, before anything is asked for', async () => {
      await page.locator('.row .machine.here').waitFor();
      await page.locator('.row .template .name').nth(5).waitFor();
      await page.locator('.row .bits i').nth(10).waitFor();
    });

    it('stops at a breakpoint that was clicked, and steps in all units, there and back', async () => {
      await page.selectOption('.heads select', { label: 'func[1]' });
      const row = page.locator('.row', { hasText: 'i32.ge_s' }).first();
      await row.locator('[data-gutter=wasm]').click();
      await page.locator('.list', { hasText: '0x58' }).waitFor();
      await page.keyboard.press('c');
      await page.locator('.log', { hasText: 'breakpoint 1' }).waitFor();
      await page.locator('.row .wasm.here', { hasText: 'i32.ge_s' }).waitFor();
      await page.locator('.facts', { hasText: '24 (0x18)' }).first().waitFor();
      const at = await page.locator('.timeline .now').innerText();
      await page.keyboard.press('3');
      await page.keyboard.press('s');
      await page.locator('.timeline .now', { hasNotText: new RegExp(`^${at}$`) }).waitFor();
      await page.keyboard.press('Shift+S');
      await page.locator('.timeline .now', { hasText: new RegExp(`^${at}$`) }).waitFor();
      await page.waitForURL(/#\d+\.\d+$/);
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
      await page.getByRole('tab', { name: 'Memory', exact: true }).click();
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

  /** A page of a session of its own, for one test. */
  const opened = async (
    args: readonly string[],
    use: (page: Page, served: ServedPage) => Promise<void>,
    colorScheme: 'light' | 'dark' = 'light',
  ): Promise<void> => {
    const served = await ServedPage.start(args);
    try {
      const { page, mistakes } = await openPage(browser, served.address, colorScheme);
      await use(page, served);
      await page.close();
      expect(mistakes).toEqual([]);
      expect(served.said).not.toContain('bug');
    } finally {
      served.kill();
    }
  };

  it('shows firmware in the dark: its machine code, console, devices and pins', () =>
    opened(
      [`${root}/e2e/firmware/images/netduino2/hello.elf`, '--board', 'netduino2'],
      async (page) => {
        const colours = await page.evaluate<string[]>('[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]');
        const [background, ink] = colours.map((colour) => Math.max(...(colour.match(/\d+/g) ?? []).map(Number)));
        expect(background).toBeLessThan(ink!);
        await page.getByRole('tab', { name: 'Pins' }).click();
        await page.locator('.pins', { hasText: 'did not change' }).waitFor();
        await page.getByRole('tab', { name: 'Console' }).click();
        await type(page, `set substitute-path src ${root}/e2e/firmware/src`);
        await type(page, 'break main');
        await page.keyboard.press('Escape');
        await page.keyboard.press('c');
        await page.locator('.list', { hasText: 'main' }).first().waitFor();
        // Waits for one, and complains of several.
        await page.locator('.row .address.here').waitFor();
        await page.locator('.row .label', { hasText: 'main' }).first().waitFor();
        await page.locator('.half .source .row.here', { hasText: /[{]|uart_init/ }).waitFor();
        const line = page.locator('.half .source .row', { hasText: 'semihosting: hello' });
        await line.locator('.gutter').last().click();
        await line.locator('.gutter.set').waitFor();
        await page.keyboard.press('c');
        await page.locator('.half .source .row.here', { hasText: 'semihosting: hello' }).waitFor();
        await line.locator('.gutter.set').click();
        await line.locator('.gutter:not(.set)').last().waitFor();
        await page.getByRole('tab', { name: 'Devices' }).click();
        await page.getByRole('option', { name: 'gpioa' }).click();
        await picture(page, 'debug-web-firmware');
        // Fields are opened by keys, too.
        await page.getByRole('option', { name: 'rcc' }).click();
        await page.getByRole('button', { name: 'CR', exact: true }).press('Enter');
        await page.locator('.cell.field', { hasText: 'HSION' }).getByText('1 (0x1)').waitFor();
        await page.getByRole('option', { name: 'usart1' }).click();
        await page.locator('.cell', { hasText: 'DR' }).filter({ hasText: 'not read' }).waitFor();
        await page
          .locator('.cell', { hasText: 'BRR' })
          .filter({ hasText: /[\da-f]{8}/ })
          .waitFor();
        expect(await page.getByRole('tab', { name: 'Code memory' }).count()).toBe(0);
      },
      'dark',
    ));

  it('draws pins over time, and goes to their last change', () =>
    opened([`${root}/e2e/firmware/images/stm32vldiscovery/stm32-timers.elf`, '--board', 'stm32vldiscovery'], async (page) => {
      await page.keyboard.press('i');
      await page.locator('.pins', { hasText: 'No pin has changed' }).waitFor();
      await page.keyboard.press(':');
      await page.keyboard.type('goto 200000\n');
      await page.keyboard.press('Escape');
      await page.keyboard.press('i');
      const pin = page.locator('.pin', { hasText: 'tim3.trgo' });
      await pin.getByText(/^[1-9]\d* changes$/).waitFor();
      // Of all changes up to here, painted with their count.
      expect(await pin.locator('path').getAttribute('d')).toMatch(/^M0 17 H[\d.]+ V3 H[\d.]+ V17 H1000$/);
      await pin.getByRole('button').click();
      await page.locator('.timeline .now', { hasNotText: /^200,000$/ }).waitFor();
    }));

  it('shows the C lines of a module, with breakpoints there', () =>
    opened([`${root}/e2e/sources/points-O0.wasm`, '--invoke', 'sum=3', '-e', 'break points.c:25', '-e', 'continue'], async (page) => {
      await page.keyboard.press('o');
      await page.locator('.source .row.here', { hasText: 'all = add(all, area' }).waitFor();
      // By keys, from line 25 on: there, and away again; then by a click.
      for (const key of ['ArrowDown', 'j', 'b']) await page.keyboard.press(key);
      await page.locator('.source .row.cursor .gutter.set').waitFor();
      await page.keyboard.press('b');
      await page.locator('.source .row.cursor .gutter:not(.set)').waitFor();
      await page.locator('.source .row', { hasText: 'total = all' }).locator('.gutter').click();
      await page.locator('.list .line', { hasText: 'points.c:27' }).waitFor();
      // Its variables: what has changed stands out; what a pointer points to is opened, and written, by keys.
      const variable = (text: string) => page.locator('.tree [role=treeitem]', { hasText: text });
      await variable('all0int').waitFor();
      for (const key of ['4', 's']) await page.keyboard.press(key);
      await variable('p0x').waitFor();
      for (const key of ['v', 'Enter']) await page.keyboard.press(key);
      // What is not there yet is passed over by arrows.
      await variable('x1int').waitFor();
      for (const key of ['ArrowDown', '=']) await page.keyboard.press(key);
      await page.keyboard.type('7\n');
      await variable('x7int').waitFor();
      for (const key of ['Escape', 's']) await page.keyboard.press(key);
      await variable('width7int').locator('.changed').waitFor();
      // Of WebAssembly's locals those that something holds are left.
      await page
        .locator('.section', { hasText: 'Locals' })
        .getByText(/^[1-9]\d* more that nothing holds$/)
        .waitFor();
      await page.keyboard.press('o');
      for (const count of [2, 3]) {
        await page.keyboard.press('c');
        await page.locator('.list .line', { hasText: `points.c:25${count}×` }).waitFor();
      }
      await page.keyboard.press('c');
      await page.locator('.source .row.here', { hasText: 'total = all' }).waitFor();
    }));

  it('is used by keys alone, mixed mode with its queue and its code memory', () =>
    opened([`${root}/packages/kernels/data/wasm/sha256.wasm`, '--engine', 'vsoc-thumb2'], async (page) => {
      await page.keyboard.press(':');
      await page.keyboard.type('break f1');
      await page.keyboard.press('Enter');
      await page.locator('.log', { hasText: 'breakpoint 1' }).waitFor();
      await page.keyboard.press('Escape');
      await page.keyboard.press('c');
      await page.locator('.wasm.here').waitFor();
      // The interpreter's machine code beside.
      await page.keyboard.press('3');
      await page.keyboard.press('s');
      await page.locator('.beside .listing .machine.here').waitFor();
      await page.locator('.section', { hasText: 'as of 0001cd' }).waitFor();
      await page.keyboard.press('1');
      await page.keyboard.press('j');
      await page.keyboard.press('b');
      await page.locator('.list .line', { hasText: '2' }).first().waitFor();
      await page.keyboard.press(':');
      for (const id of [1, 2]) {
        await page.keyboard.type(`delete ${id}`);
        await page.keyboard.press('Enter');
      }
      await page.keyboard.press('Escape');
      await page.keyboard.press('c');
      await page.locator('.log', { hasText: 'the call has returned' }).waitFor();
      await page.keyboard.press('g');
      await page.locator('.pages .page.sealed').first().waitFor();
      await page.keyboard.press('ArrowRight');
      await page.locator('.page.chosen').waitFor();
      await page
        .locator('.map-facts', { hasText: /sealed of .* in blocks of 32 bytes[^]*0 dirty blocks, 0 stale lines[^]*0001\w{4} to 0001\w{4}: sealed/ })
        .waitFor();
      await page.keyboard.press('Enter');
      await page.locator('.dump', { hasText: /^0001/ }).waitFor();
      await page.keyboard.press('q');
      await page.locator('.chart canvas').nth(2).waitFor();
      await page.locator('.chart h3').first().filter({ hasText: 'being compiled' }).waitFor();
      await page
        .locator('.chart h3')
        .nth(2)
        .filter({ hasText: /made native\s*[1-9]/ })
        .waitFor();
      await page.keyboard.press('?');
      await page.locator('dialog[open] kbd').first().waitFor();
      await page.keyboard.press('Escape');
      const before = await page.locator('.timeline .now').innerText();
      await page.keyboard.press('t');
      await page.keyboard.press('Home');
      await page.locator('.timeline .now', { hasText: /^0$/ }).waitFor();
      expect(before).not.toBe('0');
    }));

  /** The steps of docs/debug.md, "A wrong template in the browser". */
  it('opens where code differs from the reference, with expected beside actual, and leads to the wrong template', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fireball-web-'));
    // The template of an unsigned multiplication has the signed one.
    writeFileSync(join(folder, 'thumb2.json'), readFileSync(join(root, 'jit/templates/generated/thumb2.json'), 'utf8').replaceAll('a0fb0000', '80fb0000'));
    try {
      await opened([`${root}/packages/kernels/data/wasm/i64mix.wasm`, '--templates', folder, '--lockstep'], async (page, served) => {
        expect(served.address).toMatch(/#divergence$/);
        await page.locator('.timeline .now', { hasText: /^33$/ }).waitFor();
        const shown = page.locator('.divergence');
        await shown.locator('.expected', { hasText: /^973819730272012410$/ }).waitFor();
        await shown.locator('.actual', { hasText: /^-4749372612832835462$/ }).waitFor();
        await page.locator('.wasm.here', { hasText: 'local.tee 4' }).waitFor();
        await page.keyboard.press('Shift+S');
        await page.locator('.wasm.here', { hasText: 'i64.mul' }).waitFor();
        await page.keyboard.press('3');
        for (const count of [27, 28, 29, 30]) {
          await page.keyboard.press('s');
          await page.locator('.timeline .now', { hasText: new RegExp(`^${count}$`) }).waitFor();
        }
        const row = page.locator('.row', { has: page.locator('.machine.here') });
        await row.locator('.machine', { hasText: 'smull r1, r0, r4, r3' }).waitFor();
        await row.locator('.template .name', { hasText: /^umull$/ }).waitFor();
        expect(await type(page, 'print (r4 * r3) >> 32')).toBe('1323297341 (0x4edfea3d)');
        await picture(page, 'debug-web');
        await page.keyboard.press('Escape');
        await page.keyboard.press('s');
        await page.locator('.timeline .now', { hasText: /^31$/ }).waitFor();
        await page.locator('.registers .changed', { hasText: 'ff730d20' }).waitFor();
        // Who scrolls lays out what comes into sight, nothing else: elements of rows stay where they are.
        const moved = await page.evaluate<number>(`new Promise((done) => {
          const scroller = document.querySelector('.scroller');
          let moved = 0;
          new MutationObserver((records) => (moved += records.length)).observe(document.querySelector('.rows'), { childList: true });
          const rest = [200, 640, 3000, 0, 900];
          const next = () => (rest.length === 0 ? done(moved) : requestAnimationFrame(next, (scroller.scrollTop = rest.shift())));
          next();
        })`);
        expect(moved).toBe(0);
        await page.locator('.row[data-index="45"]').waitFor();
        await page.keyboard.press('Home');
        await shown.getByRole('button', { name: 'Go there' }).click();
        await page.locator('.timeline .now', { hasText: /^33$/ }).waitFor();
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
