import { basename } from 'node:path';
import { createHost, openFolders, readDescriptor, runProgram, writeDescriptor, type Engine, type EngineOptions, type LoadedModule } from '@fireball/engines';
import type { CommandContext } from '../commands/command.js';
import type { WorldOptions } from '../commands/world-options.js';
import type { Report } from '../report.js';
import { programReport } from './program-report.js';

const [stdin, stdout, stderr] = [0, 1, 2];

export interface ProgramOptions extends EngineOptions, WorldOptions {
  /** Seed of the program's random numbers. */
  readonly seed: number;
  /** Standard output belongs to the one document: what the program writes becomes a part of it. */
  readonly json?: true;
}

/** Runs a WASI program on this process's console. */
export async function runOnConsole(
  engine: Engine,
  loaded: LoadedModule,
  args: readonly string[],
  options: ProgramOptions,
  { log }: CommandContext,
): Promise<Report> {
  const kept: Uint8Array[] = [];
  const host = createHost({
    args: [basename(loaded.file), ...args],
    environ: options.env,
    folders: openFolders(options.dir, 'through'),
    seed: options.seed,
    stdin: (bytes) => readDescriptor(stdin, bytes),
    stdout: (bytes) => {
      if (options.json) kept.push(bytes.slice());
      else writeDescriptor(stdout, bytes);
    },
    stderr: (bytes) => {
      writeDescriptor(stderr, bytes);
    },
    missing: (name) => {
      log.warn({ file: loaded.file, function: name }, 'this WASI function does not exist here: ENOSYS');
    },
  });
  const end = await runProgram(engine, loaded, host, options);
  return programReport(loaded.file, end, options.json ? Buffer.concat(kept).toString('utf8') : undefined);
}
