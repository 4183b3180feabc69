import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fireball, main, root } from './testing/fireball.js';

/** Echoes bytes of two UARTs in hexadecimal (e2e/firmware/src/console.c); x ends it with status 7, f is a fault, w keeps it from sleeping. */
const image = join(root, 'e2e/firmware/images/mps2-an385/console.elf');
const emulate = (...options: string[]): string[] => ['emulate', image, '--machine', 'mps2-an385', ...options];
const controlA = '\u0001';

interface Step {
  readonly expect: string;
  readonly send?: string;
  readonly signal?: string;
}

interface Session {
  /** Of the process; below zero: the signal that ended it. */
  readonly status: number;
  readonly output: string;
  /** What was waited for in vain. */
  readonly left: readonly string[];
  /** Was the terminal in raw mode when the firmware ran, and is it now as it was? */
  readonly raw: boolean;
  readonly restored: boolean;
}

/** The command line on a terminal, at which somebody types. */
function onTerminal(options: readonly string[], steps: readonly Step[]): Session {
  const command = [process.execPath, main, ...emulate(...options)];
  const { stdout, stderr } = spawnSync('python3', [join(root, 'e2e/src/console/terminal.py')], {
    input: JSON.stringify({ command, steps, seconds: 20 }),
    encoding: 'utf8',
  });
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout) as Session;
}

describe('on a terminal', () => {
  const rows: [what: string, options: string[], steps: Step[], ends: { status: number; output: RegExp; isBrief?: true }][] = [
    [
      'keys reach the firmware one by one, Ctrl-C and Ctrl-A Ctrl-A too; Ctrl-A x leaves',
      [],
      [{ expect: 'zero', send: `a\u0003${controlA}${controlA}${controlA}x` }],
      { status: 0, output: /^zero\r\n$/ },
    ],
    [
      'nothing is echoed but by the firmware',
      [],
      [
        { expect: 'zero', send: 'ab\u0003\r' },
        { expect: '[0d]', send: `${controlA}x` },
      ],
      { status: 0, output: /^zero\r\n\[61\]\[62\]\[03\]\[0d\]$/ },
    ],
    [
      'Ctrl-A h helps, Ctrl-A c and keys that mean nothing are swallowed',
      [],
      [
        { expect: 'zero', send: `${controlA}h` },
        { expect: 'send Ctrl-A', send: `${controlA}c${controlA}q${controlA}${controlA}` },
        { expect: '[01]', send: `${controlA}x` },
      ],
      { status: 0, output: /^zero\r\nCtrl-A x {2}leave\r\n.*Ctrl-A Ctrl-A {2}send Ctrl-A\r\n\[01\]$/s },
    ],
    ['the firmware ends', [], [{ expect: 'zero', send: 'x' }], { status: 7, output: /^zero\r\n\[78/ }],
    ['a fault', [], [{ expect: 'zero', send: 'f' }], { status: 1, output: /fireball: HardFault \(escalated\).*src\/console\.c:\d+/ }],
    ['a text has come', ['--until', '[61]'], [{ expect: 'zero', send: 'a' }], { status: 0, output: /\[61\]$/ }],
    ['a limit is reached', ['--max-virtual-time', '0.1'], [{ expect: 'zero', send: 'w' }], { status: 0, output: /^zero/ }],
    [
      'Ctrl-A x while it does not sleep',
      [],
      [
        { expect: 'zero', send: 'w' },
        { expect: '[77]', send: `${controlA}x` },
      ],
      { status: 0, output: /\[77\]$/ },
    ],
    ['SIGTERM while it sleeps', [], [{ expect: 'zero', signal: 'SIGTERM' }], { status: -15, output: /^zero/ }],
    [
      'SIGTERM while it does not',
      [],
      [
        { expect: 'zero', send: 'w' },
        { expect: '[77]', signal: 'SIGTERM' },
      ],
      { status: -15, output: /\[77\]$/ },
    ],
    ['SIGINT', [], [{ expect: 'zero', signal: 'SIGINT' }], { status: -2, output: /^zero/ }],
    [
      'an error of the host',
      ['--serial', 'uart1=file:/dev/full'],
      [{ expect: 'zero' }],
      { status: 69, output: /fireball: cannot write \/dev\/full: there is no room left on the device\r\n$/, isBrief: true },
    ],
    [
      'a port of its own',
      ['--serial', 'uart0=null', '--serial', 'uart1=stdio'],
      [
        { expect: 'one', send: 'a' },
        { expect: '[61]', send: 'x' },
      ],
      { status: 7, output: /^one\r\n\[61\]\[78/ },
    ],
  ];
  it.each(rows)('%s', (_what, options, steps, { status, output, isBrief }) => {
    const session = onTerminal(options, steps);
    expect(session).toMatchObject({ status, restored: true, left: [] });
    // What ends by itself at once may be over before anybody looks.
    if (isBrief !== true) expect(session.raw).toBe(true);
    expect(session.output).toMatch(output);
  });
});

/** The command line with serial ports at TCP ports, and what it has said so far. */
class Background {
  static readonly #started: ChildProcess[] = [];
  readonly process: ChildProcess;
  stderr = '';
  stdout = '';
  readonly status: Promise<number | null>;

  constructor(...options: string[]) {
    this.process = spawn(process.execPath, [main, ...emulate(...options)], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stdout?.on('data', (bytes: Buffer) => (this.stdout += bytes.toString()));
    this.process.stderr?.on('data', (bytes: Buffer) => (this.stderr += bytes.toString()));
    this.status = new Promise((resolve) => this.process.on('close', resolve));
    Background.#started.push(this.process);
  }

  /** Ends what is still running. */
  static endAll(): void {
    for (const process of Background.#started.splice(0)) process.kill('SIGKILL');
  }

  /** The TCP port of a serial port. */
  async port(name: string): Promise<number> {
    const said = new RegExp(`${name} is at 127\\.0\\.0\\.1:(\\d+)\\n`);
    await until(
      () => said.test(this.stderr),
      () => this.stderr,
    );
    return Number(said.exec(this.stderr)?.[1]);
  }
}

afterEach(() => {
  Client.closeAll();
  Background.endAll();
});

async function until(reached: () => boolean, what: () => string): Promise<void> {
  for (let tries = 0; !reached(); tries++) {
    if (tries > 1000) throw new Error(`never: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

class Client {
  static readonly #connected: Client[] = [];
  readonly #socket: Socket;
  text = '';
  readonly closed: Promise<void>;

  /** @param stays does not close its side when the other is closed */
  constructor(port: number, stays = false) {
    Client.#connected.push(this);
    this.#socket = connect({ port, host: '127.0.0.1', allowHalfOpen: stays });
    this.#socket.on('data', (bytes) => (this.text += bytes.toString()));
    this.closed = new Promise((resolve) => this.#socket.on('end', resolve));
    this.#socket.on('error', () => undefined);
  }

  static closeAll(): void {
    for (const client of Client.#connected.splice(0)) client.close();
  }

  async expect(text: string): Promise<void> {
    await until(
      () => this.text.includes(text),
      () => `'${text}' in '${this.text}'`,
    );
  }

  type(text: string): void {
    this.#socket.write(text);
  }

  close(): void {
    this.#socket.destroy();
  }
}

describe('at a TCP port', () => {
  it('clients see what came before, type, leave and come back; each port is its own', async () => {
    const run = new Background('--serial', 'uart0=tcp:0', '--serial', 'uart1=tcp:0');
    const [zero, one] = [new Client(await run.port('uart0')), new Client(await run.port('uart1'))];
    await zero.expect('zero\n');
    await one.expect('one\n');
    zero.type('ab');
    await zero.expect('[61][62]');
    one.type('c');
    await one.expect('[63]');
    zero.close();
    one.type('d');
    await one.expect('[64]');
    const again = new Client(await run.port('uart0'));
    again.type('e');
    await again.expect('[65]');
    expect(again.text).toBe('[65]');
    again.type('x');
    expect(await run.status).toBe(7);
    await one.closed;
    expect([run.stdout, one.text]).toEqual(['', 'one\n[63][64]']);
    one.close();
    again.close();
  }, 30_000);

  it('a client that does not hang up keeps nobody waiting', async () => {
    const run = new Background('--serial', 'uart0=tcp:0');
    const client = new Client(await run.port('uart0'), true);
    await client.expect('zero\n');
    client.type('x');
    expect(await run.status).toBe(7);
    client.close();
  }, 30_000);

  (existsSync('/proc/net/tcp') ? it : it.skip)(
    'of this computer only',
    async () => {
      const run = new Background('--serial', 'uart0=tcp:0');
      const port = (await run.port('uart0')).toString(16).toUpperCase().padStart(4, '0');
      const listening = readFileSync('/proc/net/tcp', 'utf8')
        .split('\n')
        .flatMap((line) => new RegExp(`: ([0-9A-F]{8}):${port} 00000000:0000 0A`).exec(line)?.[1] ?? []);
      expect(listening).toEqual(['0100007F']);
      run.process.kill();
      await run.status;
    },
    30_000,
  );

  it('that somebody else has is refused', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { status, stdout, stderr } = fireball(emulate('--serial', `uart0=tcp:${port}`));
    expect([status, stdout, stderr]).toEqual([69, '', `fireball: cannot listen on port ${port}: another program uses it\n`]);
    server.close();
  });
});

describe('several ports', () => {
  it('to files by name, and the console stays where it is', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fireball-serial-'));
    try {
      const file = join(folder, 'one.txt');
      const { status, stdout } = fireball(emulate('--serial', `uart1=file:${file}`, '--until', 'zero\n', '--max-virtual-time', '1'));
      expect([status, stdout]).toEqual([0, 'zero\n']);
      const both = fireball(emulate('--serial', `uart1=file:${file}`, '--serial', 'uart0=null', '--max-virtual-time', '1'));
      expect([both.status, both.stdout, readFileSync(file, 'utf8')]).toEqual([0, '', 'one\n']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('one that is named twice is refused', () => {
    const { status, stderr } = fireball(emulate('--serial', 'uart0=null', '--serial', 'uart0=stdio'));
    expect([status, stderr]).toEqual([2, "fireball: --serial names 'uart0' twice\n"]);
  });
});

describe('the end', () => {
  it.each<[what: string, last: number, status: number]>([
    ['an exit', 0xbeab, 0],
    ['a fault', 0xde00, 1],
  ])('%s right behind the last character cuts nothing off', (_what, last, status) => {
    const folder = mkdtempSync(join(tmpdir(), 'fireball-end-'));
    try {
      // Stores pairs of an address and a value; the last one begins with 0, and has the reason for SYS_EXIT, ADP_Stopped_ApplicationExit.
      const [adr, ldm, cmp, beq, str, b, movs] = [0xa203, 0xca03, 0x2800, 0xd001, 0x6001, 0xe7fa, 0x2018];
      const stores = [0x4000_4008, 1, 0x4000_4010, 217, ...Array.from('ok\n', (character) => [0x4000_4000, character.charCodeAt(0)]).flat(), 0, 0x2_0026];
      const vectors = Uint32Array.of(0x2000_8000, 0x41, ...new Uint32Array(14));
      const code = Uint16Array.of(adr, ldm, cmp, beq, str, b, movs, last);
      const image = join(folder, 'end.bin');
      writeFileSync(image, Buffer.concat([vectors, code, Uint32Array.from(stores)].map(({ buffer }) => Buffer.from(buffer))));
      const ended = fireball(['emulate', image, '--base', '0', '--machine', 'mps2-an385']);
      expect([ended.status, ended.stdout]).toEqual([status, 'ok\n']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('--realtime', () => {
  // The computer may be busy, but time of the machine does not run ahead.
  const rows: [what: string, input: string][] = [
    ['asleep', ''],
    ['busy', 'w'],
  ];
  it.each(rows)('a second of the machine takes a second of the clock, %s', (_what, input) => {
    const { status, stdout } = spawnSync(process.execPath, [main, ...emulate('--realtime', '--max-virtual-time', '1', '--json')], { encoding: 'utf8', input });
    const { seconds, virtualSeconds } = JSON.parse(stdout) as { readonly seconds: number; readonly virtualSeconds: number };
    expect([status, virtualSeconds]).toEqual([0, expect.closeTo(1, 3)]);
    expect(seconds).toBeGreaterThan(0.9);
    expect(seconds).toBeLessThan(11);
  });

  it('and without it, an hour of sleep takes none', () => {
    const { stdout } = fireball(emulate('--max-virtual-time', '3600', '--json'));
    const { seconds, virtualSeconds } = JSON.parse(stdout) as { readonly seconds: number; readonly virtualSeconds: number };
    expect(virtualSeconds).toBeCloseTo(3600, 3);
    expect(seconds).toBeLessThan(5);
  });
});
