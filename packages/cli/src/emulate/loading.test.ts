import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, it } from '@jest/globals';
import { builtCli, withFolder } from '@fireball/testkit';
import { repositoryRoot } from '../paths.js';

/** Sources of ours that a command line loads: V8 lists the files of the bundle with their coverage, and their maps what is in them. */
function loadedBy(folder: string, args: readonly string[]): string[] {
  const { status } = spawnSync(process.execPath, [builtCli, ...args], { env: { ...process.env, NODE_V8_COVERAGE: folder }, stdio: 'ignore' });
  expect(status).toBe(0);
  const reports = readdirSync(folder).map(
    (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as { readonly result: readonly { readonly url: string }[] },
  );
  const bundle = dirname(builtCli);
  const loaded = reports.flatMap(({ result }) => result.map(({ url }) => url)).filter((url) => url.startsWith(pathToFileURL(bundle).href));
  const sourcesOf = (url: string): string[] => (JSON.parse(readFileSync(`${fileURLToPath(url)}.map`, 'utf8')) as { readonly sources: string[] }).sources;
  return loaded.flatMap(sourcesOf).map((source) => relative(repositoryRoot, join(bundle, source)));
}

// Loading files is most of what a short run takes.
it('a board loads neither the JIT, wasm and debugger nor the devices of other boards', async () => {
  await withFolder({}, (folder) => {
    const image = join(repositoryRoot, 'e2e', 'firmware', 'images', 'microbit', 'hello.elf');
    const files = loadedBy(folder, ['emulate', image, '--machine', 'microbit', '--max-instructions', '10']);
    expect(files).toContain('emulator/src/devices/nrf51/uart.ts');
    expect(
      files.filter((file) => /^(jit|vsoc|packages\/(wasm|engines|bench|debugger|differential|disasm|kernels|svd))\/|devices\/(stm32|rp2040)\//.test(file)),
    ).toEqual([]);
  });
});
