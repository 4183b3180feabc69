import { Buffer } from 'node:buffer';
import type { CpuBackend } from '@fireball/contracts';

/** Something that the host has written to the guest. */
export type HostWrite = { readonly register: string; readonly value: number } | { readonly address: number; readonly bytes: Uint8Array };

/** Guest memory in one piece. */
interface Piece {
  readonly base: number;
  readonly bytes: Uint8Array;
}

/** Changes closer to each other than this become one. */
const gap = 16;

/**
 * What the host writes to registers and data memory while somebody notes it: a debugger, to write the same when it goes through that moment again.
 * Code memory keeps its own count of changes.
 */
export class HostWrites {
  #noted: HostWrite[] | undefined;
  /** Memories as they were behind the last function of the host, by their addresses. */
  readonly #copies = new Map<number, Uint8Array>();

  constructor(private readonly cpu: CpuBackend) {}

  /** From now on. */
  begin(): void {
    this.#noted = [];
  }

  /** Those since `begin`, in order; later ones are not noted. */
  end(): readonly HostWrite[] {
    const noted = this.#noted ?? [];
    this.#noted = undefined;
    return noted;
  }

  /** Writes a register for the guest. */
  register(register: string, value: number): void {
    this.cpu.writeRegister(register, value);
    this.#noted?.push({ register, value });
  }

  /** Bytes have just been written at an address. */
  memory(address: number, bytes: Uint8Array): void {
    this.#noted?.push({ address, bytes: bytes.slice() });
  }

  /** Notes what a function of the host does to memories that it may write to as it likes. They do not move. */
  around<Result>(pieces: () => readonly Piece[], action: () => Result): Result {
    if (this.#noted === undefined) return action();
    const known = pieces().map(({ base, bytes }) => ({ base, bytes, copy: this.#copyOf(base, bytes) }));
    for (const { bytes, copy } of known) for (const at of changedBlocks(copy, bytes)) copy.set(bytes.subarray(at, at + block), at);
    try {
      return action();
    } finally {
      for (const { base, bytes, copy } of known) {
        for (const at of changedBlocks(copy, bytes)) {
          const [before, after] = [copy.subarray(at, at + block), bytes.subarray(at, at + block)];
          for (const { begin, end } of changes(before, after)) this.memory(base + at + begin, after.subarray(begin, end));
          before.set(after);
        }
      }
    }
  }

  /** One for all calls: blocks that have not changed since the last one are not copied again. */
  #copyOf(base: number, bytes: Uint8Array): Uint8Array {
    let copy = this.#copies.get(base);
    if (copy?.length !== bytes.length) {
      const longer = new Uint8Array(bytes.length);
      if (copy !== undefined) longer.set(copy.subarray(0, bytes.length));
      this.#copies.set(base, (copy = longer));
    }
    return copy;
  }
}

/** Most of memory does not change: many blocks are compared at once first. */
const block = 4096;
const chunk = 16 * block;

function* changedBlocks(old: Uint8Array, now: Uint8Array): Generator<number> {
  for (let at = 0; at < old.length; at += chunk) {
    if (Buffer.compare(old.subarray(at, at + chunk), now.subarray(at, at + chunk)) === 0) continue;
    const end = Math.min(at + chunk, old.length);
    for (let begin = at; begin < end; begin += block) {
      if (Buffer.compare(old.subarray(begin, begin + block), now.subarray(begin, begin + block)) !== 0) yield begin;
    }
  }
}

function* changes(old: Uint8Array, now: Uint8Array): Generator<{ readonly begin: number; readonly end: number }> {
  let begin = -1;
  let end = 0;
  for (let index = 0; index < old.length; index++) {
    if (old[index] === now[index]) continue;
    if (begin >= 0 && index - end >= gap) {
      yield { begin, end };
      begin = -1;
    }
    if (begin < 0) begin = index;
    end = index + 1;
  }
  if (begin >= 0) yield { begin, end };
}
