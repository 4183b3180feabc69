import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { documentOf, runCli, withFolder } from '@fireball/testkit';
import { repositoryRoot } from '../paths.js';

const image = (board: string, program: string): string => join(repositoryRoot, 'e2e', 'firmware', 'images', board, `${program}.elf`);
const faults = (args: string): string[] => ['emulate', image('mps2-an385', 'faults'), '--machine', 'mps2-an385', '--args', args];

describe('a fault is explained', () => {
  // The argument names the fault; e2e/firmware/src/faults-arm.c.
  const cases: [kind: string, words: RegExp[]][] = [
    [
      'load',
      [
        /^fireball: HardFault \(escalated\): a load or store went to where there is nothing.* at 0x4f000000.*load_from_nothing/,
        /ldr r3, \[r3\] {3}load_from_nothing\+0x4 \(src\/faults-arm\.c:\d+\)/,
        /PRECISERR/,
        /BFAR is valid/,
        /main\+0x[0-9a-f]+ \(src\/faults-arm\.c:\d+\)/,
        /_start/,
      ],
    ],
    ['divide', [/a division by zero/, /udiv/, /DIVBYZERO/]],
    ['jump', [/IBUSERR/, /at 0x68000000/, /main\+/]],
    ['udf', [/the instruction is undefined/, /udf/]],
    ['breakpoint', [/a breakpoint instruction without a debugger/, /bkpt/]],
  ];
  it.each(cases)('%s', (kind, words) => {
    const run = runCli(faults(kind));
    expect(run).toMatchObject({ status: 1, stdout: '' });
    for (const word of words) expect(run.stderr).toMatch(word);
    expect(run.stderr).toContain('for ever, in the handler of HardFault');
  });

  it('on RISC-V', () => {
    const run = runCli(['emulate', image('virt-rv32', 'faults'), '--machine', 'virt-rv32', '--args', 'load']);
    expect(run).toMatchObject({ status: 1, stdout: '' });
    expect(run.stderr).toMatch(/trap: a load from where there is nothing, or that PMP forbids, at 0x08000000.*load_from_nothing/);
    expect(run.stderr).toMatch(/lw .*load_from_nothing.*\(src\/faults-riscv\.c:\d+\)/);
  });

  it('in --json and --report as data, the same twice', async () => {
    await withFolder({}, (folder) => {
      const report = join(folder, 'report.json');
      const first = documentOf(runCli([...faults('store'), '--json', '--report', report]));
      expect(first).toMatchObject({
        machine: 'mps2-an385',
        exit: { reason: 'hang', code: 1 },
        fault: { address: '0x4f000000', registers: { cfsr: '0x00008200' }, activeExceptions: ['HardFault'] },
      });
      const { seconds: _seconds, mips: _mips, console: _console, ...same } = first;
      expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject(same);
      const { seconds: _s, mips: _m, ...second } = documentOf(runCli([...faults('store'), '--json']));
      expect(first).toMatchObject(second);
    });
  });
});

describe('where the board has nothing', () => {
  const boards: [board: string, read: RegExp][] = [
    [
      'mps2-an385',
      /^fireball: unmapped: read of 32 bits at 0x4f000000 \(nothing is there\) from 0x[0-9a-f]{8} load_from_nothing\+0x4 \(src\/faults-arm\.c:\d+\)\nfireball: unmapped: 1 access at 1 place\n$/,
    ],
    [
      'virt-rv32',
      /^fireball: unmapped: read of 32 bits at 0x08000000 \(nothing is there\) from 0x[0-9a-f]{8} load_from_nothing\+0x4 \(src\/faults-riscv\.c:\d+\)\nfireball: unmapped: 1 access at 1 place\n$/,
    ],
  ];
  describe.each(boards)('on %s', (board, read) => {
    const emulate = (...args: string[]): ReturnType<typeof runCli> => runCli(['emulate', image(board, 'faults'), '--machine', board, ...args]);
    it('a load is said with --unmapped log, and passed over in silence with zero', () => {
      // main's value where nothing happened.
      expect(emulate('--args', 'load', '--unmapped', 'log')).toMatchObject({ status: 3, stderr: expect.stringMatching(read) as unknown });
      expect(emulate('--args', 'load', '--unmapped', 'zero')).toMatchObject({ status: 3, stderr: '' });
    });

    it('reports count places, and a jump is still a fault; two runs are the same', () => {
      const report = (): Record<string, unknown> => {
        const { seconds: _seconds, mips: _mips, ...same } = documentOf(emulate('--unmapped', 'log', '--json'));
        return same;
      };
      const first = report();
      const { unmapped, console } = first as { unmapped: { accesses: number; places: { reads: number; writes: number }[] }; console: string };
      expect(unmapped.places.reduce((sum, { reads, writes }) => sum + reads + writes, 0)).toBe(unmapped.accesses);
      expect(unmapped.places.length).toBeGreaterThanOrEqual(2);
      expect(console).toMatch(/load: nothing happened\r?\nstore: nothing happened/);
      expect(console).toMatch(/^jump: .*(cfsr 00000100|cause 1)/m);
      expect(report()).toEqual(first);
    });
  });

  it('an unknown policy is refused', () => {
    expect(runCli(['emulate', image('mps2-an385', 'faults'), '-M', 'mps2-an385', '--unmapped', 'ignore'])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/fault, log, zero/) as unknown,
    });
  });
});

describe('a register that is polled in vain', () => {
  it('is told of while the firmware runs, with the bit that it waits for, and with its count at the end', async () => {
    // Vectors; ldr r3, [pc, #4]; 1: ldr r2, [r3]; lsls r2, #14; bpl 1b; the address.
    const words = [0x2000_1000, 9, 0x681a_4b01, 0xd5fc_0392, 0x4f00_0000];
    await withFolder({ 'poll.bin': new Uint8Array(Uint32Array.from(words).buffer) }, (folder) => {
      const args = ['emulate', join(folder, 'poll.bin'), '--base', '0', '-M', 'mps2-an385', '--unmapped', 'zero', '--max-instructions', '90001'];
      const run = runCli(args);
      expect(run).toMatchObject({ status: 0, stdout: '' });
      expect(run.stderr.trim().split('\n')).toEqual([
        'fireball: nothing at 0x4f000000 read 10,000 times from 0x0000000a, bit 17 never set',
        'fireball: nothing at 0x4f000000 read 30,000 times from 0x0000000a, bit 17 never set',
      ]);
      expect(documentOf(runCli([...args, '--json']))).toMatchObject({ polled: [{ address: 0x4f00_0000, pc: 10, reads: 30_000, awaits: 'bit 17 never set' }] });
    });
  });
});

describe('with an SVD file', () => {
  // As an SVD file of mps2-an385's chip might be, with a clock controller that the board does not have.
  const svd = `<?xml version="1.0" encoding="utf-8"?>
<device><name>CHIP</name><peripherals>
  <peripheral><name>UART0</name><baseAddress>0x40004000</baseAddress><registers>
    <register><name>DATA_OUT</name><addressOffset>0</addressOffset></register>
  </registers></peripheral>
  <peripheral><name>RCC</name><baseAddress>0x4f000000</baseAddress><registers>
    <register><name>CR</name><addressOffset>0</addressOffset><resetValue>0x83</resetValue><fields>
      <field><name>HSERDY</name><bitOffset>17</bitOffset><access>read-only</access></field>
    </fields></register>
  </registers></peripheral>
</peripherals></device>
`;

  it('traces have its names, and a register that is polled its fields', async () => {
    const words = [0x2000_1000, 9, 0x681a_4b01, 0xd5fc_0392, 0x4f00_0000];
    await withFolder({ 'chip.svd': svd, 'poll.bin': new Uint8Array(Uint32Array.from(words).buffer) }, (folder) => {
      const file = join(folder, 'chip.svd');
      const hello = runCli(['emulate', image('mps2-an385', 'hello'), '-M', 'mps2-an385', '--svd', file, '--trace', 'mmio', '--serial', 'uart0=null']);
      expect(hello).toMatchObject({ status: 42 });
      expect(hello.stderr).toMatch(/^ *[\d,]+ {2}UART0\.DATA_OUT <- 0x00000075 {2}\(/m);
      expect(hello.stderr).toMatch(/uart0\.CTRL <- /);
      const polling = runCli(['emulate', join(folder, 'poll.bin'), '--base', '0', '-M', 'mps2-an385', '--svd', file, '--max-instructions', '60001']);
      expect(polling.stderr.split('\n')[0]).toBe('fireball: RCC.CR at 0x4f000000 read 10,000 times from 0x0000000a, bit 17 (HSERDY) never set');
      const fault = runCli([...faults('load'), '--svd', file]);
      expect(fault).toMatchObject({ status: 3, stderr: '' });
    });
  });

  const refused: [name: string, text: string, message: RegExp][] = [
    ['is cut off', svd.slice(0, -30), /chip\.svd, line \d+: not well-formed XML/],
    ['is none', 'hello', /chip\.svd, line 1: not well-formed XML/],
    ['has a wrong number', svd.replace('0x4f000000', 'many'), /chip\.svd, line 6: 'many' is no number for <baseAddress>/],
  ];
  it.each(refused)('one that %s is refused with its line', async (_name, text, message) => {
    await withFolder({ 'chip.svd': text }, (folder) => {
      const run = runCli([...faults('load'), '--svd', join(folder, 'chip.svd')]);
      expect(run).toMatchObject({ status: 65, stdout: '' });
      expect(run.stderr).toMatch(message);
      expect(run.stderr.trim().split('\n')).toHaveLength(1);
    });
  });

  it('that of another chip is said to be so', async () => {
    await withFolder({ 'chip.svd': svd.replace('0x40004000', '0x60004000') }, (folder) => {
      expect(runCli(['emulate', image('mps2-an385', 'hello'), '-M', 'mps2-an385', '--svd', join(folder, 'chip.svd')])).toMatchObject({
        status: 42,
        stderr: expect.stringMatching(/no peripheral of CHIP is where mps2-an385 has a device; is it another chip's file\?/) as unknown,
      });
    });
  });
});

describe('firmware that nothing can wake', () => {
  const arm = (...code: readonly number[]): Uint8Array => new Uint8Array(Uint16Array.from([0x1000, 0x2000, 9, 0, ...code]).buffer);
  const riscv = (...code: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(code).buffer);
  const asleep = /^fireball: asleep: the CPU sleeps, and nothing will wake it up, at 0x[0-9a-f]{8}\n$/;
  const loops = /^fireball: the firmware hangs: it loops at 0x[0-9a-f]+ for ever, where no timer is set and no input can come/;
  const cases: [name: string, machine: string, base: string, image: Uint8Array, message: RegExp][] = [
    ['WFI', 'mps2-an385', '0', arm(0xbf30, 0xe7fd), asleep],
    ['WFI with PRIMASK', 'microbit', '0', arm(0xb672, 0xbf30, 0xe7fd), asleep],
    ['WFE', 'mps2-an505', '0x10000000', arm(0xbf20, 0xe7fd).map((byte, index) => (index === 7 ? 0x10 : byte)), asleep],
    // Something for core 1 by SIO's FIFO, and a wait for its answer.
    [
      'WFE for a core that is not there',
      'rp2040',
      '0x10000000',
      arm(0x200d, 0x0700, 0x6540, 0xbf20, 0xe7fd).map((byte, index) => (index === 7 ? 0x10 : byte)),
      /^fireball: asleep: .*\nfireball: sio: what is sent to core 1 is lost: the board has core 0 only\n$/,
    ],
    ['a jump to itself', 'mps2-an385', '0', arm(0xe7fe), loops],
    ['WFI', 'virt-rv32', '0x80000000', riscv(0x1050_0073, 0xffdf_f06f), asleep],
    ['WFI', 'virt-rv64', '0x80000000', riscv(0x1050_0073, 0xffdf_f06f), asleep],
    ['a jump to itself with interrupts enabled', 'virt-rv32', '0x80000000', riscv(0x3044_5073, 0x3004_6073, 0x6f), loops], // csrwi mie, 8; csrsi mstatus, 8; j .
  ];
  // Every other one in real time, which is waited for in slices.
  it.each(cases.map((one, index): [...typeof one, more: string[]] => [...one, index % 2 === 0 ? [] : ['--realtime']]))(
    'ends: %s on %s',
    async (_name, machine, base, bytes, message, more) => {
      await withFolder({ 'sleep.bin': bytes }, (folder) => {
        const run = runCli(['emulate', join(folder, 'sleep.bin'), '--base', base, '-M', machine, ...more]);
        expect(run).toMatchObject({ status: 1, stdout: '' });
        expect(run.stderr).toMatch(message);
      });
    },
  );
});

describe('emulate on a board', () => {
  const hello = image('mps2-an385', 'hello');
  const run = (...args: string[]): ReturnType<typeof runCli> => runCli(['emulate', hello, '--machine', 'mps2-an385', ...args]);

  it('ends with the status of the firmware, and where a text has come', () => {
    expect(run()).toMatchObject({ status: 42, stderr: '' });
    expect(run('--serial', 'uart0=null', '--until', 'hello from')).toMatchObject({ status: 0, stdout: 'semihosting: hello from', stderr: '' });
    const limited = run('--max-instructions', '100', '--until', 'never');
    expect(limited).toMatchObject({ status: 1, stdout: '' });
    expect(limited.stderr).toContain("instruction limit: 'never' has not come");
    expect(documentOf(run('--max-instructions', '100', '--json'))).toMatchObject({ exit: { reason: 'instruction limit', code: 0 }, instructions: 100 });
  });

  it('writes a serial port to a file, and traces', async () => {
    await withFolder({}, (folder) => {
      const [uart, trace] = [join(folder, 'uart'), join(folder, 'trace')];
      expect(run('--serial', `uart0=file:${uart}`, '--trace', 'mmio', '--trace-file', trace)).toMatchObject({ status: 42, stderr: '' });
      expect(readFileSync(uart, 'utf8')).toBe('uart: hello from mps2-an385\n');
      expect(readFileSync(trace, 'utf8')).toMatch(/uart0\.DATA <- 0x00000075 {2}\(/);
    });
  });

  const refused: [what: string, args: string[], status: number, message: RegExp][] = [
    [
      'another architecture',
      [image('virt-rv32', 'hello'), '--machine', 'mps2-an385'],
      65,
      /virt-rv32\/hello\.elf, offset 0x12: the image is for 32-bit RISC-V, and mps2-an385 has a cortex-m3, 32-bit Arm/,
    ],
    ['another width', [image('virt-rv64', 'hello'), '--machine', 'virt-rv32'], 65, /for 64-bit RISC-V/],
    ['an image outside of memory', [image('netduino2', 'hello'), '--machine', 'mps2-an385'], 65, /hello\.elf: .*not inside of one memory of mps2-an385/],
    [
      'images that overlap',
      [hello, '--machine', 'mps2-an385', '--load', `${image('mps2-an386', 'hello')}@0`],
      65,
      /overlaps what .*mps2-an385\/hello\.elf loads/,
    ],
    [
      'a raw image without a base',
      [join(repositoryRoot, 'README.md'), '--machine', 'mps2-an385'],
      2,
      /README\.md is no ELF, .*: say with --base ADDRESS where/,
    ],
    ['an unknown machine', [hello, '--machine', 'mps2-an358'], 2, /unknown machine 'mps2-an358' \(did you mean mps2-an385\?\)/],
    ['an unknown serial port', [hello, '--machine', 'mps2-an385', '--serial', 'uart9=null'], 2, /no serial port 'uart9'/],
    ['a serial target that is none', [hello, '--machine', 'mps2-an385', '--serial', 'uart0=tty'], 2, /--serial wants NAME=stdio/],
    ['machine and board', [hello, '--machine', 'mps2-an385', '--board', 'x.yaml'], 2, /one of --machine NAME and --board FILE/],
    ['options of virtual SoCs', [hello, '--machine', 'mps2-an385', '--hot', '1,2'], 2, /--hot has no meaning for a board/],
    ['options of boards for a virtual SoC', [hello, '--machine', 'vsoc-thumb2', '--until', 'x'], 2, /--until has no meaning for vsoc-thumb2/],
    ['a semihosting folder that is none', [hello, '--machine', 'mps2-an385', '--semihosting-dir', '/does/not/exist'], 2, /cannot be used as a folder/],
  ];
  it.each(refused)('refuses %s', (_what, args, status, message) => {
    const refusal = runCli(['emulate', ...args]);
    expect(refusal).toMatchObject({ status, stdout: '' });
    expect(refusal.stderr).toMatch(message);
    expect(refusal.stderr.trim().split('\n')).toHaveLength(1);
  });

  it('refuses a corrupt HEX file with its line', async () => {
    await withFolder({ 'bad.hex': ':10000000000102030405060708090A0B0C0D0E0F88\n:00000002FE\n' }, (folder) => {
      const refusal = runCli(['emulate', join(folder, 'bad.hex'), '--machine', 'mps2-an385']);
      expect(refusal).toMatchObject({ status: 65 });
      expect(refusal.stderr).toMatch(/bad\.hex, line \d/);
    });
  });
});
