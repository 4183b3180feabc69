import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { withFolder } from '@fireball/testkit';
import { saveCase, type FuzzFailure } from './corpus.js';

const failure: FuzzFailure = {
  name: 'own-7-thumb2',
  generator: 'own',
  seed: 7,
  features: 'full',
  engine: 'thumb2',
  kind: 'mismatch',
  function: 'f',
  args: [],
  expected: 'i32 1',
  actual: 'i32 2',
  originalBytes: 8,
  bytes: 8,
  file: 'own-7-thumb2.wasm',
  unsaved: null,
  replay: 'fireball diff own-7-thumb2.wasm',
};
const emptyModule = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

describe('a found case', () => {
  it('is saved as module, text and description', () => {
    return withFolder({}, async (folder) => {
      expect(await saveCase(folder, failure, emptyModule, [])).toEqual(failure);
      expect(readdirSync(folder).sort()).toEqual(['own-7-thumb2.json', 'own-7-thumb2.wasm', 'own-7-thumb2.wat']);
    });
  });

  it('that cannot be saved is not lost: its seed makes it again', () => {
    return withFolder({ file: '' }, async (folder) => {
      const corpus = join(folder, 'file');
      const saved = await saveCase(corpus, failure, emptyModule, []);
      expect(saved).toEqual({ ...failure, unsaved: expect.stringContaining(`cannot write ${corpus}`), replay: null });
    });
  });
});
