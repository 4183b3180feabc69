import { readFileSync } from 'node:fs';
import type { Constants } from './constants/all.js';
import { later } from './constants/later.js';
import { loadAddon } from './load.js';
import { Unicorn } from './unicorn.js';

export { callWithin } from './deadline.js';
export { UnicornError } from './error.js';
export type {
  CodeCallback,
  EdgeCallback,
  InstructionCallback,
  InterruptCallback,
  InvalidInstructionCallback,
  MemoryCallback,
  OperationCallback,
  PortReadCallback,
  PortWriteCallback,
  SystemRegisterCallback,
} from './callbacks.js';
export type { MmioCallbacks, SystemRegister, TranslationBlock } from './hooks.js';
export type {
  Arm64Constants,
  ArmConstants,
  Constants,
  CoreConstants,
  M68kConstants,
  MipsConstants,
  PpcConstants,
  RiscvConstants,
  S390xConstants,
  SparcConstants,
  TricoreConstants,
  X86Constants,
} from './constants/all.js';
export { guardEntry, guardKinds, guardReads } from './guard.js';
export type { GuardFunction, GuardRange, GuardViolation, GuardViolationKind } from './guard.js';
export { KeptReads } from './kept-reads.js';
export { mProfile, runChecks, runTraps } from './m-profile.js';
export type { Integer, NativeContext } from './native.js';
export type { RunOutcome, RunReason } from './run.js';
export type { Stops, WatchKind } from './stops.js';
export type { Bytes, Context, Hook, MemoryRegion, Unicorn } from './unicorn.js';

/** The module object of unicorn.js: static functions, constants and the engine class. */
export type UnicornModule = Constants &
  typeof later & {
    readonly Unicorn: new (arch: number, mode: number) => Unicorn;
    /** `(major << 24) | (minor << 16) | (patch << 8) | extra`. */
    version(): number;
    arch_supported(arch: number): boolean;
    strerror(code: number): string;
  };

let loaded: UnicornModule | undefined;

/**
 * The module object, loaded at the first call.
 * @throws MissingPartError (exit status 69) where libunicorn or the addon is missing.
 */
export function loadUnicorn(): UnicornModule {
  if (loaded === undefined) {
    const addon = loadAddon();
    class BoundUnicorn extends Unicorn {
      constructor(arch: number, mode: number) {
        super(addon, arch, mode);
      }
    }
    const constants = JSON.parse(readFileSync(new URL('./constants/all.json', import.meta.url), 'utf8')) as Constants;
    loaded = Object.assign(constants, later, {
      Unicorn: BoundUnicorn,
      version: () => addon.version(),
      arch_supported: (arch: number) => addon.arch_supported(arch),
      strerror: (code: number) => addon.strerror(code),
    });
  }
  return loaded;
}

/** unicorn.js v2's factory. */
export function MUnicorn(): Promise<UnicornModule> {
  return Promise.resolve().then(loadUnicorn);
}
