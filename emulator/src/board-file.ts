import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { InvalidInputError, readInputText, unknownName, UsageError } from '@fireball/contracts';
import { checkDeviceClass } from './board/device-module.js';
import { BoardReader } from './board/board-reader.js';
import { overlay, wrong, type BoardMap, type Origin } from './board/board-tree.js';
import { compiledTree } from './board/compiled-trees.js';
import { readBoard } from './board/read-board.js';
import { allDeviceClasses, deviceClassesNamed } from './devices/index.js';
import type { Board } from './machine/board.js';
import type { DeviceClass } from './machine/device.js';

const folder = fileURLToPath(new URL('../boards/', import.meta.url));
/** Where scripts/compile-boards.mjs writes. */
const compiledFolder = fileURLToPath(new URL('../dist/boards/', import.meta.url));
const ending = '.yaml';
const mostBoardBytes = 1024 * 1024;
/** A board that extends one that extends one .. */
const mostGenerations = 8;

/** A board, with the classes of its devices: ours and those of its modules. */
export interface LoadedBoard {
  readonly board: Board;
  /** @throws UsageError for a name that neither has */
  readonly deviceClass: (name: string) => DeviceClass;
}

/** Names of the boards that there are. */
export function boardNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => basename(file, ending))
    .sort();
}

/**
 * Reads a board.
 * @param nameOrFile one of `boardNames()`, or a file: what has a slash or ends in `.yaml` or `.yml`
 * @throws UsageError for a name that is unknown
 * @throws InvalidInputError with file, line and reason
 */
export async function loadBoard(nameOrFile: string): Promise<LoadedBoard> {
  const file = isFile(nameOrFile) ? nameOrFile : boardNamed(nameOrFile);
  const text = readInputText(file, mostBoardBytes);
  return parseBoard(text, file);
}

/** The board that a text says. `file` is what messages call it, and where what it extends and its modules are looked for. */
export async function parseBoard(text: string, file: string): Promise<LoadedBoard> {
  const own = await boardTree(text, file);
  const modules: DeviceModule[] = [];
  const tree = await withAncestors(own, file, modules, mostGenerations);
  const classes = await classesFor(tree, modules);
  const board = readBoard(tree, basename(file).replace(/\.ya?ml$/, ''), classes);
  return {
    board,
    deviceClass: (name) => {
      const found = classes.get(name);
      if (found === undefined) throw unknownName('device class', name, [...classes.keys()]);
      return found;
    },
  };
}

/** A device class of the user's, and where the board file names it. */
interface DeviceModule {
  readonly kind: DeviceClass;
  readonly text: string;
  readonly origin: Origin;
}

/** Our classes that the board names, and those of its modules. */
async function classesFor(tree: BoardMap, modules: readonly DeviceModule[]): Promise<Map<string, DeviceClass>> {
  const classes = new Map(modules.length > 0 ? await allDeviceClasses() : await deviceClassesNamed(new Set(namesOfClasses(tree))));
  for (const { kind, text, origin } of modules) {
    if (classes.has(kind.name)) throw wrong(origin, `module ${text} has the device class '${kind.name}', which is there already`);
    classes.set(kind.name, kind);
  }
  return classes;
}

/** What stands behind `device:` in a board, where that is text. */
function namesOfClasses(tree: BoardMap): string[] {
  const devices = tree.entries.get('devices');
  if (devices?.kind !== 'map') return [];
  return [...devices.entries.values()].flatMap((device) => {
    const kind = device.kind === 'map' ? device.entries.get('device') : undefined;
    return kind?.kind === 'scalar' && typeof kind.value === 'string' ? [kind.value] : [];
  });
}

function isFile(nameOrFile: string): boolean {
  return /[/\\]|\.ya?ml$/.test(nameOrFile);
}

function boardNamed(name: string): string {
  const names = boardNames();
  if (!names.includes(name)) throw unknownName('machine', name, names);
  return join(folder, `${name}${ending}`);
}

/** @throws InvalidInputError with file and line */
async function boardTree(text: string, file: string): Promise<BoardMap> {
  const compiled = dirname(file) + sep === folder ? compiledTree(join(compiledFolder, `${basename(file, ending)}.json`), text, file) : undefined;
  return compiled ?? (await import('./board/parse-board-tree.js')).parseBoardTree(text, file);
}

/** Loads modules on the way, each relative to the file that names it. */
async function withAncestors(own: BoardMap, file: string, modules: DeviceModule[], generations: number): Promise<BoardMap> {
  const reader = new BoardReader(own, 'the board');
  const below = reader.optionalText('extends');
  let base: BoardMap | undefined;
  if (below !== undefined) {
    const origin = reader.where('extends');
    if (generations === 0) throw wrong(origin, `more than ${mostGenerations} boards extend each other, or they go in a circle`);
    const baseFile = isFile(below)
      ? relative(file, below)
      : builtIn(below, () => wrong(origin, `the board extends '${below}', which is unknown`, `known: ${boardNames().join(', ')}; or a file, ./my.yaml`));
    if (isFile(below) && !existsSync(baseFile)) throw wrong(origin, `the board extends ${below}, and there is no such file`);
    base = await withAncestors(await boardTree(readInputText(baseFile, mostBoardBytes), baseFile), baseFile, modules, generations - 1);
  }
  for (const { text, origin } of reader.texts('module')) {
    const kind = await loadModule(relative(file, text), text, (problem, cause) => new InvalidInputError(problem, origin, { cause }));
    modules.push({ kind, text, origin });
  }
  return base === undefined ? own : overlay(base, own);
}

function builtIn(name: string, refuse: () => Error): string {
  try {
    return boardNamed(name);
  } catch (error) {
    throw error instanceof UsageError ? refuse() : error;
  }
}

function relative(file: string, to: string): string {
  return isAbsolute(to) ? to : resolve(dirname(file), to);
}

async function loadModule(file: string, name: string, refuse: (problem: string, cause?: unknown) => InvalidInputError): Promise<DeviceClass> {
  if (!existsSync(file)) throw refuse(`there is no module ${name}`);
  let loaded: unknown;
  try {
    loaded = ((await import(pathToFileURL(file).href)) as { readonly default?: unknown }).default;
  } catch (error) {
    throw refuse(`module ${name} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`, error);
  }
  const problem = checkDeviceClass(loaded);
  if (problem !== undefined) throw refuse(`module ${name}: ${problem}`);
  return loaded as DeviceClass;
}
