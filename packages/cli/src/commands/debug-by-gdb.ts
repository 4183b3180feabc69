import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { beforeEnding, printable, SystemError, systemReason } from '@fireball/contracts';
import { ProgramDescriber, type Debuggee, type ServerAddress } from '@fireball/debugger';
import { serveGdb } from '../gdb-server.js';
import type { Report } from '../report.js';

/** Serves one call to gdb. The text that its lines are of is in a folder of its own as long as that takes: gdb reads sources by itself, from this computer. */
export async function debugByGdb(debuggee: Debuggee, file: string, address: ServerAddress, waits: boolean): Promise<Report> {
  const { target, view, sources } = debuggee.session;
  const folder = sourceFolder();
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  const takeBack = beforeEnding(remove);
  try {
    const name = `${basename(file).replace(/\.(wasm|wat)$/, '')}.wat`;
    const describer = new ProgramDescriber(target, view, sources, { name, folder });
    writeFileSync(join(folder, name), describer.lines.listing);
    const end = await serveGdb(address, {
      debuggee,
      program: { name: '/fireball.elf', bytes: await describer.program() },
      describe: view.interpreter === undefined ? undefined : (code) => describer.function(code),
      waits,
      pause: async () => {
        await setImmediate();
        return false;
      },
      say: (line) => {
        process.stderr.write(`fireball: ${printable(line)}\n`);
      },
    });
    const text = end.kind === 'target' ? debuggee.outcome() : 'gdb has ended the call';
    return { exitStatus: 0, document: { end: text }, text };
  } finally {
    takeBack();
    remove();
  }
}

function sourceFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'fireball-gdb-'));
  } catch (error) {
    throw new SystemError(`no folder for the listing: ${systemReason(error)}`, { cause: error });
  }
}
