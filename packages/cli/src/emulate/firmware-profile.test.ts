/** `emulate --profile`: where the instructions of firmware go. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { documentOf, runCli, withFolder } from '@fireball/testkit';
import { repositoryRoot } from '../paths.js';

interface Row {
  readonly name: string;
  readonly times?: number;
  readonly instructions: number;
}

interface Tables {
  readonly instructions: number;
  readonly functions: readonly Row[];
  readonly lines: readonly Row[];
}

const image = (board: string, program: string): string => join(repositoryRoot, 'e2e', 'firmware', 'images', board, `${program}.elf`);
const sumOf = (rows: readonly Row[]): number => rows.reduce((sum, { instructions }) => sum + instructions, 0);

describe.each(['mps2-an385', 'microbit', 'rp2040', 'mps2-an505', 'sifive-e', 'virt-rv32'])('on %s', (board) => {
  const run = (program: string, ...more: string[]): Record<string, unknown> =>
    documentOf(runCli(['emulate', image(board, program), '-M', board, '--json', ...more]));

  it.each(['context', 'interrupts'])('%s executes the same, and all of it is counted by function', (program) => {
    const { profile, seconds: _seconds, mips: _mips, ...profiled } = run(program, '--profile');
    const { seconds: _others, mips: _theirs, ...plain } = run(program);
    expect(profiled).toEqual(plain);
    const { instructions, functions, lines } = profile as Tables;
    expect(sumOf(functions)).toBe(instructions);
    expect(sumOf(lines)).toBeLessThanOrEqual(instructions);
    expect(functions.find(({ name }) => name === 'main')).toMatchObject({ times: 1 });
    // Calls of the host, exceptions that are entered, system instructions are nobody's.
    const executed = plain['instructions'] as number;
    expect(instructions).toBeLessThanOrEqual(executed);
    expect(instructions).toBeGreaterThan(0.97 * executed);
  });
});

it('is for people on stderr, behind what the firmware wrote, and in a page', () =>
  withFolder({}, (folder) => {
    const page = join(folder, 'run.html');
    const { status, stdout, stderr } = runCli(['emulate', image('mps2-an385', 'context'), '-M', 'mps2-an385', '--profile', '--report', page]);
    expect(status).toBe(0);
    expect(stdout).not.toContain('instructions');
    expect(stderr).toMatch(/^function +times +instructions +%\nmemset +1 +[\d,]+ +\d+\.\d\n/);
    expect(stderr).toMatch(/\n\nline +instructions +%\n/);
    expect(readFileSync(page, 'utf8')).toContain('next_task');
  }));

it('tells code without symbols apart by its addresses', () =>
  withFolder({ 'a.bin': new Uint8Array([0, 0x10, 0, 0x20, 9, 0, 0, 0, 0, 0x20, 0xfe, 0xe7]) }, (folder) => {
    // movs r0, #0; b .
    const run = documentOf(runCli(['emulate', join(folder, 'a.bin'), '--base', '0', '-M', 'mps2-an385', '--max-instructions', '1000', '--profile', '--json']));
    expect(run['profile']).toEqual({ instructions: 1000, functions: [{ name: '0x00000000..0x000000ff', instructions: 1000 }], lines: [] });
  }));

it.each([
  [['-M', 'virt-rv64', image('virt-rv64', 'hello')], 65, 'not supported: traces of executed instructions on RV64'],
  [['-M', 'vsoc-thumb2', image('virt-rv64', 'hello')], 2, '--profile'],
] as const)('is refused where it is not there: %j', (args, status, words) => {
  expect(runCli(['emulate', ...args, '--profile'])).toMatchObject({ status, stderr: expect.stringContaining(words) as unknown });
});
