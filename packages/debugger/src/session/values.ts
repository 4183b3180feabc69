import {
  describeLocation,
  hex,
  UsageError,
  wordsOfLocation,
  type Boundary,
  type CodeView,
  type DebugTarget,
  type LocationMap,
  type UserWrite,
  type ValueLocation,
} from '@fireball/contracts';
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
  /** What it was in front of the instruction under way, which has overwritten its place. */
  readonly was?: readonly number[] | undefined;
}

/** Reads what the state of the machine means in terms of the module. */
export class Values {
  constructor(
    private readonly target: DebugTarget,
    private readonly view: CodeView,
  ) {}

  locals({ code, values: boundary, ...frame }: Frame): Variable[] {
    if (code === undefined || (boundary === undefined && frame.entry !== true)) return [];
    return Array.from({ length: code.localCount }, (_, local) => {
      const location: ValueLocation | undefined = frame.entry === true ? code.parameters[local] : code.locations.locals[local];
      const dead = location === undefined || boundary?.isLive(local) === false;
      const place = location === undefined ? (frame.entry === true ? 'not there yet' : 'nowhere') : this.#describe(location);
      return { name: `local ${local}`, type: code.localType(local), ...(dead ? { words: undefined } : this.#held(frame, location)), place, dead };
    });
  }

  /**
   * Where the local lives, all of its words; of callers only what lies on the stack.
   * @throws UsageError where nothing holds it, a call that goes on has its register, another local is there too, or code would not see all of the value
   */
  writeLocal({ code, values: boundary, sp }: Frame, local: number, value: bigint, isInnermost: boolean): void {
    const location = code?.locations.locals[local];
    if (code === undefined || location === undefined || boundary === undefined || !boundary.isLive(local))
      throw new UsageError(`l${local} is nowhere now: nothing reads it any more`);
    const extension = code.locations.extended.get(local);
    const extended = extension === 'signed' ? BigInt.asIntN(32, value) : BigInt.asUintN(32, value);
    if (extension !== undefined && BigInt.asUintN(64, extended) !== BigInt.asUintN(64, value))
      throw new UsageError(`of l${local} the code reads the lower word only: give it a ${extension} number of 32 bits`);
    // Both words of a pair, or neither.
    for (const place of location) if (place.kind === 'register') refuseShared(code.locations, boundary, local, place.register);
    if (!isInnermost && location.some(({ kind }) => kind === 'register'))
      throw new UsageError(`l${local} is in a register that the call which goes on may keep somewhere: finish it first`);
    for (const [index, place] of location.entries()) {
      const word = BigInt.asUintN(32, value >> BigInt(32 * index));
      if (place.kind === 'slot') {
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32LE(Number(word));
        this.target.poke(sp + place.offset, bytes);
      } else {
        this.target.writeRegister(this.view.registerName(place.register), word);
      }
    }
  }

  /** Is one of these to a place of the local? */
  isWritten({ code, sp }: Frame, local: number, writes: readonly UserWrite[]): boolean {
    const places = code?.locations.locals[local] ?? [];
    return places.some((place) =>
      writes.some((write) =>
        place.kind === 'slot'
          ? 'address' in write && sp + place.offset < write.address + write.size && write.address < sp + place.offset + 4
          : 'register' in write && write.register === this.view.registerName(place.register),
      ),
    );
  }

  /** Of the function's operand stack, deepest first; without those that a call has taken. */
  operands({ values: boundary, ...frame }: Frame): Variable[] {
    return (boundary?.operands ?? []).slice(0, frame.kept).map((location, index) => {
      const held = this.#held(frame, location);
      return { name: `operand ${index}`, type: undefined, ...held, place: this.#describe(location), dead: held.words === undefined && held.was === undefined };
    });
  }

  globals(): Variable[] {
    return this.view.globals.map(({ type, address }, index) => {
      const words = [wordAt(this.target, address), ...(type === 'i64' || type === 'f64' ? [wordAt(this.target, address + 4)] : [])];
      return { name: `global ${index}`, type, words: words.every((word) => word !== undefined) ? words : undefined, place: hex(address), dead: false };
    });
  }

  /** What the place holds, if that is still the value. */
  #held(frame: Pick<Frame, 'sp' | 'register' | 'then' | 'kept'>, location: ValueLocation): Pick<Variable, 'words' | 'was'> {
    const words = this.#words(frame, location);
    const { then, sp } = frame;
    if (then === undefined) return { words };
    const was = wordsOfLocation(location, {
      place: (place) => (place.kind === 'register' ? then.register(place.register) : then.word(sp + place.offset)),
      float: then.float,
    });
    return words !== undefined && was?.every((word, index) => word === words[index]) === true ? { words } : { words: undefined, was };
  }

  #words({ sp, register, kept }: Pick<Frame, 'sp' | 'register' | 'kept'>, location: ValueLocation): readonly number[] | undefined {
    return wordsOfLocation(location, {
      place: (place) => (place.kind === 'register' ? register(place.register) : wordAt(this.target, sp + place.offset)),
      float: (float) => (kept === undefined ? this.target.readRegister(this.view.floatRegisterName(float)) : undefined),
    });
  }

  #describe(location: ValueLocation): string {
    const { view } = this;
    return describeLocation(location, {
      register: (register) => view.registerName(register),
      float: (register) => view.floatRegisterName(register),
      constant: 'constant',
    });
  }
}

/** @throws UsageError where another live local has the register of this one */
function refuseShared({ locals }: LocationMap, boundary: Boundary, local: number, register: number): void {
  const other = locals.findIndex(
    (places, at) => at !== local && boundary.isLive(at) && places?.some((each) => each.kind === 'register' && each.register === register),
  );
  if (other >= 0) throw new UsageError(`l${local} and l${other} have the same value now, and one register: go on to where one of them is written`);
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
