import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { importsOf, importsOfText, packageFolders, root, sources } from './testing/sources.js';

type Graph = ReadonlyMap<string, readonly string[]>;

/** The circles of a graph: its strongly connected components that have more than one node, or a node that points to itself (Tarjan, 1972). */
function circlesOf(graph: Graph): string[][] {
  const circles: string[][] = [];
  const numbers = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const visit = (node: string): void => {
    numbers.set(node, numbers.size);
    lowest.set(node, numbers.get(node)!);
    open.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!numbers.has(next)) visit(next);
      if (open.includes(next)) lowest.set(node, Math.min(lowest.get(node)!, lowest.get(next)!));
    }
    if (lowest.get(node) !== numbers.get(node)) return;
    const component = open.splice(open.indexOf(node));
    if (component.length > 1 || graph.get(node)?.includes(node) === true) circles.push(component.sort());
  };
  for (const node of graph.keys()) if (!numbers.has(node)) visit(node);
  return circles;
}

/** The file that a relative import names: in the sources it ends with `.js`, of a compiled file whose source ends with `.ts`. */
function target(file: string, specifier: string): string {
  const path = join(dirname(file), specifier);
  const source = path.replace(/\.js$/, '.ts');
  return existsSync(join(root, source)) ? source : path;
}

/** Which files of a package import which others of it. */
function importGraph(folder: string): Graph {
  return new Map(
    sources(folder).map((file) => [
      file,
      importsOf(file)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => target(file, specifier)),
    ]),
  );
}

describe('imports, those of types included, have no circle', () => {
  it.each(packageFolders)('in %s', (folder) => {
    const graph = importGraph(folder);
    const missing = [...graph].flatMap(([file, imported]) =>
      imported.filter((name) => !existsSync(join(root, name))).map((name) => `${file}: ${name} does not exist`),
    );
    expect(missing).toEqual([]);
    expect(circlesOf(graph)).toEqual([]);
  });
});

describe('the search for circles', () => {
  it.each<[string, Record<string, string[]>, string[][]]>([
    ['none in a tree', { a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }, []],
    ['two files', { a: ['b'], b: ['a'] }, [['a', 'b']]],
    ['a file that imports itself', { a: ['a'] }, [['a']]],
    ['only what is on the way back', { a: ['b'], b: ['c'], c: ['d', 'e'], d: ['b'], e: [] }, [['b', 'c', 'd']]],
    ['two circles that touch as one', { a: ['b'], b: ['a', 'c'], c: ['b'] }, [['a', 'b', 'c']]],
    [
      'two circles apart',
      { a: ['b'], b: ['a', 'c'], c: ['d'], d: ['c'] },
      [
        ['c', 'd'],
        ['a', 'b'],
      ],
    ],
  ])('finds %s', (_, graph, circles) => {
    expect(circlesOf(new Map(Object.entries(graph)))).toEqual(circles);
  });

  it.each([
    ["import { a } from './x.js';"],
    ["import type { A } from './x.js';"],
    ["import './x.js';"],
    ["export { a } from './x.js';"],
    ["export type { A } from './x.js';"],
    ["export * from './x.js';"],
    ["const a = await import('./x.js');"],
    ["type A = import('./x.js').A;"],
  ])('follows %s', (text) => {
    expect(importsOfText(text)).toEqual(['./x.js']);
  });
});
