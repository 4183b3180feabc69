import { InvalidArgumentError, Option, type Command } from 'commander';
import type { FolderMapping } from '@fireball/engines';

/** What WASI functions find. */
export interface WorldOptions {
  /** `NAME=VALUE`; the command's own environment is not passed on. */
  readonly env: readonly string[];
  readonly dir: readonly FolderMapping[];
}

/** Options of the commands that run programs. @param whose `a program` or so, as `--help` puts it */
export function addWorldOptions(command: Command, whose: string): Command {
  return command
    .addOption(
      new Option('--env <name=value>', `one entry of ${whose}'s environment, which is empty otherwise; may be repeated`)
        .argParser(environmentEntry)
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--dir <host::guest>',
        `a folder that ${whose} may use, and its name there, the same where left out; functions called by name, and diff, change a copy; may be repeated`,
      )
        .argParser(folderMapping)
        .default([], 'none'),
    );
}

function environmentEntry(text: string, before: readonly string[]): readonly string[] {
  if (!/^[^=]+=/.test(text)) throw new InvalidArgumentError('It must be NAME=VALUE.');
  return [...before, text];
}

function folderMapping(text: string, before: readonly FolderMapping[]): readonly FolderMapping[] {
  const separator = text.indexOf('::');
  const [host, guest] = separator === -1 ? [text, text] : [text.slice(0, separator), text.slice(separator + 2)];
  if (host === '' || guest === '') throw new InvalidArgumentError('It must be HOST::GUEST or HOST.');
  return [...before, { host, guest }];
}
