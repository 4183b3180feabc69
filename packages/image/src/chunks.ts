import { InvalidInputError, type InputFacts } from '@fireball/contracts';
import type { ImageSegment } from './firmware.js';

interface Chunk {
  readonly address: number;
  readonly data: Uint8Array;
  /** Where in the file it stands. */
  readonly place: InputFacts;
}

/** Pieces of memory in the order of a file, which become segments. */
export class Chunks {
  private readonly chunks: Chunk[] = [];

  /**
   * @param address 0 .. 2^32 - 1
   * @throws InvalidInputError where the data goes beyond 32-bit addresses
   */
  add(address: number, data: Uint8Array, place: InputFacts): void {
    if (data.length === 0) return;
    if (address + data.length > 2 ** 32)
      throw new InvalidInputError(`${data.length} bytes at 0x${address.toString(16)} go beyond the 32-bit address space`, place);
    this.chunks.push({ address, data, place });
  }

  /**
   * Sorted, neighbours joined.
   * @throws InvalidInputError where two pieces give the same address
   */
  segments(): ImageSegment[] {
    const sorted = [...this.chunks].sort((a, b) => a.address - b.address);
    const runs: Chunk[][] = [];
    let end = -1;
    let previous: Chunk | undefined;
    for (const chunk of sorted) {
      if (previous !== undefined && chunk.address < end) throw overlap(previous, chunk);
      if (chunk.address === end) runs.at(-1)!.push(chunk);
      else runs.push([chunk]);
      end = chunk.address + chunk.data.length;
      previous = chunk;
    }
    return runs.map(joined);
  }
}

function overlap(a: Chunk, b: Chunk): InvalidInputError {
  const { line: lineA = 0, offset: offsetA = 0 } = a.place;
  const { line: lineB = 0, offset: offsetB = 0 } = b.place;
  const [first, second] = lineA < lineB || offsetA < offsetB ? [a, b] : [b, a];
  const before = first.place.line === undefined ? `offset 0x${(first.place.offset ?? 0).toString(16)}` : `line ${first.place.line}`;
  return new InvalidInputError(`address 0x${b.address.toString(16)} was given before, in ${before}`, second.place);
}

function joined(chunks: readonly Chunk[]): ImageSegment {
  const [{ address, data: only } = { address: 0, data: new Uint8Array(0) }] = chunks;
  if (chunks.length === 1) return { address, data: only, memorySize: only.length };
  const size = chunks.reduce((sum, { data }) => sum + data.length, 0);
  const data = new Uint8Array(size);
  for (const chunk of chunks) data.set(chunk.data, chunk.address - address);
  return { address, data, memorySize: size };
}
