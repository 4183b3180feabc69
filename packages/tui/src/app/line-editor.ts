/** A line of text that is typed, with earlier lines. */
export class LineEditor {
  #text = '';
  #cursor = 0;
  /** Which of the earlier lines is shown; -1: the one that is typed. */
  #at = -1;
  #typed = '';

  /** @param history earlier lines, the last one first; a line that is entered comes in front */
  constructor(
    private readonly history: string[] = [],
    text = '',
  ) {
    this.#set(text);
  }

  get text(): string {
    return this.#text;
  }

  /** In UTF-16 units. */
  get cursor(): number {
    return this.#cursor;
  }

  #set(text: string): void {
    this.#text = text;
    this.#cursor = text.length;
  }

  insert(text: string): void {
    const line = text.replaceAll(/[\r\n\t]+/g, ' ');
    this.#text = this.#text.slice(0, this.#cursor) + line + this.#text.slice(this.#cursor);
    this.#cursor += line.length;
  }

  /** Puts a longer word in the place of the one in front of the cursor. */
  complete(word: string, longer: string): void {
    this.#text = this.#text.slice(0, this.#cursor - word.length) + longer + this.#text.slice(this.#cursor);
    this.#cursor += longer.length - word.length;
  }

  /** The line is done: it becomes the last one of the earlier lines, and the next one begins. */
  enter(): string {
    const line = this.#text;
    if (line.trim() !== '' && this.history[0] !== line) this.history.unshift(line);
    this.#set('');
    this.#at = -1;
    return line;
  }

  /** @returns false for a key that means nothing in a line */
  key(key: string): boolean {
    const before = this.#text.slice(0, this.#cursor);
    const behind = this.#text.slice(this.#cursor);
    switch (key) {
      case 'left':
      case 'ctrl-b':
        this.#cursor -= lastLength(before);
        return true;
      case 'right':
      case 'ctrl-f':
        this.#cursor += ([...behind][0] ?? '').length;
        return true;
      case 'home':
      case 'ctrl-a':
        this.#cursor = 0;
        return true;
      case 'end':
      case 'ctrl-e':
        this.#cursor = this.#text.length;
        return true;
      case 'backspace':
        this.#cursor -= lastLength(before);
        this.#text = before.slice(0, this.#cursor) + behind;
        return true;
      case 'delete':
        this.#text = before + behind.slice(([...behind][0] ?? '').length);
        return true;
      case 'ctrl-u':
        this.#text = behind;
        this.#cursor = 0;
        return true;
      case 'ctrl-k':
        this.#text = before;
        return true;
      case 'ctrl-w':
        this.#cursor = /\S*\s*$/.exec(before)?.index ?? 0;
        this.#text = before.slice(0, this.#cursor) + behind;
        return true;
      case 'up':
      case 'ctrl-p':
        this.#recall(this.#at + 1);
        return true;
      case 'down':
      case 'ctrl-n':
        this.#recall(this.#at - 1);
        return true;
      default:
        if ([...key].length !== 1) return false;
        this.insert(key);
        return true;
    }
  }

  #recall(at: number): void {
    if (at < -1 || at >= this.history.length) return;
    if (this.#at === -1) this.#typed = this.#text;
    this.#at = at;
    this.#set(at === -1 ? this.#typed : this.history[at]!);
  }
}

function lastLength(text: string): number {
  return ([...text].at(-1) ?? '').length;
}
