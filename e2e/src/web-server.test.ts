/** The server behind the page of the debugger, by raw HTTP and WebSockets: who gets in, and what it makes of messages that make no sense. */
import { request } from 'node:http';
import { Random } from '@fireball/engines';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { root } from './testing/fireball.js';
import { ServedPage } from './testing/served-page.js';

const fib = `${root}/packages/kernels/data/wasm/fib.wasm`;

let served: ServedPage;
let url: URL;
beforeAll(async () => {
  served = await ServedPage.start([fib]);
  url = new URL(served.address);
});
afterAll(() => {
  served.kill();
});

interface Response {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

function get(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Response> {
  return new Promise((resolve, reject) => {
    request({ host: url.hostname, port: url.port, path, method, headers }, (response) => {
      let text = '';
      response.on('data', (bytes: Buffer) => (text += bytes.toString()));
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, text });
      });
    })
      .on('error', reject)
      .end();
  });
}

describe('the page', () => {
  it('loads nothing from elsewhere, and is in no frame', async () => {
    const { status, headers, text } = await get(url.pathname);
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; .*frame-ancestors 'none'/);
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
  });

  it.each([
    ['without a token', '/', {}, 'GET', 403],
    ['with another token', '/0123456789abcdef01234567/', {}, 'GET', 403],
    ['for another host', undefined, { Host: 'evil.example' }, 'GET', 403],
    ['for a name of this computer', undefined, { Host: 'localhost:PORT' }, 'GET', 200],
    ['for another port', undefined, { Host: '127.0.0.1:1' }, 'GET', 403],
    ['from another page', undefined, { Origin: 'https://evil.example' }, 'GET', 403],
    ['as a form', undefined, {}, 'POST', 405],
  ])('%s', async (_, path, headers, method, status) => {
    const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace('PORT', url.port)]));
    expect((await get(path ?? url.pathname, named, method)).status).toBe(status);
  });

  it.each(['nothing.js', '../package.json', '..%2fpackage.json', 'lib/../../package.json', '%00', 'constructor', '__proto__'])('has no %s', async (file) => {
    expect((await get(`${url.pathname}${file}`)).status).toBe(404);
  });
});

/** Headers of the upgrade; the status where it is refused. */
function knock(path: string, headers: Readonly<Record<string, string>>): Promise<number | 'open'> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://${url.host}${path}`, { headers });
    socket.on('open', () => {
      socket.terminate();
      resolve('open');
    });
    socket.on('unexpected-response', (_, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('error', () => undefined);
  });
}

describe('its WebSocket', () => {
  it.each([
    ['of the page itself', 'TOKEN/session', { Origin: 'http://HOST' }, 'open'],
    ['without Origin', 'TOKEN/session', {}, 403],
    ['of another page', 'TOKEN/session', { Origin: 'https://evil.example' }, 403],
    ['of a page of another port', 'TOKEN/session', { Origin: 'http://127.0.0.1:1' }, 403],
    ['of a name that resolves here', 'TOKEN/session', { Host: 'evil.example', Origin: 'http://evil.example' }, 403],
    ['without a token', '/session', { Origin: 'http://HOST' }, 403],
    ['with another token', '/0123456789abcdef01234567/session', { Origin: 'http://HOST' }, 403],
    ['of another name', 'TOKEN/other', { Origin: 'http://HOST' }, 403],
  ])('%s', async (_, path, headers, outcome) => {
    const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace('HOST', url.host)]));
    expect(await knock(path.replace('TOKEN/', url.pathname), named)).toBe(outcome);
  });
});

/** A page's socket, with the answers that it got. */
class Client {
  readonly answers: Readonly<Record<string, unknown>>[] = [];
  #heard: () => void = () => undefined;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as Readonly<Record<string, unknown>>;
      if (message['event'] === undefined) this.answers.push(message);
      this.#heard();
    });
    socket.on('error', () => undefined);
  }

  static async open({ host, pathname } = url): Promise<Client> {
    const socket = new WebSocket(`ws://${host}${pathname}session`, { headers: { Origin: `http://${host}` } });
    await new Promise((resolve) => socket.once('open', resolve));
    return new Client(socket);
  }

  async answersTo(count: number, ...messages: readonly (string | Buffer)[]): Promise<typeof this.answers> {
    const from = this.answers.length;
    for (const message of messages) this.socket.send(message);
    while (this.answers.length < from + count) await new Promise<void>((resolve) => (this.#heard = resolve));
    return this.answers.slice(from);
  }
}

/** Random messages, and which. */
const messages = Number(process.env['WEB_MESSAGES'] ?? 400);
const seed = Number(process.env['WEB_SEED'] ?? 1);

describe('messages that make no sense', () => {
  it.each([
    ['', 'a message is JSON'],
    ['null', 'a message is an object with a whole number id'],
    ['[1]', 'a message is an object with a whole number id'],
    ['{"do":"hello"}', 'a message is an object with a whole number id'],
    ['{"id":1.5,"do":"hello"}', 'a message is an object with a whole number id'],
    ['{"id":1}', "'do' is a string of at most 4096 characters"],
    ['{"id":1,"do":"constructor"}', "unknown request 'constructor'"],
    ['{"id":1,"do":"comand","line":"where"}', 'did you mean command?'],
    ['{"id":1,"do":"command"}', "'line' is a string of at most 4096 characters"],
    ['{"id":1,"do":"command","line":"frobnicate"}', "'frobnicate'"],
    ['{"id":1,"do":"rows","function":9999,"from":0,"count":10}', 'there is no function 9999'],
    ['{"id":1,"do":"rows","function":0,"from":-1,"count":10}', "'from' is a whole number"],
    ['{"id":1,"do":"rows","function":0,"from":0,"count":1e9}', "'count' is a whole number up to 1000"],
    ['{"id":1,"do":"memory","address":"0xffffffff","size":16}', 'there is no memory at 0xfffffff'],
    ['{"id":1,"do":"memory","address":"l77","size":16}', 'l77'],
    ['{"id":1,"do":"goto","count":-5,"order":0}', "'count' is a whole number"],
    ['{"id":1,"do":"devices"}', "'name' is a string"],
    ['{"id":1,"do":"devices","name":["gpioa"]}', "'name' is a string"],
    ['{"id":1,"do":"variables"}', "'open' is a list of at most 500 strings"],
    ['{"id":1,"do":"variables","open":["p",1]}', "'open' is a list of at most 500 strings"],
    ['{"id":1,"do":"divergence"}', 'nothing is known to differ'],
  ])('%s', async (message, error) => {
    const client = await Client.open();
    const [answer] = await client.answersTo(1, message);
    expect(String(answer!['error'])).toContain(error);
    client.socket.terminate();
  });

  it('closes where one is too long, and serves others on', async () => {
    const client = await Client.open();
    const closed = new Promise<number>((resolve) => client.socket.once('close', resolve));
    client.socket.send(`"${'x'.repeat(70_000)}"`);
    expect(await closed).toBe(1009);
    const other = await Client.open();
    expect((await other.answersTo(1, '{"id":7,"do":"hello"}'))[0]).toMatchObject({ id: 7, architecture: 'thumb2' });
    other.socket.terminate();
  });

  it(
    'answers every one of many random ones, and none of them hurts it',
    async () => {
      const random = new Random(seed);
      // As many as may wait at once, and as many as one session gets: they leave breakpoints behind.
      const [together, inSession] = [32, 1600];
      const words = [
        'hello',
        'command',
        'complete',
        'goto',
        'rows',
        'memory',
        'pause',
        'function',
        'frame',
        'functions',
        'codeMemory',
        'meters',
        'devices',
        'pins',
        'divergence',
        'source',
        'variables',
        'nothing',
      ];
      const pick = <T>(all: readonly T[]): T => all[random.below(all.length)]!;
      const value = (): unknown =>
        pick([
          null,
          -1,
          0,
          3,
          1.5,
          2 ** 53,
          'x',
          '@0',
          'help',
          'break f1',
          'c',
          'rsi',
          'x/8xw @0',
          'print (((',
          '\u0000',
          [],
          ['p', 'p\n?'],
          {},
          true,
          'a'.repeat(5000),
        ]);
      const message = (): string | Buffer => {
        const fields = ['line', 'count', 'order', 'function', 'from', 'address', 'size', 'at', 'number', 'name', 'open'].filter(() => random.below(3) > 0);
        const whole = JSON.stringify({ id: pick([1, 2, null, 'a']), do: pick(words), ...Object.fromEntries(fields.map((field) => [field, value()])) });
        const kind = random.below(8);
        if (kind === 0) return Buffer.from(whole);
        return kind === 1 ? whole.slice(0, random.below(whole.length)) : whole;
      };
      for (let sent = 0; sent < messages;) {
        const one = await ServedPage.start([join(root, 'e2e/sources/points-O0.wasm'), '--invoke', 'sum=3', '-e', 'break points.c:12', '-e', 'continue']);
        const client = await Client.open(new URL(one.address));
        for (const end = Math.min(messages, sent + inSession); sent < end; sent += together) {
          const batch = Array.from({ length: together }, message);
          expect(await client.answersTo(together, ...batch)).toHaveLength(together);
        }
        expect(one.isAlive).toBe(true);
        expect(one.said).not.toContain('bug');
        client.socket.terminate();
        one.kill();
      }
    },
    120_000 + 50 * messages,
  );
});

describe('the command', () => {
  it('serves browsers of this computer only', async () => {
    await expect(ServedPage.start([fib], '0.0.0.0:0')).rejects.toThrow('for browsers of this computer alone');
  });

  it('ends by quit in a page', async () => {
    const one = await ServedPage.start([fib]);
    const client = await Client.open(new URL(one.address));
    client.socket.send('{"id":1,"do":"command","line":"quit"}');
    expect(await one.ended()).toBe(0);
  });
});
