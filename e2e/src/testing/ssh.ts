import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const daemon = '/usr/sbin/sshd';
/** Debian's packages of both ends. */
export const hasSsh = existsSync(daemon) && existsSync('/usr/bin/ssh');

/** An ssh server of its own on loopback, with keys of its own, for whoever runs the test. */
export class SshServer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly port: number,
  ) {}

  static async start(): Promise<SshServer> {
    const folder = mkdtempSync(join(tmpdir(), 'fireball-ssh-'));
    for (const name of ['host', 'user']) spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
    // Where it gives up its rights.
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
    const port = await freePort();
    const settings = {
      ListenAddress: '127.0.0.1',
      Port: port,
      HostKey: join(folder, 'host'),
      AuthorizedKeysFile: join(folder, 'user.pub'),
      PidFile: 'none',
      StrictModes: 'no',
      UsePAM: 'no',
      PermitRootLogin: 'yes',
      PasswordAuthentication: 'no',
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const child = spawn(daemon, ['-D', '-e', '-f', '/dev/null', ...options], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    for await (const piece of child.stderr) {
      said += String(piece);
      if (said.includes('Server listening')) return new SshServer(child, folder, port);
    }
    throw new Error(`sshd: ${said}`);
  }

  /** The command that carries another one out over a connection, with a terminal. */
  over(command: string): string {
    const settings = {
      IdentityFile: join(this.folder, 'user'),
      IdentitiesOnly: 'yes',
      UserKnownHostsFile: '/dev/null',
      StrictHostKeyChecking: 'no',
      LogLevel: 'ERROR',
    };
    const options = Object.entries(settings).map(([name, value]) => `-o ${name}=${value}`);
    return `ssh -F none -tt -p ${this.port} ${options.join(' ')} 127.0.0.1 "${command}"`;
  }

  /** The connections, too. */
  close(): void {
    this.child.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
