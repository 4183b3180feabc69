/** What values an operand may take: one definition for validation, builder, patcher and tests. */
import type { OperandJson } from './schema.js';

/** True if the patcher must accept `value` for this operand. Values are integers. */
export function isLegal(operand: OperandJson, value: number): boolean {
  if (!Number.isInteger(value) || value < operand.min || value > operand.max) return false;
  if (operand.step !== undefined && value % operand.step !== 0) return false;
  if (operand.kind === 'reglist') {
    const clash = operand.excluded?.some((mask) => (value & mask) === mask) ?? false;
    return !clash && (value & ~operand.max) === 0 && bitCount(value) >= (operand.least ?? 1);
  }
  if (operand.excluded?.includes(value) === true) return false;
  if (operand.values !== undefined) return Object.values(operand.values).includes(value);
  return true;
}

function bitCount(value: number): number {
  let count = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Bits needed for every value of [min, max]: two's complement if any is negative. */
export function rangeBits(min: number, max: number): number {
  if (min >= 0) return Math.max(1, 32 - Math.clz32(max));
  if (max > 0x7fff_ffff) return 32;
  return 33 - Math.min(Math.clz32(~min), Math.clz32(Math.max(max, 0)));
}

/** All legal values, or undefined if there are more than `limit`. */
export function allValues(operand: OperandJson, limit: number): number[] | undefined {
  const step = operand.step ?? 1;
  if ((operand.max - operand.min) / step >= limit) return undefined;
  const values: number[] = [];
  for (let value = operand.min; value <= operand.max; value += step) if (isLegal(operand, value)) values.push(value);
  return values;
}

/** Is any value legal? Where there are more than `limit`, one is taken to be. */
export function hasLegalValue(operand: OperandJson, limit: number): boolean {
  const { min, max, step = 1 } = operand;
  if ((max - min) / step >= limit) return true;
  for (let value = min; value <= max; value += step) if (isLegal(operand, value)) return true;
  return false;
}

/** The constraint in words, for messages: `0..4095 step 4, not 8`. */
export function describeDomain(operand: OperandJson): string {
  if (operand.values !== undefined)
    return Object.entries(operand.values)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ');
  if (operand.kind === 'reglist') {
    const clash = operand.excluded?.map((mask) => `, not all of 0x${mask.toString(16)}`).join('') ?? '';
    return `a mask of at least ${operand.least ?? 1} register(s) within 0x${operand.max.toString(16)}${clash}`;
  }
  const step = operand.step === undefined ? '' : ` step ${operand.step}`;
  const not = operand.excluded === undefined ? '' : `, not ${operand.excluded.join(',')}`;
  return `${operand.min}..${operand.max}${step}${not}`;
}

/** A small repeatable source of 32-bit values (xorshift32), seeded by a name. */
export function seededRandom(seed: string): () => number {
  let state = 0x9e37_79b9;
  for (const char of seed) state = Math.imul(state ^ char.charCodeAt(0), 0x0100_0193) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>>= 0);
  };
}

/** A random legal value; about one in four lies at an edge of the domain. */
export function randomValue(operand: OperandJson, random: () => number): number {
  if (operand.values !== undefined) {
    const values = Object.values(operand.values);
    return values[random() % values.length] ?? operand.min;
  }
  for (let attempt = 0; attempt < 1000; attempt++) {
    const value = candidate(operand, random);
    if (isLegal(operand, value)) return value;
  }
  return operand.max;
}

function candidate(operand: OperandJson, random: () => number): number {
  const { min, max, step = 1 } = operand;
  if (operand.kind === 'reglist') return random() & max;
  const count = Math.floor((max - min) / step) + 1;
  const choice = random() & 15;
  if (choice < 2) return min + step * (random() % Math.min(count, 3));
  if (choice < 4) return max - step * (random() % Math.min(count, 3));
  if (choice < 6) return Math.min(max, Math.max(min, step * ((random() % 5) - 2)));
  return min + step * (random() % count);
}
