import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from '@jest/globals';
import { builtCommandLine, repositoryRoot } from './paths.js';
import { placeIn } from './places.js';
import { Scripts } from './scripts.js';

const folder = mkdtempSync(join(tmpdir(), 'fireball-scripts-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('a script loads others once each, with what V8 made of it before and without', () => {
  writeFileSync(join(folder, 'a.js'), "exports.sum = require('./b.js').count + require('./b.js').count + require('node:path').sep;");
  writeFileSync(join(folder, 'b.js'), 'globalThis.loads = (globalThis.loads ?? 0) + 1; exports.count = globalThis.loads;');
  const load = (): unknown => new Scripts(folder).load('./a.js');
  const first = new Scripts(folder);
  expect(first.load('./a.js')).toEqual({ sum: '2/' });
  first.keepCompiled();
  expect(readdirSync(folder)).toContain('b.js.v8');
  expect(load()).toEqual({ sum: '4/' });
  const kept = join(folder, 'a.js.v8');
  const bytes = readFileSync(kept);
  for (const damaged of [bytes.subarray(0, 100), Buffer.alloc(0), Buffer.from(bytes).fill(0, 0, 16)]) {
    writeFileSync(kept, damaged);
    expect((load() as { sum: string }).sum).toMatch(/^\d+\/$/);
  }
});

it('modules that Node loads late are whole when they are used', () => {
  const uses =
    "const zlib = require('node:zlib'); const { crc32 } = zlib; exports.all = [crc32('a'), Object.keys({ ...zlib }).includes('inflateSync'), 'gzip' in { ...zlib }];";
  writeFileSync(join(folder, 'late.js'), uses);
  expect(new Scripts(folder).load('./late.js')).toEqual({ all: [0xe8b7be43, true, true] });
});

it('this V8 takes what the build kept of the command line', () => {
  const bundle = dirname(builtCommandLine);
  const kept = readdirSync(bundle).filter((name) => name.endsWith('.v8'));
  expect(kept).toContain('command-line.js.v8');
  // In a process of its own: other tests change flags of V8, which refuses what was kept under other ones.
  const refused = `
    const { readFileSync } = require('node:fs'), { Script } = require('node:vm'), { wrap } = require('node:module');
    const isRefused = (name) => new Script(wrap(readFileSync(name.slice(0, -3), 'latin1')), { cachedData: readFileSync(name) }).cachedDataRejected;
    console.log(JSON.stringify(process.argv.slice(1).filter(isRefused)));`;
  expect(JSON.parse(execFileSync(process.execPath, ['-e', refused, '--', ...kept], { cwd: bundle, encoding: 'utf8', env: {} }))).toEqual([]);
});

it('what is bundled finds its data from where it was before', () => {
  expect(placeIn('cli', 'program.js')).toBe(pathToFileURL(join(repositoryRoot, 'packages/cli/dist/program.js')).href);
  expect(placeIn('jit', 'templates/load.js')).toBe(pathToFileURL(join(repositoryRoot, 'jit/dist/templates/load.js')).href);
  expect(() => placeIn('none', 'a.js')).toThrow('@fireball/none is missing: npm install @fireball/none');
});
