/** Debian's gdb, as it is, on machines of both architectures; and clients that misbehave. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { boardNames } from '@fireball/emulator';
import { Random } from '@fireball/engines';
import { afterEach, describe, expect, it } from '@jest/globals';
import { gdb, hasGdb, missingLines, RawClient, runGdb, Served, shownSessions } from './gdb/clients.js';
import { fireball } from './testing/fireball.js';

const firmware = (path: string): string => fileURLToPath(new URL(`../../e2e/firmware/${path}`, import.meta.url));
const withGdb = hasGdb ? describe : describe.skip;
const judge = hasGdb ? gdb : `${gdb} is not installed: skipped`;

const started: Served[] = [];
async function serve(...args: readonly string[]): Promise<Served> {
  const served = await Served.start(args);
  started.push(served);
  return served;
}
afterEach(() => {
  for (const served of started.splice(0)) served.kill();
});

/** A register of a device that firmware has not touched; one whose read takes a byte; a register of the FPU. */
const samples = [
  { architecture: 'thumb2', machine: 'mps2-an386', control: 0x4000_4008, data: 0x4000_4000, float: 'd7' },
  { architecture: 'rv32', machine: 'virt-rv32', control: 0x200_4000, data: 0x1000_0000, float: 'fa0.double' },
  { architecture: 'rv64', machine: 'virt-rv64', control: 0x200_4000, data: 0x1000_0000, float: 'fa0.double' },
] as const;

withGdb(`a program with debug information (${judge})`, () => {
  describe.each(samples)('on $machine', ({ architecture, machine, control, data, float }) => {
    const sample = firmware(`debug/sample-${architecture}.elf`);

    it('breakpoints by function, line and condition, watchpoints, steps, frames, values, and the exit status', async () => {
      const served = await serve(sample, '--machine', machine, '--wait');
      const printed = await runGdb(served.port, [
        'break main',
        'continue',
        'bt',
        'next',
        'break square if number == 7',
        'watch counter',
        'continue',
        'continue',
        'bt',
        'delete 3',
        'continue',
        'info locals',
        'bt',
        'finish',
        'print history',
        'set var counter = 100',
        'print counter',
        'delete',
        'tbreak sum',
        'continue',
        'step',
        'step',
        'step',
        'bt',
        'finish',
        'stepi',
        'continue',
      ]);
      const lines = printed.split('\n').map((line) => line.replace(/0x[0-9a-f]+/g, 'ADDRESS').trim());
      for (const expected of [
        'Breakpoint 1, main () at sample.c:35',
        '#0  main () at sample.c:35',
        'Hardware watchpoint 3: counter',
        'Old value = 0',
        'New value = 2',
        '#1  ADDRESS in main () at sample.c:36',
        'Breakpoint 2, square (number=number@entry=7) at sample.c:22',
        'product = 49',
        '#2  ADDRESS in main () at sample.c:36',
        'Value returned is $1 = 49',
        '$2 = {0, 1, 5, 14, 30, 55, 91, 0}',
        '$3 = 100',
        'Temporary breakpoint 4, sum (count=count@entry=5) at sample.c:25',
        'square (number=number@entry=0) at sample.c:22',
        '[Inferior 1 (Remote target) exited with code 07]',
      ])
        expect(lines).toContain(expected);
      expect(await served.ended()).toBe(7);
    }, 60_000);

    it('memory, registers and code can be written, what is not there is an error, and monitor commands are answered', async () => {
      const served = await serve(sample, '--machine', machine, '--wait');
      const printed = await runGdb(served.port, [
        'break main',
        'continue',
        'set $sp = $sp - 32',
        'print/x *(int *) $sp',
        'set var *(int *) $sp = 0x12345678',
        'print/x *(int *) $sp',
        'set $sp = $sp + 32',
        'x/2xw 0x70000000',
        `x/1xw ${control}`,
        `x/1xw ${data}`,
        `set var $${float} = 2.5`,
        `print $${float}`,
        'break sum',
        'continue',
        'set var count = 3',
        'finish',
        'monitor help',
        'monitor info machine',
        'monitor nothing',
        'monitor reset',
        'info threads',
        'kill',
      ]);
      for (const expected of [
        '= 0x12345678',
        'Cannot access memory at address 0x70000000',
        `0x${control.toString(16)}:\t0x`,
        `Cannot access memory at address 0x${data.toString(16)}`,
        '= 2.5',
        'Value returned is',
        '= 5',
        'info map',
        machine,
        "there is no monitor command 'nothing'",
        'reset: at',
        'Thread 1',
      ]) {
        expect(printed).toContain(expected);
      }
      expect(await served.ended()).toBe(0);
    }, 60_000);

    it('goes back: steps, to breakpoints, to where a variable was written last, and to the beginning', async () => {
      const served = await serve(sample, '--machine', machine, '--wait');
      const printed = await runGdb(served.port, [
        'break square if number == 7',
        'continue',
        'print counter',
        'watch counter',
        'reverse-continue',
        'print counter',
        'reverse-continue',
        'print counter',
        'delete 2',
        'print $pc',
        'reverse-stepi',
        'stepi',
        'print $pc',
        'tbreak main',
        'reverse-continue',
        'print counter',
        'reverse-continue',
        'continue',
        'print counter',
        'delete',
        'continue',
      ]);
      expect([...printed.matchAll(/^\$\d+ = (.*)$/gm)].map(([, value]) => value?.replace(/ <.*/, ''))).toEqual([
        '7',
        '6',
        '5',
        expect.any(String),
        expect.any(String),
        '0',
        '7',
      ]);
      const [before, after] = [...printed.matchAll(/^\$[45] = .*?(0x\S+)/gm)].map(([, pc]) => pc);
      expect(after).toBe(before);
      expect(printed).toMatch(/Old value = 7\s+New value = 6/);
      expect(printed).toMatch(/No more reverse-execution history/);
      expect(await served.ended()).toBe(7);
    }, 60_000);

    it('detached, the program goes on to its end', async () => {
      const served = await serve(sample, '--machine', machine, '--wait');
      await runGdb(served.port, ['break square', 'continue', 'detach']);
      expect(await served.ended()).toBe(7);
    }, 60_000);
  });
});

const boards = boardNames().filter((board) => existsSync(firmware(`images/${board}/interrupts.elf`)));

withGdb(`interrupts on every board (${judge})`, () => {
  it('every board has an image of them', () => {
    expect(boardNames().filter((board) => !boards.includes(board))).toEqual([]);
  });

  it.each(boards)(
    '%s: a breakpoint in a handler, the frames behind it, and an end as without gdb',
    async (board) => {
      const image = firmware(`images/${board}/interrupts.elf`);
      const plain = fireball(['emulate', image, '--machine', board]);
      const served = await serve(image, '--machine', board, '--wait');
      const printed = await runGdb(served.port, [
        'break main',
        'continue',
        'delete',
        'stepi 20',
        'printf "%x\\n", $pc',
        'x/4i $pc',
        'reverse-stepi 5',
        'stepi 5',
        'printf "%x\\n", $pc',
        'watch -l *(int *) $sp',
        'continue',
        'delete',
        'detach',
      ]);
      expect(printed).toMatch(/Breakpoint 1, .*main/);
      expect(printed).toMatch(/^=> 0x.*(\n +0x.*){3}$/m);
      const [before, after] = [...printed.matchAll(/^([0-9a-f]+)$/gm)].map(([, pc]) => pc);
      expect(after).toBe(before);
      expect(before).toBeDefined();
      expect(printed).toContain('Hardware watchpoint 2');
      // It goes on to its end without gdb.
      expect({ status: await served.ended(), stdout: served.stdout }).toEqual({ status: plain.status, stdout: plain.stdout });
    },
    60_000,
  );
});

const micropython = '/usr/share/firmware-microbit-micropython/firmware.hex';
withGdb(`MicroPython on microbit (${judge})`, () => {
  (existsSync(micropython) ? it : it.skip)(
    'is stopped and stepped without any symbols',
    async () => {
      const served = await serve(micropython, '--machine', 'microbit', '--wait', '--until', '>>> ');
      const printed = await runGdb(served.port, ['stepi 1000', 'info registers', 'x/3i $pc', 'monitor info machine', 'continue']);
      expect(printed).toContain('microbit, cortex-m0: 1000 instructions');
      expect(printed).toMatch(/xpsr +0x[0-9a-f]+/);
      expect(await served.ended()).toBe(0);
      expect(served.stdout).toContain('MicroPython');
    },
    60_000,
  );
});

withGdb(`the first session of docs/debug.md (${judge})`, () => {
  it('prints what is shown', async () => {
    const [session] = shownSessions();
    const served = await serve(firmware('debug/sample-thumb2.elf'), '--machine', 'mps2-an386', '--wait');
    expect(missingLines(session!, await runGdb(served.port, session!.commands))).toEqual([]);
    expect(session!.commands.length).toBeGreaterThan(5);
  }, 60_000);
});

describe('clients that misbehave', () => {
  const sample = firmware('debug/sample-thumb2.elf');
  const args = [sample, '--machine', 'mps2-an386', '--wait'];
  const mixedModule = fileURLToPath(new URL('../../e2e/gdb/evicted.wat', import.meta.url));

  it('one that says nothing does not keep others out, nor does one that has ended its half of the connection', async () => {
    const served = await serve(...args);
    const silent = await RawClient.connect(served.port);
    const half = await RawClient.connect(served.port);
    expect(await half.ask('QStartNoAckMode')).toBe('OK');
    expect(await silent.next()).toBeUndefined();
    expect(await half.ask('Z0,118,2')).toBe('OK');
    half.send('qRcmd,68656c70');
    half.socket.end();
    const next = await reconnect(served.port);
    expect(await next.ask('vCont;c')).toBe('W07');
  }, 30_000);

  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s leaves no folder of the listing behind',
    async (signal) => {
      const folder = mkdtempSync(join(tmpdir(), 'gdb-test-'));
      try {
        const served = await Served.start([mixedModule, '--wait'], 'debug', { TMPDIR: folder });
        expect(readdirSync(folder)).toHaveLength(1);
        served.kill(signal);
        await served.ended();
        expect(readdirSync(folder)).toEqual([]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    30_000,
  );

  it('one that vanishes in the middle of a packet leaves nothing behind; a second one at the same time is refused', async () => {
    const served = await serve(...args);
    const first = await RawClient.connect(served.port);
    expect(await first.ask('QStartNoAckMode')).toBe('OK');
    expect(await first.ask('Z0,118,2')).toBe('OK');
    const second = await RawClient.connect(served.port);
    expect(await second.next()).toBeUndefined();
    first.socket.write('$m0,1');
    first.socket.destroy();
    const third = await reconnect(served.port);
    expect(await third.ask('?')).toMatch(/^T05.*thread:1;/);
    // Its breakpoint is gone.
    expect(await third.ask('vCont;c')).toBe('W07');
    expect(await served.ended()).toBe(7);
    expect(served.stderr).toContain('the debugger has gone');
  }, 30_000);

  it('a running program is interrupted, and goes on', async () => {
    const served = await serve(...args);
    const client = await RawClient.connect(served.port);
    await client.ask('QStartNoAckMode');
    // b . at the first instruction.
    const pc = Buffer.from((await client.ask('pf'))!, 'hex').readUInt32LE();
    expect(await client.ask(`M${pc.toString(16)},2:fee7`)).toBe('OK');
    client.send('vCont;c');
    await new Promise((resolve) => setTimeout(resolve, 100));
    client.socket.write('\x03');
    expect(await client.next()).toMatch(/^T02/);
    expect(Buffer.from((await client.ask('pf'))!, 'hex').readUInt32LE()).toBe(pc);
    expect(await client.ask('vCont;s:1')).toMatch(/^T05/);
  }, 30_000);

  /** RSP_PACKETS takes more, RSP_SEED others. */
  const packets = Number.parseInt(process.env['RSP_PACKETS'] ?? '1000', 10);
  const seed = Number.parseInt(process.env['RSP_SEED'] ?? '1', 10);

  it.each([
    { what: 'firmware', command: 'emulate', given: args },
    { what: 'a module', command: 'debug', given: [mixedModule, '--engine', 'vsoc-rv32', '--hot', '2,2', '--wait'] },
  ])(
    `${packets} malformed packets do no harm to $what`,
    async ({ command, given }) => {
      const random = new Random(seed);
      const begin = async (): Promise<{ served: Served; client: RawClient }> => {
        const served = await Served.start(given, command);
        started.push(served);
        const client = await RawClient.connect(served.port);
        await client.ask('QStartNoAckMode');
        return { served, client };
      };
      let { served, client } = await begin();
      let answered = 0;
      for (let sent = 0; sent < packets; sent++) {
        const content = mutated(random);
        if (random.chance(3)) client.socket.write(Buffer.from(content, 'latin1'));
        else client.send(content);
        if (!random.chance(2)) continue;
        // It is stopped, whatever it was told, and answers.
        client.socket.write('\x03');
        client.send('qC');
        let answer: string | undefined;
        do answer = await client.next();
        while (answer !== 'QC1' && answer !== undefined);
        expect(served.stderr).not.toContain('bug');
        if (answer !== undefined) answered++;
        // Stepped far enough, the program has ended.
        else ({ served, client } = await begin());
      }
      expect(answered).toBeGreaterThan(packets / 100);
      client.socket.destroy();
      if (served.isAlive) expect(await (await reconnect(served.port)).ask('?')).toMatch(/^T/);
    },
    60_000 + packets * 20,
  );
});

async function reconnect(port: number): Promise<RawClient> {
  for (;;) {
    const client = await RawClient.connect(port);
    client.send('?');
    const answer = await client.next();
    if (answer !== undefined) return client;
  }
}

const whole = [
  '?',
  'g',
  'G00',
  'p0',
  'pf',
  'P0=00000000',
  'Pf=00010000',
  'm0,40',
  'm20000000,ffffffff',
  'M20000000,4:00000000',
  'X20000000,4:abcd',
  'Z0,118,2',
  'z0,118,2',
  'Z2,20000100,4',
  'z2,20000100,4',
  'Z3,0,ffffffffffffffff',
  'vCont?',
  'vCont;s:1',
  'vCont;r100,200:1',
  'vFile:open:2f61,0,0',
  'vFile:pread:3,100,0',
  'vFile:fstat:3',
  'vFile:close:3',
  'qSupported:a;b',
  'qXfer:features:read:target.xml:0,ffff',
  'qXfer:memory-map:read::0,10',
  'qXfer:exec-file:read::0,100',
  'qXfer:libraries:read::0,1000',
  'vFile:open:2f66697265626c6c2e656c66,0,0',
  'vFile:open:2f66697265626c6c2d636f64652f312d66302e656c66,0,0',
  'qRcmd,7761736d2d6274',
  'qRcmd,736e617073686f742033',
  'vCont;s:1;c',
  'qRcmd,68656c70',
  'qC',
  'Hg0',
  'T1',
  's',
  'qOffsets',
  'QNonsense',
  '!',
  'R00',
  'bs',
  'vAttach;1',
];

/** A packet with some characters changed, left out or repeated; none that ends the program or lets go of it. */
function mutated(random: Random): string {
  for (;;) {
    let content = whole[random.below(whole.length)]!;
    for (let changes = random.below(4); changes > 0; changes--) {
      const at = random.below(content.length + 1);
      const inserted = random.chance(50) ? String.fromCharCode(random.below(256)) : '0123456789abcdef,;:=-'[random.below(21)]!;
      content = random.chance(30)
        ? content.slice(0, at) + content.slice(at + 1)
        : random.chance(50)
          ? content.slice(0, at) + inserted + content.slice(at)
          : content.slice(0, at) + inserted + content.slice(at + 1);
    }
    // Resumed for good, it comes to its end, or its registers are wild and it faults: both are right.
    if (!/^(k|D|c|C|vKill|vCont;[cC])/.test(content) && !/\$[kDcC]/.test(content) && !content.includes('\x03')) return content;
  }
}
