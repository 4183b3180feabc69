import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { cores, loadTemplates } from '@fireball/jit';
import { bundledKernels } from '@fireball/kernels';
import { documentOf, runCli, withFolder } from '@fireball/testkit';

const fib = join(bundledKernels, 'wasm', 'fib.wasm');

interface Listing {
  readonly target: string;
  readonly codeBytes: number;
  readonly functions: readonly {
    readonly codeBytes: number;
    readonly sites: readonly {
      readonly address: number;
      readonly wasm: string;
      readonly template: string;
      readonly holes: object;
      readonly trap: string | null;
      readonly instructions: readonly { readonly address: number; readonly size: number; readonly text: string }[];
    }[];
  }[];
}

describe.each(['thumb2', 'rv32'])('compile for %s', (target) => {
  const listing = documentOf(runCli(['compile', fib, '--target', target, '--disassemble', '--json'])) as unknown as Listing;

  it('lists every byte of the code once, in instructions', () => {
    for (const { codeBytes, sites } of listing.functions) {
      const instructions = sites.flatMap((site) => site.instructions);
      expect(instructions.reduce((sum, { size }) => sum + size, 0)).toBe(codeBytes);
      let next = sites[0]!.address;
      for (const { address, size, text } of instructions) {
        expect(address).toBe(next);
        expect(text).not.toContain('.short');
        next += size;
      }
    }
  });

  it('names wasm instruction, template and holes, and the trap stubs', () => {
    const sites = listing.functions.flatMap((entry) => entry.sites);
    expect(sites.map(({ wasm }) => wasm)).toEqual(expect.arrayContaining(['i32.add', 'call 1']));
    expect(sites.every(({ template }) => template.length > 0)).toBe(true);
    expect(sites.some(({ holes }) => Object.keys(holes).length > 1)).toBe(true);
    expect(sites.map(({ trap }) => trap)).toContain('call stack exhausted');
  });

  it('shows the same to people, with every wasm instruction in order', () => {
    const { stdout } = runCli(['compile', fib, '--target', target, '--disassemble']);
    const offsets = [...stdout.matchAll(/^ {2}([0-9a-f]{6}) {2}(?!.*out of line)/gm)].map((match) => Number.parseInt(match[1]!, 16));
    expect(offsets.length).toBeGreaterThan(25);
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
  });

  it('sums up without --disassemble', () => {
    const summary = documentOf(runCli(['compile', fib, '--target', target, '--json']));
    expect(summary).toMatchObject({ target, codeBytes: listing.codeBytes, functions: listing.functions.map(({ codeBytes }) => ({ codeBytes })) });
  });
});

/** A folder with the built-in Thumb-2 set, in which every 16-bit conditional branch has the opposite condition. */
function withInvertedBranches(use: (folder: string) => void): Promise<void> {
  const { json } = loadTemplates('thumb2');
  const templates = json.templates.map((template) => {
    if (template.template_id !== 'bcond_n') return template;
    // Bit 8 of the half-word is the lowest of the condition (Arm ARM A7.7.12).
    const [low, high = 0] = Buffer.from(template.bytes, 'hex');
    return { ...template, bytes: Buffer.from([low!, high ^ 1]).toString('hex') };
  });
  return withFolder({ 'thumb2.json': JSON.stringify({ ...json, templates }) }, use);
}

describe('compile --verify', () => {
  const load = '(module (memory 1) (func (export "run") (param i32) (result i32) (i32.load (local.get 0))))';
  const outputs = (folder: string): (readonly string[])[] => [[], ['-o', join(folder, 'app.elf'), '--invoke', 'run=0']];

  it('says how the code was verified', () =>
    withFolder({ 'm.wat': load }, (folder) => {
      for (const output of outputs(folder)) {
        for (const verify of ['structural', 'deep']) {
          expect(documentOf(runCli(['compile', join(folder, 'm.wat'), '--verify', verify, ...output, '--json']))).toMatchObject({ verify });
        }
      }
    }));

  it('finds with deep what a wrong template does to a bounds check', () =>
    withInvertedBranches((folder) => {
      const file = join(folder, 'm.wat');
      writeFileSync(file, load);
      for (const output of outputs(folder)) {
        expect(runCli(['compile', file, '--templates', folder, ...output])).toMatchObject({ status: 0, stderr: '' });
        const result = runCli(['compile', file, '--templates', folder, '--verify', 'deep', ...output]);
        expect(result).toMatchObject({ status: 65, stdout: '', stderr: expect.stringContaining('no proof that this load of 4 bytes stays in bounds') });
      }
    }));
});

it.each([
  ['data', '(module (memory 1) (data (i32.const 65536) "x") (func (export "f")))', 'out of bounds memory access'],
  ['elements', '(module (table 1 funcref) (elem (i32.const 1) $f) (func $f (export "f")))', 'out of bounds table access'],
])('an active segment of %s that does not fit is nothing to a listing, and ends -o with the trap', (_kind, text, trap) =>
  withFolder({ 'm.wat': text }, (folder) => {
    const file = join(folder, 'm.wat');
    expect(runCli(['compile', file])).toMatchObject({ status: 0, stderr: '' });
    expect(runCli(['compile', file, '-o', join(folder, 'a.elf')])).toMatchObject({
      status: 1,
      stdout: '',
      stderr: `fireball: ${file}: instantiation trapped: ${trap}\n`,
    });
  }),
);

it.each([
  [['--target', 'thumb'], 2, 'Allowed choices are thumb2, rv32.'],
  [['--cpu', 'cortex-m9'], 2, `known: ${Object.keys(cores.thumb2).join(', ')}`],
  [['--templates', '/nowhere'], 65, 'no such template folder'],
] as const)('compile %p is refused', (options, status, says) => {
  const result = runCli(['compile', fib, ...options]);
  expect(result.stderr).toContain(says);
  expect(result).toMatchObject({ status, stdout: '' });
});
