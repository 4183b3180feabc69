import { riscvFlow, riscvWord, type CodeAt } from './code-flow.js';
import { Registers, type BranchTest } from './registers.js';
import { and, bitAt, compare, constant, loaded, shiftLeft, shiftRight, unknown, type Comparison, type Content } from './selection.js';

/** So many instructions behind the load, at most, is the branch that it decides about. */
const reach = 12;
const load = 0x03;
const opImmediate = 0x13;
const opImmediate32 = 0x1b;
const op = 0x33;
const op32 = 0x3b;
const lui = 0x37;
const auipc = 0x17;
const fence = 0x0f;

/** The same as `thumbTest`, of RISC-V. */
export function riscvTest(code: CodeAt, pc: number, current: (register: number) => number, xlen: 32 | 64): BranchTest | undefined {
  const first = riscvWord(code, pc, xlen);
  if (first?.word === undefined || (first.word & 0x7f) !== load) return undefined;
  const kind = (first.word >>> 12) & 7;
  // LW and LWU; LBU and LHU. The sign of a byte or halfword would be in bits that it does not have.
  const bits = { 2: 32, 4: 8, 5: 16, 6: 32 }[kind];
  if (bits === undefined) return undefined;
  const registers = new Registers(current, code);
  registers.set(0, constant(0n));
  const write = (word: number, content: Content): void => {
    const rd = (word >>> 7) & 31;
    if (rd !== 0) registers.set(rd, content);
  };
  write(first.word, loaded({ mask: (1n << BigInt(bits)) - 1n, shift: 0, extended: kind === 2 }));
  let at = pc + first.length;
  for (let count = 0; count < reach; count++) {
    const flow = riscvFlow(code, at, xlen);
    const word = riscvWord(code, at, xlen)?.word;
    if (flow === undefined || flow.kind === 'call' || flow.kind === 'end') return undefined;
    if (flow.kind === 'branch') {
      const test = word === undefined ? undefined : branchTest(word, registers, xlen);
      return test === undefined ? undefined : { ...test, target: flow.target, next: at + flow.length };
    }
    if (flow.kind === 'jump') {
      at = flow.target;
      continue;
    }
    if (flow.kind === 'store') {
      registers.stored = true;
    } else {
      if (word === undefined || ![load, opImmediate, opImmediate32, op, op32, lui, auipc, fence].includes(word & 0x7f)) return undefined;
      if ((word & 0x7f) !== fence) write(word, resultOf(word, registers, xlen));
    }
    at += flow.length;
  }
  return undefined;
}

function resultOf(word: number, registers: Registers, xlen: 32 | 64): Content {
  const a = registers.get((word >>> 15) & 31);
  const b = registers.get((word >>> 20) & 31);
  const immediate = BigInt.asUintN(xlen, BigInt(word >> 20));
  const operation = (word >>> 12) & 7;
  switch (word & 0x7f) {
    case load: {
      const word32 = operation === 2 || operation === 6 ? registers.word(a, word >> 20) : unknown;
      return word32.kind === 'constant' && operation === 2 ? constant(BigInt.asUintN(xlen, BigInt.asIntN(32, word32.value))) : word32;
    }
    case lui:
      return constant(BigInt.asUintN(xlen, BigInt(word & ~0xfff)));
    case opImmediate:
      return immediateResult(operation, a, immediate, xlen, xlen);
    case opImmediate32:
      return immediateResult(operation, a, immediate, 32, xlen);
    case op:
      if (operation === 7 && word >>> 25 === 0) {
        if (a.kind === 'loaded' && b.kind === 'constant') return loaded(and(a.bits, b.value));
        if (a.kind === 'constant' && b.kind === 'loaded') return loaded(and(b.bits, a.value));
      }
      return unknown;
    default:
      return unknown;
  }
}

function immediateResult(operation: number, a: Content, immediate: bigint, width: 32 | 64, xlen: 32 | 64): Content {
  const amount = Number(immediate & BigInt(width - 1));
  // SRAI and SRAIW copy the sign.
  const arithmetic = ((immediate >> 10n) & 1n) === 1n;
  if (a.kind === 'constant') {
    if (operation === 0) return constant(BigInt.asUintN(xlen, BigInt.asIntN(width, a.value + immediate)));
    return operation === 1 ? constant(BigInt.asUintN(xlen, BigInt.asIntN(width, a.value << BigInt(amount)))) : unknown;
  }
  if (a.kind === 'unknown') return unknown;
  switch (operation) {
    case 0: // MV; SEXT.W
      return immediate !== 0n ? unknown : width === xlen ? a : loaded({ ...and(a.bits, 0xffff_ffffn), extended: true });
    case 1:
      return loaded({ ...shiftLeft(a.bits, amount, width), extended: width < xlen });
    case 5:
      return arithmetic ? unknown : loaded({ ...shiftRight(width < xlen ? and(a.bits, 0xffff_ffffn) : a.bits, amount), extended: width < xlen });
    case 7:
      return loaded(and(a.bits, immediate));
    default:
      return unknown;
  }
}

function branchTest(word: number, registers: Registers, xlen: 32 | 64): Pick<BranchTest, 'comparison' | 'takenIfEqual'> | undefined {
  const operation = (word >>> 12) & 7;
  const [a, b] = [registers.get((word >>> 15) & 31), registers.get((word >>> 20) & 31)];
  let comparison: Comparison | undefined;
  if (operation < 2) {
    if (a.kind === 'loaded' && b.kind === 'constant') comparison = compare(a.bits, signless(b.value, xlen));
    else if (a.kind === 'constant' && b.kind === 'loaded') comparison = compare(b.bits, signless(a.value, xlen));
    return comparison === undefined ? undefined : { comparison, takenIfEqual: operation === 0 };
  }
  // BLTZ and BGEZ. A word of 32 bits has its sign above it too on RV64.
  if ((operation === 4 || operation === 5) && a.kind === 'loaded' && b.kind === 'constant' && b.value === 0n) {
    comparison = bitAt(a.bits, a.bits.extended === true ? 31 : xlen - 1);
    return comparison === undefined ? undefined : { comparison, takenIfEqual: operation === 5 };
  }
  return undefined;
}

/** Of a value that is a 32-bit one with its sign above it, the lower half. */
function signless(value: bigint, xlen: 32 | 64): bigint {
  return xlen === 64 && BigInt.asIntN(32, value) === BigInt.asIntN(64, value) ? BigInt.asUintN(32, value) : value;
}
