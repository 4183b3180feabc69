import { instruction, type Instruction } from './instruction.js';

/** Armv7-M Architecture Reference Manual (DDI 0403), chapter A5, "The Thumb instruction set encoding". */
export function decodeThumb2(first: number, second: number): Instruction {
  return first >= 0xe800 ? decodeWide(first, second) : decodeNarrow(first);
}

const pc = 15;
const countBits = (list: number): number => (list === 0 ? 0 : (list & 1) + countBits(list >>> 1));

function loadMultiple(length: number, list: number): Instruction {
  return instruction(length, { work: 'loadMultiple', registers: countBits(list), flow: (list & 0x8000) === 0 ? 'next' : 'return' });
}

function decodeNarrow(half: number): Instruction {
  const [low0, low3, low6, low8] = [half & 7, (half >>> 3) & 7, (half >>> 6) & 7, (half >>> 8) & 7];
  switch (half >>> 11) {
    case 0b01000:
      return decodeHighRegisters(half);
    case 0b01001: // ldr literal
      return instruction(2, { work: 'load', result: low8 });
    case 0b01010: // str, strh, strb, ldrsb by register
      return (half & 0x600) === 0x600 ? instruction(2, { work: 'narrowLoad', result: low0, reads: [low3, low6] }) : instruction(2, { work: 'store' });
    case 0b01011: // ldr, ldrh, ldrb, ldrsh by register
      return instruction(2, { work: (half & 0x600) === 0 ? 'load' : 'narrowLoad', result: low0, reads: [low3, low6] });
    case 0b01101: // ldr
      return instruction(2, { work: 'load', result: low0, reads: [low3] });
    case 0b01111: // ldrb
    case 0b10001: // ldrh
      return instruction(2, { work: 'narrowLoad', result: low0, reads: [low3] });
    case 0b10011: // ldr from sp
      return instruction(2, { work: 'load', result: low8, reads: [13] });
    case 0b01100:
    case 0b01110:
    case 0b10000:
    case 0b10010:
      return instruction(2, { work: 'store' });
    case 0b10110: // push and others, cbz and cbnz
      if ((half & 0x500) === 0x100) return instruction(2, { flow: 'conditional' });
      return (half & 0x600) === 0x400 ? instruction(2, { work: 'storeMultiple', registers: countBits(half & 0x1ff) }) : instruction(2);
    case 0b10111: // pop and others, cbz and cbnz
      if ((half & 0x500) === 0x100) return instruction(2, { flow: 'conditional' });
      return (half & 0x600) === 0x400 ? loadMultiple(2, (half & 0xff) | ((half & 0x100) << 7)) : instruction(2);
    case 0b11000:
      return instruction(2, { work: 'storeMultiple', registers: countBits(half & 0xff) });
    case 0b11001:
      return loadMultiple(2, half & 0xff);
    case 0b11010:
    case 0b11011: // 0b1110 and 0b1111 are udf and svc
      return (half & 0xe00) === 0xe00 ? instruction(2) : instruction(2, { flow: 'conditional' });
    case 0b11100:
      return instruction(2, { flow: 'jump' });
    default:
      return instruction(2);
  }
}

/** add, cmp and mov of any register, bx, blx; and data processing, which is plain. */
function decodeHighRegisters(half: number): Instruction {
  if ((half & 0x400) === 0) return instruction(2, { work: (half & 0x3c0) === 0x340 ? 'multiply' : 'plain' });
  const register = (half >>> 3) & 15;
  if ((half & 0x300) === 0x300) {
    if ((half & 0x80) !== 0) return instruction(2, { flow: 'indirectCall' });
    return instruction(2, { flow: register === 14 ? 'return' : 'indirect' });
  }
  const writesPc = (half & 0x300) !== 0x100 && (((half >>> 4) & 8) | (half & 7)) === pc;
  return instruction(2, { flow: writesPc ? 'indirect' : 'next' });
}

function decodeWide(first: number, second: number): Instruction {
  const [base, target] = [first & 15, second >>> 12];
  if ((first & 0xfe40) === 0xe800) {
    return (first & 0x10) === 0 ? instruction(4, { work: 'storeMultiple', registers: countBits(second) }) : loadMultiple(4, second);
  }
  if ((first & 0xfe40) === 0xe840) return decodeDual(first, second);
  if ((first & 0xf800) === 0xf000 && (second & 0x8000) !== 0) return decodeBranch(first, second);
  if ((first & 0xfe00) === 0xf800) {
    if ((first & 0x10) === 0) return instruction(4, { work: 'store' });
    // ldr pc, [sp], #4 is how a function returns that keeps only lr.
    const flow = target !== pc || (first & 0x60) !== 0x40 ? 'next' : base === 13 ? 'return' : 'indirect';
    const byRegister = base !== pc && (first & 0x80) === 0 && (second & 0x800) === 0;
    return instruction(4, { work: (first & 0x60) === 0x40 ? 'load' : 'narrowLoad', flow, result: target, reads: byRegister ? [base, second & 15] : [base] });
  }
  if ((first & 0xff80) === 0xfb00 || (first & 0xff80) === 0xfb80) {
    const isDivide = (first & 0xffd0) === 0xfb90;
    return instruction(4, { work: isDivide ? 'divide' : 'multiply' });
  }
  if ((first & 0xec00) === 0xec00) return decodeFloat(first, second);
  return instruction(4);
}

/** Load and store of two registers, exclusive accesses, tbb and tbh. */
function decodeDual(first: number, second: number): Instruction {
  if ((first & 0xfff0) === 0xe8d0 && (second & 0xe0) === 0) return instruction(4, { work: 'tableBranch', flow: 'indirect' });
  const isDual = (first & 0x120) !== 0;
  const isLoad = (first & 0x10) !== 0;
  return instruction(4, isDual ? { work: isLoad ? 'loadMultiple' : 'storeMultiple', registers: 2 } : { work: isLoad ? 'load' : 'store' });
}

/** b, bl, and what shares their space: hints, barriers, moves to and from special registers. */
function decodeBranch(first: number, second: number): Instruction {
  if ((second & 0x5000) === 0x5000) return instruction(4, { flow: 'call' });
  if ((second & 0x1000) !== 0) return instruction(4, { flow: 'jump' });
  return instruction(4, { flow: (first & 0x380) === 0x380 ? 'next' : 'conditional' });
}

/** Of the floating-point extension, what takes long: loads and stores, vdiv and vsqrt. */
function decodeFloat(first: number, second: number): Instruction {
  if ((first & 0xfe00) === 0xec00 && (first & 0x1e0) !== 0x040) {
    const isLoad = (first & 0x10) !== 0;
    const isMultiple = (first & 0x120) !== 0x100;
    return instruction(4, { work: isLoad ? 'loadMultiple' : 'storeMultiple', registers: isMultiple ? second & 0xff : (second & 0x100) === 0 ? 1 : 2 });
  }
  const isDivide = (first & 0xffb0) === 0xee80;
  const isRoot = (first & 0xffbf) === 0xeeb1 && (second & 0xc0) === 0xc0;
  return instruction(4, isDivide || isRoot ? { work: 'floatDivide' } : {});
}
