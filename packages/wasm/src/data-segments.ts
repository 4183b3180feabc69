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

const stride = 7;
const kinds = { active: 0, passive: 1, plain: 2 } as const;

/**
 * The segments of a module, kept as numbers: there may be a hundred thousand of them, and objects would take longer to make than all else of the module to decode.
 */
export class DataSegments implements Iterable<DataSegment> {
  private rows: Uint32Array = new Uint32Array(16 * stride);
  private count = 0;

  static of(segments: Iterable<DataSegment>): DataSegments {
    const made = new DataSegments();
    for (const { mode, memory, position, content, offset } of segments)
      made.add(mode, memory, position?.start ?? 0, position?.end ?? 0, content.start, content.end, offset);
    return made;
  }

  /** Makes room for a number of segments at once. */
  reserve(count: number): void {
    if (count * stride <= this.rows.length) return;
    const { rows } = this;
    this.rows = new Uint32Array(Math.ceil(count) * stride);
    this.rows.set(rows);
  }

  get length(): number {
    return this.count;
  }

  /**
   * Adds a segment whose position is the expression between two offsets, 0 where it has none. It is `plain` where that is one number of type i32, for memory 0: nothing about it can break a rule
   * where there is a memory.
   */
  add(
    kind: keyof typeof kinds,
    memory: number,
    positionStart: ByteOffset,
    positionEnd: ByteOffset,
    start: ByteOffset,
    end: ByteOffset,
    offset: ByteOffset,
  ): void {
    let at = this.count++ * stride;
    if (at === this.rows.length) this.reserve(2 * this.count);
    const { rows } = this;
    rows[at++] = kinds[kind];
    rows[at++] = memory;
    rows[at++] = positionStart;
    rows[at++] = positionEnd;
    rows[at++] = start;
    rows[at++] = end;
    rows[at] = offset;
  }

  private at(index: number): DataSegment {
    const at = index * stride;
    const [kind, memory, positionStart, positionEnd, start, end, offset] = this.rows.subarray(at, at + stride) as unknown as readonly [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    return {
      mode: kind === kinds.passive ? 'passive' : 'active',
      memory,
      position: positionEnd === 0 ? undefined : { start: positionStart, end: positionEnd },
      content: { start, end },
      offset,
    };
  }

  *[Symbol.iterator](): Generator<DataSegment> {
    for (let index = 0; index < this.count; index++) yield this.at(index);
  }

  /** Those that may break a rule though there is a memory. */
  *doubtful(): Generator<DataSegment> {
    for (let index = 0; index < this.count; index++) if (this.rows[index * stride] !== kinds.plain) yield this.at(index);
  }
}
