import { createServer, type Server, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { printable, SystemError, systemReason } from '@fireball/contracts';
import { DebugAdapter } from './adapter.js';
import { wholeMessages } from './framing.js';
import type { DebuggeeSource } from './source.js';

/** Longest message that is taken from a client, in bytes. */
const mostBytes = 1 << 24;

/** Serves one client on two streams, until it leaves. What is no message ends the connection; `say` tells why. */
export async function serveDapStreams(source: DebuggeeSource, input: Readable, output: Writable, say: (line: string) => void): Promise<void> {
  const adapter = new DebugAdapter(source);
  const messages = wholeMessages(mostBytes, (problem) => {
    const text = `a message of the debug client was left out: ${printable(problem)}`;
    say(text);
    adapter.warn(text);
  });
  const leave = (error: Error): void => {
    say(`the debug client was dropped: ${error.message}`);
    adapter.close();
  };
  input.on('error', leave);
  output.on('error', leave);
  messages.on('error', leave);
  messages.on('end', () => {
    adapter.close();
  });
  input.on('end', () => messages.end());
  adapter.start(input.pipe(messages), output);
  await adapter.left;
  input.unpipe(messages);
  output.end();
}

/** Serves clients at an address: one after the other, where each launches what it debugs; all at once on a session that is shared. */
export class DapServer {
  readonly #clients = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  /** @throws SystemError where it cannot listen there */
  static async listen(host: string, port: number, source: DebuggeeSource, say: (line: string) => void): Promise<DapServer> {
    const server = createServer();
    const made = new DapServer(server);
    server.on('connection', (socket) => void made.#serve(socket, source, say));
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => {
        reject(new SystemError(`cannot listen for a debug client on ${host}:${port}: ${systemReason(error)}`, { cause: error }));
      });
      server.listen(port, host, resolve);
    });
    return made;
  }

  get port(): number {
    const address = this.server.address();
    return address === null || typeof address === 'string' ? 0 : address.port;
  }

  async #serve(socket: Socket, source: DebuggeeSource, say: (line: string) => void): Promise<void> {
    socket.on('error', () => undefined);
    if ('launch' in source && this.#clients.size > 0) {
      say('a second debug client was refused');
      socket.destroy();
      return;
    }
    this.#clients.add(socket);
    try {
      await serveDapStreams(source, socket, socket, say);
    } finally {
      this.#clients.delete(socket);
      socket.destroy();
    }
  }

  /** What was sent last still arrives. */
  close(): void {
    this.server.close();
    for (const client of this.#clients) client.end();
  }
}
