/** `--templates`: sets that a user has broken, and one made as jit/TEMPLATES.md tells. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadTemplates } from '@fireball/jit';
import { bundledKernels } from '@fireball/kernels';
import { documentOf, runCli, withFolder } from '@fireball/testkit';
import { repositoryRoot } from './paths.js';

const fib = join(bundledKernels, 'wasm', 'fib.wasm');

type Fields = Record<string, unknown> & { operands: Record<string, unknown>[]; patch_points: Record<string, unknown>[] };

/** The built-in Thumb-2 set after `change` to its template mov_rr (rd, rm). */
function changed(change: (template: Fields) => void): string {
  const set = JSON.parse(JSON.stringify(loadTemplates('thumb2').json)) as { templates: Fields[] };
  change(set.templates.find(({ template_id }) => template_id === 'mov_rr')!);
  return JSON.stringify(set);
}

const builtIn = JSON.stringify(loadTemplates('thumb2').json);

describe('a template set that is', () => {
  it.each([
    {
      what: 'without a template',
      text: builtIn.replace('"template_id":"mov_rr"', '"template_id":"mov_rq"'),
      says: ['no template mov_rr', 'add it to the set'],
    },
    { what: 'of wrong size', text: changed((template) => (template['size'] = 6)), says: ['template mov_rr, bytes: 2 bytes, size says 6'] },
    { what: 'with a hole outside', text: changed(({ patch_points: [point] }) => (point!['offset'] = 40)), says: ['template mov_rr, patch point 0: offset 40'] },
    { what: 'with a bad byte', text: changed((template) => (template['bytes'] = '4g00')), says: ['template mov_rr, bytes: hexadecimal'] },
    { what: 'for another core', text: changed((template) => (template['cpu'] = 'cortex-m7')), says: ['template mov_rr, cpu: cortex-m7', 'cortex-m3'] },
    { what: 'in need of a feature', text: changed((template) => (template['requires'] = ['fpu'])), says: ['template mov_rr, requires: fpu'] },
    { what: 'of another version', text: changed((template) => (template['version'] = 2)), says: ['template mov_rr, version: 2', 'version 1'] },
    { what: 'with an unknown field', text: changed((template) => (template['colour'] = 'red')), says: ['template mov_rr, colour: unknown field'] },
    { what: 'with an unknown operand', text: changed(({ operands }) => operands.pop()), says: ['template mov_rr, patch point 1, operand: no operand rm'] },
    { what: 'with its operands in another order', text: changed(({ operands }) => operands.reverse()), says: ['template mov_rr, operands: rm, rd', 'rd, rm'] },
    { what: 'with too narrow an operand', text: changed(({ operands: [rd] }) => (rd!['min'] = 1)), says: ['template mov_rr, operand rd: 1..14'] },
    { what: 'cut off', text: builtIn.slice(0, 5000), says: ['not JSON', 'templates build'] },
    { what: 'empty', text: '', says: ['not JSON'] },
    { what: 'for the other target', text: JSON.stringify(loadTemplates('rv32').json), says: ['arch is riscv-rv32, arm-thumb2 expected'] },
  ])('$what is refused with file, place and advice', ({ text, says }) =>
    withFolder({ 'thumb2.json': text }, (folder) => {
      const { status, stdout, stderr } = runCli(['compile', fib, '--templates', folder]);
      expect({ status, stdout }).toEqual({ status: 65, stdout: '' });
      expect(stderr.trim().split('\n')).toHaveLength(1);
      for (const part of [join(folder, 'thumb2.json'), ...says]) expect(stderr).toContain(part);
      expect(stderr).toMatch(/\(.+\)$/m);
    }),
  );

  it.each([
    { what: 'no folder', path: 'none', says: 'none: no such template folder (' },
    { what: 'a file', path: 'file', says: 'file: is no folder of template sets (' },
    { what: 'an empty folder', path: 'empty', says: 'thumb2.json: no such template set (' },
    { what: 'not readable', path: 'folders', says: 'thumb2.json: cannot be read: is a folder' },
  ])('$what is refused with advice', ({ path, says }) =>
    withFolder({ file: '' }, (folder) => {
      mkdirSync(join(folder, 'empty'));
      mkdirSync(join(folder, 'folders', 'thumb2.json'), { recursive: true });
      for (const command of [
        ['compile', fib],
        ['run', fib, '--engine', 'thumb2'],
        ['diff', fib, '--engines', 'thumb2'],
      ]) {
        const { status, stdout, stderr } = runCli([...command, '--templates', join(folder, path)]);
        expect({ command, status, stdout }).toEqual({ command, status: 65, stdout: '' });
        expect(stderr.trim().split('\n')).toHaveLength(1);
        expect(stderr).toContain(says);
      }
    }),
  );
});

it.each([
  { isa: 'thumb2', name: 'alu_rrr', list: 'clobbers', word: 'flags', says: 'alu_rrr: changes flags, which is neither an output nor a clobber' },
  { isa: 'thumb2', name: 'mla_rrrr', list: 'inputs', word: 'ra', says: 'mla_rrrr: reads ra, which is no declared input; add it to //@ inputs' },
  { isa: 'rv32', name: 'c_jalr', list: 'clobbers', word: 'ra', says: 'c_jalr: changes ra, which is neither an output nor a clobber' },
  { isa: 'rv32', name: 'load', list: 'inputs', word: 'rs1', says: 'load: reads rs1, which is no declared input; add it to //@ inputs' },
] as const)('templates check names what $isa $name does not declare: $list $word', ({ isa, name, list, word, says }) => {
  const { json } = loadTemplates(isa);
  const templates = json.templates.map((template) =>
    template.template_id === name ? { ...template, [list]: template[list].filter((each) => each !== word) } : template,
  );
  return withFolder({ [`${isa}.json`]: JSON.stringify({ ...json, templates }) }, (folder) => {
    const { status, stdout } = runCli(['templates', 'check', '--target', isa, '--templates', folder]);
    expect({ status, problems: stdout.split('\n').filter((line) => line.includes(': ')) }).toMatchObject({
      status: 1,
      problems: [expect.stringContaining(says), expect.stringContaining(': 1 problems')],
    });
  });
});

const installed = ['arm-none-eabi-as', 'riscv64-unknown-elf-as'].every((command) => spawnSync(command, ['--version']).status === 0);

(installed ? describe : describe.skip)('a set of the user', () => {
  const guide = readFileSync(join(repositoryRoot, 'jit', 'TEMPLATES.md'), 'utf8');
  const example = /```asm\n([^]*?)```/.exec(guide)![1]!;
  const commands = [.../```sh\n([^]*?)```/.exec(guide)![1]!.matchAll(/^\.\/fireball (.*)$/gm)].map(([, line]) => line!);

  it(
    'is built, checked and run by the commands of the guide, with the example of the guide in it',
    () =>
      withFolder({}, (folder) => {
        cpSync(join(repositoryRoot, 'jit', 'templates'), join(folder, 'my-templates'), { recursive: true });
        writeFileSync(join(folder, 'my-templates', 'thumb2', 'example.S'), example);
        const places: Readonly<Record<string, string>> = { 'my-templates': join(folder, 'my-templates'), 'my-sets': join(folder, 'my-sets') };
        const place = (word: string): string => places[word] ?? (word.startsWith('packages/') ? join(repositoryRoot, word) : word);
        const documents = commands.map((line) => {
          const result = runCli([...line.split(' ').map(place), '--json']);
          expect(result).toMatchObject({ status: 0, stderr: '' });
          return documentOf(result);
        });
        expect(documents).toMatchObject([
          {
            built: [
              { target: 'thumb2', problems: [] },
              { target: 'rv32', problems: [] },
            ],
          },
          { checks: [{ problems: [] }, { problems: [] }] },
          { mismatches: 0 },
        ]);
        const shown = runCli(['templates', 'show', 'sub_or_add_shifted', '--templates', join(folder, 'my-sets')]).stdout;
        const [heading, ...rest] = /```text\n([^]*?)```/.exec(guide)![1]!.trimEnd().split('\n');
        expect(shown.trimEnd().split('\n').slice(1)).toEqual(rest);
        expect(shown.split('\n')[0]!.replace(/#\d+/, '#0')).toBe(heading);
      }),
    120_000,
  );

  it('is checked for what its declarations leave out as it is built, unless told otherwise', () =>
    withFolder({}, (folder) => {
      const sources = join(folder, 'my-templates');
      mkdirSync(join(sources, 'thumb2'), { recursive: true });
      writeFileSync(join(sources, 'thumb2', 'example.S'), example.replace(/^\/\/@ clobbers.*\n/m, ''));
      const build = (...more: string[]): ReturnType<typeof runCli> => runCli(['templates', 'build', sources, '-o', join(folder, 'my-sets'), ...more]);
      const lines = build();
      expect(lines).toMatchObject({
        status: 1,
        stderr: '',
        stdout: expect.stringMatching(/^thumb2: rotl_then_branch: changes flags, .*\n.*thumb2\.json: 2 templates, \d+ code bytes, \d+ runs: 1 problems\n$/),
      });
      expect(documentOf(build('--json'))).toMatchObject({ built: [{ problems: [expect.stringContaining('changes flags')] }] });
      expect(build('--no-check')).toMatchObject({
        status: 0,
        stderr: '',
        stdout: expect.stringMatching(/^.*thumb2\.json: 2 templates, \d+ code bytes, not run\n$/),
      });
    }));

  it('names file, line and template where the source is wrong', () =>
    withFolder({}, (folder) => {
      const sources = join(folder, 'my-templates');
      mkdirSync(join(sources, 'thumb2'), { recursive: true });
      writeFileSync(join(sources, 'thumb2', 'example.S'), example.replace('lsl #', 'lsq #'));
      const result = runCli(['templates', 'build', sources, '-o', join(folder, 'my-sets')]);
      expect(result).toMatchObject({ status: 65, stdout: '', stderr: expect.stringMatching(/example\.S, line \d+: .*sub_or_add_shifted/) });
      rmSync(join(sources, 'thumb2'), { recursive: true });
      expect(runCli(['templates', 'build', sources, '-o', folder])).toMatchObject({
        status: 65,
        stderr: expect.stringContaining(`${sources}: no folder thumb2 or rv32`),
      });
      mkdirSync(join(sources, 'rv32'));
      writeFileSync(join(sources, 'rv32', 'own.S'), '//@ march rv32imc\n//@ template x\n');
      expect(runCli(['templates', 'build', sources, '-o', folder])).toMatchObject({
        status: 65,
        stderr: expect.stringContaining(`${join(sources, 'rv32', 'own.S')}, line 2: `),
      });
    }));
});
