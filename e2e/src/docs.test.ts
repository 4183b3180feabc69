import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../../', import.meta.url));
const cli = `'${process.execPath}' packages/cli/dist/bundle/main.js`;

/** Every document of the project: at the root, in docs/ and beside the packages. */
const documents = ['.', 'docs', 'jit', 'vsoc', 'emulator', 'e2e', ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)]
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md') && name !== 'CHANGELOG.md')
      .map((name) => join(folder, name)),
  );

/** A command as a document shows it, with the output beneath. `$ echo $?` and a number beneath state its exit status. */
interface Shown {
  readonly command: string;
  readonly output: readonly string[];
  readonly status: number;
}

/** The commands in ```console blocks: lines that start with `$ `, each with the lines up to the next one. */
function shownCommands(text: string): Shown[] {
  const blocks = [...text.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map((match) => match[1]!);
  return blocks.flatMap((block) => {
    const parts = block
      .split(/^\$ /m)
      .slice(1)
      .map((part) => part.trimEnd().split('\n'));
    return parts.flatMap(([command, ...output], index) => {
      if (command === 'echo $?') return [];
      const next = parts[index + 1];
      return [{ command: command!, output, status: next?.[0] === 'echo $?' ? Number(next[1]) : 0 }];
    });
  });
}

/** A column's width is that of its widest line, which may be left out; everything else, figures too, is as printed. */
function stable(line: string): string {
  return line.replaceAll(/\s+/g, ' ').trim();
}

/** Whether `shown` is the output, where a line `...` stands for any lines. */
function matches(shown: readonly string[], actual: readonly string[]): boolean {
  const [line, ...rest] = shown;
  if (line === undefined) return actual.length === 0;
  if (line.trim() === '...') return actual.some((_, skipped) => matches(rest, actual.slice(skipped))) || rest.length === 0;
  return actual.length > 0 && stable(line) === stable(actual[0]!) && matches(rest, actual.slice(1));
}

/** A command that starts QEMU, where it is installed. Semihosting writes to its stderr. */
function isQemuCommand(command: string): boolean {
  const [program = ''] = command.split(' ', 1);
  return program.startsWith('qemu-') && spawnSync('which', [program]).status === 0;
}

const examples = documents.flatMap((document) =>
  shownCommands(readFileSync(join(root, document), 'utf8'))
    .filter(({ command }) => (command.startsWith('./fireball ') && !command.startsWith('./fireball test')) || isQemuCommand(command))
    .map((shown) => ({ document, ...shown })),
);

describe('commands shown in the documents', () => {
  it.each(examples)(
    '$document: $command',
    ({ command, output, status }) => {
      // The launcher would set up the checkout under test; what it starts is the same.
      const result = spawnSync('bash', ['-c', command.replace('./fireball', cli)], { cwd: root, encoding: 'utf8', timeout: 60_000 });
      const actual = `${result.stdout}${result.stderr}`.trimEnd().split('\n');
      const mayComplain = status !== 0 || isQemuCommand(command);
      expect({ status: result.status, stderr: result.stderr }).toEqual({ status, stderr: mayComplain ? result.stderr : '' });
      if (output.length > 0 && !matches(output, actual)) expect(actual).toEqual(output);
    },
    60_000,
  );

  it('are there', () => {
    expect(examples.length).toBeGreaterThan(0);
  });
});

describe('links in the documents', () => {
  const links = documents.flatMap((document) =>
    [...readFileSync(join(root, document), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map((match) => ({ document, link: match[1]! })),
  );
  it.each(links)('$document -> $link', ({ document, link }) => {
    expect(existsSync(join(root, dirname(document), link))).toBe(true);
  });
});
