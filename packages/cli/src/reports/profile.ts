import { formatCount, formatTable, groupBy } from '@fireball/contracts';
import type { ProfileCounts } from '@fireball/vsoc';
import { decodeInstruction, functionName, type WasmModule } from '@fireball/wasm';

/** Rows of each table for people; the document has all. */
const shownRows = 12;

/** Executed machine instructions of what has a name. */
interface Row {
  readonly name: string;
  /** How often it was begun, where that can be said. */
  readonly times?: number;
  readonly instructions: number;
}

/** What `--profile` shows, most first. */
interface ProfileTables {
  readonly instructions: number;
  /** Functions, and routines in ROM. */
  readonly functions: readonly Row[];
  /** Wasm instructions by their names: the code placed for them, routines not included. */
  readonly operations: readonly Row[];
  readonly templates: readonly Row[];
  /** Wasm instructions by their places. */
  readonly places: readonly (Row & { readonly function: number; readonly wasmOffset: number })[];
}

/** @param module the one that ran */
export function profileTables({ instructions, sites, functions, routines }: ProfileCounts, module: WasmModule): ProfileTables {
  const operationAt = (offset: number): string => decodeInstruction(module.bytes, offset).op.name;
  const places = sumBy(sites, ({ functionIndex, wasmOffset }) => `${functionIndex} ${wasmOffset}`).map(([[first], sum]) => {
    const { functionIndex, wasmOffset } = first;
    const name = `${functionName(module, functionIndex)} 0x${wasmOffset.toString(16)} ${operationAt(wasmOffset)}`;
    return { name, function: functionIndex, wasmOffset, instructions: sum };
  });
  return {
    instructions,
    functions: [
      ...[...functions].map(([index, { entered, instructions }]) => ({ name: functionName(module, index), times: entered, instructions })),
      ...[...routines].map(([name, { entered, instructions }]) => ({ name: `routine ${name}`, times: entered, instructions })),
    ].sort(mostFirst),
    operations: sumBy(sites, ({ wasmOffset }) => operationAt(wasmOffset)).map(([[{ wasmOffset }], sum]) => ({
      name: operationAt(wasmOffset),
      instructions: sum,
    })),
    templates: sumBy(sites, ({ template }) => template).map(([same, sum]) => ({
      name: same[0].template,
      times: same.reduce((times, { entered }) => times + entered, 0),
      instructions: sum,
    })),
    places,
  };
}

/** The tables for people. */
export function formatProfile(tables: ProfileTables): string {
  const { instructions, functions, operations, templates, places } = tables;
  const format = (what: string, rows: readonly Row[]): string => {
    const hasTimes = rows.some(({ times }) => times !== undefined);
    const lines = rows
      .slice(0, shownRows)
      .map((row) => [
        row.name,
        ...(hasTimes ? [formatCount(row.times ?? 0)] : []),
        formatCount(row.instructions),
        ((100 * row.instructions) / instructions).toFixed(1),
      ]);
    const left = rows.length - lines.length;
    return [formatTable([what, ...(hasTimes ? ['times'] : []), 'instructions', '%'], lines), ...(left > 0 ? [`and ${formatCount(left)} more`] : [])].join('\n');
  };
  return [format('function', functions), format('code for', operations), format('template', templates), format('place', places)].join('\n\n');
}

function mostFirst(a: Row, b: Row): number {
  return b.instructions - a.instructions;
}

/** Items of one key together, with the sum of their instructions, most first. */
function sumBy<T extends { readonly instructions: number }>(items: readonly T[], keyOf: (item: T) => string): [[T, ...T[]], number][] {
  return groupBy(items, keyOf)
    .map((same): [[T, ...T[]], number] => [same, same.reduce((sum, { instructions }) => sum + instructions, 0)])
    .sort(([, a], [, b]) => b - a);
}
