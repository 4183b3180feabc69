/** Location expressions. Source: DWARF Debugging Information Format, version 4, sections 2.5, 2.6 and 7.7.1. */
import { ByteWriter } from './byte-writer.js';

const codes = {
  address: 0x03,
  dereference: 0x06,
  const4s: 0x0d,
  multiply: 0x1e,
  or: 0x21,
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

  operation(operation: 'dereference' | 'multiply' | 'or' | 'callFrameAddress'): this {
    this.#writer.u8(codes[operation]);
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
