/** Thumb-2 instructions of Armv7-M (and single-precision FPU) as effects. */
import type { Feature, Features } from '../../features.js';
import { firstFloat } from './abi.js';
import { Forbidden, type Cond, type AddressForm, type DataOp, type Effect, type FlagCond, type FlagEffect, type Source } from './instruction.js';
import { immediate, immediateOf, RegisterNames, splitOperands } from './text.js';

const names = new RegisterNames('r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 sp lr pc'.split(' '), { sb: 9, sl: 10, fp: 11, ip: 12 });
const sp = 13;
const lr = 14;
const pc = 15;

const flagConditions: Readonly<Record<string, FlagCond>> = {
  eq: 'eq',
  ne: 'ne',
  hs: 'ge_u',
  lo: 'lt_u',
  hi: 'gt_u',
  ls: 'le_u',
  ge: 'ge_s',
  lt: 'lt_s',
  gt: 'gt_s',
  le: 'le_s',
  mi: 'mi',
  pl: 'pl',
  vs: 'vs',
  vc: 'vc',
};
const inverseFlag: Readonly<Record<FlagCond, FlagCond>> = {
  eq: 'ne',
  ne: 'eq',
  ge_u: 'lt_u',
  lt_u: 'ge_u',
  gt_u: 'le_u',
  le_u: 'gt_u',
  ge_s: 'lt_s',
  lt_s: 'ge_s',
  gt_s: 'le_s',
  le_s: 'gt_s',
  mi: 'pl',
  pl: 'mi',
  vs: 'vc',
  vc: 'vs',
};

export function inverseOfFlag(cond: FlagCond): FlagCond {
  return inverseFlag[cond];
}

/** Names without their flag-setting `s`; `flags` is what the setting form leaves. */
const dataOps: Readonly<Record<string, { op: DataOp; flags: FlagEffect; carries?: true }>> = {
  add: { op: 'add', flags: 'result' },
  addw: { op: 'add', flags: 'result' },
  sub: { op: 'sub', flags: 'subtract' },
  subw: { op: 'sub', flags: 'subtract' },
  rsb: { op: 'rsb', flags: 'result' },
  adc: { op: 'adc', flags: 'other', carries: true },
  sbc: { op: 'sbc', flags: 'other', carries: true },
  and: { op: 'and', flags: 'result' },
  orr: { op: 'or', flags: 'result' },
  eor: { op: 'xor', flags: 'result' },
  bic: { op: 'bic', flags: 'result' },
  orn: { op: 'orn', flags: 'result' },
  lsl: { op: 'shl', flags: 'result' },
  lsr: { op: 'shr_u', flags: 'result' },
  asr: { op: 'shr_s', flags: 'result' },
  ror: { op: 'rotr', flags: 'result' },
  mul: { op: 'mul', flags: 'result' },
  udiv: { op: 'div_u', flags: 'other' },
};
const loads: Readonly<Record<string, { width: 1 | 2 | 4; signed: boolean }>> = {
  ldr: { width: 4, signed: false },
  ldrb: { width: 1, signed: false },
  ldrh: { width: 2, signed: false },
  ldrsb: { width: 1, signed: true },
  ldrsh: { width: 2, signed: true },
};
const stores: Readonly<Record<string, 1 | 2 | 4>> = { str: 4, strb: 1, strh: 2 };
const shifts: Readonly<Record<string, 'shl' | 'shr_u' | 'shr_s' | 'rotr'>> = { lsl: 'shl', lsr: 'shr_u', asr: 'shr_s', ror: 'rotr' };
/** The mask that each zero extension is, the width of each sign extension. */
const zeroExtensions: Readonly<Record<string, number>> = { uxtb: 0xff, uxth: 0xffff };
const signExtensions: Readonly<Record<string, 8 | 16>> = { sxtb: 8, sxth: 16 };
/** Single precision: operations of registers alone, by the feature that has them. */
const floatOps: readonly (readonly [Feature, RegExp])[] = [
  ['fpv4', /^v(add|sub|mul|div|sqrt|neg|abs|mov|cmp)\.f32$|^vcvt\.([su]32\.f32|f32\.[su]32)$/],
  ['fpv5', /^v(rint[nmpz]|minnm|maxnm)\.f32$/],
];

/** A general register that may be operand of ordinary instructions. */
function reg(text: string | undefined): number {
  const found = names.get(text);
  if (found === pc) throw new Forbidden('pc is no operand');
  return found;
}

function address(text: string | undefined): AddressForm {
  const match = /^\[(.*)\]$/.exec(text ?? '');
  if (match === null) throw new Forbidden(`unknown address '${text ?? ''}'`);
  const [base, second, third] = splitOperands(match[1] ?? '');
  const offset = second === undefined ? 0 : immediateOf(second);
  if (offset !== undefined) return { base: reg(base), offset };
  const shift = third === undefined ? 0 : immediate(/^lsl (.*)$/.exec(third)?.[1]);
  const index = reg(second);
  // [sp, rm] and [rm, sp] alike: the frame's address is the base.
  return index === sp && shift === 0 ? { base: sp, index: reg(base), shift } : { base: reg(base), index, shift };
}

function registerList(text: string): number[] {
  return splitOperands(text.replace(/[{}]/g, '')).map((name) => names.get(name));
}

function sourceOf(text: string | undefined, shift: string | undefined): Source {
  const imm = immediateOf(text);
  if (imm !== undefined) return { imm };
  if (shift === undefined) return { reg: reg(text) };
  const match = /^(lsl|lsr|asr|ror) (.*)$/.exec(shift);
  const op = shifts[match?.[1] ?? ''];
  if (op === undefined) throw new Forbidden(`unknown shift '${shift}'`);
  return { reg: reg(text), shift: { op, amount: immediate(match?.[2]) } };
}

interface Decoded {
  readonly effect: Effect;
  readonly flags?: FlagEffect;
  readonly readsFlags?: true;
}

/** @throws Forbidden */
export function thumb2Effect(printed: string, operands: string, features: Features): Decoded {
  const name = printed.replace(/\.[wn]$/, '');
  const parts = splitOperands(operands);
  const data = dataOps[name] ?? (name.endsWith('s') ? dataOps[name.slice(0, -1)] : undefined);
  if (data !== undefined) {
    const sets = dataOps[name] === undefined;
    const rd = reg(parts[0]);
    const isTwo = parts.length === 2;
    const a = isTwo ? rd : reg(parts[1]);
    const b = isTwo ? sourceOf(parts[1], undefined) : sourceOf(parts[2], parts[3]);
    return {
      effect: { kind: 'data', op: data.op, rd, a, b },
      ...(sets ? { flags: data.flags } : {}),
      ...(data.carries === true ? { readsFlags: true } : {}),
    };
  }
  const load = loads[name];
  if (load !== undefined) return { effect: { kind: 'load', rt: reg(parts[0]), address: single(parts), ...load } };
  const store = stores[name];
  if (store !== undefined) return { effect: { kind: 'store', rt: reg(parts[0]), address: single(parts), width: store } };
  return extension(name, parts) ?? moveOrControl(name, parts, operands) ?? floatEffect(name, parts, features);
}

function extension(name: string, parts: readonly string[]): Decoded | undefined {
  const mask = zeroExtensions[name];
  const bits = signExtensions[name];
  if (mask === undefined && bits === undefined) return undefined;
  if (parts.length !== 2) throw new Forbidden('rotated extension');
  const [rd, rs] = [reg(parts[0]), reg(parts[1])];
  return { effect: bits === undefined ? { kind: 'data', op: 'and', rd, a: rs, b: { imm: mask ?? 0 } } : { kind: 'sign extension', rd, rs, bits } };
}

/** Capstone prints targets as unsigned addresses; instructions are decoded at address 0. */
function distance(text: string | undefined): number {
  return immediate(text) | 0;
}

/** The address operand, without write-back or post-index. */
function single(parts: readonly string[]): AddressForm {
  if (parts.length !== 2) throw new Forbidden('address with write-back');
  return address(parts[1]);
}

function moveOrControl(name: string, parts: readonly string[], operands: string): Decoded | undefined {
  const [first, second] = parts;
  switch (name) {
    case 'mov':
    case 'movs': {
      if (parts.length !== 2) throw new Forbidden('shifted move');
      const flags = name === 'movs' ? ({ flags: 'result' } as const) : {};
      const imm = immediateOf(second);
      if (imm !== undefined) return { effect: { kind: 'constant', rd: reg(first), value: imm | 0 }, ...flags };
      return { effect: { kind: 'move', rd: reg(first), rs: reg(second) }, ...flags };
    }
    case 'mvn':
    case 'mvns': {
      const flags = name === 'mvns' ? ({ flags: 'result' } as const) : {};
      const imm = immediateOf(second);
      if (imm !== undefined) return { effect: { kind: 'constant', rd: reg(first), value: ~imm }, ...flags };
      return { effect: { kind: 'data', op: 'xor', rd: reg(first), a: reg(second), b: { imm: -1 } }, ...flags };
    }
    case 'movw':
      return { effect: { kind: 'constant', rd: reg(first), value: immediate(second) } };
    case 'movt':
      return { effect: { kind: 'upper half', rd: reg(first), value: immediate(second) } };
    case 'mla':
    case 'mls':
      return { effect: { kind: 'multiply-add', op: name === 'mla' ? 'add' : 'sub', rd: reg(first), a: reg(second), b: reg(parts[2]), addend: reg(parts[3]) } };
    case 'ubfx':
      return { effect: { kind: 'bit field', rd: reg(first), rs: reg(second), lsb: immediate(parts[2]), bits: immediate(parts[3]) } };
    case 'umull':
      return { effect: { kind: 'long multiply', low: reg(first), high: reg(second), a: reg(parts[2]), b: reg(parts[3]) } };
    case 'clz':
      return { effect: { kind: 'opaque', reads: [reg(second)], writes: [reg(first)], max: 32 } };
    case 'rbit':
    case 'sdiv':
      return { effect: { kind: 'opaque', reads: parts.slice(1).map(reg), writes: [reg(first)] } };
    case 'smlal':
    case 'umlal':
      return { effect: { kind: 'opaque', reads: parts.map(reg), writes: [reg(first), reg(second)] } };
    case 'smull':
      return { effect: { kind: 'opaque', reads: parts.slice(2).map(reg), writes: [reg(first), reg(second)] } };
    case 'cmp':
      return { effect: { kind: 'compare', a: reg(first), b: sourceOf(second, parts[2]), test: 'subtract' }, flags: 'subtract' };
    case 'cmn': {
      // cmn a, #k sets the flags of a - (-k), the carry too, unless k is 0 (Armv7-M ARM, A7.7.26).
      const imm = immediateOf(second);
      const exact = imm !== undefined && imm !== 0;
      const b: Source = exact ? { imm: -imm } : sourceOf(second, parts[2]);
      return { effect: { kind: 'compare', a: reg(first), b, test: exact ? 'subtract' : 'other' }, flags: exact ? 'subtract' : 'other' };
    }
    case 'tst':
    case 'teq':
      return { effect: { kind: 'compare', a: reg(first), b: sourceOf(second, parts[2]), test: 'other' }, flags: 'other' };
    case 'b':
      return { effect: { kind: 'jump', distance: distance(first) } };
    case 'bl':
      return { effect: { kind: 'call', link: lr, distance: distance(first) } };
    case 'bx':
      return { effect: { kind: 'jump to register', rs: reg(first), offset: 0 } };
    case 'blx':
      return { effect: { kind: 'call register', link: lr, rs: reg(first) } };
    case 'cbz':
    case 'cbnz': {
      const cond: Cond = name === 'cbz' ? 'eq' : 'ne';
      return { effect: { kind: 'branch', cond, a: reg(first), b: { imm: 0 }, distance: distance(second) } };
    }
    case 'tbh':
      return { effect: { kind: 'table branch', index: reg(/^\[pc, (\w+), lsl #1\]$/.exec(operands)?.[1]) } };
    case 'push':
      return { effect: { kind: 'push', registers: registerList(operands) } };
    case 'pop':
      return { effect: { kind: 'pop', registers: registerList(operands) } };
    case 'udf':
      return { effect: { kind: 'trap', number: immediate(first) } };
    case 'nop':
      return { effect: { kind: 'none' } };
    default:
      return conditional(name, parts);
  }
}

function conditional(name: string, parts: readonly string[]): Decoded | undefined {
  const cond = name.startsWith('b') ? flagConditions[name.slice(1)] : undefined;
  if (cond !== undefined) return { effect: { kind: 'branch on flags', cond, distance: distance(parts[0]) }, readsFlags: true };
  const it = /^i(t[te]{0,3})$/.exec(name);
  const first = flagConditions[parts[0] ?? ''];
  if (it === null || first === undefined) return undefined;
  const conditions = [...(it[1] ?? '')].map((letter) => (letter === 't' ? first : inverseOfFlag(first)));
  return { effect: { kind: 'it', conditions }, readsFlags: true };
}

function floatReg(text: string | undefined): number | undefined {
  const match = /^s(\d+)$/.exec(text ?? '');
  return match === null ? undefined : firstFloat.thumb2 + Number(match[1]);
}

function floatEffect(name: string, parts: readonly string[], features: Features): Decoded {
  const [first, second] = parts;
  const rd = floatReg(first);
  if (features.has('fpv4')) {
    if (name === 'vmov') {
      const [from, to] = [floatReg(second) ?? reg(second), rd ?? reg(first)];
      return { effect: { kind: 'opaque', reads: [from], writes: [to] } };
    }
    if (name === 'vmrs' && first === 'apsr_nzcv') return { effect: { kind: 'none' }, flags: 'other' };
    if ((name === 'vldr' || name === 'vstr') && rd !== undefined) {
      return { effect: { kind: name === 'vldr' ? 'load float' : 'store float', rt: rd, address: single(parts), width: 4 } };
    }
  }
  const isAllowed = floatOps.some(([feature, pattern]) => features.has(feature) && pattern.test(name));
  if (!isAllowed || rd === undefined) throw new Forbidden('the instruction is not allowed here');
  const sources = parts.slice(1).filter((part) => !part.startsWith('#'));
  const reads = sources.map((part) => floatReg(part));
  if (!reads.every((each) => each !== undefined)) throw new Forbidden('double precision is not allowed here');
  return { effect: name === 'vcmp.f32' ? { kind: 'opaque', reads: [rd, ...reads], writes: [] } : { kind: 'opaque', reads, writes: [rd] } };
}
