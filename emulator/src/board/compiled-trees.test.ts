import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { boardNames } from '../board-file.js';
import { compiledTree, writeCompiledTree } from './compiled-trees.js';
import { parseBoardTree } from './parse-board-tree.js';

describe('compiled boards', () => {
  const folder = mkdtempSync(join(tmpdir(), 'compiled-'));
  const compiled = join(folder, 'board.json');
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it.each(boardNames())('%s is the same as from YAML, lines and all', (name) => {
    const text = readFileSync(fileURLToPath(new URL(`../../boards/${name}.yaml`, import.meta.url)), 'utf8');
    const tree = parseBoardTree(text, 'here.yaml');
    writeCompiledTree(compiled, text, tree);
    expect(compiledTree(compiled, text, 'here.yaml')).toEqual(tree);
    // One that was edited is read anew.
    expect(compiledTree(compiled, `${text}\n`, 'here.yaml')).toBeUndefined();
  });

  it('need not be there', () => {
    expect(compiledTree(join(folder, 'none.json'), '', 'here.yaml')).toBeUndefined();
  });
});
