import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { main, root } from './fireball.js';

/** The folder that .ci/code-server has installed it in. */
const installed = process.env['CODE_SERVER'] ?? '';
const entry = join(installed, 'node_modules/code-server/out/node/entry.js');
export const hasCodeServer = existsSync(entry);

/** Milliseconds that VS Code may take for anything. */
export const patience = 30_000;

const settings = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.colorTheme': 'Default Light Modern',
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'debug.inlineValues': 'off',
  'editor.minimap.enabled': false,
};

/** VS Code itself, as code-server serves it to a browser, with our extension installed from its .vsix, and a folder to work in. */
export class CodeServer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly address: string,
  ) {}

  /** @param files of the folder to work in, by their names */
  static async start(files: Readonly<Record<string, string>>): Promise<CodeServer> {
    const folder = mkdtempSync(join(tmpdir(), 'fireball-vscode-'));
    const write = (name: string, text: string): void => {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), text, { mode: 0o755 });
    };
    // The setting is one word, and the launcher would build.
    write('fireball', `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
    write('user/User/settings.json', JSON.stringify({ ...settings, 'fireball.command': join(folder, 'fireball') }));
    for (const [name, text] of Object.entries(files)) write(join('work', name), text);
    const options = ['--user-data-dir', join(folder, 'user'), '--extensions-dir', join(folder, 'extensions')];
    const environment = { ...process.env, HOME: folder };
    const vsix = join(folder, 'fireball.vsix');
    for (const args of [
      [join(root, 'editors/vscode/pack.mjs'), vsix],
      [entry, ...options, '--install-extension', vsix],
    ]) {
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: environment });
      if (status !== 0) throw new Error(`${args.join(' ')}: ${stdout}${stderr}`);
    }
    const child = spawn(
      process.execPath,
      [entry, ...options, '--auth', 'none', '--bind-addr', '127.0.0.1:0', '--disable-telemetry', '--disable-update-check'],
      {
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let said = '';
    const address = await new Promise<string>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (bytes: Buffer) => {
          said += bytes.toString();
          const found = /HTTP server listening on (http:\S+)/.exec(said)?.[1];
          if (found !== undefined) resolve(found);
        });
      }
      child.once('exit', () => {
        reject(new Error(said));
      });
    });
    return new CodeServer(child, folder, address);
  }

  /** The workbench with the folder opened, and a file of it in the editor. */
  async open(browser: Browser, file: string): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(patience);
    await page.goto(`${this.address}?folder=${join(this.folder, 'work')}`);
    await page.locator('.explorer-folders-view .monaco-list-row', { hasText: file }).dblclick();
    await page.locator('.view-line').first().waitFor();
    return page;
  }

  close(): void {
    this.child.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
