import { InvalidInputError, type InputFacts } from '@fireball/contracts';
import type { ImageSegment } from './firmware.js';

/** One piece as the file gives it; `place` is where in the file it stands. */
interface Piece {
  readonly address: number;
  readonly place: InputFacts;
}

/** Pieces that follow each other both in the file and in memory. */
interface Run {
  readonly address: number;
  bytes: Uint8Array;
  length: number;
  readonly pieces: Piece[];
}

/** Pieces of memory in the order of a file, which become segments. */
export class Chunks {
  readonly #runs: Run[] = [];
  /** The run that the last piece went to. */
  #run: Run | undefined;

  /**
   * Adds bytes `from` .. `to` - 1, which are copied.
   * @param address 0 .. 2^32 - 1
   * @param where where in the file they stand; asked at once
   * @throws InvalidInputError where they go beyond 32-bit addresses
   */
  add(address: number, bytes: Uint8Array, from: number, to: number, where: { readonly place: InputFacts }): void {
    const size = to - from;
    if (size === 0) return;
    if (address + size > 2 ** 32) throw new InvalidInputError(`${size} bytes at 0x${address.toString(16)} go beyond the 32-bit address space`, where.place);
    let run = this.#run;
    if (run === undefined || run.address + run.length !== address) {
      run = { address, bytes: new Uint8Array(Math.max(256, size)), length: 0, pieces: [] };
      this.#runs.push(run);
      this.#run = run;
    }
    if (run.length + size > run.bytes.length) {
      const larger = new Uint8Array(Math.max(run.bytes.length * 2, run.length + size));
      larger.set(run.bytes);
      run.bytes = larger;
    }
    for (let at = from; at < to; at++) run.bytes[run.length++] = bytes[at]!;
    run.pieces.push({ address, place: where.place });
  }

  /**
   * Sorted, neighbours joined.
   * @throws InvalidInputError where two pieces give the same address
   */
  segments(): ImageSegment[] {
    const sorted = [...this.#runs].sort((a, b) => a.address - b.address);
    const groups: Run[][] = [];
    let end = -1;
    for (const run of sorted) {
      if (run.address < end) throw this.#overlap();
      if (run.address === end) groups.at(-1)!.push(run);
      else groups.push([run]);
      end = run.address + run.length;
    }
    return groups.map(joined);
  }

  /** Of the two pieces at the lowest address that is given twice. */
  #overlap(): InvalidInputError {
    const sorted = this.#runs
      .flatMap(({ address, length, pieces }) => pieces.map((piece, index) => ({ ...piece, end: pieces[index + 1]?.address ?? address + length })))
      .sort((a, b) => a.address - b.address);
    const index = sorted.findIndex((piece, at) => at > 0 && piece.address < sorted[at - 1]!.end);
    return overlap(sorted[index - 1]!, sorted[index]!);
  }
}

function overlap(a: Piece, b: Piece): InvalidInputError {
  const { line: lineA = 0, offset: offsetA = 0 } = a.place;
  const { line: lineB = 0, offset: offsetB = 0 } = b.place;
  const [first, second] = lineA < lineB || offsetA < offsetB ? [a, b] : [b, a];
  const before = first.place.line === undefined ? `offset 0x${(first.place.offset ?? 0).toString(16)}` : `line ${first.place.line}`;
  return new InvalidInputError(`address 0x${b.address.toString(16)} was given before, in ${before}`, second.place);
}

function joined(runs: readonly Run[]): ImageSegment {
  const [{ address, bytes, length } = { address: 0, bytes: new Uint8Array(0), length: 0 }] = runs;
  if (runs.length === 1) return { address, data: bytes.subarray(0, length), memorySize: length };
  const size = runs.reduce((sum, run) => sum + run.length, 0);
  const data = new Uint8Array(size);
  for (const run of runs) data.set(run.bytes.subarray(0, run.length), run.address - address);
  return { address, data, memorySize: size };
}
