import { basename } from 'node:path';
import type { CodeRegisters, CodeView } from '@fireball/contracts';
import { openReturnPlaces, Session, Shell, type Debuggee } from '@fireball/debugger';
import { createProcessor, loadBoard, Machine, MachineTarget } from '@fireball/emulator';
import { ProgramSymbols } from '@fireball/image';
import { codeRegisters } from '@fireball/jit';
import { loadFirmware } from './firmware-images.js';
import { connectSemihosting, semihostingPort } from './semihosting.js';

/** No address of a machine: nothing returns there. */
const nowhere = -1;
const armNames: Readonly<Record<number, string>> = { 13: 'sp', 14: 'lr', 15: 'pc' };

/** Firmware, and what it runs on. */
interface FirmwareChoice {
  readonly file: string;
  /** A name, or a board file. */
  readonly board: string;
  /** Names of the chip's registers. */
  readonly svd?: string | undefined;
}

/**
 * Firmware on a board, from its reset on. Its console goes to `output`, once however often one goes back.
 * @param input what has been typed before it begins, and then nothing more where semihosting reads; undefined: it waits for what commands type
 */
export async function openFirmware(
  { file, board, svd }: FirmwareChoice,
  input: Uint8Array | undefined,
  output: (bytes: Uint8Array) => void,
): Promise<Debuggee> {
  const loaded = await loadBoard(board);
  const machine = new Machine({
    board: loaded.board,
    createProcessor,
    deviceClass: loaded.deviceClass,
    svd: svd === undefined ? undefined : (await import('./svd-file.js')).loadSvd(svd),
  });
  try {
    const images = loadFirmware(machine, [{ file, base: undefined }]).map(({ image }) => image);
    const symbols = new ProgramSymbols(images);
    let muted = false;
    const write = (bytes: Uint8Array): void => {
      if (!muted) output(bytes);
    };
    const { console } = machine.board;
    if (console !== undefined) {
      machine.serial(console).onOutput = (byte) => {
        write(Uint8Array.of(byte));
      };
    }
    const keyboard = console ?? semihostingPort;
    connectSemihosting({ machine, images, keyboard: () => keyboard, more: () => 'waits', write, commandLine: '', warn: () => undefined });
    machine.serial(keyboard, true);
    machine.reset();
    const target = new MachineTarget(machine);
    if (input !== undefined) {
      target.inputs.give(keyboard, input);
      target.inputs.give(keyboard, 'end');
    }
    const replaying = (active: boolean): void => {
      muted = active;
    };
    const session = new Session(target, firmwareView(target, symbols, await openReturnPlaces(target, registersOf(target)), file), { replaying });
    const outcome = (): string => 'the firmware has ended';
    const close = (): void => {
      machine.close();
    };
    return { name: basename(file), session, shell: new Shell(session, outcome), opening: '', outcome, close };
  } catch (error) {
    machine.close();
    throw error;
  }
}

/** Of firmware there are symbols, and no wasm. */
export function firmwareView(target: MachineTarget, symbols: ProgramSymbols, returnPlace?: CodeView['returnPlace'], image?: string): CodeView {
  return {
    ...registersOf(target),
    ...(returnPlace === undefined ? {} : { returnPlace }),
    functions: [],
    routines: [],
    get position() {
      return target.pc;
    },
    interpreter: undefined,
    at: () => undefined,
    routineAt(address) {
      const found = symbols.functionAt(address);
      if (found === undefined) return undefined;
      const line = symbols.lineAt(address);
      return `${found.name}${found.offset === 0 ? '' : `+${found.offset}`}${line === undefined ? '' : ` at ${basename(line.file)}:${line.line}`}`;
    },
    addressOf: (name) => symbols.addressOf(name),
    ...(image === undefined ? {} : { image }),
    lineAt: (address) => symbols.lineAt(address),
    get machineLines() {
      return symbols.sequences;
    },
    templates: [],
    traps: [],
    globals: [],
    memories: [],
    memoryRecords: [],
    exit: nowhere,
  };
}

/** Machines know them by these names alone. */
function registersOf({ architecture }: MachineTarget): CodeRegisters {
  const registers = codeRegisters(architecture === 'thumb2' ? 'thumb2' : 'rv32');
  return {
    ...registers,
    registerName: (register) => (architecture === 'thumb2' ? (armNames[register] ?? `r${register}`) : registers.registerName(register)),
  };
}
