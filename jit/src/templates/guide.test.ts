/** jit/TEMPLATES.md, followed literally: its example must build, print and patch as it says. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { patch } from '../patch/index.js';
import { buildTemplateSet, openDisassembler } from './builder/index.js';
import { derivedFunctions } from './derive.js';
import { showTemplate } from './format.js';
import { operandKinds } from './schema.js';
import { TemplateSet } from './template.js';

const guide = readFileSync(new URL('../../TEMPLATES.md', import.meta.url), 'utf8');

function block(language: string): string {
  const text = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(guide)?.[1];
  if (text === undefined) throw new Error(`no ${language} block in TEMPLATES.md`);
  return text;
}

const installed = spawnSync('arm-none-eabi-as', ['--version']).status === 0;

(installed ? describe : describe.skip)('the example of TEMPLATES.md', () => {
  const built = async (): Promise<TemplateSet> => new TemplateSet(await buildTemplateSet('thumb2', [{ file: 'example.S', text: block('asm') }]));

  it('is shown as the guide shows it', async () => {
    expect(showTemplate(await built(), 'sub_or_add_shifted')).toBe(block('text'));
  });

  it('is patched as the guide says', async () => {
    const set = await built();
    const disassembler = await openDisassembler('thumb2');
    const instance = (name: string, values: readonly number[]): string[] => {
      const template = set.require(name);
      const out = new Uint8Array(template.size);
      patch(out, 0, template, values);
      return disassembler.lines(out);
    };
    const [, values = '', listing] = /enumValue\('op', 'sub'\), (.*)\]\); \/\/ (.*)/.exec(block('ts')) ?? [];
    const op = set.require('sub_or_add_shifted').enumValue('op', 'sub');
    expect(instance('sub_or_add_shifted', [op, ...values.split(', ').map(Number)])).toEqual([`00: ${listing}`]);

    const [, second = '', first] = /For the second, `\[(.*?)\]` gives `(.*?)`/.exec(guide) ?? [];
    const target = 4 + 258;
    expect(instance('rotl_then_branch', second.split(', ').map(Number))).toEqual([`00: ${first}`, `04: beq #0x${target.toString(16)}`]);
    expect(set.require('rotl_then_branch').relativeOrigin(2)).toBe(4);
    disassembler.close();
  });
});

it.each([...operandKinds, ...Object.keys(derivedFunctions)])('TEMPLATES.md explains %s', (name) => {
  expect(guide).toMatch(new RegExp(`^\\|.*\`(${name})\\b`, 'm'));
});
