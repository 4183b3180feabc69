import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { main } from './fireball.js';

/** `fireball debug ... --web` on a free port. */
export class ServedPage {
  said = '';
  private constructor(
    private readonly child: ChildProcess,
    /** With the token in it. */
    readonly address: string,
  ) {}

  static async start(args: readonly string[], at = '0'): Promise<ServedPage> {
    const child = spawn(process.execPath, [main, 'debug', ...args, '--web', at], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    const address = await new Promise<string>((resolve, reject) => {
      child.stderr.on('data', (bytes: Buffer) => {
        said += bytes.toString();
        const found = /open (http:\S+)\n/.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      });
      child.once('exit', () => {
        reject(new Error(said));
      });
    });
    const served = new ServedPage(child, address);
    child.stderr.on('data', (bytes: Buffer) => (served.said += bytes.toString()));
    return served;
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Its exit status, when it has ended. */
  async ended(): Promise<number | null> {
    if (this.isAlive) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}
