import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import ts from 'typescript';
import { root } from './testing/fireball.js';

const folders = [...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`), 'jit', 'emulator', 'vsoc'].filter((folder) => {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { readonly private?: boolean; readonly exports?: object };
  return manifest.private !== true && manifest.exports !== undefined;
});

it('every export of a published package says what it is', () => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.test.json'), (file) => readFileSync(file, 'utf8')) as { config: object };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const entries = folders.map((folder) => join(root, folder, 'src/index.ts'));
  const program = ts.createProgram(entries, options);
  const checker = program.getTypeChecker();
  const silent = entries.flatMap((entry) =>
    checker
      .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry)!)!)
      .map((symbol) => ((symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol)))
      .filter((symbol) => symbol.getDocumentationComment(checker).length === 0 && symbol.getJsDocTags(checker).length === 0)
      .map(({ name, declarations }) => `${declarations?.[0]?.getSourceFile().fileName.slice(root.length) ?? entry}: ${name}`),
  );
  expect(silent).toEqual([]);
});
