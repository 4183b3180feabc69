// Part of `pnpm build`: the trees of emulator/boards/*.yaml as JSON in dist/boards, which loads without a reader of YAML.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeCompiledTree } from '../dist/board/compiled-trees.js';
import { parseBoardTree } from '../dist/board/parse-board-tree.js';

const boards = fileURLToPath(new URL('../boards/', import.meta.url));
const compiled = fileURLToPath(new URL('../dist/boards/', import.meta.url));

mkdirSync(compiled, { recursive: true });
for (const file of readdirSync(boards)) {
  const text = readFileSync(boards + file, 'utf8');
  writeCompiledTree(`${compiled}${basename(file, '.yaml')}.json`, text, parseBoardTree(text, file));
}
