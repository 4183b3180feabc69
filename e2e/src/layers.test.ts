import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { importsOf, root, sources } from './testing/sources.js';

/** The layers; a package imports only from lower ones. */
const layers: Readonly<Record<string, number>> = {
  'packages/contracts': 0,
  'packages/unicorn.js': 1,
  'packages/wasm': 1,
  'packages/image': 1,
  'packages/disasm': 1,
  'packages/svd': 1,
  'packages/debugger': 2,
  'packages/tui': 3,
  'packages/web': 3,
  jit: 2,
  emulator: 2,
  vsoc: 3,
  'packages/engines': 4,
  'packages/differential': 5,
  'packages/kernels': 5,
  'packages/bench': 6,
  'packages/testkit': 1,
  'packages/cli': 7,
  e2e: 8,
};

interface Manifest {
  readonly name: string;
  readonly fireball: { readonly layer: number };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(root, path), 'utf8')) as T;
}

const folders = Object.keys(layers);
const manifests = new Map(folders.map((folder) => [folder, readJson<Manifest>(`${folder}/package.json`)]));
const folderOf = new Map([...manifests].map(([folder, { name }]) => [name, folder]));
const workspaceTools = Object.keys(readJson<Manifest>('package.json').devDependencies ?? {});

function ownDependencies(folder: string): string[] {
  return Object.keys(manifests.get(folder)!.dependencies ?? {}).filter((name) => name.startsWith('@fireball/'));
}

/** `@scope/name` or `name` of a bare import. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** What is wrong with an import; undefined where it is allowed. */
function problemOf(folder: string, file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) {
    const target = relative(join(root, folder), resolve(root, dirname(file), specifier));
    return target.startsWith('..') ? 'leaves the package' : undefined;
  }
  if (specifier.startsWith('node:')) return undefined;
  if (builtinModules.includes(specifier)) return 'is a module of Node without node:';
  const name = packageOf(specifier);
  if (name.startsWith('@fireball/') && specifier !== name) return 'reaches into another package';
  const isTest = file.endsWith('.test.ts') || file.includes('/testing/');
  const { dependencies = {}, devDependencies = {} } = manifests.get(folder)!;
  const allowed = [...Object.keys(dependencies), ...(isTest ? [...workspaceTools, ...Object.keys(devDependencies)] : [])];
  return allowed.includes(name) ? undefined : 'is not in dependencies';
}

describe('the workspace', () => {
  it('has exactly the packages of the layer table', () => {
    const present = [...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`), ...readdirSync(root)].filter(
      (folder) => folder !== 'node_modules' && existsSync(join(root, folder, 'package.json')) && existsSync(join(root, folder, 'src')),
    );
    expect(present.sort()).toEqual([...folders].sort());
  });

  it('is built and tested as a whole', () => {
    const { references } = readJson<{ references: { path: string }[] }>('tsconfig.json');
    expect(references.map(({ path }) => path).sort()).toEqual([...folders].sort());
    for (const config of ['jest.config.js', 'eslint.config.js']) {
      const text = readFileSync(join(root, config), 'utf8');
      expect(folders.filter((folder) => !text.includes(`'${folder}'`))).toEqual([]);
    }
  });
});

describe.each(folders)('%s', (folder) => {
  const layer = layers[folder];

  it('states its layer', () => {
    expect(manifests.get(folder)!.fireball.layer).toBe(layer);
  });

  it('depends on lower layers only', () => {
    const wrong = ownDependencies(folder).filter((name) => layers[folderOf.get(name)!]! >= layer!);
    expect(wrong).toEqual([]);
  });

  it('references in tsconfig.json what it depends on', () => {
    const { references = [] } = readJson<{ references?: { path: string }[] }>(`${folder}/tsconfig.json`);
    const referenced = references.map(({ path }) => relative(root, resolve(root, folder, path)));
    expect(referenced.sort()).toEqual(
      ownDependencies(folder)
        .map((name) => folderOf.get(name)!)
        .sort(),
    );
  });

  it('imports only what it may', () => {
    const problems = sources(folder).flatMap((file) =>
      importsOf(file).flatMap((specifier) => {
        const problem = problemOf(folder, file, specifier);
        return problem === undefined ? [] : [`${file}: '${specifier}' ${problem}`];
      }),
    );
    expect(problems).toEqual([]);
  });
});

describe('the import rule', () => {
  it.each([
    ['jit', 'jit/src/a.ts', '../src/b.js', undefined],
    ['jit', 'jit/src/a.ts', '../../vsoc/src/b.js', 'leaves the package'],
    ['jit', 'jit/src/a.ts', '@fireball/wasm', undefined],
    ['jit', 'jit/src/a.ts', '@fireball/wasm/dist/decoder.js', 'reaches into another package'],
    ['jit', 'jit/src/a.ts', '@fireball/vsoc', 'is not in dependencies'],
    ['jit', 'jit/src/a.ts', 'fs', 'is a module of Node without node:'],
    ['jit', 'jit/src/a.ts', 'node:fs', undefined],
    ['jit', 'jit/src/a.ts', 'fast-check', 'is not in dependencies'],
    ['jit', 'jit/src/a.test.ts', 'fast-check', undefined],
    ['emulator', 'emulator/src/a.ts', '@fireball/wasm', 'is not in dependencies'],
  ])('in %s: %s importing %s', (folder, file, specifier, problem) => {
    expect(problemOf(folder, file, specifier)).toBe(problem);
  });
});

describe('the deep verifier', () => {
  it('knows of the compiler that it judges nothing but types, and what the cores have', () => {
    const files = sources('jit').filter((file) => file.startsWith('jit/src/verify/deep/') && !file.endsWith('.test.ts'));
    expect(files.length).toBeGreaterThan(10);
    const outside = files.flatMap((file) => importsOf(file, 'values').filter((specifier) => specifier.startsWith('../')));
    expect([...new Set(outside)]).toEqual(['../../features.js']);
  });
});
