import type { RawValue } from '../semantics.js';
import type { GlobalType, ValueType } from '../types.js';

/** A global variable: one 8-byte slot, as the executor's operand stack has them. */
export class GlobalInstance {
  readonly kind = 'global';
  /** Low and high word. */
  readonly words = new Int32Array(2);
  private readonly long = new BigInt64Array(this.words.buffer);

  constructor(
    readonly type: GlobalType,
    initial: RawValue,
  ) {
    this.raw = initial;
  }

  get raw(): RawValue {
    return isWide(this.type.type) ? (this.long[0] ?? 0n) : (this.words[0] ?? 0);
  }

  set raw(value: RawValue) {
    if (isWide(this.type.type)) this.long[0] = BigInt(value);
    else this.words[0] = Number(value);
  }
}

/** True for types that fill both words of a slot. */
export function isWide(type: ValueType): boolean {
  return type === 'i64' || type === 'f64';
}
