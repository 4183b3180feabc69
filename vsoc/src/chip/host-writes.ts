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
    const before = pieces().map(({ base, bytes }) => ({ base, bytes, old: bytes.slice() }));
    try {
      return action();
    } finally {
      for (const { base, bytes, old } of before) {
        for (const { begin, end } of changes(old, bytes)) this.memory(base + begin, bytes.subarray(begin, end));
      }
    }
  }
}

const block = 4096;

function* changes(old: Uint8Array, now: Uint8Array): Generator<{ readonly begin: number; readonly end: number }> {
  for (let at = 0; at < old.length; at += block) {
    const [before, after] = [old.subarray(at, at + block), now.subarray(at, at + block)];
    if (Buffer.compare(before, after) === 0) continue;
    let begin = -1;
    let end = 0;
    for (let index = 0; index < before.length; index++) {
      if (before[index] === after[index]) continue;
      if (begin >= 0 && index - end >= gap) {
        yield { begin: at + begin, end: at + end };
        begin = -1;
      }
      if (begin < 0) begin = index;
      end = index + 1;
    }
    if (begin >= 0) yield { begin: at + begin, end: at + end };
  }
}
