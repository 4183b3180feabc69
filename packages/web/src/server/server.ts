import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { SystemError, systemReason, UsageError } from '@fireball/contracts';
import type { ServerAddress } from '@fireball/debugger';
import { WebSocketServer, type WebSocket } from 'ws';
import { refusalOf, type Origin } from './access.js';
import { loadAssets } from './assets.js';

/** Longest message of a page, in bytes. */
const longestMessage = 65_536;
/** Pages that are open at once. */
const mostPages = 16;
const tokenBytes = 18;

/** The page loads nothing from elsewhere, is in no frame of another page, and tells nobody its address, which has the token in it. */
const headers = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
};

/** Serves the page and its WebSocket to browsers of this computer that know the token. */
export class PageServer {
  readonly #assets = loadAssets();
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: longestMessage, perMessageDeflate: false, clientTracking: true });
  readonly #token = randomBytes(tokenBytes).toString('base64url');
  #host = '';

  private constructor(private readonly opened: (socket: WebSocket) => void) {
    this.#server = createServer((request, response) => {
      this.#answer(request, response);
    });
    this.#server.on('upgrade', (request, socket, head) => {
      this.#upgrade(request, socket, head);
    });
  }

  /**
   * @param opened gets the socket of every page that is opened
   * @throws UsageError for an address that others can reach, SystemError where it cannot listen there
   */
  static async listen({ host, port }: ServerAddress, opened: (socket: WebSocket) => void): Promise<PageServer> {
    if (!/^(127(\.\d{1,3}){3}|localhost|::1)$/.test(host))
      throw new UsageError(`the page is for browsers of this computer alone, not at ${host}; from another one: ssh -L 8080:127.0.0.1:PORT`);
    const page = new PageServer(opened);
    await new Promise<void>((resolve, reject) => {
      page.#server.once('error', (error) => {
        reject(new SystemError(`cannot listen for a browser on ${host}:${port}: ${systemReason(error)}`, { cause: error }));
      });
      page.#server.listen(port, host, resolve);
    });
    page.#host = host.includes(':') ? `[${host}]` : host;
    return page;
  }

  get #origin(): Origin {
    const { port } = this.#server.address() as AddressInfo;
    return { token: this.#token, authorities: [this.#host, 'localhost', '127.0.0.1', '[::1]'].map((name) => `${name}:${port}`) };
  }

  /** What to open in a browser. */
  get address(): string {
    return `http://${this.#origin.authorities[0]!}/${this.#token}/`;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = pathOf(request);
    const refusal = refusalOf(this.#origin, request.headers, path, false);
    if (refusal !== undefined) {
      end(response, 403, `refused: ${refusal}\n`);
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      end(response, 405, 'GET and HEAD only\n');
      return;
    }
    const asset = this.#assets.get(path.split('/').slice(2).join('/'));
    if (asset === undefined) {
      end(response, 404, 'there is no such file\n');
      return;
    }
    response.writeHead(200, { ...headers, 'Content-Type': asset.type, 'Content-Length': asset.bytes.length });
    response.end(request.method === 'HEAD' ? undefined : asset.bytes);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => undefined);
    const path = pathOf(request);
    const refused = refusalOf(this.#origin, request.headers, path, true) !== undefined || !path.endsWith('/session');
    if (refused || this.#sockets.clients.size >= mostPages) {
      socket.end(`HTTP/1.1 ${refused ? '403 Forbidden' : '503 Service Unavailable'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (page) => {
      page.on('error', () => undefined);
      this.opened(page);
    });
  }

  close(): void {
    for (const page of this.#sockets.clients) page.terminate();
    this.#sockets.close();
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const pathOf = ({ url = '' }: IncomingMessage): string => url.split(/[?#]/)[0]!;

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' });
  response.end(text);
}
