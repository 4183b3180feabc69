import { basename } from 'node:path';
import { createHost, openFolders, ProgramInput, readInput, writeDescriptor, type LoadedModule, type ProgramWorld } from '@fireball/engines';
import type { WasiHost } from '@fireball/wasm';
import type { WorldOptions } from '../commands/world-options.js';

const stderr = 2;

/** What a program that is debugged finds: commands of the debugger come from this process's standard input, so its own is a file, or is typed by commands. */
export interface DebuggedWorldOptions extends Partial<WorldOptions> {
  /** A file that is all that there is; absent: it waits until something is typed. */
  readonly input?: string;
  readonly seed: number;
}

/**
 * Makes the world of a program, anew each time that it begins. What it reads and writes happens once, however often its past is gone through.
 * @param output takes its standard output
 * @returns also what ends with the debugger
 */
export function debuggedWorld(
  { file }: LoadedModule,
  args: readonly string[],
  { env = [], dir = [], input: inputFile, seed }: DebuggedWorldOptions,
  output: (bytes: Uint8Array) => void,
): { readonly create: () => ProgramWorld; readonly close: () => void } {
  const given = inputFile === undefined ? undefined : readInput(inputFile);
  const hosts: WasiHost[] = [];
  return {
    create: () => {
      const input = new ProgramInput();
      if (given !== undefined) {
        input.give(given, 0);
        input.give('end', 0);
      }
      const host = createHost({
        args: [basename(file), ...args],
        environ: env,
        folders: openFolders(dir, 'through'),
        seed,
        stdin: input.read,
        stdout: output,
        stderr: (bytes) => {
          writeDescriptor(stderr, bytes);
        },
      });
      hosts.push(host);
      return { host, input };
    },
    close: () => {
      for (const { volume } of hosts.flatMap(({ folders }) => folders)) volume.close();
    },
  };
}
