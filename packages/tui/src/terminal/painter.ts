import kit from 'terminal-kit';
import type { Canvas, Role } from '../screen/canvas.js';
import { isUnicode } from '../screen/glyphs.js';
import { themeFor, type Look } from './theme.js';

/** Canvases to as few bytes as will do: what has changed since the one before. */
export class Painter {
  readonly #theme: Readonly<Record<Role, Look>>;
  readonly #isUnicode: boolean;
  #buffer: kit.ScreenBuffer | undefined;

  /** @param terminal of terminal-kit */
  constructor(
    private readonly terminal: kit.Terminal,
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    this.#theme = themeFor(environment);
    this.#isUnicode = isUnicode(environment);
  }

  paint(canvas: Canvas): void {
    const { width, height } = canvas;
    this.#buffer ??= new kit.ScreenBuffer({ dst: this.terminal, width, height });
    for (let y = 0; y < height; y++) this.#paintLine(canvas, y, this.#buffer);
    this.#buffer.draw({ delta: true });
  }

  /** The terminal shows something else now, or nothing. */
  forget(): void {
    this.#buffer = undefined;
  }

  /** Pieces of one role at a time. */
  #paintLine(canvas: Canvas, y: number, buffer: kit.ScreenBuffer): void {
    for (let x = 0; x < canvas.width;) {
      const { role } = canvas.at(x, y);
      let [text, end] = ['', x];
      for (; end < canvas.width && canvas.at(end, y).role === role; end++) text += canvas.at(end, y).text;
      const attr = { defaultColor: true, bgDefaultColor: true, ...this.#theme[role] };
      buffer.put({ x, y, attr, wrap: false, dx: 1, dy: 0 }, '%s', this.#shown(text));
      x = end;
    }
  }

  #shown(text: string): string {
    return this.#isUnicode ? text : text.replaceAll('…', '~').replaceAll(/[^ -~]/gu, '?');
  }
}
