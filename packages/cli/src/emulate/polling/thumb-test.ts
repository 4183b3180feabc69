import { thumbFlow, type CodeAt } from './code-flow.js';
import { Registers, type BranchTest } from './registers.js';
import { and, bitAt, compare, constant, loaded, shiftLeft, shiftRight, unknown, type Comparison, type Content, type Selection } from './selection.js';

/** What the flags say of the loaded value: `zero` that it compares equal, `negative` and `carry` that a bit of it is clear. */
interface Flags {
  readonly zero?: Comparison | undefined;
  readonly negative?: Comparison | undefined;
  readonly carry?: Comparison | undefined;
  /** By a comparison with 0, which leaves the overflow flag clear. */
  readonly ordered?: boolean;
}

/** So many instructions behind the load, at most, is the branch that it decides about. */
const reach = 12;

/** The bytes that a load of one register has, and which register. */
function loadOf(first: number, second: number): { readonly register: number; readonly bits: number; readonly length: 2 | 4 } | undefined {
  const narrow = (
    [
      [0x6800, 32],
      [0x7800, 8],
      [0x8800, 16],
    ] as const
  ).find(([opcode]) => (first & 0xf800) === opcode);
  if (narrow !== undefined) return { register: first & 7, bits: narrow[1], length: 2 };
  const indexed = (
    [
      [0x5800, 32],
      [0x5a00, 16],
      [0x5c00, 8],
    ] as const
  ).find(([opcode]) => (first & 0xfe00) === opcode);
  if (indexed !== undefined) return { register: first & 7, bits: indexed[1], length: 2 };
  // Of a byte or halfword without its sign, or of a word.
  const size = (first >> 5) & 3;
  if ((first & 0xff10) === 0xf810 && size < 3) return { register: second >> 12, bits: 8 << size, length: 4 };
  return undefined;
}

/**
 * The branch that depends on what the load at `pc` gave. Undefined where it cannot be told: most of the instructions that compilers put
 * between are known, and any other ends the search.
 * @param current of a register that is not changed in between
 */
export function thumbTest(code: CodeAt, pc: number, current: (register: number) => number): BranchTest | undefined {
  const load = loadOf(code(pc) ?? 0, code(pc + 2) ?? 0);
  if (load === undefined) return undefined;
  const registers = new Registers(current, code);
  registers.set(load.register, loaded({ mask: (1n << BigInt(load.bits)) - 1n, shift: 0 }));
  let flags: Flags = {};
  let at = pc + load.length;
  for (let count = 0; count < reach; count++) {
    const first = code(at);
    const flow = thumbFlow(code, at);
    if (first === undefined || flow === undefined || flow.kind === 'call' || flow.kind === 'end') return undefined;
    if (flow.kind === 'branch') {
      const test = branchTest(first, registers, flags);
      return test === undefined ? undefined : { ...test, target: flow.target, next: at + flow.length };
    }
    if (flow.kind === 'jump') {
      at = flow.target;
      continue;
    }
    if (flow.kind === 'store') registers.stored = true;
    registers.set(15, constant(BigInt(at + 4)));
    const after = flow.kind === 'store' ? flags : flow.length === 2 ? narrow(first, registers, flags) : wide(first, code(at + 2) ?? 0, registers, flags);
    if (after === undefined) return undefined;
    flags = after;
    at += flow.length;
  }
  return undefined;
}

function branchTest(first: number, registers: Registers, flags: Flags): Pick<BranchTest, 'comparison' | 'takenIfEqual'> | undefined {
  const of = (comparison: Comparison | undefined, takenIfEqual: boolean): Pick<BranchTest, 'comparison' | 'takenIfEqual'> | undefined =>
    comparison === undefined ? undefined : { comparison, takenIfEqual };
  if ((first & 0xf500) === 0xb100) {
    const content = registers.get(first & 7);
    return content.kind === 'loaded' ? of(compare(content.bits, 0n), (first & 0x800) === 0) : undefined;
  }
  const condition = first >= 0xe800 ? (first >> 6) & 15 : (first >> 8) & 15;
  switch (condition) {
    case 0:
    case 1:
      return of(flags.zero, condition === 0);
    case 2:
    case 3:
      return of(flags.carry, condition === 3);
    case 4:
    case 5:
      return of(flags.negative, condition === 5);
    case 10:
    case 11:
      return flags.ordered === true ? of(flags.negative, condition === 10) : undefined;
    default:
      return undefined;
  }
}

/** Flags of a result. */
function flagsOf(content: Content, carry?: Comparison): Flags {
  if (content.kind !== 'loaded') return {};
  return { zero: compare(content.bits, 0n), negative: bitAt(content.bits, 31), carry };
}

function compared(content: Content, value: bigint): Flags {
  if (content.kind !== 'loaded') return {};
  return value === 0n ? { ...flagsOf(content), ordered: true } : { zero: compare(content.bits, value) };
}

/** Undefined: an instruction that is not known here. */
function narrow(first: number, registers: Registers, flags: Flags): Flags | undefined {
  const [low, middle, high] = [first & 7, (first >> 3) & 7, (first >> 8) & 7];
  const byte = BigInt(first & 0xff);
  switch (first >> 11) {
    case 0:
    case 1:
      return shifted(registers, low, middle, first >> 11 === 0 ? (first >> 6) & 31 : -((first >> 6) & 31 || 32));
    case 3: // ADDS, SUBS of three
      registers.set(low, unknown);
      return {};
    case 4: // MOVS
      registers.set(high, constant(byte));
      return {};
    case 5: // CMP
      return compared(registers.get(high), byte);
    case 6: // ADDS, SUBS
    case 7:
      registers.set(high, unknown);
      return {};
    case 9: // LDR of a literal, and from the stack
      registers.set(high, registers.word(aligned(registers.get(15)), 4 * (first & 0xff)));
      return flags;
    case 19:
      registers.set(high, registers.word(registers.get(13), 4 * (first & 0xff)));
      return flags;
    case 13: // LDR
      registers.set(low, registers.word(registers.get(middle), 4 * ((first >> 6) & 31)));
      return flags;
    case 15: // LDRB, LDRH
    case 17:
      registers.set(low, unknown);
      return flags;
    case 8:
      return registersOf(first, registers, flags);
    default:
      if (first === 0xbf00) return flags;
      if ((first & 0xff80) === 0xb280) return masked(registers, low, middle, (first & 0x40) === 0 ? 0xffffn : 0xffn, flags);
      return undefined;
  }
}

/** The PC as loads of literals see it. */
function aligned(pc: Content): Content {
  return pc.kind === 'constant' ? constant(pc.value & ~3n) : pc;
}

/** LSLS by a positive number, LSRS by a negative one, MOVS. */
function shifted(registers: Registers, to: number, from: number, by: number): Flags {
  const content = registers.get(from);
  if (content.kind !== 'loaded') {
    const moved = content.kind === 'constant' ? constant(by >= 0 ? BigInt.asUintN(32, content.value << BigInt(by)) : content.value >> BigInt(-by)) : unknown;
    registers.set(to, moved);
    return {};
  }
  const after = loaded(by >= 0 ? shiftLeft(content.bits, by, 32) : shiftRight(content.bits, -by));
  registers.set(to, after);
  return flagsOf(after, by === 0 ? undefined : bitAt(content.bits, by > 0 ? 32 - by : -by - 1));
}

function masked(registers: Registers, to: number, from: number, value: bigint, flags: Flags): Flags {
  const content = registers.get(from);
  registers.set(to, content.kind === 'loaded' ? loaded(and(content.bits, value)) : unknown);
  return flags;
}

/** One of two contents is the loaded value, the other a constant. */
function both(a: Content, b: Content): { readonly bits: Selection; readonly value: bigint } | undefined {
  if (a.kind === 'loaded' && b.kind === 'constant') return { bits: a.bits, value: b.value };
  return a.kind === 'constant' && b.kind === 'loaded' ? { bits: b.bits, value: a.value } : undefined;
}

function masking(a: Content, b: Content): Content {
  const pair = both(a, b);
  return pair === undefined ? unknown : loaded(and(pair.bits, pair.value));
}

/** The group of ANDS, TST, CMP and others of two registers, MOV included. */
function registersOf(first: number, registers: Registers, flags: Flags): Flags | undefined {
  const [low, middle] = [first & 7, (first >> 3) & 7];
  if ((first & 0xff00) === 0x4600) {
    registers.set(low | ((first >> 4) & 8), registers.get((first >> 3) & 15));
    return flags;
  }
  if ((first & 0xfc00) !== 0x4000) return undefined;
  const [a, b] = [registers.get(low), registers.get(middle)];
  switch ((first >> 6) & 15) {
    case 0: {
      // ANDS
      const result = masking(a, b);
      registers.set(low, result);
      return flagsOf(result);
    }
    case 8: // TST
      return flagsOf(masking(a, b));
    case 10: {
      // CMP
      const pair = both(a, b);
      return pair === undefined ? {} : compared(loaded(pair.bits), pair.value);
    }
    default:
      return undefined;
  }
}

/** ThumbExpandImm (Armv7-M ARM, A5.3.2). */
function expandedImmediate(first: number, second: number): bigint {
  const code = ((first & 0x400) << 1) | ((second & 0x7000) >> 4) | (second & 0xff);
  const byte = code & 0xff;
  if (code >> 10 !== 0) {
    const value = 0x80 | (byte & 0x7f);
    const by = code >> 7;
    return BigInt(((value >>> by) | (value << (32 - by))) >>> 0);
  }
  return BigInt([byte, byte * 0x1_0001, byte * 0x100_0100, byte * 0x101_0101][code >> 8] ?? 0);
}

function wide(first: number, second: number, registers: Registers, flags: Flags): Flags | undefined {
  const to = (second >> 8) & 15;
  const from = first & 15;
  const amount = ((second >> 10) & 0x1c) | ((second >> 6) & 3);
  if ((first & 0xfa00) === 0xf000) return dataProcessing(first, to, registers.get(from), constant(expandedImmediate(first, second)), registers, flags);
  if ((first & 0xfe00) === 0xea00 && (first & 0x1e0) === 0x40 && from === 15) {
    // MOV, LSL and LSR of a register.
    const type = (second >> 4) & 3;
    if (type > 1) return undefined;
    const after = shifted(registers, to, second & 15, type === 0 ? amount : -(amount || 32));
    return (first & 0x10) === 0 ? flags : after;
  }
  if ((first & 0xfe00) === 0xea00 && (second & 0x70f0) === 0)
    return dataProcessing(first, to, registers.get(from), registers.get(second & 15), registers, flags);
  if ((first & 0xfff0) === 0xf3c0) {
    // UBFX.
    const content = registers.get(from);
    const width = (second & 31) + 1;
    registers.set(to, content.kind === 'loaded' ? loaded(and(shiftRight(content.bits, amount), (1n << BigInt(width)) - 1n)) : unknown);
    return flags;
  }
  if ((first & 0xfb70) === 0xf240) {
    // MOVW, MOVT.
    const value = BigInt((from << 12) | ((first & 0x400) << 1) | ((second & 0x7000) >> 4) | (second & 0xff));
    const before = registers.get(to);
    const top = (first & 0x80) !== 0;
    registers.set(to, !top ? constant(value) : before.kind === 'constant' ? constant((before.value & 0xffffn) | (value << 16n)) : unknown);
    return flags;
  }
  if ((first & 0xff70) === 0xf850 || (first & 0xff50) === 0xf810) {
    // Another load; of a word with an offset it may be of a literal.
    const literal = (first & 0xff7f) === 0xf85f;
    const offset = literal && (first & 0x80) === 0 ? -(second & 0xfff) : second & 0xfff;
    const known = literal || (first & 0xfff0) === 0xf8d0;
    registers.set(second >> 12, known ? registers.word(literal ? aligned(registers.get(15)) : registers.get(from), offset) : unknown);
    return flags;
  }
  return undefined;
}

/** AND, TST, BIC, MOV, CMP; of others the result is not known. */
function dataProcessing(first: number, to: number, a: Content, b: Content, registers: Registers, flags: Flags): Flags | undefined {
  const setsFlags = (first & 0x10) !== 0;
  const operation = (first >> 5) & 15;
  if (operation === 13 && to === 15 && setsFlags) {
    const pair = both(a, b);
    return pair === undefined ? {} : compared(loaded(pair.bits), pair.value);
  }
  if ((operation === 4 || operation === 8) && to === 15) return {};
  const inverted: Content = b.kind === 'constant' ? constant(b.value ^ 0xffff_ffffn) : unknown;
  const isMove = operation === 2 && (first & 15) === 15;
  const result = operation === 0 ? masking(a, b) : operation === 1 && a.kind === 'loaded' ? masking(a, inverted) : isMove ? b : unknown;
  if (to !== 15) registers.set(to, result);
  return setsFlags ? flagsOf(result) : flags;
}
