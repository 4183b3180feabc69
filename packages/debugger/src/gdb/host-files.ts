import { hex, littleEndian, numberOf, text } from './text.js';

/** A file that the client may read by its absolute name: a program with its symbols. */
export interface HostFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Errors of the protocol's own numbering (GDB manual, E.7 "File-I/O errno values"). */
const errors = { notFound: 2, badDescriptor: 9, invalid: 22 } as const;
const regularFile = 0o100444;

/** `vFile` requests: nothing but the files that were named can be opened, and nothing is written. */
export class HostFiles {
  readonly #open = new Map<number, HostFile>();
  #next = 3;

  constructor(private readonly find: (name: string) => HostFile | Promise<HostFile> | undefined) {}

  /** The answer to `vFile:OPERATION:ARGUMENTS`; undefined where the operation is not known. */
  answer(operation: string, args: readonly string[]): Uint8Array | Promise<Uint8Array> | undefined {
    const reply = this.#reply(operation, args);
    if (reply instanceof Promise) return reply.then((content) => text.bytes(content));
    return typeof reply === 'string' ? text.bytes(reply) : reply;
  }

  #reply(operation: string, args: readonly string[]): Uint8Array | Promise<string> | string | undefined {
    switch (operation) {
      case 'open':
        return this.#opened(args[0] ?? '');
      case 'pread':
        return this.#read(args.map(numberOf));
      case 'fstat':
        return this.#status(numberOf(args[0] ?? ''));
      case 'close':
        return this.#open.delete(numberOf(args[0] ?? '') ?? -1) ? 'F0' : failure(errors.badDescriptor);
      case 'setfs':
        return 'F0';
      case 'readlink':
        return failure(errors.invalid);
      default:
        return undefined;
    }
  }

  #opened(digits: string): string | Promise<string> {
    const bytes = hex.bytes(digits);
    const name = bytes === undefined ? undefined : new TextDecoder().decode(bytes);
    const file = name === undefined ? undefined : this.find(name);
    if (file === undefined) return failure(errors.notFound);
    // A client that never closes them gets no more.
    if (this.#open.size >= 64) return failure(errors.invalid);
    return file instanceof Promise ? file.then((found) => this.#descriptorOf(found)) : this.#descriptorOf(file);
  }

  #descriptorOf(file: HostFile): string {
    this.#open.set(this.#next, file);
    return `F${(this.#next++).toString(16)}`;
  }

  #read([descriptor, count, offset]: readonly (number | undefined)[]): Uint8Array | string {
    const file = this.#open.get(descriptor ?? -1);
    if (file === undefined) return failure(errors.badDescriptor);
    if (count === undefined || offset === undefined) return failure(errors.invalid);
    const part = file.bytes.subarray(offset, offset + Math.min(count, mostBytes));
    return Uint8Array.from([...text.bytes(`F${part.length.toString(16)};`), ...part]);
  }

  /** `struct stat` of the protocol, big-endian (GDB manual, E.7 "struct stat"). */
  #status(descriptor: number | undefined): Uint8Array | string {
    const file = this.#open.get(descriptor ?? -1);
    if (file === undefined) return failure(errors.badDescriptor);
    const big = (value: number, bytes: number): number[] => [...littleEndian(BigInt(value), bytes)].reverse();
    const status = [
      ...[0, 0].flatMap((value) => big(value, 4)), // device, inode
      ...big(regularFile, 4),
      ...[1, 0, 0, 0].flatMap((value) => big(value, 4)), // links, user, group, special device
      ...big(file.bytes.length, 8),
      ...big(512, 8),
      ...big(Math.ceil(file.bytes.length / 512), 8),
      ...[0, 0, 0].flatMap((value) => big(value, 4)), // times
    ];
    return Uint8Array.from([...text.bytes(`F${status.length.toString(16)};`), ...status]);
  }
}

/** An answer's bytes, so that escaped it fits into a packet. */
const mostBytes = 0x1800;

function failure(error: number): string {
  return `F-1,${error.toString(16)}`;
}
