/** A halfword of code; undefined where there is no memory. */
export type CodeAt = (address: number) => number | undefined;

/** How an instruction goes on. `end`: to an address that only registers know. */
export type Flow =
  | { readonly kind: 'straight' | 'call' | 'store' | 'end'; readonly length: 2 | 4 }
  | { readonly kind: 'jump' | 'branch'; readonly length: 2 | 4; readonly target: number };

/** Of a Thumb instruction (Armv7-M ARM, A5). */
export function thumbFlow(code: CodeAt, at: number): Flow | undefined {
  const first = code(at);
  if (first === undefined) return undefined;
  if (first >= 0xe800) return wideThumbFlow(first, code(at + 2) ?? 0, at);
  const to = (offset: number): number => (at + 4 + offset) >>> 0;
  if (first >> 12 === 0xd && (first & 0xf00) < 0xe00) return { kind: 'branch', length: 2, target: to(((first & 0xff) << 24) >> 23) };
  if ((first & 0xf500) === 0xb100) return { kind: 'branch', length: 2, target: to(((first >> 3) & 0x1f) * 2 + ((first >> 9) & 1) * 64) };
  if ((first & 0xf800) === 0xe000) return { kind: 'jump', length: 2, target: to(((first & 0x7ff) << 21) >> 20) };
  if ((first & 0xff80) === 0x4780 || first >> 8 === 0xdf) return { kind: 'call', length: 2 };
  // BX; ADD and MOV to PC; POP of PC; BKPT; UDF.
  const leaves = (first & 0xff80) === 0x4700 || (first & 0xfd87) === 0x4487 || first >> 8 === 0xbd || first >> 8 === 0xbe || first >> 8 === 0xde;
  if (leaves) return { kind: 'end', length: 2 };
  const stores =
    [0x60, 0x70, 0x80, 0x90, 0xc0].includes((first >> 8) & 0xf8) || ((first & 0xf000) === 0x5000 && ((first >> 9) & 7) < 3) || (first & 0xfe00) === 0xb400;
  return { kind: stores ? 'store' : 'straight', length: 2 };
}

function wideThumbFlow(first: number, second: number, at: number): Flow {
  if ((first & 0xf800) === 0xf000 && (second & 0x8000) !== 0) {
    const sign = (first >> 10) & 1;
    const [j1, j2] = [(second >> 13) & 1, (second >> 11) & 1];
    const low = (second & 0x7ff) * 2;
    if ((second & 0x4000) !== 0) return { kind: 'call', length: 4 };
    if ((second & 0x1000) !== 0) {
      const offset = sign * -(2 ** 24) + (~(j1 ^ sign) & 1) * 2 ** 23 + (~(j2 ^ sign) & 1) * 2 ** 22 + (first & 0x3ff) * 0x1000 + low;
      return { kind: 'jump', length: 4, target: (at + 4 + offset) >>> 0 };
    }
    if (((first >> 6) & 15) < 14) {
      const offset = sign * -(2 ** 20) + j2 * 2 ** 19 + j1 * 2 ** 18 + (first & 0x3f) * 0x1000 + low;
      return { kind: 'branch', length: 4, target: (at + 4 + offset) >>> 0 };
    }
    return { kind: 'straight', length: 4 };
  }
  const loads = (first & 0x10) !== 0;
  const isTable = (first & 0xfff0) === 0xe8d0 && (second & 0xffe0) === 0xf000;
  const isMultiple = (first & 0xfe40) === 0xe800 && !isTable;
  const isSingle = (first & 0xfe00) === 0xf800;
  if (isTable || (loads && ((isMultiple && (second & 0x8000) !== 0) || (isSingle && (first & 0x60) === 0x40 && second >> 12 === 15))))
    return { kind: 'end', length: 4 };
  return { kind: !loads && (isSingle || (first & 0xfe00) === 0xe800) ? 'store' : 'straight', length: 4 };
}

const field = (word: number, from: number, bits: number, to: number): number => ((word >>> from) & ((1 << bits) - 1)) << to;
const signed = (value: number, bits: number): number => (value << (32 - bits)) >> (32 - bits);

/** The offset of C.J and C.JAL. */
export function compressedJump(half: number): number {
  return signed(
    field(half, 12, 1, 11) |
      field(half, 11, 1, 4) |
      field(half, 9, 2, 8) |
      field(half, 8, 1, 10) |
      field(half, 7, 1, 6) |
      field(half, 6, 1, 7) |
      field(half, 3, 3, 1) |
      field(half, 2, 1, 5),
    12,
  );
}

/** The offset of JAL. */
export function longJump(word: number): number {
  return signed(field(word, 31, 1, 20) | (word & 0xff000) | field(word, 20, 1, 11) | field(word, 21, 10, 1), 21);
}

/** A RISC-V instruction as one of 32 bits; undefined for those of 16 bits that nobody here looks at. */
export function riscvWord(code: CodeAt, at: number, xlen: 32 | 64): { readonly word: number | undefined; readonly length: 2 | 4 } | undefined {
  const low = code(at);
  if (low === undefined) return undefined;
  if ((low & 3) !== 3) return { word: expand(low, xlen), length: 2 };
  const high = code(at + 2);
  return high === undefined ? undefined : { word: (low | (high << 16)) >>> 0, length: 4 };
}

const iType = (opcode: number, funct3: number, rd: number, rs1: number, immediate: number): number =>
  (((immediate & 0xfff) << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode) >>> 0;
const zero = 0;
const returnAddress = 1;
const stackPointer = 2;

/** What 16-bit instructions stand for (unprivileged ISA, chapter 16): moves, masks, shifts, loads and stores of words, branches. */
function expand(half: number, xlen: 32 | 64): number | undefined {
  const rd = (half >> 7) & 31;
  const rs2 = (half >> 2) & 31;
  const near = 8 + ((half >> 7) & 7);
  const nearer = 8 + ((half >> 2) & 7);
  const immediate = signed(field(half, 12, 1, 5) | field(half, 2, 5, 0), 6);
  const wordOffset = field(half, 10, 3, 3) | field(half, 6, 1, 2) | field(half, 5, 1, 6);
  switch (((half >> 13) & 7) | ((half & 3) << 3)) {
    case 0o02: // C.LW
      return iType(0x03, 2, nearer, near, wordOffset);
    case 0o06: // C.SW; the offset does not matter
      return iType(0x23, 2, 0, near, nearer);
    case 0o10: // C.ADDI
      return iType(0x13, 0, rd, rd, immediate);
    case 0o11: // C.ADDIW, or C.JAL
      return xlen === 64 ? iType(0x1b, 0, rd, rd, immediate) : jumpWord(returnAddress, compressedJump(half));
    case 0o12: // C.LI
      return iType(0x13, 0, rd, zero, immediate);
    case 0o13: // C.LUI
      return rd === zero || rd === stackPointer ? undefined : ((immediate << 12) | (rd << 7) | 0x37) >>> 0;
    case 0o14:
      return expandArithmetic(half, near, nearer, immediate);
    case 0o16: // C.BEQZ
    case 0o17: // C.BNEZ
      return branchWord(
        (half >> 13) & 1,
        near,
        signed(field(half, 12, 1, 8) | field(half, 10, 2, 3) | field(half, 5, 2, 6) | field(half, 3, 2, 1) | field(half, 2, 1, 5), 9),
      );
    case 0o15: // C.J
      return jumpWord(zero, compressedJump(half));
    case 0o20: // C.SLLI
      return iType(0x13, 1, rd, rd, immediate & 63);
    case 0o24: // C.JR, C.MV, C.JALR, C.ADD
      if ((half & 0x1000) === 0) return rs2 === 0 ? iType(0x67, 0, zero, rd, 0) : iType(0x13, 0, rd, rs2, 0);
      return rs2 === 0 ? iType(0x67, 0, returnAddress, rd, 0) : iType(0x33, 0, rd, rd, rs2);
    default:
      return undefined;
  }
}

function expandArithmetic(half: number, near: number, nearer: number, immediate: number): number | undefined {
  switch ((half >> 10) & 3) {
    case 0: // C.SRLI
      return iType(0x13, 5, near, near, immediate & 63);
    case 2: // C.ANDI
      return iType(0x13, 7, near, near, immediate);
    case 3: // C.AND, of those with two registers
      return (half & 0x1060) === 0x60 ? iType(0x33, 7, near, near, nearer) : undefined;
    default:
      return undefined;
  }
}

function branchWord(funct3: number, rs1: number, offset: number): number {
  return (field(offset, 12, 1, 31) | field(offset, 5, 6, 25) | (rs1 << 15) | (funct3 << 12) | field(offset, 1, 4, 8) | field(offset, 11, 1, 7) | 0x63) >>> 0;
}

function jumpWord(rd: number, offset: number): number {
  return (field(offset, 20, 1, 31) | field(offset, 1, 10, 21) | field(offset, 11, 1, 20) | (offset & 0xff000) | (rd << 7) | 0x6f) >>> 0;
}

/** Of a RISC-V instruction. */
export function riscvFlow(code: CodeAt, at: number, xlen: 32 | 64): Flow | undefined {
  const instruction = riscvWord(code, at, xlen);
  if (instruction === undefined) return undefined;
  const { word, length } = instruction;
  if (word === undefined) {
    // C.SD, C.FSW, C.FSD and stores to the stack.
    return { kind: ((code(at) ?? 0) & 0x8000) !== 0 && ((code(at) ?? 0) & 3) !== 1 ? 'store' : 'straight', length };
  }
  const rd = (word >>> 7) & 31;
  switch (word & 0x7f) {
    case 0x63:
      return { kind: 'branch', length, target: at + signed(field(word, 31, 1, 12) | field(word, 7, 1, 11) | field(word, 25, 6, 5) | field(word, 8, 4, 1), 13) };
    case 0x6f:
      return rd === zero ? { kind: 'jump', length, target: at + longJump(word) } : { kind: 'call', length };
    case 0x67:
      return { kind: rd === zero ? 'end' : 'call', length };
    case 0x73:
      return { kind: ((word >>> 12) & 7) === 0 && word !== 0x1050_0073 ? 'end' : 'straight', length };
    case 0x23:
    case 0x27:
    case 0x2f:
      return { kind: 'store', length };
    default:
      return { kind: 'straight', length };
  }
}
