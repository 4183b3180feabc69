/** What packages export is documented, and can be used: no signature needs a type that is not exported too. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { root } from './testing/fireball.js';
import { resolved, unexportedTypes } from './testing/public-face.js';

const folders = [...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`), 'jit', 'emulator', 'vsoc'].filter((folder) => {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { readonly private?: boolean; readonly exports?: object };
  return manifest.private !== true && manifest.exports !== undefined;
});
const entryOf = (folder: string): string => join(root, folder, 'src/index.ts');

const { config } = ts.readConfigFile(join(root, 'tsconfig.test.json'), (file) => readFileSync(file, 'utf8')) as { config: object };
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
const program = ts.createProgram(folders.map(entryOf), options);

it('every export of a published package says what it is', () => {
  const checker = program.getTypeChecker();
  const silent = folders.map(entryOf).flatMap((entry) =>
    checker
      .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry)!)!)
      .map((symbol) => resolved(checker, symbol))
      .filter((symbol) => symbol.getDocumentationComment(checker).length === 0 && symbol.getJsDocTags(checker).length === 0)
      .map(({ name, declarations }) => `${declarations?.[0]?.getSourceFile().fileName.slice(root.length) ?? entry}: ${name}`),
  );
  expect(silent).toEqual([]);
});

it.each(folders)('%s exports the types that its exports name', (folder) => {
  expect(unexportedTypes(program, entryOf(folder), join(root, folder, 'src'))).toEqual([]);
});

describe('the search for types that are missing', () => {
  const found = (text: string, exports: string): string[] => {
    const files = new Map([
      ['/p/src/x.ts', text],
      ['/p/src/index.ts', `export ${exports} from './x.js';`],
    ]);
    const host = ts.createCompilerHost({});
    const made = ts.createProgram(
      ['/p/src/index.ts'],
      { noLib: true, module: ts.ModuleKind.NodeNext },
      {
        ...host,
        directoryExists: () => true,
        fileExists: (name) => files.has(name),
        readFile: (name) => files.get(name),
        getSourceFile: (name, version) => (files.has(name) ? ts.createSourceFile(name, files.get(name)!, version) : undefined),
      },
    );
    return unexportedTypes(made, '/p/src/index.ts', '/p/src');
  };
  const options = 'export interface Options { readonly a: number }';

  it.each([
    ['of a parameter', 'export function f(a: Options): void {}', '{ f }'],
    ['of a result', 'export function f(): readonly Options[] { return []; }', '{ f }'],
    ['of a property', 'export interface F { readonly a?: Options | null }', '{ type F }'],
    ['that is extended', 'export interface F extends Options { readonly b: number }', '{ type F }'],
    ['of an alias', 'export type F = readonly Options[];', '{ type F }'],
    ['of a variable', 'export const f: Options = { a: 1 };', '{ f }'],
    ['of a method', 'export class F { m(a: Options): void {} }', '{ F }'],
    ['of a constructor', 'export class F { constructor(private readonly a: Options) {} }', '{ F }'],
  ])('finds one %s', (_, text, exports) => {
    expect(found(`${options}\n${text}`, exports)).toEqual([expect.stringMatching(/^Options of [fF]$/)]);
    expect(found(`${options}\n${text}`, exports.replace('}', ', type Options }'))).toEqual([]);
  });

  it.each([
    ['within a function', 'export function f(): void { const a: Options = { a: 1 }; }', '{ f }'],
    ['of a private method', 'export class F { private m(a: Options): void {} #n(a: Options): void {} }', '{ F }'],
    ['of a constructor that nobody can call', 'export class F { constructor(private readonly a: Options) {} }', 'type { F }'],
    ['of an internal constructor', 'export class F {\n/** @internal */\nconstructor(private readonly a: Options) {} }', '{ F }'],
  ])('passes one %s', (_, text, exports) => {
    expect(found(`${options}\n${text}`, exports)).toEqual([]);
  });
});
