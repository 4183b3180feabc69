/** Location expressions. Source: DWARF Debugging Information Format, version 4, sections 2.5, 2.6 and 7.7.1. */
import { ByteWriter } from './byte-writer.js';

const codes = {
  address: 0x03,
  dereference: 0x06,
  duplicate: 0x12,
  drop: 0x13,
  over: 0x14,
  swap: 0x16,
  and: 0x1a,
  minus: 0x1c,
  const4s: 0x0d,
  multiply: 0x1e,
  or: 0x21,
  equal: 0x29,
  greaterOrEqual: 0x2a,
  lessOrEqual: 0x2c,
  branchIf: 0x28,
  skip: 0x2f,
  plusConstant: 0x23,
  shl: 0x24,
  shr: 0x25,
  shra: 0x26,
  const1u: 0x08,
  register0: 0x50,
  registerBase0: 0x70,
  register: 0x90,
  frameBase: 0x91,
  registerBase: 0x92,
  piece: 0x93,
  callFrameAddress: 0x9c,
  stackValue: 0x9f,
} as const;

/** What takes its operands from the stack, and nothing else. Comparisons are of signed numbers. */
export type ExpressionOperation =
  | 'dereference'
  | 'duplicate'
  | 'drop'
  | 'over'
  | 'swap'
  | 'and'
  | 'minus'
  | 'multiply'
  | 'or'
  | 'equal'
  | 'greaterOrEqual'
  | 'lessOrEqual'
  | 'callFrameAddress';

/** The operation, and how far. */
const skipBytes = 3;

/** Bytes of an expression, written operation by operation. */
export class Expression {
  readonly #writer = new ByteWriter();

  /** The value is in a register. */
  register(number: number): this {
    if (number < 32) this.#writer.u8(codes.register0 + number);
    else {
      this.#writer.u8(codes.register);
      this.#writer.uleb(number);
    }
    return this;
  }

  /** A register's value, and a constant added to it, is pushed. */
  contents(number: number, plus = 0): this {
    if (number < 32) this.#writer.u8(codes.registerBase0 + number);
    else {
      this.#writer.u8(codes.registerBase);
      this.#writer.uleb(number);
    }
    this.#writer.sleb(plus);
    return this;
  }

  /** The value is in memory, so far from the frame base. */
  frameSlot(offset: number): this {
    this.#writer.u8(codes.frameBase);
    this.#writer.sleb(offset);
    return this;
  }

  address(address: number): this {
    this.#writer.u8(codes.address);
    this.#writer.u32(address);
    return this;
  }

  /** 32 bits, signed or not. */
  constant(value: number): this {
    this.#writer.u8(codes.const4s);
    this.#writer.u32(value >>> 0);
    return this;
  }

  plusConstant(value: number): this {
    this.#writer.u8(codes.plusConstant);
    this.#writer.uleb(value >>> 0);
    return this;
  }

  shift(operation: 'shl' | 'shr' | 'shra', amount: number): this {
    this.#writer.bytes([codes.const1u, amount, codes[operation]]);
    return this;
  }

  operation(operation: ExpressionOperation): this {
    this.#writer.u8(codes[operation]);
    return this;
  }

  /** Takes what lies on top: where it is not 0, `then` follows, else `otherwise`. */
  choose(then: Expression, otherwise: Expression): this {
    const [yes, no] = [then.finish(), otherwise.finish()];
    this.#writer.u8(codes.branchIf);
    this.#writer.u16(no.length + skipBytes);
    this.#writer.bytes(no);
    this.#writer.u8(codes.skip);
    this.#writer.u16(yes.length);
    this.#writer.bytes(yes);
    return this;
  }

  /** What lies on top is the value itself, not its place. */
  value(): this {
    this.#writer.u8(codes.stackValue);
    return this;
  }

  /** What was said so far since the last piece is of so many bytes of the value. */
  piece(bytes: number): this {
    this.#writer.u8(codes.piece);
    this.#writer.uleb(bytes);
    return this;
  }

  finish(): Uint8Array {
    return this.#writer.finish();
  }
}
