/**
 * Maintainers' tool: `pnpm rom:build [--check]`.
 * Compiles vsoc/guest/rom (with and without the interpreter), vsoc/guest/board and vsoc/guest/expander with the cross compilers and writes their
 * generated/{thumb2,rv32}.json, and vsoc/guest/firmware/generated/{thumb2,rv32}.elf;
 * with --check it writes nothing, says what differs and exits with status 1.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FireballError, type Isa } from '@fireball/contracts';
import type { CodeImageFile } from '../src/chip/code-image.js';
import { compileFirmware, firmwareFile } from './compile-firmware.js';
import { compileImage, imageKinds } from './compile-image.js';

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
  for (const kind of imageKinds) {
    for (const isa of isas) {
      const path = join(kind.folder, kind.output, `${isa}.json`);
      const built = compileImage(kind, isa);
      const old = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as CodeImageFile) : undefined;
      const problem = difference(old, built);
      if (problem === undefined) continue;
      if (check) {
        process.stderr.write(`${path} ${problem}: run pnpm rom:build\n`);
        status = 1;
        continue;
      }
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, serialize(built));
      process.stdout.write(`${path}: ${Object.keys(built.entries).length} entries, ${built.size} bytes\n`);
    }
  }
  for (const isa of isas) {
    const path = firmwareFile(isa);
    const built = compileFirmware(isa);
    if (existsSync(path) && readFileSync(path).equals(built)) continue;
    if (check) {
      process.stderr.write(`${path} is not what its sources and this compiler give: run pnpm rom:build\n`);
      status = 1;
      continue;
    }
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, built);
    process.stdout.write(`${path}: ${built.length} bytes\n`);
  }
  return status;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof FireballError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitStatus;
}
