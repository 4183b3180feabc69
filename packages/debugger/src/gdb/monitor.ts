import { UsageError } from '@fireball/contracts';
import type { Session } from '../session/session.js';
import type { Shell } from '../shell/shell.js';

/** A word of `monitor`. */
interface MonitorCommand {
  readonly name: string;
  readonly argument: string;
  readonly summary: string;
  run(argument: string): string | Promise<string>;
}

/** Words that only some targets have, and what is said on others. */
const elsewhere: Readonly<Record<string, string>> = {
  icache: 'there is no instruction cache here: the model of one belongs to code memory of the virtual SoC',
  queue: 'nothing is compiled while this runs: there is a queue in mixed mode only (--engine vsoc-thumb2, vsoc-rv32)',
  irq: 'there is no interrupt controller here: the virtual SoC has none, boards do',
  'info machine': 'this is no board, but a call on the virtual SoC',
};

const noWasm = 'there is no wasm here: this is firmware, whose frames and variables gdb itself shows';

/** `monitor` of gdb: what the session's shell shows and what the target tells of itself, by words that gdb does not have. */
export class Monitor {
  constructor(
    private readonly session: Session,
    private readonly shell: Shell,
  ) {}

  get #commands(): readonly MonitorCommand[] {
    const { session, shell } = this;
    const wasm = (line: string): string | Promise<string> => (session.view.functions.length === 0 ? noWasm : shell.execute(line));
    return [
      { name: 'help', argument: '', summary: 'this list', run: () => this.#help() },
      { name: 'reset', argument: '', summary: 'to the beginning; memory of a board stays', run: () => this.#reset() },
      { name: 'wasm-bt', argument: '', summary: 'active functions of the module, interpreted ones too', run: () => wasm('backtrace') },
      {
        name: 'wasm-locals',
        argument: '[FRAME]',
        summary: 'locals and operands of a function, by its number in wasm-bt, and where they are',
        run: async (argument) => {
          if (session.view.functions.length > 0) await shell.execute(`frame ${argument === '' ? '0' : argument}`);
          return wasm('info locals');
        },
      },
      { name: 'templates', argument: '[ROWS]', summary: 'wasm, machine instructions and templates around here', run: (argument) => wasm(`layers ${argument}`) },
      {
        name: 'snapshot',
        argument: '[COUNT]',
        summary: 'where this is, and what history holds; or to the position after so many instructions',
        run: async (argument) =>
          argument === '' ? `${await shell.execute('where')}\n${await shell.execute('info history')}` : shell.execute(`goto ${argument}`),
      },
      { name: 'info map', argument: '', summary: 'memories and devices', run: () => shell.execute('info map') },
      {
        name: 'type',
        argument: 'TEXT',
        summary: 'input for the console, or for the standard input of a program, now',
        run: (text) => shell.execute(`type ${text}`),
      },
      { name: 'type-end', argument: '', summary: 'no more input will come', run: () => shell.execute('type-end') },
      ...session.target.commands.map((command) => ({ ...command, argument: '', run: () => command.run() })),
    ];
  }

  #help(): string {
    return this.#commands.map(({ name, argument, summary }) => `${`${name} ${argument}`.trim().padEnd(20)}  ${summary}`).join('\n');
  }

  #reset(): string {
    const { session } = this;
    session.target.reset();
    session.wrote('everything');
    return `reset: at 0x${session.target.pc.toString(16)}`;
  }

  /** What a line says, with a newline at its end. What cannot be done is said, too. */
  async answer(line: string): Promise<string> {
    const words = line.trim().replace(/\s+/g, ' ');
    this.session.order = 0;
    try {
      return `${await this.#run(words)}\n`;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return `${error.message}\n`;
    }
  }

  #run(words: string): string | Promise<string> {
    for (const command of this.#commands) {
      const { name, argument } = command;
      if (words === name) return command.run('');
      if (argument !== '' && words.startsWith(`${name} `)) return command.run(words.slice(name.length + 1));
    }
    return elsewhere[words] ?? `there is no monitor command '${words}'; monitor help lists them`;
  }
}
