import type { TypedInput } from '@fireball/vsoc';
import { InputAwaited } from '@fireball/wasm';

/** The standard input of a program that is debugged: what was typed, from when it was typed on. */
export class ProgramInput implements TypedInput {
  #waiting: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  #endedAt = Infinity;

  give(bytes: Uint8Array | 'end', at: number): void {
    if (bytes === 'end') this.#endedAt = Math.min(this.#endedAt, at);
    else if (bytes.length > 0) this.#waiting.push({ at, bytes });
  }

  forgetAfter(at: number): void {
    this.#waiting = this.#waiting.filter((typed) => typed.at <= at);
    if (this.#endedAt > at) this.#endedAt = Infinity;
  }

  /** For `WasiHost.stdin`: as many bytes as there are and have room; 0 at the end. @throws InputAwaited where there are none yet */
  readonly read = (into: Uint8Array): number => {
    let count = 0;
    for (let [next] = this.#waiting; next !== undefined && count < into.length; [next] = this.#waiting) {
      const part = next.bytes.subarray(0, into.length - count);
      into.set(part, count);
      count += part.length;
      this.#waiting.shift();
      if (part.length < next.bytes.length) this.#waiting.unshift({ at: next.at, bytes: next.bytes.subarray(part.length) });
    }
    if (count === 0 && this.#endedAt === Infinity) throw new InputAwaited();
    return count;
  };
}
