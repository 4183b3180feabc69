import { InvalidInputError, type InputFacts } from '@fireball/contracts';
import type { ImageSegment } from './firmware.js';

/** Where in a file something stands: its line in a text, and its byte offset. */
export interface FilePlace {
  readonly line?: number;
  readonly offset: number;
}

/** One piece as the file gives it. */
interface Piece {
  readonly address: number;
  readonly end: number;
  readonly place: InputFacts;
}

/** Pieces that follow each other both in the file and in memory. */
interface Run {
  readonly address: number;
  bytes: Uint8Array;
  length: number;
  /** Of each piece address, line (0: none) and offset: there are tens of thousands, and they are asked for only where two overlap. */
  readonly pieces: number[];
}

/** Pieces of memory in the order of a file, which become segments. */
export class Chunks {
  readonly #runs: Run[] = [];
  /** The run that the last piece went to. */
  #run: Run | undefined;

  /**
   * Adds bytes `from` .. `to` - 1, which are copied.
   * @param address 0 .. 2^32 - 1
   * @param where where in the file they stand
   * @throws InvalidInputError where they go beyond 32-bit addresses
   */
  add(address: number, bytes: Uint8Array, from: number, to: number, where: FilePlace): void {
    const size = to - from;
    if (size === 0) return;
    if (address + size > 2 ** 32)
      throw new InvalidInputError(`${size} bytes at 0x${address.toString(16)} go beyond the 32-bit address space`, { line: where.line, offset: where.offset });
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
    run.pieces.push(address, where.line ?? 0, where.offset);
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
    const sorted = this.#runs.flatMap(piecesOf).sort((a, b) => a.address - b.address);
    const index = sorted.findIndex((piece, at) => at > 0 && piece.address < sorted[at - 1]!.end);
    return overlap(sorted[index - 1]!, sorted[index]!);
  }
}

function piecesOf({ address: start, length, pieces }: Run): Piece[] {
  const list: Piece[] = [];
  for (let at = 0; at < pieces.length; at += 3) {
    const [address = 0, line = 0, offset = 0] = pieces.slice(at, at + 3);
    list.push({ address, end: pieces[at + 3] ?? start + length, place: line === 0 ? { offset } : { line, offset } });
  }
  return list;
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
