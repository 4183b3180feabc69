/** `.debug_loc` and `.debug_ranges` of a unit whose base address is 0. Source: DWARF Debugging Information Format, version 4, sections 2.6.2 and 2.17.3. */
import { ByteWriter } from './byte-writer.js';

/** The addresses [begin, end); never empty. */
export interface CodeRange {
  readonly begin: number;
  readonly end: number;
}

/** Where something is while pc is in a range. */
export interface RangedExpression extends CodeRange {
  readonly expression: Uint8Array;
}

/** Lists one behind the other; each is known by its offset. */
export class LocationLists {
  readonly #writer = new ByteWriter();

  /** @returns the list's offset */
  add(list: readonly RangedExpression[]): number {
    const offset = this.#writer.length;
    for (const { begin, end, expression } of list) {
      this.#writer.u32(begin);
      this.#writer.u32(end);
      this.#writer.u16(expression.length);
      this.#writer.bytes(expression);
    }
    this.#writer.bytes(new Uint8Array(8));
    return offset;
  }

  finish(): Uint8Array {
    return this.#writer.finish();
  }
}

/** Lists of ranges one behind the other; each is known by its offset. */
export class RangeLists {
  readonly #writer = new ByteWriter();

  /** @returns the list's offset */
  add(list: readonly CodeRange[]): number {
    const offset = this.#writer.length;
    for (const { begin, end } of list) {
      this.#writer.u32(begin);
      this.#writer.u32(end);
    }
    this.#writer.bytes(new Uint8Array(8));
    return offset;
  }

  finish(): Uint8Array {
    return this.#writer.finish();
  }
}
