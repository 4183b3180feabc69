import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { main, root } from '../testing/fireball.js';

/** Debian's package of this name. */
export const gdb = 'gdb-multiarch';
export const hasGdb = spawnSync(gdb, ['--version']).status === 0;

/** `fireball emulate --gdb` on a free port, or another command that serves. */
export class Served {
  stdout = '';
  stderr = '';
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  static async start(args: readonly string[], command = 'emulate', environment: Readonly<Record<string, string>> = {}): Promise<Served> {
    const env = { ...process.env, ...environment };
    const child = spawn(process.execPath, [main, command, ...args, '--gdb', '0'], { stdio: ['ignore', 'pipe', 'pipe'], env });
    let early = '';
    const port = await new Promise<number>((resolve, reject) => {
      child.stderr.on('data', (bytes: Buffer) => {
        early += bytes.toString();
        const [, found] = /target remote :(\d+)/.exec(early) ?? [];
        if (found !== undefined) resolve(Number(found));
      });
      child.once('exit', () => {
        reject(new Error(early));
      });
    });
    const served = new Served(child, port);
    served.stderr = early;
    child.stderr.on('data', (bytes: Buffer) => (served.stderr += bytes.toString()));
    child.stdout.on('data', (bytes: Buffer) => (served.stdout += bytes.toString()));
    return served;
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close');
    return this.child.exitCode;
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.child.kill(signal);
  }
}

/** What gdb prints for these commands, without its start-up. */
export async function runGdb(port: number, commands: readonly string[]): Promise<string> {
  const script = ['set pagination off', 'set confirm off', 'set width 0', `target remote :${port}`, 'echo \\n-----\\n', ...commands];
  // One pipe for both streams: two would lose the order of what is printed.
  const args = ['-c', 'exec "$0" "$@" 2>&1', gdb, '-nx', '-batch', ...script.flatMap((command) => ['-ex', command])];
  const child = spawn('sh', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
  await once(child, 'close');
  return output.slice(output.indexOf('-----\n') + 6);
}

/** A client that speaks the protocol itself. */
export class RawClient {
  #received = '';
  #wake: () => void = () => undefined;
  private constructor(readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      this.#received += bytes.toString('latin1');
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#wake();
    });
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  send(content: string): void {
    let sum = 0;
    for (const character of content) sum += character.charCodeAt(0);
    this.socket.write(Buffer.from(`$${content}#${(sum & 0xff).toString(16).padStart(2, '0')}`, 'latin1'));
  }

  /** The content of the next packet; undefined where the connection ends. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const [whole = '', content] = /^[^$]*\$([^#]*)#../s.exec(this.#received) ?? [];
      if (content !== undefined) {
        this.#received = this.#received.slice(whole.length);
        return content;
      }
      if (this.socket.destroyed) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async ask(content: string): Promise<string | undefined> {
    this.send(content);
    return this.next();
  }
}

/** Commands of a page's session (a `gdb` block), and the lines that it shows. */
interface ShownSession {
  readonly commands: readonly string[];
  readonly shown: readonly string[];
}

/** The sessions of docs/debug.md. */
export function shownSessions(): ShownSession[] {
  const page = readFileSync(join(root, 'docs', 'debug.md'), 'utf8');
  return [...page.matchAll(/^```gdb\n([\s\S]*?)^```$/gm)].map(([, block = '']) => {
    const parts = block
      .split(/^\(gdb\) /m)
      .slice(1)
      .map((part) => part.trimEnd().split('\n'));
    return { commands: parts.flatMap(([command = '']) => [command]), shown: parts.flatMap(([, ...lines]) => lines) };
  });
}

/** The shown lines that are not printed, each behind the one before it. */
export function missingLines({ shown }: ShownSession, printed: string): string[] {
  const lines = printed.split('\n');
  let at = 0;
  return shown.filter((line) => {
    const found = lines.indexOf(line, at);
    if (found >= 0) at = found + 1;
    return found < 0;
  });
}
