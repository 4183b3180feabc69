import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { root } from './testing/fireball.js';

const page = readFileSync(join(root, 'docs', 'environment.md'), 'utf8');
const listed = [...page.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell]) => [...cell!.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name!));

/** Of tools that we only pass on, or set for processes of our own. */
const notOurs = ['CI', 'NODE_OPTIONS', 'MEMORY_SAMPLES'];

/** Variables that a source reads. */
function variablesOf(text: string): string[] {
  return [...text.matchAll(/process\.env(?:\.|\[')([A-Z_]+)|\$\{(FIREBALL_[A-Z_]+)|getenv\("([A-Z_]+)"/g)].map(
    ([, ours, launcher, native]) => (ours ?? launcher ?? native)!,
  );
}

it('docs/environment.md lists exactly the variables that are read', () => {
  const folders = ['packages', 'jit', 'emulator', 'vsoc', 'e2e', '.ci'];
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|mjs|js|cc)$/.test(name) && !/(^|\/)(node_modules|dist|build)\//.test(name))
      .map((name) => join(folder, name))
      .filter((name) => statSync(join(root, name)).isFile()),
  );
  const read = new Set([...files, 'fireball'].flatMap((file) => variablesOf(readFileSync(join(root, file), 'utf8'))));
  for (const name of notOurs) read.delete(name);
  expect([...read].sort()).toEqual([...new Set(listed)].sort());
});
