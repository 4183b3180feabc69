/** RV32IMC (and F, D) instructions as effects. */
import type { Features } from '../../features.js';
import { firstFloat } from './abi.js';
import { Forbidden, type Cond, type DataOp, type Effect } from './instruction.js';
import { immediate, RegisterNames, splitOperands } from './text.js';

const names = new RegisterNames('zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'.split(' '), { fp: 8 });
const gp = 3;
const tp = 4;
const ra = 1;
const sp = 2;

function reg(text: string | undefined): number {
  const found = names.get(text);
  if (found === gp || found === tp) throw new Forbidden('gp and tp belong to interrupts');
  return found;
}

const registerOps: Readonly<Record<string, DataOp>> = {
  add: 'add',
  sub: 'sub',
  and: 'and',
  or: 'or',
  xor: 'xor',
  sll: 'shl',
  srl: 'shr_u',
  sra: 'shr_s',
  mul: 'mul',
  mulhu: 'mulh_u',
  divu: 'div_u',
  remu: 'rem_u',
};
const opaqueOps = new Set(['mulh', 'mulhsu', 'div', 'rem']);
const setOps = new Set(['slt', 'sltu']);
const immediateOps: Readonly<Record<string, DataOp>> = { addi: 'add', andi: 'and', ori: 'or', xori: 'xor' };
const shiftOps: Readonly<Record<string, DataOp>> = { slli: 'shl', srli: 'shr_u', srai: 'shr_s' };
const loads: Readonly<Record<string, { width: 1 | 2 | 4; signed: boolean }>> = {
  lb: { width: 1, signed: true },
  lbu: { width: 1, signed: false },
  lh: { width: 2, signed: true },
  lhu: { width: 2, signed: false },
  lw: { width: 4, signed: false },
};
const stores: Readonly<Record<string, 1 | 2 | 4>> = { sb: 1, sh: 2, sw: 4 };
const branches: Readonly<Record<string, Cond>> = { beq: 'eq', bne: 'ne', blt: 'lt_s', bge: 'ge_s', bltu: 'lt_u', bgeu: 'ge_u' };
/** Capstone's short names of branches with zero. */
const zeroBranches: Readonly<Record<string, Cond>> = { beqz: 'eq', bnez: 'ne', bltz: 'lt_s', bgez: 'ge_s', blez: 'le_s', bgtz: 'gt_s' };
const floatNames = new RegisterNames(
  'ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 ft8 ft9 ft10 ft11'.split(' '),
);
/** What computes in registers; operands of either bank are told by their names. */
const floatOps = /^(f(add|sub|mul|div|sqrt|min|max|sgnj[nx]?|abs|neg|mv|eq|lt|le)\.[sd]|fmv\.(x\.w|w\.x)|fcvt\.(wu?\.[sd]|[sd]\.wu?|s\.d|d\.s))$/;
const floatAccesses: Readonly<Record<string, { kind: 'load float' | 'store float'; width: 4 | 8 }>> = {
  flw: { kind: 'load float', width: 4 },
  fsw: { kind: 'store float', width: 4 },
  fld: { kind: 'load float', width: 8 },
  fsd: { kind: 'store float', width: 8 },
};
/** As the last operand of what rounds. */
const roundings = new Set(['rne', 'rtz', 'rdn', 'rup']);

function anyReg(text: string | undefined): number {
  const float = floatNames.find(text);
  return float === undefined ? reg(text) : firstFloat.rv32 + float;
}

function memory(text: string | undefined): { base: number; offset: number } {
  const match = /^(-?(?:0x[0-9a-f]+|\d+))?\((\w+)\)$/.exec(text ?? '');
  if (match === null) throw new Forbidden(`unknown address '${text ?? ''}'`);
  return { base: reg(match[2]), offset: match[1] === undefined ? 0 : immediate(match[1]) };
}

function shiftAmount(text: string | undefined): number {
  const amount = immediate(text);
  // Capstone prints the reserved encodings of RV32 with bit 5 of the amount set.
  if (amount < 0 || amount > 31) throw new Forbidden('reserved shift amount');
  return amount;
}

/** @throws Forbidden */
export function rv32Effect(printed: string, operands: string, features: Features): Effect {
  const compressed = printed.startsWith('c.');
  const name = compressed ? printed.slice(2) : printed;
  const parts = splitOperands(operands);
  const [first, second, third] = parts;
  const two = parts.length === 2;
  const registerOp = registerOps[name];
  if (registerOp !== undefined) {
    const rd = reg(first);
    return { kind: 'data', op: registerOp, rd, a: two ? rd : reg(second), b: { reg: reg(two ? second : third) } };
  }
  if (opaqueOps.has(name)) return { kind: 'opaque', reads: [reg(second), reg(third)], writes: [reg(first)] };
  if (setOps.has(name)) return { kind: 'opaque', reads: [reg(second), reg(third)], writes: [reg(first)], max: 1 };
  if (name === 'slti' || name === 'sltiu') return { kind: 'opaque', reads: [reg(second)], writes: [reg(first)], max: 1 };
  const immediateOp = immediateOps[name];
  if (immediateOp !== undefined) {
    const rd = reg(first);
    return { kind: 'data', op: immediateOp, rd, a: two ? rd : reg(second), b: { imm: immediate(two ? second : third) } };
  }
  const shiftOp = shiftOps[name];
  if (shiftOp !== undefined) {
    const rd = reg(first);
    return { kind: 'data', op: shiftOp, rd, a: two ? rd : reg(second), b: { imm: shiftAmount(two ? second : third) } };
  }
  const load = loads[name === 'lwsp' ? 'lw' : name];
  if (load !== undefined) return { kind: 'load', rt: reg(first), address: memory(second), ...load };
  const store = stores[name === 'swsp' ? 'sw' : name];
  if (store !== undefined) return { kind: 'store', rt: reg(first), address: memory(second), width: store };
  const branch = branches[name];
  if (branch !== undefined) return { kind: 'branch', cond: branch, a: reg(first), b: { reg: reg(second) }, distance: immediate(third) };
  const zeroBranch = zeroBranches[name];
  if (zeroBranch !== undefined) return { kind: 'branch', cond: zeroBranch, a: reg(first), b: { imm: 0 }, distance: immediate(second) };
  return rv32Rest(name, parts, features);
}

function rv32Rest(name: string, parts: readonly string[], features: Features): Effect {
  const [first, second, third] = parts;
  switch (name) {
    case 'lui':
      return { kind: 'constant', rd: reg(first), value: immediate(second) << 12 };
    case 'auipc':
      return { kind: 'pc', rd: reg(first), value: immediate(second) << 12 };
    case 'li':
      return { kind: 'constant', rd: reg(first), value: immediate(second) };
    case 'mv':
      return { kind: 'move', rd: reg(first), rs: reg(second) };
    case 'neg':
      return { kind: 'data', op: 'sub', rd: reg(first), a: 0, b: { reg: reg(second) } };
    case 'not':
      return { kind: 'data', op: 'xor', rd: reg(first), a: reg(second), b: { imm: -1 } };
    case 'seqz':
    case 'snez':
    case 'sltz':
    case 'sgtz':
      return { kind: 'opaque', reads: [reg(second)], writes: [reg(first)], max: 1 };
    case 'addi16sp':
      return { kind: 'data', op: 'add', rd: sp, a: sp, b: { imm: immediate(parts.at(-1)) } };
    case 'j':
      return { kind: 'jump', distance: immediate(first) };
    case 'jal': {
      const link = second === undefined ? ra : reg(first);
      const distance = immediate(second ?? first);
      return link === 0 ? { kind: 'jump', distance } : { kind: 'call', link, distance };
    }
    case 'jr':
      return { kind: 'jump to register', rs: reg(first), offset: 0 };
    case 'ret':
      return { kind: 'jump to register', rs: ra, offset: 0 };
    case 'jalr': {
      if (second === undefined) return { kind: 'call register', link: ra, rs: reg(first) };
      const offset = immediate(third);
      if (reg(first) === 0) return { kind: 'jump to register', rs: reg(second), offset };
      if (offset !== 0) throw new Forbidden('a call behind a register');
      return { kind: 'call register', link: reg(first), rs: reg(second) };
    }
    case 'ebreak':
      return { kind: 'trap', number: 0 };
    case 'nop':
      return { kind: 'none' };
    default:
      return floatEffect(name, parts, features);
  }
}

function floatEffect(name: string, parts: readonly string[], features: Features): Effect {
  const access = floatAccesses[name];
  const isDouble = access === undefined ? /\.d(\.|$)/.test(name) : access.width === 8;
  if (!features.has(isDouble ? 'd' : 'f')) throw new Forbidden('the instruction is not allowed here');
  const [first, second] = parts;
  if (access !== undefined) return { ...access, rt: anyReg(first), address: memory(second) };
  if (!floatOps.test(name)) throw new Forbidden('the instruction is not allowed here');
  const sources = parts.slice(1).filter((part) => !roundings.has(part));
  return { kind: 'opaque', reads: sources.map(anyReg), writes: [anyReg(first)] };
}
