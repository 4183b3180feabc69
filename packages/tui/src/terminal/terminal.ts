import { writeSync } from 'node:fs';
import type { ReadStream, WriteStream } from 'node:tty';
import { beforeEnding } from '@fireball/contracts';
import kit from 'terminal-kit';
import { InputDecoder, type InputEvent } from '../input/decoder.js';
import type { Canvas } from '../screen/canvas.js';
import { Painter } from './painter.js';

/** Where the screen is. */
export interface TerminalStreams {
  readonly input: ReadStream;
  readonly output: WriteStream & { readonly fd: number };
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Who is told what the user does with the terminal. */
interface TerminalUser {
  handle(event: InputEvent): void;
  resize(width: number, height: number): void;
  /** It is gone. */
  closed(): void;
}

/** Alternate screen, no cursor, mouse with drags in SGR coordinates, pasted text in brackets: xterm's, which the terminals of today know. */
const enter = '\u001b[?1049h\u001b[?25l\u001b[?1002h\u001b[?1006h\u001b[?2004h';
const leave = '\u001b[?2004l\u001b[?1006l\u001b[?1002l\u001b[0m\u001b[?25h\u001b[?1049l';
/** Milliseconds after which an ESC is the key. */
const escapeTime = 40;

/** The user's terminal: bytes to events, canvases to as few bytes as will do. However it ends, the terminal gets its modes back. */
export class Terminal {
  readonly #decoder = new InputDecoder();
  readonly #painter: Painter;
  #escapeTimer: NodeJS.Timeout | undefined;
  #isOpen = false;
  #user: TerminalUser | undefined;
  #takeBack: () => void = () => undefined;

  private constructor(private readonly streams: TerminalStreams) {
    this.#painter = new Painter(kit.terminal, streams.environment);
  }

  /** Takes the terminal. */
  static open(streams: TerminalStreams): Terminal {
    const terminal = new Terminal(streams);
    terminal.#take();
    process.once('exit', terminal.#atEnd);
    // In front of what says so: on this screen it would vanish.
    process.once('uncaughtExceptionMonitor', terminal.#atEnd);
    terminal.#takeBack = beforeEnding(() => {
      terminal.close();
    });
    return terminal;
  }

  get width(): number {
    return this.streams.output.columns;
  }

  get height(): number {
    return this.streams.output.rows;
  }

  /** Tells what the user does, from now on until `close`. */
  listen(user: TerminalUser): void {
    this.#user = user;
    const { input, output } = this.streams;
    input.on('data', this.#onData).on('end', this.#onGone).on('error', this.#onGone);
    output.on('resize', this.#onResize).on('error', this.#onGone);
    process.on('SIGCONT', this.#onContinue);
    input.resume();
  }

  /** The terminal is the user's again. */
  close(): void {
    const { input, output } = this.streams;
    clearTimeout(this.#escapeTimer);
    input.off('data', this.#onData).off('end', this.#onGone);
    output.off('resize', this.#onResize);
    this.#takeBack();
    process.off('SIGCONT', this.#onContinue);
    process.off('exit', this.#atEnd);
    process.off('uncaughtExceptionMonitor', this.#atEnd);
    this.#release();
    input.pause();
  }

  /** Draws what has changed. */
  draw(canvas: Canvas): void {
    if (this.#isOpen) this.#painter.paint(canvas);
  }

  /** Draws all of it, whatever is on the screen. */
  redraw(canvas: Canvas): void {
    this.#painter.forget();
    if (this.#isOpen) this.#write('\u001b[0m\u001b[2J');
    this.draw(canvas);
  }

  #take(): void {
    this.#isOpen = true;
    this.streams.input.setRawMode(true);
    this.#write(enter);
  }

  #release(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#write(leave);
    try {
      this.streams.input.setRawMode(false);
    } catch {
      // The terminal is gone.
    }
  }

  /** At once, so that nothing is left behind when the process ends. */
  #write(text: string): void {
    try {
      writeSync(this.streams.output.fd, text);
    } catch {
      // The terminal is gone, or takes nothing now.
    }
  }

  readonly #atEnd = (): void => {
    this.#release();
  };

  readonly #onData = (bytes: Buffer): void => {
    clearTimeout(this.#escapeTimer);
    this.#tell(this.#decoder.decode(bytes));
    if (!this.#decoder.isWaiting) return;
    this.#escapeTimer = setTimeout(() => {
      this.#tell(this.#decoder.flush());
    }, escapeTime);
  };

  #tell(events: readonly InputEvent[]): void {
    for (const event of events) {
      if (event.kind === 'key' && event.key === 'ctrl-z') this.#suspend();
      else this.#user?.handle(event);
    }
  }

  readonly #onResize = (): void => {
    this.#user?.resize(this.width, this.height);
  };

  readonly #onGone = (): void => {
    this.#user?.closed();
  };

  /** As Ctrl-Z does it elsewhere: the shell has the terminal until `fg`. */
  #suspend(): void {
    this.#release();
    process.kill(process.pid, 'SIGTSTP');
  }

  readonly #onContinue = (): void => {
    if (this.#isOpen) return;
    this.#take();
    this.#onResize();
  };
}
