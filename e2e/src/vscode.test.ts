/**
 * VS Code itself with our extension, as code-server serves it to Debian's Chromium: what a user clicks. CODE_SERVER names the folder that .ci/code-server has
 * installed it in, SCREENSHOTS one for a picture of it; .ci/nightly does the former.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { CodeServer, hasCodeServer, patience } from './testing/code-server.js';
import { hasChromium, launchBrowser, picture } from './testing/web-page.js';

const sum = `(module
  (func $square (param $x i32) (result i32) (i32.mul (local.get $x) (local.get $x)))
  (func (export "sum") (param $n i32) (result i32) (local $s i32)
    (loop
      (local.set $s (i32.add (local.get $s) (call $square (local.get $n))))
      (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s)))
`;
const launch = {
  version: '0.2.0',
  configurations: [{ type: 'fireball', request: 'launch', name: 'sum', program: '${workspaceFolder}/sum.wat', invoke: 'sum=5' }],
};

(hasCodeServer && hasChromium ? describe : describe.skip)('VS Code (needs CODE_SERVER and Chromium)', () => {
  let browser: Browser;
  let server: CodeServer;
  let page: Page;
  beforeAll(async () => {
    server = await CodeServer.start({ 'sum.wat': sum, '.vscode/launch.json': JSON.stringify(launch) });
    browser = await launchBrowser();
    page = await server.open(browser, 'sum.wat');
  }, 2 * patience);
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  /** A row of one of the trees beside the editor. */
  const row = (text: string | RegExp): Locator => page.locator('.debug-viewlet .monaco-list-row', { hasText: text });
  const button = (icon: string): Locator => page.locator(`.debug-toolbar .codicon-${icon}`);
  /** The line that it stands on, as the stack of calls has it. */
  const standsAt = (where: RegExp): Promise<void> => page.locator('.debug-call-stack .stack-frame', { hasText: where }).first().waitFor();
  /** A click is lost while the workbench still reads what extensions declare. */
  const start = async (): Promise<void> => {
    for (let tries = 5; ; tries--) {
      await page.locator('.start-debug-action-item .codicon-debug-start').click();
      const isRunning = await button('debug-step-back')
        .waitFor({ timeout: patience / 5 })
        .then(
          () => true,
          () => false,
        );
      if (isRunning) return;
      if (tries === 0) throw new Error('no debug session has started');
    }
  };
  const command = async (name: string): Promise<void> => {
    await page.keyboard.press('F1');
    await page.locator('.quick-input-box input').fill(`>${name}`);
    await page
      .locator('.quick-input-list .monaco-list-row', { hasText: new RegExp(`(^|: )${name}`) })
      .first()
      .click();
  };

  it('highlights the text format', async () => {
    // The colour of plain text.
    await page.locator('.view-line span span:not(.mtk1)', { hasText: 'module' }).first().waitFor();
    const classOf = (text: string): Promise<string | null> => page.locator('.view-line span span', { hasText: text }).first().getAttribute('class');
    expect(new Set([await classOf('module'), await classOf('$square'), await classOf('i32.mul')]).size).toBe(3);
  });

  it(
    'starts, stops at a breakpoint in the listing, shows locals, and steps back',
    async () => {
      await page.keyboard.press('Control+Shift+D');
      await page.locator('.start-debug-action-item', { hasText: 'sum' }).waitFor();
      await start();
      await standsAt(/^sum\s*sum\.wat.*8:1/);
      await page.locator('.view-line', { hasText: 'i32.mul' }).click();
      await page.keyboard.press('F9');
      await page.locator('.debug-breakpoints .monaco-list-row', { hasText: 'sum.wat' }).first().waitFor();
      await button('debug-continue').click();
      await standsAt(/^square\s*sum\.wat.*4:1/);
      expect(await page.locator('.debug-call-stack .stack-frame').allInnerTexts()).toMatchObject([
        expect.stringMatching(/^square/),
        expect.stringMatching(/^sum/),
      ]);
      await row('Operand stack').click();
      await row(/operand 1.*5 \(0x5\)/).waitFor();
      await button('debug-step-back').click();
      await standsAt(/^square\s*sum\.wat.*3:1/);
      await button('debug-step-over').click();
      await standsAt(/^square\s*sum\.wat.*4:1/);
    },
    2 * patience,
  );

  it(
    'shows templates with their filled holes, and the disassembly',
    async () => {
      await command('Focus on Templates View');
      const templates = page.locator('.panel .pane-body');
      await templates
        .locator('.monaco-list-row', { hasText: /rd=\d+.* r[nm]=\d+/ })
        .first()
        .waitFor();
      await templates
        .locator('.monaco-list-row', { hasText: /^muls? / })
        .first()
        .waitFor();
      await picture(page, 'debug-vscode');
      await command('Open Disassembly View');
      await page.locator('.disassembly-view .monaco-list-row', { hasText: /mul/ }).first().waitFor();
    },
    2 * patience,
  );

  it(
    'goes back to where history begins, and ends',
    async () => {
      await button('debug-reverse-continue').click();
      await standsAt(/^sum\s*sum\.wat.*8:1/);
      await button('debug-stop').click();
      await button('debug-stop').waitFor({ state: 'hidden' });
    },
    2 * patience,
  );
});
