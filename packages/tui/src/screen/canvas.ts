import { cellsOf, widthOf } from './width.js';

/** What a piece of the screen says, from which a theme makes its colours. */
export type Role =
  | 'plain'
  | 'dim'
  | 'title'
  | 'running'
  | 'header'
  | 'focused'
  | 'current'
  | 'cursor'
  | 'linked'
  | 'changed'
  | 'breakpoint'
  | 'hole'
  | 'output'
  | 'error'
  | 'key';

/** Cells [x, x + width) of the rows [y, y + height). */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A piece of a line. */
export interface Span {
  readonly text: string;
  readonly role: Role;
}

/** One character, or nothing behind one that takes two columns. */
interface Cell {
  readonly text: string;
  readonly role: Role;
}

const blank: Cell = { text: ' ', role: 'plain' };

/** A screen as it should be: characters with roles, and no terminal. What does not fit is cut off. */
export class Canvas {
  readonly #cells: Cell[];

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.#cells = new Array<Cell>(width * height).fill(blank);
  }

  at(x: number, y: number): Cell {
    return this.#cells[y * this.width + x] ?? blank;
  }

  /** Writes one line from (x, y) on, over at most `most` columns; the last one is `…` where more follows. */
  put(x: number, y: number, spans: readonly Span[], most = this.width - x): void {
    if (y < 0 || y >= this.height) return;
    const end = Math.min(x + most, this.width);
    const isTooLong = x + spans.reduce((sum, { text }) => sum + widthOf(text), 0) > end;
    const last = isTooLong ? end - 1 : end;
    let at = x;
    for (const { text, role } of spans) {
      for (const { text: character, width } of cellsOf(text)) {
        if (at + width > last) {
          if (isTooLong && at < end) this.#set(at, y, { text: '…', role });
          return;
        }
        this.#set(at, y, { text: character, role });
        if (width === 2) this.#set(at + 1, y, { text: '', role });
        at += width;
      }
    }
  }

  #set(x: number, y: number, cell: Cell): void {
    if (x >= 0 && x < this.width) this.#cells[y * this.width + x] = cell;
  }

  /** All cells of a rectangle get a role, whatever they say; or only those that have one of `from`. */
  paint({ x, y, width, height }: Rect, role: Role, from?: readonly Role[]): void {
    for (let row = y; row < y + height; row++) {
      for (let column = x; column < x + width; column++) {
        const { text, role: before } = this.at(column, row);
        if (from === undefined || from.includes(before)) this.#set(column, row, { text, role });
      }
    }
  }

  /** Its characters, line by line. */
  get lines(): readonly string[] {
    return Array.from({ length: this.height }, (_, y) =>
      Array.from({ length: this.width }, (_column, x) => this.at(x, y).text)
        .join('')
        .trimEnd(),
    );
  }
}
