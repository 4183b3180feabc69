import type { DebugFunction } from '@fireball/contracts';
import type { LineRow } from '@fireball/image';
import type { Sources } from '../../sources/sources.js';

/** A line, and the number of its file in the program's list, from 1. */
type NumberedLine = Pick<LineRow, 'file' | 'line'>;

/** The lines that gdb is told: of C or Rust where the module names them, of the listing elsewhere. */
export class ProgramLines {
  /** By their numbers; the listing comes first. Absolute where they are on this computer, else as the compiler named them. */
  readonly files: readonly string[];
  readonly #numbers: ReadonlyMap<string, number>;

  constructor(
    private readonly sources: Sources,
    listingName: string,
  ) {
    const files = sources.lines?.files ?? [];
    this.files = [listingName, ...files.map((file) => sources.pathOf(file) ?? file)];
    this.#numbers = new Map(files.map((file, index) => [file, index + 2]));
  }

  /** Text of the listing. */
  get listing(): string {
    return this.sources.listing.text;
  }

  /** Of the instruction at an offset in the module. */
  at(wasmOffset: number): NumberedLine | undefined {
    const place = this.sources.at(wasmOffset);
    if (place !== undefined) return { file: this.#numbers.get(place.file)!, line: place.line };
    const line = this.sources.listing.lineOf(wasmOffset);
    return line === undefined ? undefined : { file: 1, line };
  }

  /** Where a function begins. */
  ofFunction(code: DebugFunction): NumberedLine {
    const first = code.wasm[0]?.offset;
    const place = this.sources.at(first) === undefined || first === undefined ? undefined : this.at(first);
    return place ?? { file: 1, line: this.sources.listing.lineOfFunction(code.index) ?? 1 };
  }
}
