import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { packageFolders, root } from './testing/sources.js';

/** What a file exports by declarations of its own, and which names it takes from which specifier; `*` is all of them. */
interface Names {
  readonly declared: readonly string[];
  readonly taken: readonly (readonly [specifier: string, name: string])[];
}

function namesOf(text: string): Names {
  const declared: string[] = [];
  const taken: [string, string][] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStatement(node)) declared.push(...declaredBy(node));
    taken.push(...takenBy(node));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest));
  return { declared, taken };
}

function declaredBy(node: ts.Statement): string[] {
  const isExported = ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
  if (!isExported) return [];
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.flatMap(({ name }) => namesOfBinding(name));
  const { name } = node as { readonly name?: ts.Node };
  return name !== undefined && ts.isIdentifier(name) ? [name.text] : [];
}

function namesOfBinding(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : namesOfBinding(element.name)));
}

function takenBy(node: ts.Node): [string, string][] {
  if (ts.isImportDeclaration(node)) {
    return namesOfList(node.moduleSpecifier, node.importClause?.namedBindings);
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return node.exportClause === undefined ? [[textOf(node.moduleSpecifier), '*']] : namesOfList(node.moduleSpecifier, node.exportClause);
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    const { qualifier } = node;
    return [[textOf(node.argument.literal), qualifier !== undefined && ts.isIdentifier(qualifier) ? qualifier.text : '*']];
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return [[textOf(node.arguments[0]), '*']];
  return [];
}

function namesOfList(specifier: ts.Expression, bindings: ts.NamedImportBindings | ts.NamedExportBindings | undefined): [string, string][] {
  if (bindings === undefined) return [];
  if (!ts.isNamedImports(bindings) && !ts.isNamedExports(bindings)) return [[textOf(specifier), '*']];
  return bindings.elements.map(({ name, propertyName }) => [textOf(specifier), (propertyName ?? name).text]);
}

function textOf(node: ts.Node | undefined): string {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : '';
}

/** Exports of the files that none of the others takes. A package's `index.ts` is its public face, and takes what belongs there. */
function unused(files: ReadonlyMap<string, string>): string[] {
  const names = new Map([...files].map(([file, text]) => [file, namesOf(text)]));
  const used = new Set<string>();
  for (const [file, { taken }] of names) {
    for (const [specifier, name] of taken) {
      if (specifier.startsWith('.')) used.add(`${join(dirname(file), specifier).replace(/\.js$/, '.ts')}: ${name}`);
    }
  }
  return [...names]
    .filter(([file]) => !file.endsWith('src/index.ts') && !used.has(`${file}: *`))
    .flatMap(([file, { declared }]) => declared.map((name) => `${file}: ${name}`).filter((name) => !used.has(name)));
}

/** Every TypeScript file of a package: tools beside `src` import from it by path. What takes another file's place when the core is compiled is imported by that one's name. */
function filesOf(folder: string): string[] {
  return ts.sys.readDirectory(join(root, folder), ['.ts'], ['**/dist', '**/node_modules', '**/assembly']).map((file) => relative(root, file));
}

describe('every export is used by another file, its tests included', () => {
  it.each(packageFolders)('in %s', (folder) => {
    expect(unused(new Map(filesOf(folder).map((file) => [file, readFileSync(join(root, file), 'utf8')])))).toEqual([]);
  });
});

describe('the search for unused exports', () => {
  it.each([
    ['export const a = 1;', 'a'],
    ['export const { a } = b;', 'a'],
    ['export function a(): void {}', 'a'],
    ['export class A {}', 'A'],
    ['export interface A {}', 'A'],
    ['export type A = 1;', 'A'],
    ['export enum A {}', 'A'],
  ])('finds %s', (text, name) => {
    expect(
      unused(
        new Map([
          ['p/src/x.ts', text],
          ['p/src/y.ts', "import { b } from './x.js';"],
        ]),
      ),
    ).toEqual([`p/src/x.ts: ${name}`]);
  });

  it.each([
    ["import { a } from './x.js';"],
    ["import { a as b } from './x.js';"],
    ["import type { a } from './x.js';"],
    ["import * as b from './x.js';"],
    ["export { a } from './x.js';"],
    ["export * from './x.js';"],
    ["const b = await import('./x.js');"],
    ["type B = import('./x.js').a;"],
  ])('takes %s for a use', (text) => {
    expect(
      unused(
        new Map([
          ['p/src/x.ts', 'export const a = 1;'],
          ['p/src/y.ts', text],
        ]),
      ),
    ).toEqual([]);
  });
});
