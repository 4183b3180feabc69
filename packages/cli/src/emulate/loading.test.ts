import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { builtCli, withFolder } from '@fireball/testkit';
import { repositoryRoot } from '../paths.js';

/** Files of ours that a command line loads: V8 lists them with their coverage. */
function loadedBy(folder: string, args: readonly string[]): string[] {
  const { status } = spawnSync(process.execPath, [builtCli, ...args], { env: { ...process.env, NODE_V8_COVERAGE: folder }, stdio: 'ignore' });
  expect(status).toBe(0);
  const reports = readdirSync(folder).map(
    (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as { readonly result: readonly { readonly url: string }[] },
  );
  return reports.flatMap(({ result }) => result.map(({ url }) => url.split(repositoryRoot)[1] ?? '').filter((file) => file.includes('dist/')));
}

// Loading files is most of what a short run takes.
it('a board loads neither the JIT, wasm and debugger nor the devices of other boards', async () => {
  await withFolder({}, (folder) => {
    const image = join(repositoryRoot, 'e2e', 'firmware', 'images', 'microbit', 'hello.elf');
    const files = loadedBy(folder, ['emulate', image, '--machine', 'microbit', '--max-instructions', '10']);
    expect(files).toContain('emulator/dist/devices/nrf51/uart.js');
    expect(
      files.filter((file) => /^(jit|vsoc|packages\/(wasm|engines|bench|debugger|differential|disasm|kernels|svd))\/|devices\/(stm32|rp2040)\//.test(file)),
    ).toEqual([]);
  });
});
