import { InvalidInputError } from '@fireball/contracts';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml';
import { wrong, type BoardMap, type BoardTree, type Origin } from './board-tree.js';

/** More levels than any board has; deeper text would only exhaust the stack. */
const mostLevels = 16;

/**
 * @param file for messages
 * @throws InvalidInputError with file and line
 */
export function parseBoardTree(text: string, file: string): BoardMap {
  const lines = new LineCounter();
  const document = parse(text, file, lines);
  const [error] = document.errors;
  if (error !== undefined) throw wrong({ file, line: lines.linePos(error.pos[0]).line || 1 }, firstLine(error.message));
  const top = { file, line: 1 };
  if (!isMap(document.contents)) throw wrong(top, 'is no board: a board is a mapping, with the keys processor, memory and devices');
  const tree = toTree(document.contents, file, lines, 0);
  if (tree.kind !== 'map') throw wrong(top, 'is no board');
  return tree;
}

function parse(text: string, file: string, lines: LineCounter): ReturnType<typeof parseDocument> {
  try {
    return parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, strict: true });
  } catch (error) {
    // The parser is recursive.
    throw new InvalidInputError(
      `is no YAML that can be read: ${firstLine(error instanceof Error ? error.message : String(error))}`,
      { file },
      { cause: error },
    );
  }
}

function lineOf(node: Node | null, lines: LineCounter): number {
  const [offset] = node?.range ?? [0];
  return lines.linePos(offset).line || 1;
}

function firstLine(text: string): string {
  return text.split('\n')[0]?.trim() ?? '';
}

function toTree(node: Node | null, file: string, lines: LineCounter, level: number): BoardTree {
  const origin = { file, line: lineOf(node, lines) };
  if (level > mostLevels) throw wrong(origin, 'is nested too deeply');
  if (isAlias(node)) throw wrong(origin, 'aliases of YAML are not read', 'write it out, or use extends');
  if (isMap(node)) {
    const entries = new Map<string, BoardTree>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : undefined;
      if (name === undefined) throw wrong(origin, 'a key is a mapping or a list; keys are names');
      const line = lineOf(isScalar(key) ? key : node, lines);
      entries.set(name, at(toTree(value as Node | null, file, lines, level + 1), { file, line }));
    }
    return { kind: 'map', origin, entries };
  }
  if (isSeq(node)) return { kind: 'list', origin, items: node.items.map((item) => toTree(item as Node | null, file, lines, level + 1)) };
  const value = isScalar(node) ? node.value : null;
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return { kind: 'scalar', origin, value };
  throw wrong(origin, 'is neither text, number, true, false nor nothing');
}

/** A value is where its key is: the key's line is the one that people look for. */
function at(tree: BoardTree, origin: Origin): BoardTree {
  return { ...tree, origin };
}
