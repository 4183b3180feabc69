import type { CodeView, DebugTarget, ValueLocation, WordLocation, WordPlace } from '@fireball/contracts';
import { wordAt, type Frame } from './frames.js';

/** A local, an operand or a global. */
export interface Variable {
  /** `local 0`, `operand 1`, `global 2`. */
  readonly name: string;
  /** Undefined of operands: code does not say. */
  readonly type: string | undefined;
  /** Low word first; undefined where nothing holds the value. */
  readonly words: readonly number[] | undefined;
  /** Where it is: register, slot, constant, pending sum. */
  readonly place: string;
  /** Nobody reads it any more: its place may hold something else. */
  readonly dead: boolean;
}

/** Reads what the state of the machine means in terms of the module. */
export class Values {
  constructor(
    private readonly target: DebugTarget,
    private readonly view: CodeView,
  ) {}

  locals({ code, values: boundary, ...frame }: Frame): Variable[] {
    if (code === undefined || boundary === undefined) return [];
    return Array.from({ length: code.localCount }, (_, local) => {
      const location = code.locations.locals[local];
      const dead = location === undefined || !boundary.isLive(local);
      return { name: `local ${local}`, type: code.localType(local), words: dead ? undefined : this.#words(frame, location), place: location === undefined ? 'nowhere' : this.#describe(location), dead };
    });
  }

  /** Of the function's operand stack, deepest first. */
  operands({ values: boundary, ...frame }: Frame): Variable[] {
    return (boundary?.operands ?? []).map((location, index) => {
      const words = this.#words(frame, location);
      return { name: `operand ${index}`, type: undefined, words, place: this.#describe(location), dead: words === undefined };
    });
  }

  globals(): Variable[] {
    return this.view.globals.map(({ type, address }, index) => {
      const words = [wordAt(this.target, address), ...(type === 'i64' || type === 'f64' ? [wordAt(this.target, address + 4)] : [])];
      return { name: `global ${index}`, type, words: words.every((word) => word !== undefined) ? words : undefined, place: hex(address), dead: false };
    });
  }

  #words(frame: Pick<Frame, 'sp' | 'register'>, location: ValueLocation): readonly number[] | undefined {
    const words = location.map((word) => this.#word(frame, word));
    return words.every((word) => word !== undefined) ? words : undefined;
  }

  #place({ sp, register }: Pick<Frame, 'sp' | 'register'>, place: WordPlace): number | undefined {
    return place.kind === 'register' ? register(place.register) : wordAt(this.target, sp + place.offset);
  }

  #word(frame: Pick<Frame, 'sp' | 'register'>, location: WordLocation): number | undefined {
    switch (location.kind) {
      case 'register':
      case 'slot':
        return this.#place(frame, location);
      case 'constant':
        return location.value;
      case 'float': {
        const bits = this.target.readRegister(this.view.floatRegisterName(location.register));
        return Number(BigInt.asIntN(32, location.half === 'low' ? bits : bits >> 32n));
      }
      case 'unknown':
        return undefined;
      case 'sum': {
        const value = this.#place(frame, location.of);
        return value === undefined ? undefined : (value + location.constant) | 0;
      }
      case 'shift': {
        const value = this.#place(frame, location.of);
        return value === undefined ? undefined : shifts[location.shift](value, location.amount) | 0;
      }
      case 'product': {
        const [a, b] = [this.#place(frame, location.a), this.#place(frame, location.b)];
        return a === undefined || b === undefined ? undefined : Math.imul(a, b);
      }
    }
  }

  #describe(location: ValueLocation): string {
    return location.map((word) => this.#describeWord(word)).join(', ');
  }

  #describeWord(location: WordLocation): string {
    const place = (of: WordPlace): string => (of.kind === 'register' ? this.view.registerName(of.register) : `[sp + ${of.offset}]`);
    switch (location.kind) {
      case 'register':
      case 'slot':
        return place(location);
      case 'constant':
        return 'constant';
      case 'float':
        return `${this.view.floatRegisterName(location.register)}${location.half === 'low' ? '' : ' (upper word)'}`;
      case 'unknown':
        return 'nowhere';
      case 'sum':
        return `${place(location.of)} ${location.constant < 0 ? '-' : '+'} ${Math.abs(location.constant)}`;
      case 'shift':
        return `${place(location.of)} ${location.shift} ${location.amount}`;
      case 'product':
        return `${place(location.a)} * ${place(location.b)}`;
    }
  }
}

const shifts: Readonly<Record<'shl' | 'shr_s' | 'shr_u' | 'rotr', (value: number, amount: number) => number>> = {
  shl: (value, amount) => value << amount,
  shr_s: (value, amount) => value >> amount,
  shr_u: (value, amount) => value >>> amount,
  rotr: (value, amount) => (value >>> amount) | (value << (32 - amount)),
};

function hex(value: number): string {
  return `0x${(value >>> 0).toString(16).padStart(8, '0')}`;
}

/** A value of a type, as people read it; of an unknown type, as an integer of its size. */
export function formatWords(type: string | undefined, words: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(8));
  words.forEach((word, index) => {
    view.setInt32(4 * index, word, true);
  });
  const [low = 0] = words;
  switch (type) {
    case 'f32':
      return `${view.getFloat32(0, true)} (bits ${hex(low)})`;
    case 'f64':
      return `${view.getFloat64(0, true)} (bits 0x${view.getBigUint64(0, true).toString(16).padStart(16, '0')})`;
    case 'funcref':
    case 'externref':
      return low === 0 ? 'null' : `reference ${hex(low)}`;
    default:
      return words.length > 1 ? `${view.getBigInt64(0, true)} (0x${view.getBigUint64(0, true).toString(16)})` : `${low} (0x${(low >>> 0).toString(16)})`;
  }
}
