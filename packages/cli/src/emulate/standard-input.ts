import { fstatSync } from 'node:fs';
import { readSome, readStandardInput, SystemError, systemReason } from '@fireball/contracts';

const stdin = 0;
/** Milliseconds in which a pipe's writer may finish before the machine starts. */
const settleTime = 300;

const controlA = 0x01;

/** What a key behind Ctrl-A does: `send` is a byte for the firmware. */
type Escape = 'quit' | 'help' | 'nothing' | { readonly send: number };

/** Keys of a terminal in raw mode: Ctrl-A begins an escape, as in QEMU. */
class EscapeKeys {
  #behindControlA = false;

  /** The bytes for the firmware, and what was asked of us in between. */
  take(bytes: Uint8Array): { readonly bytes: Uint8Array; readonly escapes: readonly ('quit' | 'help')[] } {
    const kept: number[] = [];
    const escapes: ('quit' | 'help')[] = [];
    for (const byte of bytes) {
      if (this.#behindControlA) {
        this.#behindControlA = false;
        const escape = escapeOf(byte);
        if (typeof escape === 'object') kept.push(escape.send);
        else if (escape !== 'nothing') escapes.push(escape);
      } else if (byte === controlA) this.#behindControlA = true;
      else kept.push(byte);
    }
    return { bytes: Uint8Array.from(kept), escapes };
  }
}

function escapeOf(key: number): Escape {
  switch (String.fromCharCode(key)) {
    case 'x':
      return 'quit';
    case 'h':
    case '?':
      return 'help';
    case '\x01':
      return { send: controlA };
    default:
      return 'nothing';
  }
}

interface InputListener {
  input(bytes: Uint8Array): void;
  quit(): void;
  help(): void;
}

/**
 * Standard input as a console's keyboard. A file, and a pipe whose writer is done at once, is all there at the beginning, so that runs
 * repeat; what comes later arrives as it comes.
 */
export class StandardInput {
  readonly isTerminal = process.stdin.isTTY;
  readonly #listener: InputListener;
  readonly #keys = new EscapeKeys();
  #ended = false;
  #listening = false;

  constructor(listener: InputListener) {
    this.#listener = listener;
  }

  /** No byte will come any more. */
  get ended(): boolean {
    return this.#ended;
  }

  async open(): Promise<void> {
    const status = descriptorStatus();
    if (status === undefined || (!this.isTerminal && (status.isFile() || status.isCharacterDevice()))) {
      if (status?.isFile() === true) this.#listener.input(readStandardInput());
      this.#ended = true;
      return;
    }
    this.#listening = true;
    if (this.isTerminal) process.stdin.setRawMode(true);
    const ended = new Promise<void>((resolve) => {
      process.stdin.on('data', (bytes: Buffer) => {
        this.#take(bytes);
      });
      process.stdin.on('error', resolve);
      process.stdin.on('end', resolve);
    }).then(() => {
      this.#ended = true;
    });
    if (this.isTerminal) return;
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([ended, new Promise((resolve) => (timer = setTimeout(resolve, settleTime)))]);
    clearTimeout(timer);
  }

  /** Waits for a byte, inside of a call of the firmware's. */
  wait(): void {
    if (this.#ended) return;
    const bytes = new Uint8Array(4096);
    const count = this.#read(bytes);
    if (count === 0) this.#ended = true;
    else this.#take(bytes.subarray(0, count));
  }

  #read(bytes: Uint8Array): number {
    try {
      return readSome(stdin, bytes);
    } catch (error) {
      throw new SystemError(`cannot read standard input: ${systemReason(error)}`, { cause: error });
    }
  }

  #take(bytes: Uint8Array): void {
    const { bytes: kept, escapes } = this.isTerminal ? this.#keys.take(bytes) : { bytes, escapes: [] };
    if (kept.length > 0) this.#listener.input(kept);
    for (const escape of escapes) this.#listener[escape]();
  }

  close(): void {
    if (!this.#listening) return;
    if (this.isTerminal) process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stdin.removeAllListeners('data');
    process.stdin.destroy();
  }
}

/** Undefined where standard input is closed. */
function descriptorStatus(): ReturnType<typeof fstatSync> | undefined {
  try {
    return fstatSync(stdin);
  } catch {
    return undefined;
  }
}
