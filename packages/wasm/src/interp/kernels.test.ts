import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { decodeModule } from '../decoder.js';
import { validateModule } from '../validator.js';
import { instantiate } from './instantiate.js';
import { Store } from './store.js';

/** Test data that lies beside the repository, or where the variable points. */
const folder = process.env['FIREBALL_KERNELS'] ?? new URL('../../../../../shared/kernels', import.meta.url).pathname;
const baselinesFile = `${folder}/baselines.json`;
const present = existsSync(baselinesFile);

const baselines: Record<string, { checksum: string }> = present
  ? (JSON.parse(readFileSync(baselinesFile, 'utf8')) as Record<string, { checksum: string }>)
  : {};
const rows: [string, string][] = Object.entries(baselines).map(([name, { checksum }]) => [name, checksum]);

(present ? describe.each(rows) : describe.skip.each([['kernels', `none at ${folder}`]]))('%s', (name, checksum) => {
  it(`computes ${checksum}`, () => {
    const module = decodeModule(new Uint8Array(readFileSync(`${folder}/wasm/${name}.wasm`)));
    const outcome = instantiate(new Store(), validateModule(module)).invoke('run');
    expect(outcome).toMatchObject({ results: [{ type: 'i32', value: Number.parseInt(checksum, 16) | 0 }] });
  });
});
