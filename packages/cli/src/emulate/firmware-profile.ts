import { ExecutionCounts, type Machine } from '@fireball/emulator';
import type { ProgramSymbols } from '@fireball/image';
import { formatProfileTables, sumBy, type ProfileRow } from '../reports/profile-tables.js';
import { hex } from './places.js';

/** Executed machine instructions of firmware, most first. */
export interface FirmwareProfileTables {
  readonly instructions: number;
  /** By symbol; what has none, by blocks of addresses. `times`: how often the symbol's first instruction was executed. */
  readonly functions: readonly ProfileRow[];
  /** By line of the sources; empty where the images have no line tables. */
  readonly lines: readonly ProfileRow[];
}

/** Code without symbols is told apart by so many bytes. */
const blockBytes = 256;

/** Counts what the machine's CPU executes from now on. */
export class FirmwareProfile {
  readonly #counts = new ExecutionCounts();

  /** @throws UnsupportedError on a 64-bit core */
  constructor(machine: Machine) {
    machine.processor.traceRuns((addresses) => {
      for (const address of addresses) this.#counts.add(address);
    });
  }

  tables(symbols: ProgramSymbols): FirmwareProfileTables {
    const places = [...this.#counts.entries()].map(([address, instructions]) => {
      const symbol = symbols.functionAt(address);
      const line = symbols.lineAt(address);
      return {
        name: symbol?.name ?? `${hex((address & -blockBytes) >>> 0)}..${hex((address | (blockBytes - 1)) >>> 0)}`,
        start: symbol?.start,
        line: line === undefined ? undefined : `${line.file}:${line.line}`,
        instructions,
      };
    });
    return {
      instructions: this.#counts.total,
      functions: sumBy(places, ({ name, start }) => `${start ?? ''} ${name}`).map(([[{ name, start }], sum]) => ({
        name,
        ...(start === undefined ? {} : { times: this.#counts.at(start) }),
        instructions: sum,
      })),
      lines: sumBy(
        places.filter(({ line }) => line !== undefined),
        ({ line }) => line!,
      ).map(([[{ line }], sum]) => ({ name: line!, instructions: sum })),
    };
  }
}

/** For people. */
export function formatFirmwareProfile({ instructions, functions, lines }: FirmwareProfileTables): string {
  return formatProfileTables(instructions, [['function', functions], ...(lines.length === 0 ? [] : [['line', lines] as const])]);
}
