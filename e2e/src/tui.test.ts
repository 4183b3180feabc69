/** The debugger on a terminal, in tmux. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Random } from '@fireball/engines';
import { WebSocket } from 'ws';
import { fireball, root } from './testing/fireball.js';
import { hasSsh, SshServer } from './testing/ssh.js';
import { hasTmux, TmuxTerminal } from './testing/tmux.js';

const withTmux = hasTmux ? describe : describe.skip;
const judge = hasTmux ? 'tmux' : 'tmux is not installed: skipped';
const fib = join(root, 'packages/kernels/data/wasm/fib.wasm');
/** TUI_BYTES sends more random bytes, TUI_SEED others. */
const randomBytes = Number.parseInt(process.env['TUI_BYTES'] ?? '320', 10);
const seed = Number.parseInt(process.env['TUI_SEED'] ?? '1', 10);

const escape = '\u001b';
const open: TmuxTerminal[] = [];
afterEach(() => {
  for (const terminal of open.splice(0)) terminal.close();
});

function start(args: readonly string[], width = 80, height = 24, environment: Readonly<Record<string, string>> = {}): TmuxTerminal {
  const terminal = TmuxTerminal.run(['debug', ...args, '--tui'], width, height, environment);
  open.push(terminal);
  return terminal;
}

/** The count of the timeline. */
function countIn(screen: string): number {
  return Number((/ ([\d,]+) of [\d,]+ instructions/.exec(screen)?.[1] ?? '-1').replaceAll(',', ''));
}

/** A page of the session, as far as it is told where that stands. */
class WatchedPage {
  readonly #socket: WebSocket;
  #count = -1;

  constructor(address: string) {
    const { host, pathname } = new URL(address);
    this.#socket = new WebSocket(`ws://${host}${pathname}session`, { headers: { Origin: `http://${host}` } });
    this.#socket.on('open', () => {
      this.#socket.send('{"id":1,"do":"hello"}');
    });
    this.#socket.on('message', (data: Buffer) => {
      const { event, count } = JSON.parse(data.toString()) as { readonly event?: string; readonly count?: number };
      if (event === 'state' && count !== undefined) this.#count = count;
    });
  }

  command(line: string): void {
    this.#socket.send(JSON.stringify({ id: 2, do: 'command', line }));
  }

  async until(count: number): Promise<void> {
    const end = performance.now() + 60_000;
    while (this.#count !== count) {
      if (performance.now() > end) throw new Error(`the page is at ${this.#count}, not at ${count}`);
      await delay(20);
    }
  }

  close(): void {
    this.#socket.terminate();
  }
}

const screens = [
  ['thumb2', 80, 24],
  ['rv32', 200, 60],
] as const;

const isReady = (screen: string): boolean => countIn(screen) >= 0;
/** The row of a text on the screen. */
const lineWith = (screen: string, text: string): number => screen.split('\n').findIndex((line) => line.includes(text));

withTmux(`debug --tui (${judge})`, () => {
  it.each(['thumb2', 'rv32'])('%s: keys, mouse, timeline, resize, and the terminal as it was', async (engine) => {
    const terminal = start([fib, '--engine', engine]);
    let screen = await terminal.until(isReady);
    for (const text of ['template', 'machine code', '2 values', '3 registers', '7 console', 'q quit']) expect(screen).toContain(text);
    // Forty keys at once, forwards and back: none is lost.
    terminal.type('i'.repeat(40));
    await terminal.until((shown) => countIn(shown) === 40);
    terminal.type('I'.repeat(25));
    await terminal.until((shown) => countIn(shown) === 15);
    // The command line takes the shell's words.
    terminal.type(':break f1 if l0 == 20\rc\r\r');
    screen = await terminal.until((shown) => shown.includes('breakpoint 1: f1 if l0 == 20') && shown.includes('q quit'));
    expect(screen).toMatch(/l0 +i32 20 \(0x14\)/);
    const stopped = countIn(screen);
    // A click moves the cursor, b sets a breakpoint there and takes it out; so does a double click.
    const row = lineWith(screen, '▶');
    terminal.click(70, row + 1);
    terminal.type('b');
    await terminal.until((shown) => shown.includes('breakpoint 2 at'));
    terminal.type('5');
    await terminal.until((shown) => / 2 +0x\w+ /.test(shown));
    terminal.click(70, row + 1);
    terminal.click(70, row + 1);
    await terminal.until((shown) => !/ 2 +0x\w+ /.test(shown));
    // The timeline seeks, and drags: it is the last row but one, and begins at column 1.
    const bar = 22;
    terminal.click(1, bar);
    await terminal.until((shown) => countIn(shown) === 0);
    terminal.type(`${escape}[<0;2;${bar + 1}M${escape}[<32;30;${bar + 1}M${escape}[<32;80;${bar + 1}M${escape}[<0;80;${bar + 1}m`);
    await terminal.until((shown) => countIn(shown) === stopped);
    // Memory by its key, scrolled by the wheel.
    terminal.type('m@0\r');
    screen = await terminal.until((shown) => shown.includes('@0000000'));
    const memory = lineWith(screen, '@0000000');
    terminal.type(`${escape}[<65;60;${memory + 1}M`.repeat(20));
    await terminal.until((shown) => shown.includes('@0000140'));
    // Larger: everything is there at once. Too small: it says so.
    terminal.resize(200, 60);
    await terminal.until((shown) => ['3 registers', '4 memory', '5 breakpoints', '6 stack'].every((name) => shown.includes(name)));
    terminal.resize(60, 20);
    await terminal.until((shown) => shown.includes('too small'));
    terminal.resize(100, 30);
    await terminal.until(isReady);
    terminal.type('?');
    await terminal.until((shown) => shown.includes('one machine instruction back, over calls'));
    terminal.type('qq');
    screen = await terminal.until((shown) => shown.includes('status'));
    expect(screen).toContain('status 0');
    await terminal.until((shown) => /^icanon$/m.test(shown) && /^echo$/m.test(shown));
  });

  it.each(screens)('%s at %i x %i looks as it did (FIREBALL_BLESS=1 writes the screens anew)', async (engine, width, height) => {
    const commands = ['break f1', 'continue', 'wi 34'].flatMap((command) => ['-e', command]);
    const terminal = start([join(root, 'packages/kernels/data/wasm/sha256.wasm'), '--engine', engine, ...commands], width, height);
    const before = countIn(await terminal.until((shown) => shown.includes('(fireball) wi 34') && countIn(shown) > 0));
    // One at a time: what has changed is marked since the last look.
    terminal.type('n');
    await terminal.until((shown) => countIn(shown) > before);
    terminal.type('N');
    let last = '';
    const shown = await terminal.until((screen) => {
      const isSettled = screen === last && countIn(screen) === before;
      last = screen;
      return isSettled;
    });
    const file = join(root, 'e2e/tui', `${engine}-${width}x${height}.txt`);
    if (process.env['FIREBALL_BLESS'] === '1') writeFileSync(file, shown);
    expect(shown).toBe(readFileSync(file, 'utf8'));
  });

  it('shows what others do, who reach it where it says, and they what it does; goes on for long, says so, and pauses', async () => {
    const terminal = start([fib, '--web', '0', '--dap', '0']);
    const others = await terminal.until((shown) => isReady(shown) && / open http:.*\n/.test(shown) && /debug adapter at .*:\d+/.test(shown));
    // A step in one shows in the others: on the terminal, in a page and in a debug client.
    const page = new WatchedPage(/ open (http:\S+)/.exec(others)![1]!);
    const client = new DebugClient('', '', 'fireball');
    await client.start(Number(/debug adapter at .*:(\d+)/.exec(others)![1]));
    const told = async (act: () => unknown): Promise<void> => {
      const stopped = client.waitForEvent('stopped', 60_000);
      await act();
      await stopped;
    };
    await client.initializeRequest();
    const initialized = client.waitForEvent('initialized', 60_000);
    const nothing: object = {};
    await client.attachRequest(nothing);
    await initialized;
    await told(() => client.configurationDoneRequest());
    await page.until(0);
    await told(() => {
      terminal.type('i');
    });
    await page.until(1);
    await told(() => client.stepInRequest({ threadId: 1, granularity: 'instruction' }));
    await page.until(2);
    await terminal.until((shown) => countIn(shown) === 2 && shown.includes('moved by debug client'));
    await told(() => {
      page.command('rsi');
    });
    await page.until(1);
    await terminal.until((shown) => countIn(shown) === 1 && shown.includes('moved by browser'));
    await client.disconnectRequest({});
    page.close();
    // Never true, and asked at every call.
    terminal.type(':break f1 if l0 == 99\r\rc');
    await terminal.until((shown) => shown.includes('running: space or Ctrl-C pauses'));
    terminal.type(' ');
    const screen = await terminal.until((shown) => !shown.includes('running:'));
    expect(countIn(screen)).toBeGreaterThan(0);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('gives the terminal back at %s', async (signal, status) => {
    const terminal = start([fib], 80, 24, { NO_COLOR: '1' });
    await terminal.until(isReady);
    // Without colours: bold, underlined, inverse only.
    expect(terminal.colours).not.toMatch(/\[(\d+;)*(3[0-8]|4[0-8]|9\d|10\d)[;m]/);
    process.kill(terminal.pid, signal);
    const screen = await terminal.until((shown) => shown.includes('status'));
    expect(screen).toContain(`status ${status}`);
    await terminal.until((shown) => /^icanon$/m.test(shown) && /^echo$/m.test(shown));
  });

  it('gives the terminal back at a crash, and says that it is one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fireball-crash-'));
    const crash = join(folder, 'crash.mjs');
    // Once the screen is there.
    writeFileSync(
      crash,
      `const timer = setInterval(() => { if (process.stdin.isRaw && process.stdin.listenerCount('data') > 0) { clearInterval(timer); throw new Error('planted'); } }, 500); timer.unref();`,
    );
    try {
      const terminal = start([fib], 80, 24, { NODE_OPTIONS: `--import=${crash}` });
      const screen = await terminal.until((shown) => shown.includes('status'));
      expect(screen).toMatch(/bug in fireball.*planted/);
      expect(screen).toContain('status 70');
      expect(screen).not.toContain('machine code');
      await terminal.until((shown) => /^icanon$/m.test(shown) && /^echo$/m.test(shown));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('leaves the terminal to the shell at Ctrl-Z, and has it again at fg', async () => {
    const terminal = TmuxTerminal.shell(['debug', fib, '--tui'], 80, 24);
    open.push(terminal);
    await terminal.until(isReady);
    terminal.type('iii');
    await terminal.until((shown) => countIn(shown) === 3);
    terminal.type('\u001a');
    await terminal.until((shown) => shown.includes('Stopped') && !shown.includes('machine code'));
    terminal.type('stty -a | grep -ow -- -icanon || echo modes as before\r');
    await terminal.until((shown) => /^modes as before$/m.test(shown));
    terminal.type('fg\r');
    await terminal.until((shown) => countIn(shown) === 3);
    terminal.type('ii');
    await terminal.until((shown) => countIn(shown) === 5);
    terminal.type('q');
    await terminal.until((shown) => shown.includes('$ fg') && !shown.includes('machine code'));
  });

  const terminals = ['xterm', 'xterm-256color', 'screen', 'tmux-256color', 'linux', 'vt220', 'rxvt'];
  (process.env['TUI_TERMINALS'] === 'all' ? it : it.skip).each(terminals)('on TERM=%s, below another pseudo-terminal', async (name) => {
    const terminal = TmuxTerminal.shell(['debug', fib, '--tui'], 100, 30, (command) => `TERM=${name} script -qefc "${command}" /dev/null; echo status $?`);
    open.push(terminal);
    await terminal.until(isReady);
    terminal.type('iii');
    await terminal.until((shown) => countIn(shown) === 3);
    terminal.type('q');
    await terminal.until((shown) => /status 0$/m.test(shown) && !shown.includes('machine code'));
  });

  (process.env['TUI_TERMINALS'] === 'all' && hasSsh ? it : it.skip)('over ssh: keys, mouse, another size, and the terminal as it was', async () => {
    const server = await SshServer.start();
    try {
      const terminal = TmuxTerminal.shell(['debug', fib, '--tui'], 100, 30, (command) => `${server.over(command)}; echo status $?`);
      open.push(terminal);
      await terminal.until(isReady);
      terminal.type('i'.repeat(60));
      await terminal.until((shown) => countIn(shown) === 60);
      terminal.click(1, 28);
      await terminal.until((shown) => countIn(shown) === 0);
      terminal.resize(160, 50);
      await terminal.until(
        (shown) => ['3 registers', '4 memory', '5 breakpoints', '6 stack'].every((name) => shown.includes(name)) && shown.includes('q quit'),
      );
      terminal.type('q');
      await terminal.until((shown) => /status 0$/m.test(shown) && !shown.includes('machine code'));
      terminal.type('stty -a | grep -ow -- -icanon || echo modes as before\r');
      await terminal.until((shown) => /^modes as before$/m.test(shown));
    } finally {
      server.close();
    }
  });

  it('shows firmware, a program in mixed mode, variables of C, and ASCII where the locale has no more', async () => {
    const firmware = start([join(root, 'e2e/firmware/debug/sample-thumb2.elf'), '--board', 'mps2-an386', '-e', 'break square', '-e', 'continue'], 120, 40, {
      LC_ALL: 'C',
    });
    const program = start([join(root, 'e2e/wasi/wasm/cat.wasm'), '--engine', 'vsoc-thumb2', '-e', 'wi 20']);
    const shown = await firmware.until((screen) => /after|square at/.test(screen) && screen.includes('8 source sample.c:23'));
    expect(shown).toMatch(/square.* sample\.c:\d+.*>\w{8} /);
    expect(shown).toMatch(/^[\n -~]*$/);
    // Lines of its source, with the cursor, a breakpoint, and a step; registers of the device that is opened.
    expect(shown).toMatch(/^>23 +\}/m);
    firmware.type(`8${escape}[B${escape}[B${escape}[B${escape}[Bb`);
    await firmware.until((screen) => /^B27 +for /m.test(screen));
    firmware.type('b9\r');
    await firmware.until(
      (screen) => /^ - timer0 /m.test(screen) && /^ +CTRL +00000000 +ENABLE 0/m.test(screen) && / VALUE +not read/.test(screen) && !/^B27/m.test(screen),
    );
    firmware.type('nS');
    await firmware.until((screen) => /^>23 +\}/m.test(screen));
    // Variables of C: what a pointer points to is opened, and written; a step shows what has changed.
    const source = start([join(root, 'e2e/sources/points-O0.wasm'), '--invoke', 'sum=3', '-e', 'break points.c:12', '-e', 'continue']);
    await source.until((screen) => / ▸ p = 0x\w+ /.test(screen));
    source.type('0\r');
    await source.until((screen) => /▾ p = 0x\w+ /.test(screen));
    source.type(`${escape}[B=7\r\r`);
    await source.until((screen) => /▾ p = 0x\w+ [^\n]*\n +x = 7 +int +@0x/.test(screen));
    source.type('s');
    await source.until((screen) => / width = 7 /.test(screen));
    source.type('2');
    await source.until((screen) => /^ [1-9]\d* more that nothing holds/m.test(screen));
    await program.until((screen) => /\(interpreted\)/.test(screen) && countIn(screen) > 100);
  });

  it(
    `takes random bytes as keys (${randomBytes}, seed ${seed})`,
    async () => {
      const terminal = start([join(root, 'e2e/sources/points-O0.wasm'), '--invoke', 'sum=3']);
      await terminal.until(isReady);
      const random = new Random(seed);
      for (let sent = 0; sent < randomBytes; sent += 40) {
        // Not those that end or suspend it.
        const bytes = Array.from({ length: 40 }, () => random.below(256)).filter((byte) => !['q', '\u0004', '\u001a'].includes(String.fromCharCode(byte)));
        terminal.type(Buffer.from(bytes).toString('latin1'));
      }
      terminal.type(`${escape}${escape}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
      terminal.type('\u0003\u0003');
      await terminal.until((shown) => isReady(shown) || shown.includes('any key: back'));
      terminal.type('\u0003\u0003qq');
      expect(await terminal.until((shown) => shown.includes('status'))).toContain('status 0');
    },
    120_000 + 20 * randomBytes,
  );
});

describe('debug --tui elsewhere', () => {
  it.each([
    [['--tui'], /^fireball: --tui needs a terminal/],
    [['--tui', '--json'], /--tui is for a person/],
  ])('%j without a terminal', (options, message) => {
    const { status, stderr, stdout } = fireball(['debug', fib, ...options]);
    expect(status).toBe(2);
    expect(stderr + stdout).toMatch(message);
  });

  (hasTmux ? it : it.skip)('on one that cannot move its cursor', async () => {
    const terminal = start([fib], 100, 24, { TERM: 'dumb' });
    const screen = await terminal.until((shown) => shown.includes('status'));
    expect(screen.replaceAll('\n', '')).toContain("TERM is 'dumb'");
    expect(screen).toContain('status 2');
  });
});
