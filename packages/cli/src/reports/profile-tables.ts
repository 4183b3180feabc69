import { formatCount, formatTable, groupBy } from '@fireball/contracts';

/** Rows of each table for people; documents have all. */
const shownRows = 12;

/** Executed machine instructions of what has a name. */
export interface ProfileRow {
  readonly name: string;
  /** How often it was begun, where that can be said. */
  readonly times?: number;
  readonly instructions: number;
}

/** Tables for people, of what is most of all executed instructions. */
export function formatProfileTables(instructions: number, tables: readonly (readonly [what: string, rows: readonly ProfileRow[]])[]): string {
  return tables.map(([what, rows]) => formatRows(instructions, what, rows)).join('\n\n');
}

function formatRows(instructions: number, what: string, rows: readonly ProfileRow[]): string {
  const hasTimes = rows.some(({ times }) => times !== undefined);
  const lines = rows.slice(0, shownRows).map((row) => {
    const times = row.times === undefined ? '' : formatCount(row.times);
    return [row.name, ...(hasTimes ? [times] : []), formatCount(row.instructions), ((100 * row.instructions) / instructions).toFixed(1)];
  });
  const left = rows.length - lines.length;
  const table = formatTable([what, ...(hasTimes ? ['times'] : []), 'instructions', '%'], lines);
  return left > 0 ? `${table}\nand ${formatCount(left)} more` : table;
}

/** Items of one key together, with the sum of their instructions, most first. */
export function sumBy<T extends { readonly instructions: number }>(items: readonly T[], keyOf: (item: T) => string): [[T, ...T[]], number][] {
  return groupBy(items, keyOf)
    .map((same): [[T, ...T[]], number] => [same, same.reduce((sum, { instructions }) => sum + instructions, 0)])
    .sort(([, a], [, b]) => b - a);
}
