/**
 * Maintainers' tool: `pnpm rom:build [--check]`.
 * Compiles vsoc/guest/rom (with and without the interpreter), vsoc/guest/board and vsoc/guest/expander (with templates as data and compiled in) with the cross compilers and writes their
 * generated/{thumb2,rv32}.json, and vsoc/guest/firmware/generated/{thumb2,rv32}.elf; before, it writes the interpreter's table of handlers from the opcode table, and the templates that are compiled in;
 * with --check it writes nothing, says what differs and exits with status 1.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FireballError, type Isa } from '@fireball/contracts';
import type { CodeImageFile } from '../src/chip/code-image.js';
import { handlerTables } from '../src/runtime/interpreter/handlers.js';
import { compileFirmware, firmwareFile } from './compile-firmware.js';
import { compileImage, handlersFile, imageKinds } from './compile-image.js';
import { compiledTemplates, compiledTemplatesFile } from './compiled-templates.js';

const isas = ['thumb2', 'rv32'] as const satisfies readonly Isa[];

/** Long code as one line; everything else a line each. */
function serialize(file: CodeImageFile): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Why the committed file is not what the sources build; undefined where it is. */
function difference(old: CodeImageFile | undefined, built: CodeImageFile): string | undefined {
  if (old === undefined) return 'is missing';
  const same = serialize({ ...old, compiler: built.compiler }) === serialize(built);
  if (same) return undefined;
  if (old.inputsHash !== built.inputsHash) return 'is not built from these sources and flags';
  return old.compiler === built.compiler
    ? 'is not what these sources and this compiler give'
    : `comes from the same sources, but from another compiler: "${old.compiler}", here "${built.compiler}"`;
}

function main(args: readonly string[]): number {
  const check = args.includes('--check');
  const unknown = args.find((arg) => arg !== '--check');
  if (unknown !== undefined) {
    process.stderr.write(`unknown option ${unknown}; usage: build-rom [--check]\n`);
    return 2;
  }
  let status = 0;
  /** Writes what was built, where it differs from what is there; with --check, says so. */
  const update = (path: string, built: string | Buffer, reason?: () => string | undefined): void => {
    if (existsSync(path) && readFileSync(path).equals(Buffer.from(built))) return;
    const problem = reason === undefined ? 'is not what its sources and this compiler give' : reason();
    if (problem === undefined) return;
    if (check) {
      process.stderr.write(`${path} ${problem}: run pnpm rom:build\n`);
      status = 1;
      return;
    }
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, built);
    process.stdout.write(`${path}: written\n`);
  };
  // What the interpreter's sources include.
  update(handlersFile, handlerTables(), () => 'is not what the opcode table gives');
  for (const isa of isas) update(compiledTemplatesFile(isa), compiledTemplates(isa), () => 'is not what the templates give');
  for (const kind of imageKinds) {
    for (const isa of isas) {
      const path = join(kind.folder, kind.output, `${isa}.json`);
      const built = compileImage(kind, isa);
      update(path, serialize(built), () => difference(existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as CodeImageFile) : undefined, built));
    }
  }
  for (const isa of isas) update(firmwareFile(isa), compileFirmware(isa));
  return status;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof FireballError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitStatus;
}
