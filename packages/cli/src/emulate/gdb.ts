import { resolve } from 'node:path';
import { standardInputName } from '@fireball/contracts';
import { Session, Shell, type HostFile, type ServerAddress, type ServerEnd } from '@fireball/debugger';
import { MachineTarget, type Machine } from '@fireball/emulator';
import type { ProgramSymbols } from '@fireball/image';
import { serveGdb } from '../gdb-server.js';
import { firmwareView } from './debuggee.js';
import type { LoadedImage } from './firmware-images.js';
import type { MachineConsole } from './machine-console.js';

interface DebugOptions {
  readonly machine: Machine;
  readonly images: readonly LoadedImage[];
  readonly symbols: ProgramSymbols;
  readonly address: ServerAddress;
  /** Stand still until a debugger lets it go. */
  readonly waits: boolean;
  /** The host's turn between two pieces of a run; true: the run is to end. */
  readonly pause: (idle: boolean) => Promise<boolean>;
  readonly say: (line: string) => void;
  readonly console: MachineConsole;
}

/** Runs a machine as a debugger wants. @throws SystemError where it cannot listen at the address */
export async function debugMachine({ machine, images, symbols, address, waits, pause, say, console }: DebugOptions): Promise<ServerEnd> {
  const replaying = (active: boolean): void => {
    console.muted = active;
  };
  const target = new MachineTarget(machine);
  const session = new Session(target, firmwareView(target, symbols), { replaying });
  const debuggee = { session, shell: new Shell(session, () => 'the firmware has ended') };
  console.waits = true;
  console.type = (port, bytes) => {
    target.inputs.give(port, bytes);
    session.wrote('input');
  };
  return serveGdb(address, { debuggee, program: programOf(images), waits, pause, say });
}

/** The first image with symbols: GDB fetches it by itself. */
function programOf(images: readonly LoadedImage[]): HostFile | undefined {
  const found = images.find(({ file, image }) => file !== standardInputName && image.format === 'elf');
  return found === undefined ? undefined : { name: resolve(found.file), bytes: found.bytes };
}
