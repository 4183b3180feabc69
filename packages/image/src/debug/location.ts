/**
 * Carries out location expressions of WebAssembly modules. Source: DWARF Debugging Information Format, version 5, sections 2.5 and 2.6;
 * `DW_OP_WASM_location`: DWARF for WebAssembly.
 */
import { BrokenBytes, ByteCursor } from './byte-cursor.js';

/** Where a variable is, or what it is. Addresses are offsets in linear memory. */
export type VariableLocation =
  | { readonly kind: 'memory'; readonly address: number }
  /** What a local, global or operand of WebAssembly holds. */
  | { readonly kind: 'wasm'; readonly place: WasmPlace }
  /** The value itself, in so many of its lowest bytes as the variable has. */
  | { readonly kind: 'value'; readonly value: bigint }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Parts one after the other; undefined is one that nothing holds. */
  | { readonly kind: 'pieces'; readonly pieces: readonly { readonly size: number; readonly location: VariableLocation | undefined }[] };

/** A local, global or operand by its number. */
export interface WasmPlace {
  readonly kind: 'local' | 'global' | 'operand';
  readonly index: number;
}

/** What expressions ask of a program. What it cannot say, it throws. */
export interface LocationContext {
  /** All bits, as an unsigned number. */
  wasm(place: WasmPlace): bigint;
  /** Little-endian. */
  memory(address: number, size: number): bigint;
  frameBase(): bigint;
  indexedAddress(index: number): number;
}

/** Operations of one expression, loops included, and values that they keep. */
const [mostOperations, mostValues] = [2000, 200];

/** @throws BrokenBytes for an expression that is none, or uses what is not known here */
export function locate(expression: Uint8Array, context: LocationContext, addressSize: number): VariableLocation | undefined {
  const { pieces, last } = run(expression, context, addressSize, []);
  return pieces.length > 0 ? { kind: 'pieces', pieces } : last;
}

/** The value that an expression leaves on top, such as a frame base or an offset, where it begins with `start`. @throws BrokenBytes */
export function valueOf(expression: Uint8Array, context: LocationContext, addressSize: number, start: readonly bigint[] = []): bigint {
  const { pieces, last } = run(expression, context, addressSize, start);
  if (pieces.length > 0 || last === undefined) throw new BrokenBytes('an expression without a value');
  switch (last.kind) {
    case 'memory':
      return BigInt(last.address);
    case 'wasm':
      return context.wasm(last.place);
    case 'value':
      return last.value;
    case 'bytes':
    case 'pieces':
      throw new BrokenBytes('an expression without a value');
  }
}

interface Outcome {
  readonly pieces: { readonly size: number; readonly location: VariableLocation | undefined }[];
  readonly last: VariableLocation | undefined;
}

const signed = (value: bigint): bigint => BigInt.asIntN(64, value);
const truth = (value: boolean): bigint => (value ? 1n : 0n);

/** Of two values, the one below first. */
const binary: Readonly<Record<number, (a: bigint, b: bigint) => bigint>> = {
  0x1a: (a, b) => a & b,
  0x1b: (a, b) => signed(a) / divisor(signed(b)),
  0x1c: (a, b) => a - b,
  0x1d: (a, b) => a % divisor(b),
  0x1e: (a, b) => a * b,
  0x21: (a, b) => a | b,
  0x22: (a, b) => a + b,
  0x24: (a, b) => (b > 63n ? 0n : a << b),
  0x25: (a, b) => (b > 63n ? 0n : a >> b),
  0x26: (a, b) => signed(a) >> (b > 63n ? 63n : b),
  0x27: (a, b) => a ^ b,
  0x29: (a, b) => truth(a === b),
  0x2a: (a, b) => truth(signed(a) >= signed(b)),
  0x2b: (a, b) => truth(signed(a) > signed(b)),
  0x2c: (a, b) => truth(signed(a) <= signed(b)),
  0x2d: (a, b) => truth(signed(a) < signed(b)),
  0x2e: (a, b) => truth(a !== b),
};
const unary: Readonly<Record<number, (a: bigint) => bigint>> = {
  0x19: (a) => (signed(a) < 0n ? -a : a),
  0x1f: (a) => -a,
  0x20: (a) => ~a,
};

function divisor(value: bigint): bigint {
  if (value === 0n) throw new BrokenBytes('an expression that divides by zero');
  return value;
}

const wasmKinds = ['local', 'global', 'operand', 'global'] as const;
/** Its number has four bytes, for linkers. */
const wideGlobal = 3;

function run(expression: Uint8Array, context: LocationContext, addressSize: number, start: readonly bigint[]): Outcome {
  const cursor = new ByteCursor(expression);
  const stack = [...start];
  const pieces: Outcome['pieces'] = [];
  /** What the expression is, where it is not the address on top. */
  let place: VariableLocation | undefined;
  const push = (value: bigint): void => {
    if (stack.length >= mostValues) throw new BrokenBytes(`an expression with more than ${mostValues} values`);
    stack.push(BigInt.asUintN(64, value));
  };
  const pop = (): bigint => {
    const value = stack.pop();
    if (value === undefined) throw new BrokenBytes('an expression without operands');
    return value;
  };
  const peek = (depth: number): bigint => {
    const value = stack[stack.length - 1 - depth];
    if (value === undefined) throw new BrokenBytes('an expression without operands');
    return value;
  };
  const load = (size: number): void => {
    push(context.memory(Number(BigInt.asUintN(8 * addressSize, pop())), size));
  };
  const jump = (offset: number): void => {
    const to = cursor.at + offset;
    if (to < 0 || to > expression.length) throw new BrokenBytes('an expression that jumps out of itself');
    cursor.at = to;
  };
  const here = (): VariableLocation | undefined =>
    place ?? (stack.length === 0 ? undefined : { kind: 'memory', address: Number(BigInt.asUintN(8 * addressSize, peek(0))) });
  const operations: Readonly<Record<number, () => void>> = {
    0x03: () => push(BigInt(cursor.unsigned(addressSize))), // DW_OP_addr
    0x06: () => load(addressSize), // DW_OP_deref
    0x08: () => push(BigInt(cursor.u8())), // DW_OP_const1u to DW_OP_const8s
    0x09: () => push(BigInt(cursor.i8())),
    0x0a: () => push(BigInt(cursor.u16())),
    0x0b: () => push(BigInt.asIntN(16, BigInt(cursor.u16()))),
    0x0c: () => push(BigInt(cursor.u32())),
    0x0d: () => push(BigInt.asIntN(32, BigInt(cursor.u32()))),
    0x0e: () => push(Buffer.from(cursor.bytes(8)).readBigUInt64LE()),
    0x0f: () => push(Buffer.from(cursor.bytes(8)).readBigUInt64LE()),
    0x10: () => push(wideUleb(cursor)), // DW_OP_constu
    0x11: () => push(wideSleb(cursor)), // DW_OP_consts
    0x12: () => push(peek(0)), // DW_OP_dup
    0x13: () => void pop(), // DW_OP_drop
    0x14: () => push(peek(1)), // DW_OP_over
    0x15: () => push(peek(cursor.u8())), // DW_OP_pick
    0x16: () => stack.push(pop(), pop()), // DW_OP_swap
    0x17: () => stack.push(...[pop(), pop(), pop()].map((_, index, all) => all[[0, 2, 1][index]!]!)), // DW_OP_rot
    0x23: () => push(pop() + BigInt(cursor.uleb())), // DW_OP_plus_uconst
    0x28: () => {
      // DW_OP_bra
      const offset = (cursor.u16() << 16) >> 16;
      if (pop() !== 0n) jump(offset);
    },
    0x2f: () => jump((cursor.u16() << 16) >> 16), // DW_OP_skip
    0x91: () => push(context.frameBase() + BigInt(cursor.sleb())), // DW_OP_fbreg
    0x93: () => void pieces.push({ size: cursor.uleb(), location: finish() }), // DW_OP_piece
    0x94: () => load(cursor.u8()), // DW_OP_deref_size
    0x96: () => undefined, // DW_OP_nop
    0x9e: () => void (place = { kind: 'bytes', bytes: cursor.bytes(cursor.uleb()) }), // DW_OP_implicit_value
    0x9f: () => void (place = { kind: 'value', value: pop() }), // DW_OP_stack_value
    0xa1: () => push(BigInt(context.indexedAddress(cursor.uleb()))), // DW_OP_addrx
    0xa2: () => push(BigInt(context.indexedAddress(cursor.uleb()))), // DW_OP_constx
    0xed: () => {
      // DW_OP_WASM_location
      const wasm = readWasmPlace(cursor);
      // Alone it says that the variable is there; with operations behind it, it is a value.
      if (cursor.at === cursor.end || expression[cursor.at] === 0x93) place = { kind: 'wasm', place: wasm };
      else if (expression[cursor.at] === 0x9f && (cursor.at + 1 === cursor.end || expression[cursor.at + 1] === 0x93)) {
        cursor.u8();
        place = { kind: 'wasm', place: wasm };
      } else push(context.wasm(wasm));
    },
  };
  const finish = (): VariableLocation | undefined => {
    const location = here();
    place = undefined;
    stack.length = 0;
    return location;
  };
  for (let count = 0; cursor.at < cursor.end; count++) {
    if (count >= mostOperations) throw new BrokenBytes(`an expression of more than ${mostOperations} operations`);
    const code = cursor.u8();
    if (code >= 0x30 && code < 0x50)
      push(BigInt(code - 0x30)); // DW_OP_lit0 to DW_OP_lit31
    else if (binary[code] !== undefined) {
      const above = pop();
      push(binary[code](pop(), above));
    } else if (unary[code] !== undefined) push(unary[code](pop()));
    else if (operations[code] !== undefined) operations[code]();
    else throw new BrokenBytes(`operation 0x${code.toString(16)} of a location expression`);
  }
  return { pieces, last: here() };
}

function readWasmPlace(cursor: ByteCursor): WasmPlace {
  const code = cursor.u8();
  const kind = wasmKinds[code];
  if (kind === undefined) throw new BrokenBytes(`a WebAssembly location of kind ${code}`);
  return { kind, index: code === wideGlobal ? cursor.u32() : cursor.uleb() };
}

/** LEB128 of up to 64 bits. */
function wideUleb(cursor: ByteCursor): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = cursor.u8();
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return value;
  }
  throw new BrokenBytes('a number of more than 64 bits');
}

function wideSleb(cursor: ByteCursor): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = cursor.u8();
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return (byte & 64) === 0 ? value : value - (1n << (shift + 7n));
  }
  throw new BrokenBytes('a number of more than 64 bits');
}
