/** What comes from a terminal. Columns and rows count from 0. */
export type InputEvent =
  /** A character, or the name of a key: `enter`, `up`, `f1`, `ctrl-c`, `shift-tab`. */
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'mouse'; readonly action: 'press' | 'release' | 'drag' | 'wheel-up' | 'wheel-down'; readonly x: number; readonly y: number }
  | { readonly kind: 'paste'; readonly text: string };

/** ECMA-48 final bytes, and numbers in front of `~`, as xterm, the Linux console, rxvt, screen and tmux send them. */
const finals: Readonly<Record<string, string>> = { A: 'up', B: 'down', C: 'right', D: 'left', H: 'home', F: 'end', Z: 'shift-tab', P: 'f1' };
const numbers: Readonly<Record<string, string>> = {
  '1': 'home',
  '2': 'insert',
  '3': 'delete',
  '4': 'end',
  '5': 'pageup',
  '6': 'pagedown',
  '7': 'home',
  '8': 'end',
  '11': 'f1',
};
const controls: Readonly<Record<number, string>> = { 0x09: 'tab', 0x0a: 'enter', 0x0d: 'enter', 0x08: 'backspace', 0x7f: 'backspace' };
const [escape, pasteEnd] = ['\u001b', '\u001b[201~'];
/** A longer sequence is none. */
const longestSequence = 64;
/** What is pasted beyond this is left out. */
const longestPaste = 65_536;

/**
 * Makes keys and mouse events of a terminal's bytes, wherever they are cut. Nothing is lost but sequences that mean nothing here.
 * An ESC that nothing follows may be a key or the beginning of a sequence: `flush` says that nothing comes.
 */
export class InputDecoder {
  readonly #utf8 = new TextDecoder('utf-8');
  #rest = '';

  /** Waits for the rest of a sequence. */
  get isWaiting(): boolean {
    return this.#rest !== '';
  }

  decode(bytes: Uint8Array): InputEvent[] {
    this.#rest += this.#utf8.decode(bytes, { stream: true });
    return this.#events(false);
  }

  /** No more comes for now: a lone ESC was the key. */
  flush(): InputEvent[] {
    return this.#events(true);
  }

  #events(isAll: boolean): InputEvent[] {
    const events: InputEvent[] = [];
    while (this.#rest !== '') {
      const next = nextEvent(this.#rest, isAll);
      if (next === undefined) break;
      this.#rest = this.#rest.slice(next.length);
      if (next.event !== undefined) events.push(next.event);
    }
    return events;
  }
}

interface Decoded {
  /** UTF-16 units. */
  readonly length: number;
  /** Undefined for a sequence that means nothing here. */
  readonly event: InputEvent | undefined;
}

const key = (name: string): InputEvent => ({ kind: 'key', key: name });

/** Undefined where more has to come first. */
function nextEvent(text: string, isAll: boolean): Decoded | undefined {
  if (text.startsWith(escape)) return sequence(text, isAll);
  const [character = ''] = text;
  const code = character.codePointAt(0) ?? 0;
  const control = controls[code];
  if (control !== undefined) return { length: 1, event: key(control) };
  if (code < 0x20) return { length: 1, event: key(`ctrl-${String.fromCharCode(code + 0x60)}`) };
  return { length: character.length, event: code >= 0x80 && code < 0xa0 ? undefined : key(character) };
}

function sequence(text: string, isAll: boolean): Decoded | undefined {
  const second = text[1];
  if (second === undefined) return isAll ? { length: 1, event: key('escape') } : undefined;
  if (second === escape) return { length: 1, event: key('escape') };
  if (second === 'O') {
    const third = text[2];
    if (third === undefined) return isAll ? { length: 2, event: undefined } : undefined;
    if (third === escape) return { length: 2, event: undefined };
    const name = third === 'M' ? 'enter' : finals[third];
    return { length: 3, event: name === undefined ? undefined : key(name) };
  }
  if (second !== '[') {
    // Meta: ESC and a key.
    return { length: 1, event: undefined };
  }
  if (text.startsWith(`${escape}[200~`)) return paste(text, isAll);
  const [whole = '', parameters = '', final = ''] = /^\[([0-?]*[ -/]*)([@-~])/.exec(text.slice(escape.length)) ?? [];
  if (whole === '') {
    const unfinished = /^\[[0-?]*[ -/]*$/.test(text.slice(escape.length));
    if (unfinished && !isAll && text.length < longestSequence) return undefined;
    return { length: unfinished ? text.length : 2, event: undefined };
  }
  const length = escape.length + whole.length;
  // The old form of mouse events, three bytes behind it.
  if (final === 'M' && parameters === '') {
    if (text.length < 6 && !isAll) return undefined;
    return { length: Math.min(text.length, 6), event: undefined };
  }
  if (parameters.startsWith('<')) return { length, event: mouse(parameters.slice(1), final) };
  const name = final === '~' ? numbers[parameters.split(';')[0] ?? ''] : finals[final];
  return { length, event: name === undefined ? undefined : key(name) };
}

function paste(text: string, isAll: boolean): Decoded | undefined {
  const begin = `${escape}[200~`.length;
  const end = text.indexOf(pasteEnd, begin);
  if (end < 0 && !isAll && text.length < longestPaste) return undefined;
  const last = end < 0 ? text.length : end;
  return { length: end < 0 ? last : end + pasteEnd.length, event: { kind: 'paste', text: text.slice(begin, last) } };
}

/** SGR mouse events: `button;column;row`, `M` pressed, `m` released. */
function mouse(parameters: string, final: string): InputEvent | undefined {
  const [, buttons = '', column = '', row = ''] = /^(\d{1,3});(\d{1,5});(\d{1,5})$/.exec(parameters) ?? [];
  if (buttons === '' || (final !== 'M' && final !== 'm')) return undefined;
  const [x, y] = [Number(column) - 1, Number(row) - 1];
  if (x < 0 || y < 0) return undefined;
  const button = Number(buttons);
  const [isWheel, isMotion] = [(button & 64) !== 0, (button & 32) !== 0];
  if (isWheel) return (button & 2) !== 0 ? undefined : { kind: 'mouse', action: (button & 1) === 0 ? 'wheel-up' : 'wheel-down', x, y };
  // The left button only.
  if ((button & 3) !== 0) return undefined;
  return { kind: 'mouse', action: final === 'm' ? 'release' : isMotion ? 'drag' : 'press', x, y };
}
