import { immediateOf, splitOperands, type DecodedInstruction, type Flow, type StackStep } from './instruction.js';

const sp = 13;
const lr = 14;
const pc = 15;
const names: Readonly<Record<string, number>> = { sb: 9, sl: 10, fp: 11, ip: 12, sp, lr, pc };

function registerOf(operand: string | undefined): number | undefined {
  if (operand === undefined) return undefined;
  const [, digits] = /^r(\d+)$/.exec(operand) ?? [];
  return digits === undefined ? names[operand] : Number(digits);
}

/** `{r4, r5, lr}`, which Capstone also prints with ranges left out. */
function listOf(operand: string | undefined): readonly string[] {
  return /^\{(.*)\}$/.exec(operand ?? '')?.[1]?.split(/,\s*/) ?? [];
}

const conditions = 'eq|ne|hs|cs|lo|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le';
const noResult = new RegExp(
  `^(str|stm|push|cmp|cmn|tst|teq|b$|bx|blx|bl$|cb|it|nop|udf|bkpt|svc|vstr|vstm|vpush|vcmp|dmb|dsb|isb|pld|cps|msr|tb[bh]|b(${conditions})$|yield|wf|sev|vmsr)`,
);
const twoResults = /^(umull|smull|umlal|smlal|umaal|ldrd)/;

/** Thumb-2, as Capstone prints it without the condition of an IT block. */
export function readThumb2(printed: string, text: string): Omit<DecodedInstruction, 'address' | 'size' | 'conditional'> {
  const mnemonic = printed.replace(/\.[nw]$/, '');
  const operands = splitOperands(text);
  return { stack: stackOf(mnemonic, operands), flow: flowOf(mnemonic, operands), ...resultsOf(mnemonic, operands) };
}

function resultsOf(mnemonic: string, operands: readonly string[]): Pick<DecodedInstruction, 'writes' | 'writesFloat'> {
  const listed = listOf(operands.find((operand) => operand.startsWith('{')));
  let results: readonly (string | undefined)[];
  if (/^(pop|ldm)/.test(mnemonic)) results = listed;
  else if (/^(vpop|vldm)/.test(mnemonic)) results = listed;
  else if (noResult.test(mnemonic)) results = [];
  else if (twoResults.test(mnemonic) || (mnemonic.startsWith('vmov') && operands.length > 2)) results = operands.slice(0, 2);
  else results = operands.slice(0, 1);
  const bases = [...operands.join(', ').matchAll(/\[(\w+)[^\]]*\](?:!|, #)/g)].map(([, base]) => base);
  const [first = ''] = operands;
  const writtenBack = [...bases, ...(/^(ldm|stm)/.test(mnemonic) && first.endsWith('!') ? [first.slice(0, -1)] : [])];
  const writes = [...results, ...writtenBack].flatMap((name) => registerOf(name) ?? []).filter((register) => register !== pc);
  return { writes, writesFloat: results.flatMap(singlesOf) };
}

function singlesOf(name: string | undefined): readonly number[] {
  const [, kind, digits] = /^([sd])(\d+)$/.exec(name ?? '') ?? [];
  if (digits === undefined) return [];
  return kind === 's' ? [Number(digits)] : [2 * Number(digits), 2 * Number(digits) + 1];
}

function flowOf(mnemonic: string, operands: readonly string[]): Flow {
  const target = immediateOf(operands.at(-1));
  if (mnemonic === 'bl' || mnemonic === 'blx') return { kind: 'call', target, link: lr };
  if (/^cbn?z$/.test(mnemonic) || new RegExp(`^b(${conditions})$`).test(mnemonic))
    return target === undefined ? { kind: 'next' } : { kind: 'branch', target, conditional: true };
  if (mnemonic === 'b') return target === undefined ? { kind: 'leave' } : { kind: 'branch', target, conditional: false };
  const loadsPc = /^(pop|ldm)/.test(mnemonic)
    ? operands.some((operand) => listOf(operand).includes('pc'))
    : /^(ldr|mov|add)$/.test(mnemonic) && operands[0] === 'pc';
  if (/^(bx|udf|tb[bh])/.test(mnemonic) || loadsPc) return { kind: 'leave' };
  return { kind: 'next' };
}

function stackOf(mnemonic: string, operands: readonly string[]): StackStep {
  const none: StackStep = { kind: 'none' };
  const [first, second] = operands;
  switch (mnemonic) {
    case 'push':
    case 'vpush':
      return listStep('push', listOf(first));
    case 'pop':
    case 'vpop':
      return listStep('pop', listOf(first));
    case 'stmdb':
      return first === 'sp!' ? listStep('push', listOf(second)) : none;
    case 'ldm':
    case 'ldmia':
      return first === 'sp!' ? listStep('pop', listOf(second)) : none;
    case 'add':
    case 'addw':
    case 'sub':
    case 'subw':
      return sumStep(mnemonic.startsWith('add') ? 1 : -1, operands);
    case 'str':
    case 'strd':
      return accessStep('store', operands, mnemonic === 'strd');
    case 'ldr':
    case 'ldrd':
      return accessStep('load', operands, mnemonic === 'ldrd');
    case 'mov':
    case 'movs':
    case 'movw':
      return moveStep(registerOf(first), registerOf(second), immediateOf(second));
    case 'movt': {
      const register = registerOf(first);
      const value = immediateOf(second);
      return register === undefined || value === undefined ? none : { kind: 'upper half', register, value };
    }
    default:
      return none;
  }
}

function moveStep(to: number | undefined, from: number | undefined, value: number | undefined): StackStep {
  if (to === undefined) return { kind: 'none' };
  if (to === sp && from !== undefined) return { kind: 'set', register: from, bytes: 0 };
  if (from === sp) return { kind: 'copy', register: to, bytes: 0 };
  return value === undefined ? { kind: 'none' } : { kind: 'constant', register: to, value };
}

function sumStep(sign: 1 | -1, [to, ...rest]: readonly string[]): StackStep {
  const [from, by] = rest.length === 1 ? [to, rest[0]] : rest;
  const target = registerOf(to);
  const source = registerOf(from);
  const value = immediateOf(by);
  if (target === undefined || source === undefined) return { kind: 'none' };
  if (target === sp && source === sp) {
    if (value !== undefined) return { kind: 'move', bytes: sign * value };
    const register = registerOf(by);
    return register === undefined ? { kind: 'none' } : { kind: 'move by', register, sign };
  }
  if (value === undefined) return { kind: 'none' };
  if (source === sp) return { kind: 'copy', register: target, bytes: sign * value };
  if (target === sp) return { kind: 'set', register: source, bytes: sign * value };
  return { kind: 'add constant', register: target, of: source, value: sign * value };
}

function accessStep(kind: 'store' | 'load', operands: readonly string[], isPair: boolean): StackStep {
  const none: StackStep = { kind: 'none' };
  const register = registerOf(operands[0]);
  const address = operands[isPair ? 2 : 1];
  const after = operands[isPair ? 3 : 2];
  const [, inside, writesBack] = /^\[(.*)\](!?)$/.exec(address ?? '') ?? [];
  if (register === undefined || inside === undefined) return none;
  const [base, offsetText] = inside.split(/,\s*/);
  if (base !== 'sp') return none;
  const offset = offsetText === undefined ? 0 : immediateOf(offsetText);
  if (offset === undefined) return none;
  const registers = isPair ? [register, registerOf(operands[1]) ?? register] : [register];
  const moved = writesBack === '!' ? offset : after === undefined ? 0 : (immediateOf(after) ?? 0);
  if (kind === 'store' && writesBack === '!' && offset < 0) return { kind: 'push', registers, extra: -offset - 4 * registers.length };
  if (kind === 'load' && moved > 0) return { kind: 'pop', registers, extra: moved - 4 * registers.length };
  return isPair ? none : { kind, register, offset };
}

function listStep(kind: 'push' | 'pop', list: readonly string[]): StackStep {
  const registers = list.flatMap((name) => registerOf(name) ?? []);
  return { kind, registers, extra: 4 * list.flatMap(singlesOf).length };
}
