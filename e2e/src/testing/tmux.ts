import { spawnSync } from 'node:child_process';
import { main, root } from './fireball.js';

/** Milliseconds between two looks at a screen, and until what is awaited has not come. */
const [interval, patience] = [60, 40_000];

/** Whether tmux is there. */
export const hasTmux = spawnSync('tmux', ['-V']).status === 0;

function commandLine(args: readonly string[], environment: Readonly<Record<string, string>>): string {
  const variables = Object.entries({ LC_ALL: 'C.UTF-8', ...environment }).map(([name, value]) => `${name}=${value}`);
  return ['env', ...variables, process.execPath, main, ...args].map((word) => `'${word}'`).join(' ');
}

/** A command in a terminal of its own: tmux, without the user's settings. */
export class TmuxTerminal {
  static #count = 0;
  readonly #socket = `fireball-${process.pid}-${TmuxTerminal.#count++}`;

  /** @param line of the shell */
  private constructor(line: string, width: number, height: number) {
    this.#tmux('-f', '/dev/null', 'new-session', '-d', '-x', String(width), '-y', String(height), line);
  }

  /**
   * One command, and what it leaves behind: the exit status, and the modes of the terminal.
   * @param args of `fireball`
   * @param environment what it has beside
   */
  static run(args: readonly string[], width: number, height: number, environment: Readonly<Record<string, string>> = {}): TmuxTerminal {
    const command = commandLine(args, environment);
    return new TmuxTerminal(`cd '${root}'; ${command}; echo "status $?"; stty -a | tr ' ' '\\n' | grep -xE -- '-?(icanon|echo)'; exec cat`, width, height);
  }

  /** A shell with job control, in which that command is typed. Parameters as of `run`; `wrapped` makes another command of it. */
  static shell(args: readonly string[], width: number, height: number, wrapped = (command: string) => command): TmuxTerminal {
    const terminal = new TmuxTerminal(`cd '${root}'; PS1='$ ' exec bash --norc --noprofile -i`, width, height);
    terminal.type(`${wrapped(commandLine(args, {}))}\r`);
    return terminal;
  }

  #tmux(...args: string[]): string {
    const { stdout, stderr, status } = spawnSync('tmux', ['-L', this.#socket, ...args], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`tmux ${args[0]}: ${stderr}`);
    return stdout;
  }

  /** Lines of the screen. */
  get screen(): string {
    return this.#tmux('capture-pane', '-p');
  }

  /** The same with escape sequences of colours. */
  get colours(): string {
    return this.#tmux('capture-pane', '-p', '-e');
  }

  /** Process of what runs in it. */
  get pid(): number {
    const shell = this.#tmux('display-message', '-p', '#{pane_pid}').trim();
    return Number(spawnSync('pgrep', ['-P', shell], { encoding: 'utf8' }).stdout.trim().split('\n')[0]);
  }

  /** Bytes as a terminal sends them. */
  type(bytes: string): void {
    if (bytes !== '') this.#tmux('send-keys', '-H', ...[...Buffer.from(bytes)].map((byte) => byte.toString(16)));
  }

  /** A press of the left button and its release; columns and rows from 0. */
  click(x: number, y: number): void {
    this.type(`\u001b[<0;${x + 1};${y + 1}M\u001b[<0;${x + 1};${y + 1}m`);
  }

  resize(width: number, height: number): void {
    this.#tmux('resize-window', '-x', String(width), '-y', String(height));
  }

  /** Waits for a screen. @throws Error with what was there instead */
  async until(isThere: (screen: string) => boolean): Promise<string> {
    const deadline = performance.now() + patience;
    for (;;) {
      const { screen } = this;
      if (isThere(screen)) return screen;
      if (performance.now() > deadline) throw new Error(`this was not awaited:\n${screen}`);
      await new Promise((resolve) => setTimeout(resolve, interval));
    }
  }

  /** Ends it, whatever still runs. */
  close(): void {
    spawnSync('tmux', ['-L', this.#socket, 'kill-server']);
  }
}
