/** Values worth trying. */
import type { Operand, Template } from '@fireball/jit';
import { derivedFunction, isLegal, notEncodable } from '@fireball/jit';

/** Register contents at which arithmetic, shifts and extensions change their behaviour. */
export const boundaryWords: readonly number[] = [
  0, 1, -1, 2, -2, 0x7fff_ffff, -0x8000_0000, -0x7fff_ffff, 0x7f, 0x80, 0xff, -0x80, 0x7fff, 0x8000, 0xffff, 31, 32, 33, 255, 256, 0x5555_5555, 0x0001_0000,
];

const powers = Array.from({ length: 32 }, (_, bit) => 2 ** bit);

/** Every class of Thumb modified immediates: plain, the three patterns, each rotation with narrow and full bytes. */
const modifiedImmediates: readonly number[] = [
  0,
  1,
  0x7f,
  0x80,
  0xff,
  ...[1, 0x80, 0xff].flatMap((byte) => [byte * 0x0001_0001, byte * 0x0100_0100, byte * 0x0101_0101]),
  ...Array.from({ length: 24 }, (_, shift) => [0x80, 0xff, 0xa5].map((byte) => byte * 2 ** (shift + 1))).flat(),
];

/** Legal values of an operand: its bounds, the neighbours of exclusions, single bits, some random ones. */
export function operandSamples(template: Template, operand: Operand, random: () => number): number[] {
  const { min, max, step = 1, excluded = [] } = operand;
  if (operand.values !== undefined) return Object.values(operand.values);
  const derivation = template.fields.find((field) => field.operand === operand.index && field.point.derive !== undefined);
  const candidates =
    operand.kind === 'reglist'
      ? [...powers, ...powers.map((bit) => max & ~bit), max, ...Array.from({ length: 24 }, () => random() & max)]
      : [
          ...[0, 1, 2, 3].flatMap((count) => [min + count * step, max - count * step]),
          ...excluded.flatMap((value) => [value - step, value + step]),
          ...[-2, -1, 0, 1, 2, 3, 4, 5, 8].map((count) => count * step),
          ...powers,
          ...powers.map((bit) => -bit),
          ...Array.from({ length: 8 }, () => min + step * Math.floor((random() / 2 ** 32) * ((max - min) / step + 1))),
          ...(derivation?.point.derive === 't32ModifiedImmediate' ? modifiedImmediates : []),
          ...(max > 0xf_ffff ? [0x7ff, 0x800, 0xfff, 0x1000, 0x7fff_f800, 0x7fff_ffff, 0xffff_f800, 0xffff_f7ff, 0xffff_ffff, 0x1234_5678] : []),
        ];
  const encodable = (value: number): boolean =>
    derivation?.point.derive === undefined || derivedFunction(derivation.point.derive).compute(value, 0) !== notEncodable;
  return [...new Set(candidates)].filter((value) => isLegal(operand, value) && encodable(value) && leavesInstance(template, operand, value));
}

/** A branch into its own template would repeat a part of it; only one to itself, an endless loop, is used. */
function leavesInstance(template: Template, operand: Operand, value: number): boolean {
  if (operand.kind !== 'rel_jmp' && operand.kind !== 'rel_cond') return true;
  const target = template.relativeOrigin(operand.index) + value;
  return value === 0 || target < 0 || target >= template.size;
}
