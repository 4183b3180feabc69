import { printable } from '@fireball/contracts';
import type { ConsoleLine } from '../panes/lists.js';
import type { Role } from '../screen/canvas.js';

/** Lines that are kept. */
const most = 5000;
const tab = '    ';

/** What the console has said: the program's output, whose last line may go on, and texts of our own. */
export class Transcript {
  readonly lines: ConsoleLine[] = [];
  readonly #utf8 = new TextDecoder('utf-8');
  /** Of the program's, what is not ended yet. */
  #open = '';

  output(bytes: Uint8Array): void {
    const pieces = (this.#open + this.#utf8.decode(bytes, { stream: true })).split('\n');
    if (this.#open !== '') this.lines.pop();
    this.#open = pieces.at(-1)!;
    for (const [index, text] of pieces.entries()) if (index < pieces.length - 1 || text !== '') this.#print(text.replace(/\r$/, ''), 'output');
  }

  /** A text of our own; what the program has written of a line stays in front of it. */
  say(text: string, role: Role): void {
    this.#open = '';
    for (const line of text.split('\n')) this.#print(printable(line.replaceAll('\t', tab)), role);
  }

  #print(text: string, role: Role): void {
    this.lines.push({ text: text.replaceAll('\t', tab), role });
    if (this.lines.length > most) this.lines.splice(0, this.lines.length - most);
  }
}
