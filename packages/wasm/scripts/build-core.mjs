// Compiles the core, src/core, to WebAssembly, and writes it down as src/generated/core.ts. With --check it only says whether that is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from 'assemblyscript/asc';

const folder = join(import.meta.dirname, '..');
const output = join(folder, 'src/generated/core.ts');

/** Plain WebAssembly 1.0, which all engines run. */
const options =
  '-O3 --noAssert --runtime stub --initialMemory 1 --disable bulk-memory --disable sign-extension --disable nontrapping-f2i --disable mutable-globals';

/** Sources import `./x.js`, as TypeScript wants it; memory is another file here than there. */
function readSource(name) {
  const file = name.replace(/\.js\.ts$/, '.ts');
  try {
    return readFileSync(join(folder, file === 'memory.ts' ? 'assembly' : 'src/core', file), 'utf8');
  } catch {
    return null;
  }
}

let binary;
const { error, stderr } = await main(['bodies.ts', '--outFile', 'core.wasm', ...options.split(' ')], {
  readFile: readSource,
  writeFile: (_name, contents) => {
    binary = contents;
  },
  listFiles: () => [],
});
if (error) {
  console.error(stderr.toString());
  process.exit(1);
}
const text = `/** The core, compiled from src/core by \`pnpm core:build\`: ${binary.length} bytes of WebAssembly in base64. */
export const coreBinary =
  '${Buffer.from(binary).toString('base64')}';
`;
if (!process.argv.includes('--check')) writeFileSync(output, text);
else if (readFileSync(output, 'utf8') !== text) {
  console.error('packages/wasm/src/generated/core.ts is not what src/core makes: type `pnpm core:build`');
  process.exit(1);
}
