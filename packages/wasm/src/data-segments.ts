import type { ByteOffset } from '@fireball/contracts';
import type { ByteRange } from './types.js';

/** One entry of the data section (core spec 2.5.8). */
export interface DataSegment {
  readonly mode: 'active' | 'passive';
  /** Memory index and start address, a constant expression; active segments only. */
  readonly memory: number;
  readonly position: ByteRange | undefined;
  /** The bytes to copy, within the module. */
  readonly content: ByteRange;
  readonly offset: ByteOffset;
}

/** Marks a row that is the index of another segment. */
const isOther = 0x8000_0000;

/**
 * The segments of a module. There may be a hundred thousand of them, and objects would take longer to make than all else of the module to decode: of those that are
 * `plain` only the offset is kept, and they are read again where somebody wants them.
 */
export class DataSegments implements Iterable<DataSegment> {
  /** By segment: its offset if it is plain, else its index among the others. */
  private rows: Uint32Array = new Uint32Array(16);
  private count = 0;
  private readonly others: DataSegment[] = [];

  /** @param bytes of the module that plain segments are in */
  constructor(private readonly bytes: Uint8Array) {}

  static of(segments: Iterable<DataSegment>): DataSegments {
    const made = new DataSegments(new Uint8Array());
    for (const segment of segments) made.add(segment);
    return made;
  }

  /** Makes room for a number of segments at once. */
  reserve(count: number): void {
    if (count <= this.rows.length) return;
    const { rows } = this;
    this.rows = new Uint32Array(Math.ceil(count));
    this.rows.set(rows);
  }

  get length(): number {
    return this.count;
  }

  add(segment: DataSegment): void {
    this.addRow(isOther + this.others.length);
    this.others.push(segment);
  }

  private addRow(row: number): void {
    if (this.count === this.rows.length) this.reserve(2 * this.count);
    this.rows[this.count++] = row;
  }

  /**
   * Adds segments that lie one behind the other from an offset on, at most so many, while they are what nearly all are: active ones of memory 0, at a plain number of four
   * bytes at most, with a size of two at most. Nothing about them can break a rule where there is a memory.
   * @returns the offset behind them
   */
  addPlain(from: ByteOffset, most: number): ByteOffset {
    const { bytes } = this;
    let offset = from;
    for (let left = most; left > 0; left--) {
      if (offset >= isOther || bytes[offset] !== 0 || bytes[offset + 1] !== 0x41) return offset;
      let last = offset + 2;
      while (bytes[last]! >= 0x80) last++;
      if (last > offset + 5 || bytes[last + 1] !== 0x0b) return offset;
      let start = last + 3;
      let size = bytes[last + 2]!;
      if (size >= 0x80) {
        const second = bytes[start++]!;
        if (second >= 0x80) return offset;
        size = (size & 0x7f) | (second << 7);
      }
      const end = start + size;
      if (!(end <= bytes.length)) return offset;
      this.addRow(offset);
      offset = end;
    }
    return offset;
  }

  private at(index: number): DataSegment {
    const row = this.rows[index]!;
    return row >= isOther ? this.others[row - isOther]! : this.plainAt(row);
  }

  private plainAt(offset: ByteOffset): DataSegment {
    const { bytes } = this;
    let last = offset + 2;
    while (bytes[last]! >= 0x80) last++;
    const position = { start: offset + 1, end: last + 2 };
    const first = bytes[position.end]!;
    const isShort = first < 0x80;
    const start = position.end + (isShort ? 1 : 2);
    const size = isShort ? first : (first & 0x7f) | (bytes[start - 1]! << 7);
    return { mode: 'active', memory: 0, position, content: { start, end: start + size }, offset };
  }

  *[Symbol.iterator](): Generator<DataSegment> {
    for (let index = 0; index < this.count; index++) yield this.at(index);
  }

  /** Those that may break a rule though there is a memory. */
  doubtful(): readonly DataSegment[] {
    return this.others;
  }
}
