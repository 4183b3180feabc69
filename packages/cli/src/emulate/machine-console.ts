import { UsageError } from '@fireball/contracts';
import type { Machine } from '@fireball/emulator';
import { OutputTail } from './output-tail.js';
import { fileSink, tcpSink, type SerialChoice, type SerialSink } from './serial-targets.js';
import { semihostingPort, type MoreInput } from './semihosting.js';
import { StandardInput } from './standard-input.js';
import { sayBeside, writeConsole } from './standard-output.js';

const helpText = 'Ctrl-A x  leave\nCtrl-A h  this help\nCtrl-A c  nothing (there is no monitor)\nCtrl-A Ctrl-A  send Ctrl-A\n';

interface ConsoleOptions {
  readonly machine: Machine;
  readonly serial: readonly SerialChoice[];
  /** Keeps what is written to the console instead of writing it to standard output. */
  readonly keep: boolean;
  /** Keeps the end of what is written besides. */
  readonly remember: boolean;
  readonly until: string | undefined;
}

/** What is between a machine's serial ports and semihosting, and the world: standard input and output, files, TCP ports. */
export class MachineConsole {
  readonly #options: ConsoleOptions;
  readonly #waiting: number[] = [];
  readonly #kept: OutputTail;
  readonly #sinks: { readonly bytes: number[]; readonly sink: SerialSink }[] = [];
  readonly #input: StandardInput;
  #keyboard: string | undefined;
  #matched = 0;
  /** The text of `--until` has come. */
  found = false;
  /** What the machine says now it has said before: it executes again what it has executed. */
  muted = false;
  /** Firmware that reads by semihosting waits by itself, instead of this process. */
  waits = false;
  /** Types what comes from outside. */
  type: (port: string, bytes: Uint8Array) => void;
  /** Somebody pressed Ctrl-A x. */
  quit = false;
  #wake: () => void = () => undefined;
  readonly #untilBytes: Uint8Array;

  constructor(options: ConsoleOptions) {
    this.#options = options;
    this.#kept = new OutputTail(options.keep);
    this.type = (port, bytes) => {
      options.machine.serial(port).type(bytes);
    };
    this.#untilBytes = new TextEncoder().encode(options.until ?? '');
    this.#input = new StandardInput({
      input: (bytes) => {
        this.type(this.keyboard, bytes);
        this.#wake();
      },
      quit: () => {
        this.quit = true;
        options.machine.stop();
        this.#wake();
      },
      help: () => {
        sayBeside(helpText);
      },
    });
  }

  /** The port that standard input is typed to. */
  get keyboard(): string {
    return this.#keyboard ?? semihostingPort;
  }

  get isTerminal(): boolean {
    return this.#input.isTerminal;
  }

  /** @throws UsageError for a port that the board does not have, or that is named twice; SystemError where a file or TCP port cannot be had */
  async open(): Promise<void> {
    const { machine, serial } = this.#options;
    const choices: SerialChoice[] = [...serial];
    const { console } = machine.board;
    const twice = serial.find(({ port }, index) => serial.findIndex((other) => other.port === port) < index);
    if (twice !== undefined) throw new UsageError(`--serial names '${twice.port}' twice`);
    if (console !== undefined && !serial.some(({ port }) => port === console)) choices.unshift({ port: console, target: { kind: 'stdio' } });
    for (const { port, target } of choices) await this.#connect(port, target);
    machine.serial(this.keyboard, true);
    await this.#input.open();
  }

  async #connect(port: string, target: SerialChoice['target']): Promise<void> {
    const link = this.#options.machine.serial(port);
    const type = (bytes: Uint8Array): void => {
      this.type(port, bytes);
      this.#wake();
    };
    switch (target.kind) {
      case 'null':
        return;
      case 'stdio':
        link.onOutput = (byte) => {
          this.#put(byte);
        };
        this.#keyboard ??= port;
        return;
      case 'file':
      case 'tcp': {
        const sink =
          target.kind === 'file'
            ? fileSink(target.path)
            : await tcpSink(target.port, type, (number) => {
                sayBeside(`fireball: ${port} is at 127.0.0.1:${number}\n`);
              });
        const bytes: number[] = [];
        this.#sinks.push({ bytes, sink });
        link.onOutput = (byte) => {
          if (!this.muted) bytes.push(byte);
        };
      }
    }
  }

  /** Of semihosting: writes to the console. */
  write(bytes: Uint8Array): void {
    for (const byte of bytes) this.#put(byte);
  }

  #put(byte: number): void {
    if (this.muted) return;
    this.#waiting.push(byte);
    this.#look(byte);
    if (this.#waiting.length >= 4096) this.#flushConsole();
  }

  /** The text may begin again within itself: go back to the longest beginning that still fits. */
  #look(byte: number): void {
    const text = this.#untilBytes;
    if (text.length === 0 || this.found) return;
    this.#recent = [...this.#recent, byte].slice(-text.length);
    this.#matched = this.#recent.length === text.length && this.#recent.every((value, index) => value === text[index]) ? text.length : 0;
    if (this.#matched === 0) return;
    this.found = true;
    this.#options.machine.stop();
  }

  #recent: number[] = [];

  /** Of semihosting, which has read all that there is. */
  readonly more = (): MoreInput => {
    if (this.#input.ended || this.quit) return 'end';
    if (this.waits) return 'waits';
    this.flush();
    this.#input.wait();
    return 'more';
  };

  /** Whether anything from outside can wake up a machine that sleeps for ever. */
  get mayInput(): boolean {
    return !this.#input.ended || this.#sinks.some(({ sink }) => sink.givesInput);
  }

  /** Until input comes, or so many milliseconds have passed. */
  async pause(milliseconds?: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, milliseconds ?? 1000);
    });
    clearTimeout(timer);
    this.#wake = () => undefined;
  }

  flush(): void {
    this.#flushConsole();
    for (const { bytes, sink } of this.#sinks) if (bytes.length > 0) sink.write(Uint8Array.from(bytes.splice(0)));
  }

  #flushConsole(): void {
    if (this.#waiting.length === 0) return;
    const bytes = Uint8Array.from(this.#waiting.splice(0));
    if (this.#options.keep || this.#options.remember) this.#kept.keep(bytes);
    if (!this.#options.keep) writeConsole(bytes);
  }

  /** What the console got, where it was kept; the end of it where it was remembered. */
  get text(): string {
    return this.#kept.text;
  }

  close(): void {
    for (const { sink } of this.#sinks) sink.close();
    this.#input.close();
  }
}
