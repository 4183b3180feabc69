/** Learns where operand bits go in the instruction bytes, and proves it on further instances. */
import { InvalidInputError, type Isa } from '@fireball/contracts';
import type { Assembled, Job } from './assemble.js';
import { Gf2System } from './gf2.js';
import { describeValues, type Probe, type ProbePlan, type Values, type Variable } from './probe.js';

/** Bits of one variable in one instruction. */
export interface LearnedField {
  readonly variable: Variable;
  readonly offset: number;
  readonly unit: 2 | 4;
  /** Variable bit that `masks[0]` belongs to. */
  readonly shift: number;
  readonly masks: readonly number[];
}

export interface Learned {
  /** The instance in which every variable is 0. */
  readonly bytes: Uint8Array;
  readonly fields: readonly LearnedField[];
}

/**
 * @param job its probes are `plan.train` followed by `plan.prove`
 * @throws InvalidInputError naming template, operand and probe, where an operand is not affine over GF(2)
 */
export function learn(isa: Isa, job: Job, plan: ProbePlan, assembled: Assembled): Learned {
  const { template, variables } = job;
  const fail = (problem: string, values: Values, hint?: string): never => {
    throw new InvalidInputError(`template ${template.name}: ${problem} at ${describeValues(template, values)}`, {
      file: template.file,
      line: template.line,
      hint,
    });
  };
  const base = plan.train[0];
  const baseBytes = assembled.instances[0];
  if (base === undefined || baseBytes === undefined || baseBytes.length === 0)
    throw new InvalidInputError(`template ${template.name}: no instruction`, { file: template.file, line: template.line });
  assembled.instances.forEach((bytes, index) => {
    if (bytes.length !== baseBytes.length)
      fail(`${bytes.length} bytes, but ${baseBytes.length} in the first instance,`, job.probes[index]?.values ?? [], 'write .n or .w');
  });

  const columns = variables.reduce((sum, { bits }) => sum + bits, 0);
  const baseWord = toBigInt(baseBytes);
  const baseBits = bitsOf(variables, base.values);
  const samples = plan.train.map((probe, index): Sample => ({
    probe,
    bits: bitsOf(variables, probe.values) ^ baseBits,
    word: toBigInt(assembled.instances[index] ?? baseBytes) ^ baseWord,
  }));
  const system = new Gf2System();
  for (const sample of samples) {
    if (system.add(sample.bits, sample.word)) continue;
    const outlier = findOutlier(samples, sample);
    const { probe } = outlier ?? sample;
    const name = probe.operand === undefined ? undefined : template.operands[probe.operand]?.name;
    const wrong = hexWord(combine(system.solve(columns), sample.bits) ^ sample.word, baseBytes.length);
    fail(
      `${name === undefined ? 'the operands together are' : `operand ${name} is`} not affine (bits ${wrong} differ)`,
      probe.values,
      outlier === undefined ? 'use a derived operand' : 'exclude this value, or use a derived operand',
    );
  }

  const masks = system.solve(columns);
  const zero = baseWord ^ combine(masks, baseBits);
  plan.prove.forEach((probe, index) => {
    const expected = toBigInt(assembled.instances[plan.train.length + index] ?? baseBytes);
    if ((zero ^ combine(masks, bitsOf(variables, probe.values))) !== expected)
      fail('the learned fields do not give what the assembler gives', probe.values, 'use a derived operand');
  });

  const bytes = fromBigInt(zero, baseBytes.length);
  const units = instructionUnits(isa, baseBytes, assembled.data);
  const fields: LearnedField[] = [];
  let column = 0;
  let taken = 0n;
  for (const variable of variables) {
    const own = masks.slice(column, column + variable.bits);
    column += variable.bits;
    const footprint = own.reduce((all, mask) => all | mask, 0n);
    if ((taken & footprint) !== 0n) fail(`operand ${variable.name} shares bits with another`, base.values);
    taken |= footprint;
    fields.push(...splitField(variable, own, units));
  }
  for (const [index, operand] of template.operands.entries())
    if (
      (operand.kind === 'rel_jmp' || operand.kind === 'rel_cond') &&
      variables.some((v) => v.name === operand.name) &&
      fields.filter(({ variable }) => variable.operand === index).length > 1
    )
      fail(`the branch distance ${operand.name} is used by more than one instruction`, base.values);
  return { bytes, fields };
}

interface Sample {
  readonly probe: Probe;
  /** Variable bits and instruction bits, as differences from the baseline. */
  readonly bits: bigint;
  readonly word: bigint;
}

/** The only value of the failing operand without which all its other values fit, if there is one. */
function findOutlier(samples: readonly Sample[], failing: Sample): Sample | undefined {
  const { operand } = failing.probe;
  if (operand === undefined) return undefined;
  const own = samples.filter(({ probe }) => probe.operand === operand);
  const outliers = own.filter((candidate) => {
    const system = new Gf2System();
    return own.every((sample) => sample === candidate || system.add(sample.bits, sample.word));
  });
  return outliers.length === 1 ? outliers[0] : undefined;
}

function bitsOf(variables: readonly Variable[], values: Values): bigint {
  let bits = 0n;
  let column = 0;
  for (const variable of variables) {
    bits |= BigInt.asUintN(variable.bits, BigInt(variable.value(values))) << BigInt(column);
    column += variable.bits;
  }
  return bits;
}

function combine(masks: readonly bigint[], bits: bigint): bigint {
  return masks.reduce((word, mask, column) => ((bits >> BigInt(column)) & 1n ? word ^ mask : word), 0n);
}

function toBigInt(bytes: Uint8Array): bigint {
  return bytes.reduceRight((word, byte) => (word << 8n) | BigInt(byte), 0n);
}

function fromBigInt(word: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => Number((word >> BigInt(8 * index)) & 0xffn));
}

function hexWord(word: bigint, length: number): string {
  return Buffer.from(fromBigInt(word, length)).toString('hex');
}

interface Unit {
  readonly offset: number;
  readonly size: 2 | 4;
}

/** Start and size of every instruction; data words count as units of 4 (or 2) bytes. */
function instructionUnits(isa: Isa, bytes: Uint8Array, data: Assembled['data']): Unit[] {
  const units: Unit[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const range = data.find(([begin, end]) => begin <= offset && offset < end);
    const size = range === undefined ? instructionSize(isa, bytes, offset) : range[1] - offset >= 4 ? 4 : 2;
    units.push({ offset, size });
    offset += size;
  }
  return units;
}

function instructionSize(isa: Isa, bytes: Uint8Array, offset: number): 2 | 4 {
  const low = bytes[offset] ?? 0;
  const high = bytes[offset + 1] ?? 0;
  // RISC-V: the two low bits are 11 in 32-bit instructions. Arm ARM A5.1: 0b11101, 0b11110, 0b11111.
  if (isa === 'rv32') return (low & 3) === 3 ? 4 : 2;
  return high >> 3 >= 0b11101 ? 4 : 2;
}

function splitField(variable: Variable, masks: readonly bigint[], units: readonly Unit[]): LearnedField[] {
  return units.flatMap(({ offset, size }): LearnedField[] => {
    const own = masks.map((mask) => Number(BigInt.asUintN(8 * size, mask >> BigInt(8 * offset))));
    const first = own.findIndex((mask) => mask !== 0);
    if (first < 0) return [];
    const last = own.findLastIndex((mask) => mask !== 0);
    return [{ variable, offset, unit: size, shift: first, masks: own.slice(first, last + 1) }];
  });
}
