import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { builtCli, documentOf, runCli, withFolder } from '@fireball/testkit';
import { repositoryRoot } from '../paths.js';

const imageOf = (isa: string): string => join(repositoryRoot, 'vsoc', 'guest', 'firmware', 'generated', `${isa}.elf`);
const targets = ['thumb2', 'rv32'] as const;

/** Loadable bytes of an ELF file begin here: both images have one segment (vsoc/guest/firmware/firmware.ld). */
const segmentOffset = 0x1000;
const entryField = 0x18;

describe.each(targets)('the sample firmware on vsoc-%s', (isa) => {
  const run = runCli(['emulate', imageOf(isa), '--machine', `vsoc-${isa}`]);

  it('runs a function interpreted, hints it, waits until it is native, runs it again and prints what each took', () => {
    expect(run).toMatchObject({ status: 0, stderr: '' });
    const lines = run.stdout.split('\n');
    expect(lines[0]).toBe('interpreted');
    expect(lines[1]).toMatch(/^ {2}primes below 2000: 303 in \d+ instructions$/);
    expect(lines[2]).toBe('hint: compiling');
    expect(lines[3]).toMatch(/^native after \d+ instructions and \d+ looks$/);
    expect(lines[4]).toMatch(/^ {2}primes below 2000: 303 in \d+ instructions$/);
    const [before = 0, after = Infinity] = [lines[1], lines[4]].map((line) => Number(/in (\d+)/.exec(line ?? '')?.[1]));
    expect(before).toBeGreaterThan(4 * after);
    expect(Number(/and (\d+) looks/.exec(lines[3] ?? '')?.[1])).toBeGreaterThan(10);
  });

  it('ends quietly where nobody reads its console', () => {
    const piped = spawnSync(
      'bash',
      ['-c', `"$@" | true; echo "\${PIPESTATUS[0]}"`, 'bash', process.execPath, builtCli, 'emulate', imageOf(isa), '--machine', `vsoc-${isa}`],
      { encoding: 'utf8' },
    );
    const endedBySigpipe = 128 + 13;
    expect(piped).toMatchObject({ stdout: `${endedBySigpipe}\n`, stderr: '' });
  });

  it('prints the same every time', () => {
    expect(runCli(['emulate', imageOf(isa), '--machine', `vsoc-${isa}`]).stdout).toBe(run.stdout);
  });

  it('a failed compilation leaves it in the interpreter, and the firmware says so by its exit status', () => {
    const failed = runCli(['emulate', imageOf(isa), '--machine', `vsoc-${isa}`, '--inject', 'missing-template']);
    expect(failed).toMatchObject({ status: 1, stderr: '' });
    expect(failed.stdout).toContain('blacklisted after');
  });

  it('--json and --report tell how it ended, and the console is part of the document', async () => {
    await withFolder({}, (folder) => {
      const report = join(folder, 'report.json');
      const json = runCli(['emulate', imageOf(isa), '--machine', `vsoc-${isa}`, '--json', '--report', report]);
      const document = documentOf(json);
      expect(document).toMatchObject({ machine: `vsoc-${isa}`, exit: { reason: 'returned', code: 0 }, console: run.stdout });
      expect(document['instructions']).toBeGreaterThan(10_000);
      expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ machine: `vsoc-${isa}`, exit: { reason: 'returned', code: 0 } });
    });
  });
});

/** Machine code in place of the sample's, at its entry. */
const faults = {
  thumb2: {
    // movs r0, #0; str r0, [r0] into ROM; svc 0 with a number that there is not; wfi
    store: [0x2000, 0x6000],
    call: [0xf64f, 0x7cff, 0xdf00],
    // memory.grow has number 0, for generated code: mov.w r12, #0; svc 0
    'call of a service': [0xf04f, 0x0c00, 0xdf00],
    // mvn.w r0, #1; bx r0: nothing is there
    jump: [0xf06f, 0x0001, 0x4700],
    // mov.w sp, #0; then a system call and a return
    stack: [0xf04f, 0x0d00, 0xf248, 0x0c01, 0xdf00, 0x4770],
    idle: [0xbf30],
    loop: [0xe7fe],
  },
  rv32: {
    // sw zero, 0(zero); lui t2, 0xf; ecall; wfi; j .
    store: [0x2023, 0x0000],
    call: [0xf3b7, 0x0000, 0x0073, 0x0000],
    'call of a service': [0x0393, 0x0000, 0x0073, 0x0000],
    // addi a0, zero, -2; jr a0
    jump: [0x0513, 0xffe0, 0x8502],
    // addi sp, zero, 0; lui t2, 8; addi t2, t2, 1; ecall; ret
    stack: [0x0113, 0x0000, 0x83b7, 0x0000, 0x8393, 0x0013, 0x0073, 0x0000, 0x8082],
    idle: [0x0073, 0x1050],
    loop: [0xa001],
  },
} as const;
const expected = {
  store: /write of 4 bytes at 0x0/,
  call: /no system call/,
  'call of a service': /no system call/,
  jump: /the firmware failed/,
  stack: /the firmware failed.*sp is not where the call began/,
  idle: /waits for an interrupt/,
  loop: /out of fuel/,
} as const;

describe.each(targets)('firmware that fails on vsoc-%s', (isa) => {
  it.each(Object.keys(expected) as (keyof typeof expected)[])('%s', async (fault) => {
    const image = readFileSync(imageOf(isa));
    const entry = (image.readUInt32LE(entryField) & ~1) - 0x1800_0000;
    faults[isa][fault].forEach((halfword, index) => image.writeUInt16LE(halfword, segmentOffset + entry + 2 * index));
    await withFolder({}, (folder) => {
      const path = join(folder, 'bad.elf');
      writeFileSync(path, image);
      const run = runCli(['emulate', path, '--machine', `vsoc-${isa}`, '--fuel', '1000']);
      expect(run).toMatchObject({ status: 1, stdout: '' });
      expect(run.stderr).toMatch(expected[fault]);
      expect(run.stderr.trim().split('\n')).toHaveLength(1);
    });
  });
});

describe('emulate refuses', () => {
  const image = readFileSync(imageOf('thumb2'));
  const cases: [what: string, bytes: Uint8Array | string, args: string[], status: number, message: RegExp][] = [
    ['what is no ELF file', 'hello', ['--machine', 'vsoc-thumb2'], 65, /bad\.elf.*not an ELF file/],
    ['a truncated file', image.subarray(0, 100), ['--machine', 'vsoc-thumb2'], 65, /bad\.elf, offset/],
    ['firmware for another machine', image, ['--machine', 'vsoc-rv32'], 65, /bad\.elf, offset 0x12.*ELF machine 40.*choose the other machine/],
    [
      'an entry outside every segment',
      movedEntry(image),
      ['--machine', 'vsoc-thumb2'],
      65,
      /bad\.elf, offset 0x18.*the entry, 0x40000001, lies in no executable segment/,
    ],
    ['a segment elsewhere', movedSegment(image), ['--machine', 'vsoc-thumb2'], 65, /0x70000000.*firmware\.ld/],
    ['an unknown machine', image, ['--machine', 'vsoc-thumb'], 2, /vsoc-thumb2/],
    ['no machine', image, [], 2, /--machine/],
  ];
  it.each(cases)('%s', async (_what, bytes, args, status, message) => {
    await withFolder({ 'bad.elf': bytes }, (folder) => {
      const run = runCli(['emulate', join(folder, 'bad.elf'), ...args]);
      expect(run).toMatchObject({ status, stdout: '' });
      expect(run.stderr).toMatch(message);
    });
  });

  it('a file that does not exist', () => {
    const run = runCli(['emulate', '/does/not/exist.elf', '--machine', 'vsoc-rv32']);
    expect(run).toMatchObject({ status: 65, stdout: '' });
    expect(run.stderr).toContain('/does/not/exist.elf');
  });
});

function movedEntry(image: Buffer): Uint8Array {
  const moved = Buffer.from(image);
  moved.writeUInt32LE(0x4000_0001, entryField);
  return moved;
}

/** The program header's addresses lie behind the ELF header. */
function movedSegment(image: Buffer): Uint8Array {
  const moved = Buffer.from(image);
  const virtualAddress = 52 + 8;
  moved.writeUInt32LE(0x7000_0000, virtualAddress);
  return moved;
}
