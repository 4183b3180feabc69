/**
 * Semihosting: firmware's calls of the host. Sources: Arm, "Semihosting for AArch32 and AArch64" (2023Q3), sections 4 to 6; RISC-V
 * Semihosting 0.4, which takes the operations over. Words are 32 bits, on RV64 they are 64.
 */
import { constants } from 'node:os';
import { UsageError } from '@fireball/contracts';
import type { SystemBus } from '../machine/bus.js';
import type { SemihostingHandler } from '../machine/processor.js';
import type { SnapshotPart } from '../machine/snapshot.js';
import { FileError, Folder, type OpenFile } from './folder.js';
import { BadAddress, GuestMemory } from './guest-memory.js';

/** What firmware gets of the host by semihosting. */
export interface SemihostingOptions {
  readonly bus: SystemBus;
  readonly wordSize: 4 | 8;
  /** Takes what firmware writes to the console. */
  readonly write: (bytes: Uint8Array) => void;
  /** The next byte of the console's input, undefined at its end. Waits for it, or says that firmware has to. */
  readonly read: () => number | 'waits' | undefined;
  /** How many bytes `read` gives without waiting. */
  readonly waiting: () => number;
  /** The folder whose files firmware may use; without one it has none. @throws UsageError where it is no folder */
  readonly folder?: string | undefined;
  /** What SYS_GET_CMDLINE gives. */
  readonly commandLine: string;
  /** Virtual seconds since power-on. */
  readonly seconds: () => number;
  /** Memory behind what was loaded, [base, limit). */
  readonly heap: () => { readonly base: number; readonly limit: number };
  readonly warn: (message: string) => void;
}

/** Something behind a handle. */
export type Stream =
  | { readonly kind: 'input' }
  | { readonly kind: 'output' }
  | { readonly kind: 'file'; readonly file: OpenFile }
  | { readonly kind: 'features'; position: number };

/** "SHFB", and the bits of extensions: SYS_EXIT_EXTENDED, and different handles of `:tt` for output and errors (section 5.1). */
const features = Uint8Array.of(0x53, 0x48, 0x46, 0x42, 0b11);
const mostHandles = 64;
const failed = -1;
/** 1 January 2025, as in programs for WASI: runs repeat. */
const startOfTime = Date.UTC(2025, 0, 1) / 1000;
const ticksPerSecond = 1_000_000_000;

/** Reasons of SYS_EXIT with which a program says that it is done (section 6.5). */
const applicationExit = 0x2_0026;
const exitReasons: Readonly<Record<number, string>> = {
  0x2_0000: 'ADP_Stopped_BranchThroughZero',
  0x2_0001: 'ADP_Stopped_UndefinedInstr',
  0x2_0002: 'ADP_Stopped_SoftwareInterrupt',
  0x2_0003: 'ADP_Stopped_PrefetchAbort',
  0x2_0004: 'ADP_Stopped_DataAbort',
  0x2_0005: 'ADP_Stopped_AddressException',
  0x2_0006: 'ADP_Stopped_IRQ',
  0x2_0007: 'ADP_Stopped_FIQ',
  0x2_0020: 'ADP_Stopped_BreakPoint',
  0x2_0021: 'ADP_Stopped_WatchPoint',
  0x2_0022: 'ADP_Stopped_StepComplete',
  0x2_0023: 'ADP_Stopped_RunTimeErrorUnknown',
  0x2_0024: 'ADP_Stopped_InternalError',
  0x2_0025: 'ADP_Stopped_UserInterruption',
  [applicationExit]: 'ADP_Stopped_ApplicationExit',
  0x2_0027: 'ADP_Stopped_StackOverflow',
  0x2_0028: 'ADP_Stopped_DivisionByZero',
  0x2_0029: 'ADP_Stopped_OSSpecific',
};

/** An open stream as plain data: a file by its path in the folder. */
export type SavedStream =
  Exclude<Stream, { readonly kind: 'file' }> | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly position: number };

/** Plain data, for snapshots of a machine. */
export interface SemihostingState {
  readonly errno: number;
  readonly exitReason: string | undefined;
  readonly streams: readonly (readonly [handle: number, stream: SavedStream])[];
}

function savedStream(stream: Stream): SavedStream {
  if (stream.kind !== 'file') return { ...stream };
  const { path, mode, position } = stream.file;
  return { kind: 'file', path, mode, position };
}

/** Nothing of the call has been done yet. */
class InputAwaited extends Error {}

type Outcome = ReturnType<SemihostingHandler>;
type Operation = (parameter: number) => number | Outcome;

/** The host's side of semihosting for one machine. */
export class Semihosting implements SnapshotPart {
  readonly #options: SemihostingOptions;
  readonly #memory: GuestMemory;
  readonly #folder: Folder | undefined;
  readonly #streams = new Map<number, Stream>();
  readonly #operations: ReadonlyMap<number, Operation>;
  #errno = 0;
  /** How firmware ended, once it did: `ADP_Stopped_ApplicationExit`. */
  exitReason: string | undefined;

  constructor(options: SemihostingOptions) {
    this.#options = options;
    this.#memory = new GuestMemory(options.bus, options.wordSize);
    this.#folder = options.folder === undefined ? undefined : new Folder(options.folder);
    this.#operations = new Map<number, Operation>([
      [0x01, (block) => this.#open(block)],
      [0x02, (block) => this.#close(block)],
      [0x03, (address) => this.#print(this.#memory.bytes(address, 1))],
      [0x04, (address) => this.#print(this.#memory.terminated(address))],
      [0x05, (block) => this.#write(block)],
      [0x06, (block) => this.#read(block)],
      [0x07, () => this.#readByte() ?? failed],
      [0x08, (block) => this.#isError(this.#memory.word(block, 0))],
      [0x09, (block) => this.#isTerminal(block)],
      [0x0a, (block) => this.#seek(block)],
      [0x0c, (block) => this.#length(block)],
      [0x0d, (block) => this.#temporaryName(block)],
      [0x0e, (block) => this.#remove(block)],
      [0x0f, (block) => this.#rename(block)],
      [0x10, () => Math.floor(options.seconds() * 100)],
      [0x11, () => startOfTime + Math.floor(options.seconds())],
      [0x12, () => this.#fail('ENOSYS')],
      [0x13, () => this.#errno],
      [0x15, (block) => this.#commandLine(block)],
      [0x16, (address) => this.#heapInfo(address)],
      [0x18, (parameter) => (options.wordSize === 4 ? this.#exit(parameter, undefined) : this.#exitExtended(parameter))],
      [0x20, (block) => this.#exitExtended(block)],
      [0x30, (address) => this.#elapsed(address)],
      [0x31, () => ticksPerSecond],
    ]);
  }

  /** For `Processor.onSemihosting`. Results are signed: -1 has all bits of a register set. */
  readonly handle: SemihostingHandler = (operation, parameter) => {
    const run = this.#operations.get(operation);
    if (run === undefined) {
      this.#options.warn(`semihosting operation 0x${operation.toString(16)} does not exist`);
      return { result: this.#fail('ENOSYS') };
    }
    try {
      const outcome = run(parameter);
      return typeof outcome === 'number' ? { result: outcome } : outcome;
    } catch (error) {
      if (error instanceof InputAwaited) return { waits: true };
      if (error instanceof FileError) return { result: this.#fail(error.code) };
      if (!(error instanceof BadAddress)) throw error;
      this.#options.warn(`semihosting operation 0x${operation.toString(16)} with a bad address: ${error.message}`);
      return { result: this.#fail('EFAULT') };
    }
  };

  /** Handles and how firmware ended; files themselves are the host's. */
  save(): SemihostingState {
    return { errno: this.#errno, exitReason: this.exitReason, streams: [...this.#streams].map(([handle, stream]) => [handle, savedStream(stream)]) };
  }

  /** Files are opened again where firmware has closed them since. @throws UsageError where one cannot be */
  restore(saved: object): void {
    const { errno, exitReason, streams } = saved as SemihostingState;
    this.close();
    this.#errno = errno;
    this.exitReason = exitReason;
    for (const [handle, stream] of streams) this.#streams.set(handle, this.#restoredStream(stream));
  }

  #restoredStream(saved: SavedStream): Stream {
    if (saved.kind !== 'file') return { ...saved };
    const { path, mode, position } = saved;
    try {
      return { kind: 'file', file: this.#files().reopen(path, mode, position) };
    } catch (error) {
      if (error instanceof FileError)
        throw new UsageError(`the snapshot has the file '${path}' of the semihosting folder open, which cannot be opened: ${error.code}`, { cause: error });
      throw error;
    }
  }

  /** Closes the files that firmware has left open. */
  close(): void {
    for (const stream of this.#streams.values()) if (stream.kind === 'file') stream.file.close();
    this.#streams.clear();
  }

  #fail(code: string): number {
    this.#errno = (constants.errno as Readonly<Record<string, number>>)[code] ?? constants.errno.EIO;
    return failed;
  }

  #print(bytes: Uint8Array): number {
    this.#options.write(bytes.slice());
    return 0;
  }

  /** The text in words `index` (address) and `index` + 1 (length) of a block. */
  #path(block: number, index: number): string {
    return this.#memory.text(this.#memory.word(block, index), this.#memory.word(block, index + 1));
  }

  #files(): Folder {
    if (this.#folder === undefined) throw new FileError('EACCES');
    return this.#folder;
  }

  #stream(block: number): Stream {
    const stream = this.#streams.get(this.#memory.word(block, 0));
    if (stream === undefined) throw new FileError('EBADF');
    return stream;
  }

  #open(block: number): number {
    const path = this.#memory.text(this.#memory.word(block, 0), this.#memory.word(block, 2));
    const mode = this.#memory.word(block, 1);
    if (mode > 11) throw new FileError('EINVAL');
    let handle = 1;
    while (this.#streams.has(handle)) handle++;
    if (handle > mostHandles) throw new FileError('EMFILE');
    this.#streams.set(handle, this.#openStream(path, mode));
    return handle;
  }

  #openStream(path: string, mode: number): Stream {
    if (path === ':tt') return { kind: mode < 4 ? 'input' : 'output' };
    if (path !== ':semihosting-features') return { kind: 'file', file: this.#files().open(path, mode) };
    if (mode > 1) throw new FileError('EACCES');
    return { kind: 'features', position: 0 };
  }

  #close(block: number): number {
    const stream = this.#stream(block);
    if (stream.kind === 'file') stream.file.close();
    this.#streams.delete(this.#memory.word(block, 0));
    return 0;
  }

  /** The number of bytes that were not written. */
  #write(block: number): number {
    const length = this.#memory.word(block, 2);
    try {
      const stream = this.#stream(block);
      const bytes = this.#memory.bytes(this.#memory.word(block, 1), length);
      if (stream.kind === 'output') this.#print(bytes);
      else if (stream.kind === 'file') stream.file.write(bytes);
      else throw new FileError('EBADF');
      return 0;
    } catch (error) {
      return this.#nothingDone(error, length);
    }
  }

  /** The number of bytes that were not read: all of them at the end. */
  #read(block: number): number {
    const length = this.#memory.word(block, 2);
    try {
      const into = this.#memory.writable(this.#memory.word(block, 1), length);
      return length - this.#readFrom(this.#stream(block), into);
    } catch (error) {
      return this.#nothingDone(error, length);
    }
  }

  #nothingDone(error: unknown, length: number): number {
    if (error instanceof FileError) this.#fail(error.code);
    else if (error instanceof BadAddress) this.#fail('EFAULT');
    else throw error;
    return length;
  }

  #readFrom(stream: Stream, into: Uint8Array): number {
    switch (stream.kind) {
      case 'file':
        return stream.file.read(into);
      case 'features': {
        const part = features.subarray(stream.position, stream.position + into.length);
        into.set(part);
        stream.position += part.length;
        return part.length;
      }
      case 'input':
        return this.#readConsole(into);
      case 'output':
        throw new FileError('EBADF');
    }
  }

  /** @throws InputAwaited where firmware has to wait for it */
  #readByte(): number | undefined {
    const byte = this.#options.read();
    if (byte === 'waits') throw new InputAwaited();
    return byte;
  }

  /** Waits for one byte, and takes those that are there with it. */
  #readConsole(into: Uint8Array): number {
    let count = 0;
    while (count < into.length && (count === 0 || this.#options.waiting() > 0)) {
      const byte = this.#readByte();
      if (byte === undefined) break;
      into[count++] = byte;
    }
    return count;
  }

  #isError(status: number): number {
    return status >= 2 ** (this.#memory.wordSize * 8 - 1) ? 1 : 0;
  }

  #isTerminal(block: number): number {
    const { kind } = this.#stream(block);
    return kind === 'input' || kind === 'output' ? 1 : 0;
  }

  #seek(block: number): number {
    const stream = this.#stream(block);
    const position = this.#memory.word(block, 1);
    if (stream.kind === 'file') stream.file.seek(position);
    else if (stream.kind === 'features' && position <= features.length) stream.position = position;
    else throw new FileError(stream.kind === 'features' ? 'EINVAL' : 'ESPIPE');
    return 0;
  }

  #length(block: number): number {
    const stream = this.#stream(block);
    if (stream.kind === 'features') return features.length;
    return stream.kind === 'file' ? stream.file.length : 0;
  }

  #temporaryName(block: number): number {
    const identifier = this.#memory.word(block, 1);
    if (identifier > 255) throw new FileError('EINVAL');
    return this.#giveText(`tmp-${identifier.toString().padStart(3, '0')}`, this.#memory.word(block, 0), this.#memory.word(block, 2));
  }

  #giveText(text: string, address: number, room: number): number {
    const bytes = new TextEncoder().encode(`${text}\0`);
    if (bytes.length > room) throw new FileError('E2BIG');
    this.#memory.writable(address, bytes.length).set(bytes);
    return 0;
  }

  #remove(block: number): number {
    this.#files().remove(this.#path(block, 0));
    return 0;
  }

  #rename(block: number): number {
    this.#files().rename(this.#path(block, 0), this.#path(block, 2));
    return 0;
  }

  #commandLine(block: number): number {
    const { commandLine } = this.#options;
    this.#giveText(commandLine, this.#memory.word(block, 0), this.#memory.word(block, 1));
    this.#memory.setWord(block, 1, new TextEncoder().encode(commandLine).length);
    return 0;
  }

  /** `address` holds the address of four words: heap base and limit, stack base and limit; the stack grows down from the heap's limit. */
  #heapInfo(address: number): number {
    const block = this.#memory.word(address, 0);
    const { base, limit } = this.#options.heap();
    [base, limit, limit, base].forEach((value, index) => {
      this.#memory.setWord(block, index, value);
    });
    return 0;
  }

  /** Nanoseconds, 64 bits wide on every machine. */
  #elapsed(address: number): number {
    const ticks = BigInt(Math.floor(this.#options.seconds() * ticksPerSecond));
    const bytes = this.#memory.writable(address, 8);
    new DataView(bytes.buffer, bytes.byteOffset, 8).setBigUint64(0, ticks, true);
    return 0;
  }

  #exitExtended(block: number): Outcome {
    return this.#exit(this.#memory.word(block, 0), this.#memory.word(block, 1));
  }

  /** The status is the low byte of the subcode where a program is done, as its parent process would see it. */
  #exit(reason: number, subcode: number | undefined): Outcome {
    this.exitReason = exitReasons[reason] ?? `reason 0x${reason.toString(16)}`;
    return { exit: reason === applicationExit ? (subcode ?? 0) % 256 : 1 };
  }
}
