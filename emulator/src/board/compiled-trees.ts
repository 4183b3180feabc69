import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { BoardMap, BoardTree } from './board-tree.js';

/** A tree as JSON: the line of everything, and the file's name nowhere. */
type Compiled =
  | { readonly line: number; readonly entries: Readonly<Record<string, Compiled>> }
  | { readonly line: number; readonly items: readonly Compiled[] }
  | { readonly line: number; readonly value: string | number | boolean | null };

/** The text is kept too: a board that was edited since is not the one that was compiled. */
interface CompiledBoard {
  readonly text: string;
  readonly tree: Compiled;
}

/**
 * The tree of a text that `pnpm build` compiled: reading YAML, and loading what reads it, takes longer than all else that a board needs.
 * @param compiled the file that the build wrote
 * @param file for messages
 * @returns undefined where it is not there, or of another text
 */
export function compiledTree(compiled: string, text: string, file: string): BoardMap | undefined {
  if (!existsSync(compiled)) return undefined;
  const board = JSON.parse(readFileSync(compiled, 'utf8')) as CompiledBoard;
  if (board.text !== text) return undefined;
  const tree = toTree(board.tree, file);
  return tree.kind === 'map' ? tree : undefined;
}

/** Writes what `compiledTree` reads. */
export function writeCompiledTree(compiled: string, text: string, tree: BoardMap): void {
  const board: CompiledBoard = { text, tree: fromTree(tree) };
  writeFileSync(compiled, JSON.stringify(board));
}

function fromTree(tree: BoardTree): Compiled {
  const { line } = tree.origin;
  switch (tree.kind) {
    case 'map':
      return { line, entries: Object.fromEntries([...tree.entries].map(([key, value]) => [key, fromTree(value)])) };
    case 'list':
      return { line, items: tree.items.map(fromTree) };
    case 'scalar':
      return { line, value: tree.value };
  }
}

function toTree(compiled: Compiled, file: string): BoardTree {
  const origin = { file, line: compiled.line };
  if ('entries' in compiled)
    return { kind: 'map', origin, entries: new Map(Object.entries(compiled.entries).map(([key, value]) => [key, toTree(value, file)])) };
  if ('items' in compiled) return { kind: 'list', origin, items: compiled.items.map((item) => toTree(item, file)) };
  return { kind: 'scalar', origin, value: compiled.value };
}
