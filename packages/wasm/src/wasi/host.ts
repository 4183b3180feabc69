import type { Volume } from './files/volume.js';

/** Reading or writing failed outside of the program: the call returns EIO. */
export class ConsoleError extends Error {
  constructor(options: ErrorOptions) {
    super('the console failed', options);
    this.name = 'ConsoleError';
  }
}

/** A folder that a program finds open when it starts. */
export interface PreopenedFolder {
  /** What the program calls it, such as `/data`. */
  readonly name: string;
  readonly volume: Volume;
}

/** What a WASI program sees of the world. Everything that it may reach is passed in here; nothing else exists. */
export interface WasiHost {
  /** The program's name, then its arguments. */
  readonly args: readonly string[];
  /** `NAME=VALUE` strings. */
  readonly environ: readonly string[];
  /** Descriptors 3, 4 and so on. */
  readonly folders: readonly PreopenedFolder[];
  /**
   * Takes all of `bytes` before it returns; they are the guest's memory and change afterwards.
   * @throws ConsoleError
   */
  stdout(bytes: Uint8Array): void;
  /** As `stdout`. */
  stderr(bytes: Uint8Array): void;
  /**
   * Fills `bytes` from its start and returns how many were there; 0 = end of input.
   * @throws ConsoleError
   */
  stdin(bytes: Uint8Array): number;
  /** Fills `bytes`. */
  random(bytes: Uint8Array): void;
  /** Called once for every function that a program calls and that does not exist here. */
  missing(name: string): void;
}
