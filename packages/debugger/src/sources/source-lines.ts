import type { MachineLines, ModuleDebugInfo } from '@fireball/contracts';
import { attributes, EntryText, LineTable, readUnits, type DebugUnit } from '@fireball/image';

/** A line of a source file, by the name that the compiler gave it. */
export interface SourcePlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** Instructions one after the other that belong to one line: offsets in the module, or addresses of firmware, [begin, end). */
export interface LineRun extends SourcePlace {
  readonly begin: number;
  readonly end: number;
  /** The compiler sees a statement begin there. */
  readonly isStatement: boolean;
}

/** A statement that begins where another one does, whose line the code there belongs to. */
interface SharedStatement extends SourcePlace {
  readonly begin: number;
}

/** What line numbers say of a part of the code. */
interface PlacedLines {
  /** Ascending, without overlaps inside of one compilation. */
  readonly runs: readonly LineRun[];
  readonly shared: readonly SharedStatement[];
}

/** By file and line. */
class ByLine<T extends SourcePlace> {
  readonly #files = new Map<string, Map<number, T[]>>();

  constructor(all: readonly T[]) {
    for (const each of all) {
      let lines = this.#files.get(each.file);
      if (lines === undefined) this.#files.set(each.file, (lines = new Map<number, T[]>()));
      const same = lines.get(each.line);
      if (same === undefined) lines.set(each.line, [each]);
      else same.push(each);
    }
  }

  get files(): readonly string[] {
    return [...this.#files.keys()];
  }

  linesOf(file: string): [number, readonly T[]][] {
    return [...(this.#files.get(file) ?? [])];
  }

  at({ file, line }: SourcePlace): readonly T[] {
    return this.#files.get(file)?.get(line) ?? [];
  }
}

/** Lines by where their instructions are, and the other way round. */
export class LineIndex {
  readonly #runs: ByLine<LineRun>;
  readonly #shared: ByLine<SharedStatement>;
  private readonly runs: readonly LineRun[];

  constructor({ runs, shared }: PlacedLines) {
    this.runs = runs;
    this.#runs = new ByLine(runs);
    this.#shared = new ByLine(shared);
  }

  /** Those of machine code, by address. */
  static ofMachine(code: readonly MachineLines[]): LineIndex {
    return new LineIndex(joined(code.map((sequence) => linesOf(sequence, 0, sequence.end))));
  }

  /** Names of all files that code comes from. */
  get files(): readonly string[] {
    return this.#runs.files;
  }

  /** What the instruction at an offset in the module belongs to. */
  at(offset: number): LineRun | undefined {
    let [low, high] = [0, this.runs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.runs[middle]!.begin <= offset) low = middle + 1;
      else high = middle;
    }
    const run = this.runs[low - 1];
    return run !== undefined && offset < run.end ? run : undefined;
  }

  /** Files that a name means: the whole of one, or its end from a folder on. */
  named(name: string): readonly string[] {
    const wanted = normal(name);
    return this.files.filter((file) => {
      const path = normal(file);
      return path === wanted || path.endsWith(`/${wanted}`);
    });
  }

  /** Lines of a file that have code, or share that of others, ascending. */
  linesOf(file: string): readonly number[] {
    const own = this.#runs.linesOf(file).filter(([, runs]) => runs.some(({ isStatement }) => isStatement));
    const shared = this.#shared.linesOf(file).filter(([, statements]) => statements.some(({ begin }) => this.at(begin) !== undefined));
    return [...new Set([...own, ...shared].map(([line]) => line))].sort((a, b) => a - b);
  }

  /** Where code of a line begins: every copy of it that inlining and unrolling have made, and every part that others interrupt. */
  runsOf(place: SourcePlace): readonly LineRun[] {
    return this.#runs.at(place).filter(({ isStatement }) => isStatement);
  }

  /** The code that a line shares with those that it belongs to, from where its statements begin. */
  sharedWith(place: SourcePlace): readonly LineRun[] {
    return this.#shared.at(place).flatMap(({ begin }) => {
      const run = this.at(begin);
      return run === undefined ? [] : [{ ...run, begin }];
    });
  }
}

/** The lines that the instructions of a module come from, by DWARF. What cannot be read of it is left out, and said. */
export class SourceLines extends LineIndex {
  /** With section and offset, one sentence each. */
  readonly problems: readonly string[];
  readonly units: readonly DebugUnit[];
  readonly #table: LineTable;
  /** Ascending offsets. */
  readonly #prologueEnds: readonly number[];

  constructor({ sections, codeBase, codeSize }: ModuleDebugInfo) {
    const { units, problems } = readUnits({
      info: sections.get('.debug_info'),
      abbreviations: sections.get('.debug_abbrev'),
      strings: sections.get('.debug_str'),
      lineStrings: sections.get('.debug_line_str'),
      stringOffsets: sections.get('.debug_str_offsets'),
      addresses: sections.get('.debug_addr'),
    });
    const folders = foldersOf(units);
    const table = new LineTable(
      {
        line: sections.get('.debug_line'),
        lineStrings: sections.get('.debug_line_str'),
        strings: sections.get('.debug_str'),
        folderOf: (offset) => folders.get(offset),
      },
      // What the linker has dropped is at 0, where the section counts its functions, or behind all code.
      (start) => start > 0 && start < codeSize,
    );
    super(joined(table.sequences.map((sequence) => linesOf(sequence, codeBase, codeBase + codeSize))));
    this.#table = table;
    const prologueEnds = table.sequences.flatMap(({ rows }) => rows.filter(({ isPrologueEnd }) => isPrologueEnd).map(({ address }) => codeBase + address));
    this.#prologueEnds = prologueEnds.sort((a, b) => a - b);
    this.units = units;
    this.problems = [...table.problems, ...problems];
  }

  /** Where a function whose first instruction is at `begin` and whose last one is at `end` has set up its frame, if compilers say so. */
  prologueEnd(begin: number, end: number): number | undefined {
    return this.#prologueEnds.find((offset) => offset > begin && offset <= end);
  }

  /** Name of a file by the offset of the lines of its compilation, and its number there. */
  fileAt(lines: number, number: number): string | undefined {
    return this.#table.fileAt(lines, number);
  }
}

function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.replaceAll('\\', '/').split('/')) {
    if (part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '' && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}

/** Where compilations ran, by where their lines begin. */
function foldersOf(units: readonly DebugUnit[]): ReadonlyMap<number, string> {
  const folders = new Map<number, string>();
  for (const { root } of units) {
    const lines = root.attributes.get(attributes.statementList);
    const folder = root.attributes.get(attributes.compilationFolder);
    if (lines !== undefined && 'kind' in lines && folder instanceof EntryText) folders.set(lines.value, folder.text);
  }
  return folders;
}

function joined(parts: readonly PlacedLines[]): PlacedLines {
  return { runs: parts.flatMap(({ runs }) => runs).sort((a, b) => a.begin - b.begin), shared: parts.flatMap(({ shared }) => shared) };
}

/** Line 0 is code of no line in particular: it goes with what is before it. */
function linesOf({ rows, end }: Pick<MachineLines, 'rows' | 'end'>, codeBase: number, codeEnd: number): PlacedLines {
  const runs: (LineRun & { end: number })[] = [];
  const shared: SharedStatement[] = [];
  let isStatement = false;
  for (const [index, { address, file, line, isStatement: begins }] of rows.entries()) {
    const last = runs.at(-1);
    const begin = codeBase + address;
    // Of several rows at one address the last one counts: the statements that the others begin share its code.
    isStatement = begins || (isStatement && rows[index - 1]?.address === address);
    if (begin >= codeEnd) continue;
    if (rows[index + 1]?.address === address) {
      if (begins && line !== 0) shared.push({ file, line, begin });
      continue;
    }
    if (line === 0 || (last?.line === line && last.file === file)) continue;
    if (last !== undefined) last.end = begin;
    runs.push({ file, line, begin, end: Math.min(codeBase + end, codeEnd), isStatement });
  }
  return { runs, shared };
}
