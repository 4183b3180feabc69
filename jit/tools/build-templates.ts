/**
 * Maintainers' tool: `pnpm templates:build [--check]`.
 * Assembles jit/templates/{thumb2,rv32}/*.S and writes jit/templates/generated/*.json;
 * with --check it writes nothing, names the files that differ and exits with status 1.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FireballError, type Isa } from '@fireball/contracts';
import { buildTemplateSet, readTemplateSources, serializeTemplateSet } from '../src/templates/builder/index.js';

const templates = fileURLToPath(new URL('../../../templates/', import.meta.url));
const assemblerLine = /^ {2}"assembler": .*$/m;

async function main(args: readonly string[]): Promise<number> {
  const check = args.includes('--check');
  const unknown = args.find((arg) => arg !== '--check');
  if (unknown !== undefined) {
    process.stderr.write(`unknown option ${unknown}; usage: build-templates [--check]\n`);
    return 2;
  }
  let status = 0;
  for (const isa of ['thumb2', 'rv32'] as const satisfies readonly Isa[]) {
    const set = await buildTemplateSet(isa, readTemplateSources(join(templates, isa)));
    const text = serializeTemplateSet(set);
    const file = resolve(templates, 'generated', `${isa}.json`);
    const old = existsSync(file) ? readFileSync(file, 'utf8') : '';
    // Another release of the assembler is no difference as long as it gives the same bytes.
    if (old.replace(assemblerLine, '') === text.replace(assemblerLine, '')) continue;
    if (check) {
      process.stderr.write(`${file} is out of date: run pnpm templates:build\n`);
      status = 1;
      continue;
    }
    mkdirSync(join(templates, 'generated'), { recursive: true });
    writeFileSync(file, text);
    const bytes = set.templates.reduce((sum, { size }) => sum + size, 0);
    process.stdout.write(`${file}: ${set.templates.length} templates, ${bytes} bytes\n`);
  }
  return status;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof FireballError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitStatus;
}
