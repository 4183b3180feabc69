/** Chooses the operand values on which the assembler is asked, and turns them into assembly text. */
import type { Isa } from '@fireball/contracts';
import { derivedFunction, notEncodable } from '../derive.js';
import { allValues, isLegal, randomValue, rangeBits, seededRandom } from '../domain.js';
import { preferredRegisters } from './registers.js';
import type { SourceTemplate } from './source.js';

/** Base operand values in declaration order. */
export type Values = readonly number[];

export interface Probe {
  readonly values: Values;
  /** Index of the only operand that differs from the baseline, or undefined for random joint values. */
  readonly operand: number | undefined;
}

export interface ProbePlan {
  /** First the baseline, then single-operand probes, then joint ones. */
  readonly train: readonly Probe[];
  /** Joint probes that take no part in learning: the proof. */
  readonly prove: readonly Probe[];
}

/** A value that stands in the assembly text: an operand itself or one derived from operands. */
export interface Variable {
  readonly name: string;
  /** Index of the (first) base operand. */
  readonly operand: number;
  readonly with: number | undefined;
  /** Subtracted from the operand's value before its bits are taken. */
  readonly bias: number;
  readonly bits: number;
  /** The value whose bits are scattered; `notEncodable` where there is none. */
  readonly value: (values: Values) => number;
  readonly text: (values: Values) => string;
}

const exhaustiveLimit = 64;
const trainJointProbes = 48;
const proveJointProbes = 64;

/** Distance between a branch instruction and the address that its field counts from. */
const branchBias = { thumb2: 4, rv32: 0 } as const satisfies Record<Isa, number>;

export function variablesOf(isa: Isa, template: SourceTemplate): Variable[] {
  const body = template.body.map(({ text }) => text).join('\n');
  const variables: Variable[] = [];
  template.operands.forEach((operand, index) => {
    const derived = template.derives.some(({ name }) => name === operand.name);
    if (derived || !body.includes(`\${${operand.name}}`)) return;
    const bias = operand.kind === 'rel_jmp' || operand.kind === 'rel_cond' ? branchBias[isa] : 0;
    variables.push({
      name: operand.name,
      operand: index,
      with: undefined,
      bias,
      bits: rangeBits(operand.min - bias, operand.max - bias),
      value: (values) => (values[index] ?? 0) - bias,
      text: (values) => operand.text(values[index] ?? 0),
    });
  });
  for (const derive of template.derives) {
    const fn = derivedFunction(derive.function);
    const [a = 0, b] = derive.bases.map((base) => template.operands.findIndex(({ name }) => name === base));
    const base = template.operands[a];
    const value = (values: Values): number => fn.compute(values[a] ?? 0, b === undefined ? 0 : (values[b] ?? 0));
    variables.push({
      name: derive.name,
      operand: a,
      with: b,
      bias: 0,
      bits: fn.bits,
      value,
      text: (values) => {
        if (fn.text === 'result') return String(value(values));
        const first = values[a] ?? 0;
        return fn.text === 'float' ? floatText(first) : (base?.text(first) ?? '');
      },
    });
  }
  return variables;
}

function floatText(bits: number): string {
  const view = new DataView(new ArrayBuffer(4));
  view.setInt32(0, bits | 0);
  return view.getFloat32(0).toExponential();
}

/** Assembly text of one instance. */
export function expandBody(template: SourceTemplate, variables: readonly Variable[], values: Values): string[] {
  const texts = new Map(variables.map((variable) => [variable.name, variable.text(values)]));
  return template.body.map(({ text }) => text.replace(/\$\{([^}]*)\}/g, (_, name: string) => texts.get(name) ?? ''));
}

/** Operand values for a message: `op=add rd=r0 imm=12`. */
export function describeValues(template: SourceTemplate, values: Values): string {
  return template.operands.map(({ name, text }, index) => `${name}=${text(values[index] ?? 0)}`).join(' ');
}

/** @returns undefined if the constraints leave no legal instance. */
export function planProbes(isa: Isa, template: SourceTemplate, variables: readonly Variable[]): ProbePlan | undefined {
  const random = seededRandom(template.name);
  const samplers = template.operands.map((_, index) => samplerOf(template, index, random));
  const legal = (values: Values): boolean =>
    template.operands.every((operand, index) => isLegal(operand, values[index] ?? NaN)) &&
    variables.every((variable) => variable.value(values) !== notEncodable) &&
    template.distinct.every(([a, b]) => valueOf(template, values, a) !== valueOf(template, values, b));
  const joint = (): Values | undefined => {
    for (let attempt = 0; attempt < 200; attempt++) {
      const values = samplers.map((sample) => sample());
      if (legal(values)) return values;
    }
    return undefined;
  };

  const first = readableBaseline(isa, template);
  const baseline = legal(first) ? first : joint();
  if (baseline === undefined) return undefined;
  const train: Probe[] = [{ values: baseline, operand: undefined }];
  template.operands.forEach((_, index) => {
    const single = (value: number): void => {
      const values = baseline.map((old, at) => (at === index ? value : old));
      if (value !== baseline[index] && legal(values)) train.push({ values, operand: index });
      if (template.distinct.length === 0) return;
      // Values that collide with a neighbour in the baseline get other neighbours.
      const moved = joint()?.map((old, at) => (at === index ? value : old));
      if (moved !== undefined && legal(moved)) train.push({ values: moved, operand: undefined });
    };
    interestingValues(template, index, baseline[index] ?? 0, samplers[index] ?? random).forEach(single);
  });
  const jointProbes = (count: number): Probe[] =>
    Array.from({ length: count }, joint).flatMap((values) => (values === undefined ? [] : [{ values, operand: undefined }]));
  train.push(...jointProbes(trainJointProbes));
  return { train, prove: jointProbes(proveJointProbes) };
}

function valueOf(template: SourceTemplate, values: Values, name: string): number | undefined {
  return values[template.operands.findIndex((operand) => operand.name === name)];
}

function samplerOf(template: SourceTemplate, index: number, random: () => number): () => number {
  const operand = template.operands[index];
  if (operand === undefined) return random;
  const samples = template.derives
    .filter(({ bases }) => bases[0] === operand.name)
    .map((derive) => derivedFunction(derive.function).samples)
    .find((sample) => sample !== undefined);
  if (samples === undefined) return () => randomValue(operand, random);
  return () => ((random() & 3) === 0 ? randomValue(operand, random) : samples(random));
}

function interestingValues(template: SourceTemplate, index: number, baseline: number, sample: () => number): number[] {
  const operand = template.operands[index];
  if (operand === undefined) return [];
  const all = allValues(operand, exhaustiveLimit);
  if (all !== undefined && operand.kind !== 'reglist') return all;
  const values = new Set<number>([operand.min, operand.max, 0]);
  for (let bit = 0; bit < 32; bit++) {
    const power = 2 ** bit;
    for (const value of [power, -power, power - 1, baseline ^ (1 << bit), (baseline ^ (1 << bit)) >>> 0]) values.add(value);
  }
  for (let count = 0; count < 16; count++) values.add(sample());
  return [...values];
}

/** An instance that reads well: different registers, a small positive immediate. */
function readableBaseline(isa: Isa, template: SourceTemplate): number[] {
  const taken = new Set<number>();
  return template.operands.map((operand) => {
    if (operand.kind === 'reg' || operand.kind === 'freg') {
      const order = operand.kind === 'reg' ? preferredRegisters[isa] : Array.from({ length: 32 }, (_, n) => n);
      const legal = order.filter((value) => isLegal(operand, value));
      const value = legal.find((candidate) => !taken.has(candidate)) ?? legal[0] ?? operand.min;
      taken.add(value);
      return value;
    }
    if (operand.kind === 'reglist') return operand.max & 0x40f0 || operand.max;
    if (operand.values !== undefined) return Object.values(operand.values)[0] ?? operand.min;
    const small = [16, 8, 4, 2, 1, 32, 64, 0];
    return small.find((value) => isLegal(operand, value)) ?? operand.min;
  });
}
