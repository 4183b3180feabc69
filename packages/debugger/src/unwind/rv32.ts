import { immediateOf, splitOperands, type DecodedInstruction, type Flow, type StackStep } from './instruction.js';

const sp = 2;
const ra = 1;
const names = 'zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'.split(' ');
const floatNames = 'ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 ft8 ft9 ft10 ft11'.split(
  ' ',
);
const numbers = new Map([...names.map((name, number) => [name, number] as const), ['fp', 8]]);
const floatNumbers = new Map(floatNames.map((name, number) => [name, number]));

const registerOf = (operand: string | undefined): number | undefined => (operand === undefined ? undefined : numbers.get(operand));

/** RV32, and the loads and stores of RV64, as Capstone prints it. Distances of branches are printed as such: the reader gives targets relative to the instruction. */
export function readRv32(printed: string, text: string): Omit<DecodedInstruction, 'address' | 'size' | 'conditional'> {
  const mnemonic = printed.replace(/^c\./, '');
  const operands = splitOperands(text);
  const writes = resultOf(mnemonic, operands);
  const float = floatNumbers.get(operands[0] ?? '');
  const hasFloat = float !== undefined && !/^f(sw|sd|swsp|sdsp)$/.test(mnemonic);
  return { stack: stackOf(mnemonic, operands), flow: flowOf(mnemonic, operands), writes, writesFloat: hasFloat ? [float] : [] };
}

function resultOf(mnemonic: string, operands: readonly string[]): readonly number[] {
  if (/^(sb|sh|sw|swsp|sd|sdsp|b\w+|j|jr|ret|nop|ebreak|ecall|fence|fs[wd](sp)?)$/.test(mnemonic)) return [];
  if (mnemonic === 'jalr' && operands.length === 1) return [ra];
  if (mnemonic === 'jal' && operands.length === 1) return [ra];
  const register = registerOf(operands[0]);
  return register === undefined || register === 0 ? [] : [register];
}

function flowOf(mnemonic: string, operands: readonly string[]): Flow {
  const target = immediateOf(operands.at(-1));
  switch (mnemonic) {
    case 'j':
      return target === undefined ? { kind: 'leave' } : { kind: 'branch', target, conditional: false };
    case 'jal': {
      const link = operands.length === 1 ? ra : (registerOf(operands[0]) ?? ra);
      if (link === 0) return target === undefined ? { kind: 'leave' } : { kind: 'branch', target, conditional: false };
      return { kind: 'call', target, link };
    }
    case 'jalr': {
      const link = operands.length === 1 ? ra : (registerOf(operands[0]) ?? ra);
      return link === 0 ? { kind: 'leave' } : { kind: 'call', target: undefined, link };
    }
    case 'jr':
    case 'ret':
    case 'ebreak':
    case 'mret':
      return { kind: 'leave' };
    default:
      return /^b(eq|ne|lt|ge|le|gt)u?z?$/.test(mnemonic) && target !== undefined ? { kind: 'branch', target, conditional: true } : { kind: 'next' };
  }
}

function stackOf(mnemonic: string, operands: readonly string[]): StackStep {
  const none: StackStep = { kind: 'none' };
  const to = registerOf(operands[0]);
  if (to === undefined) return none;
  switch (mnemonic) {
    case 'addi':
    case 'addi16sp':
    case 'addi4spn':
      return sumStep(to, operands.length === 2 ? to : (registerOf(operands[1]) ?? to), immediateOf(operands.at(-1)));
    case 'add': {
      const [a, b] = operands.length === 2 ? [to, registerOf(operands[1])] : [registerOf(operands[1]), registerOf(operands[2])];
      if (to !== sp || b === undefined) return none;
      return a === sp ? { kind: 'move by', register: b, sign: 1 } : none;
    }
    case 'mv': {
      const from = registerOf(operands[1]);
      if (from === undefined) return none;
      if (to === sp) return { kind: 'set', register: from, bytes: 0 };
      return from === sp ? { kind: 'copy', register: to, bytes: 0 } : none;
    }
    case 'li': {
      const value = immediateOf(operands[1]);
      return value === undefined ? none : { kind: 'constant', register: to, value };
    }
    case 'lui': {
      const value = immediateOf(operands[1]);
      return value === undefined ? none : { kind: 'constant', register: to, value: (value << 12) | 0 };
    }
    case 'sw':
    case 'swsp':
    case 'lw':
    case 'lwsp':
    case 'sd':
    case 'sdsp':
    case 'ld':
    case 'ldsp': {
      const [, offset, base] = /^(-?(?:0x[0-9a-f]+|\d+))\((\w+)\)$/.exec(operands[1] ?? '') ?? [];
      const at = immediateOf(offset);
      return base !== 'sp' || at === undefined ? none : { kind: mnemonic.startsWith('s') ? 'store' : 'load', register: to, offset: at };
    }
    default:
      return none;
  }
}

function sumStep(to: number, from: number, value: number | undefined): StackStep {
  if (value === undefined) return { kind: 'none' };
  if (from === 0) return { kind: 'constant', register: to, value };
  if (to === sp) return from === sp ? { kind: 'move', bytes: value } : { kind: 'set', register: from, bytes: value };
  return from === sp ? { kind: 'copy', register: to, bytes: value } : { kind: 'add constant', register: to, of: from, value };
}
