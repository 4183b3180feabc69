import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { withFolder } from '@fireball/testkit';
import { expandPaths } from './files.js';

describe('the modules of a folder', () => {
  it('are found once, whatever links lead back into it', () => {
    return withFolder({ 'b.wasm': '', 'notes.txt': '' }, (folder) => {
      mkdirSync(join(folder, 'sub.wasm'));
      writeFileSync(join(folder, 'sub.wasm', 'a.wat'), '');
      symlinkSync('.', join(folder, 'itself'));
      symlinkSync(folder, join(folder, 'sub.wasm', 'above'));
      symlinkSync('b.wasm', join(folder, 'alias.wasm'));
      symlinkSync('nowhere', join(folder, 'nothing.wasm'));
      execFileSync('mkfifo', [join(folder, 'pipe.wasm')]);
      const names = ['alias.wasm', 'b.wasm', 'nothing.wasm', 'pipe.wasm', join('sub.wasm', 'a.wat')];
      expect(expandPaths([folder], ['.wasm', '.wat'])).toEqual(names.map((name) => join(folder, name)));
    });
  });

  it('may be none', () => {
    return withFolder({}, (folder) => {
      symlinkSync('.', join(folder, 'itself'));
      expect(() => expandPaths([folder], ['.wasm'])).toThrow('no .wasm file in this folder');
    });
  });
});
