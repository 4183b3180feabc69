import { UsageError } from './errors.js';
import { listNames, mostListed } from './text.js';

/** Edits between two words: insert, delete, replace, or exchange two neighbours (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const exchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : Infinity;
      next.push(Math.min(replaced, exchanged, row[j]! + 1, next[j - 1]! + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}

/** The known word most like `word`, where one is close enough to be what was meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known.map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) })).sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= Math.max(1, Math.floor(word.length / 2)) ? best.candidate : undefined;
}

/** The error for a name that is not among the known ones: the one that was probably meant, and, where they are few or it is none of them, the first ones that there are. */
export function unknownName(what: string, name: string, known: readonly string[]): UsageError {
  const meant = nearest(name, known);
  const suggestion = meant === undefined ? '' : ` (did you mean ${meant}?)`;
  const list = meant !== undefined && known.length > mostListed ? '' : `; known: ${listNames(known)}`;
  return new UsageError(`unknown ${what} '${name}'${suggestion}${list}`);
}
