/** What a template's metadata says that an instance changes, and changes beyond that. */
import type { Template } from '@fireball/jit';
import type { Instance } from './instances.js';
import { lr, nzcvOf, sp, type MachineState, type Snapshot } from './state.js';

/** Registers by their numbers. */
export interface Declared {
  readonly registers: ReadonlySet<number>;
  readonly floats: ReadonlySet<number>;
  readonly flags: boolean;
}

const fixedRegisters: Readonly<Record<string, readonly number[]>> = {
  'thumb2 sp': [sp],
  'thumb2 lr': [lr],
  'thumb2 r0': [0],
  'thumb2 r12': [12],
  'rv32 ra': [1],
  'rv32 sp': [2],
  'rv32 t1': [6],
  'rv32 t2': [7],
};

/** The one floating-point register that templates name as scratch. */
const scratchFloat = 'f31';

export function declaredChanges(template: Template, values: Instance): Declared {
  const names = [...template.json.outputs, ...template.json.clobbers];
  const isFloat = (name: string): boolean => name === scratchFloat || template.operands.some((operand) => operand.name === name && operand.kind === 'freg');
  return {
    registers: new Set(names.filter((name) => !isFloat(name)).flatMap((name) => registersNamed(template, values, name))),
    floats: new Set(names.filter(isFloat).map((name) => (name === scratchFloat ? 31 : (values[template.operandIndex(name)] ?? 0)))),
    flags: names.includes('flags'),
  };
}

/** Registers behind a name of the contract: an operand, a list of them, or a fixed one. Flags and memory are none. */
function registersNamed(template: Template, values: Instance, name: string): readonly number[] {
  const index = template.operands.findIndex((operand) => operand.name === name);
  if (index < 0) return fixedRegisters[`${template.json.arch === 'arm-thumb2' ? 'thumb2' : 'rv32'} ${name}`] ?? [];
  const value = values[index] ?? 0;
  return template.operands[index]?.kind === 'reglist' ? [...Array(16).keys()].filter((number) => (value >> number) & 1) : [value];
}

/** Changes that the metadata does not speak of: a selector would keep values there. */
export function undeclaredChanges(declared: Declared, state: MachineState, before: Snapshot): string[] {
  return [
    ...changedNumbers(state.registers, before.registers, declared.registers).map((number) => `register ${number} changes, but is no declared output`),
    ...(!declared.flags && nzcvOf(state.flags) !== before.nzcv ? ['flags change, but are not declared'] : []),
    ...changedNumbers(state.floats, before.floats, declared.floats).map((number) => `float ${number} changes, but is no declared output`),
  ];
}

function changedNumbers(now: ArrayLike<unknown>, before: ArrayLike<unknown>, declared: ReadonlySet<number>): number[] {
  const numbers: number[] = [];
  for (let number = 0; number < before.length; number++) if (now[number] !== before[number] && !declared.has(number)) numbers.push(number);
  return numbers;
}
