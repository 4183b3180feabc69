import { basename } from 'node:path';
import { createHost, openFolders, readInput, writeDescriptor, type LoadedModule } from '@fireball/engines';
import type { WasiHost } from '@fireball/wasm';
import type { WorldOptions } from '../commands/world-options.js';

const stderr = 2;

/** What a program that is debugged finds: commands of the debugger come from this process's standard input, so its own is a file. */
export interface DebuggedWorldOptions extends Partial<WorldOptions> {
  readonly stdin?: string;
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
  { env = [], dir = [], stdin, seed }: DebuggedWorldOptions,
  output: (bytes: Uint8Array) => void,
): { readonly create: () => WasiHost; readonly close: () => void } {
  const input = stdin === undefined ? new Uint8Array(0) : readInput(stdin);
  const hosts: WasiHost[] = [];
  return {
    create: () => {
      let read = 0;
      const host = createHost({
        args: [basename(file), ...args],
        environ: env,
        folders: openFolders(dir, 'through'),
        seed,
        stdin: (bytes) => {
          const part = input.subarray(read, read + bytes.length);
          bytes.set(part);
          read += part.length;
          return part.length;
        },
        stdout: output,
        stderr: (bytes) => {
          writeDescriptor(stderr, bytes);
        },
      });
      hosts.push(host);
      return host;
    },
    close: () => {
      for (const { volume } of hosts.flatMap(({ folders }) => folders)) volume.close();
    },
  };
}
