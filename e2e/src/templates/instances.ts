/** Which instances of a template are tried: enum values x register aliasing x immediates. */
import { allValues, type Operand, type Template } from '@fireball/jit';
import type { TemplateModel } from './model.js';
import { operandSamples } from './values.js';

/** One value per operand, as `patch` takes them. */
export type Instance = readonly number[];

/** Above this, immediates take turns instead of meeting every enum value and aliasing pattern. */
const instanceLimit = 2500;
/** Random registers may be ones that must differ. */
const sweepAttempts = 8;

export function planInstances(template: Template, model: TemplateModel, random: () => number): Instance[] {
  const registers = template.operands.filter(isRegister);
  const choices = product(
    template.operands.filter(({ kind }) => kind === 'enum').map((operand) => settings(operand, samplesOf(template, model, operand, random))),
  );
  const immediates = product(
    template.operands
      .filter((operand) => operand.kind !== 'enum' && !isRegister(operand))
      .map((operand) => settings(operand, samplesOf(template, model, operand, random))),
  );
  const patterns = partitions(registers).filter((pattern) => legalPattern(template, pattern));
  const rows: { choice: Setting[]; pattern: Operand[][] }[] = choices.flatMap((choice) => patterns.map((pattern) => ({ choice, pattern })));
  const perRow = Math.max(1, Math.min(immediates.length, Math.ceil(Math.max(instanceLimit, immediates.length) / rows.length)));
  const instances: Instance[] = [];
  let turn = 0;
  for (const { choice, pattern } of rows) {
    for (let count = 0; count < perRow; count++, turn++) {
      const assigned = assignRegisters(pattern, random);
      if (assigned !== undefined) instances.push(assemble(template, [...choice, ...(immediates[turn % immediates.length] ?? []), ...assigned]));
    }
  }
  instances.push(...sweep(template, registers, choices, immediates, random));
  return instances;
}

/** Of either bank. */
export function isRegister({ kind }: Pick<Operand, 'kind'>): boolean {
  return kind === 'reg' || kind === 'freg';
}

interface Setting {
  readonly operand: Operand;
  readonly value: number;
}

function samplesOf(template: Template, model: TemplateModel, operand: Operand, random: () => number): readonly number[] {
  return model.samples?.[operand.name] ?? operandSamples(template, operand, random);
}

const settings = (operand: Operand, values: readonly number[]): Setting[] => values.map((value) => ({ operand, value }));

/** Every operand once through all its registers, the others at random. */
function sweep(
  template: Template,
  registers: readonly Operand[],
  choices: readonly Setting[][],
  immediates: readonly Setting[][],
  random: () => number,
): Instance[] {
  return registers.flatMap((swept) =>
    legalRegisters(swept).flatMap((value) => {
      for (let attempt = 0; attempt < sweepAttempts; attempt++) {
        const others = registers.filter((operand) => operand !== swept).map((operand) => ({ operand, value: pick(legalRegisters(operand), random) }));
        const instance = assemble(template, [
          ...(choices[random() % choices.length] ?? []),
          ...(immediates[random() % immediates.length] ?? []),
          ...others,
          { operand: swept, value },
        ]);
        if (!breaksDistinct(template, instance)) return [instance];
      }
      return [];
    }),
  );
}

function assemble(template: Template, chosen: readonly Setting[]): Instance {
  return template.operands.map((operand) => chosen.find((setting) => setting.operand === operand)?.value ?? 0);
}

function breaksDistinct(template: Template, instance: Instance): boolean {
  for (let pair = 0; pair < template.distinct.length; pair += 2)
    if (instance[template.distinct[pair] ?? 0] === instance[template.distinct[pair + 1] ?? 0]) return true;
  return false;
}

function product<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>((rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])), [[]]);
}

/** All ways to make operands share registers: {rd}{rn}{rm}, {rd rn}{rm}, .. {rd rn rm}. */
export function partitions<T>(items: readonly T[]): T[][][] {
  const [first, ...rest] = items;
  if (first === undefined) return [[]];
  return partitions(rest).flatMap((classes) => [
    [[first], ...classes],
    ...classes.map((joined, index) => classes.map((other, at) => (at === index ? [first, ...joined] : other))),
  ]);
}

function legalPattern(template: Template, pattern: readonly Operand[][]): boolean {
  return pattern.every((members) => {
    if (members.some(({ kind }) => kind !== members[0]?.kind)) return false;
    if (commonRegisters(members).length === 0) return false;
    const same = (index: number | undefined): boolean => members.some((operand) => operand.index === index);
    for (let pair = 0; pair < template.distinct.length; pair += 2) if (same(template.distinct[pair]) && same(template.distinct[pair + 1])) return false;
    return true;
  });
}

function legalRegisters(operand: Operand): number[] {
  return allValues(operand, 64) ?? [];
}

function commonRegisters(members: readonly Operand[]): number[] {
  return members.map(legalRegisters).reduce((common, legal) => common.filter((register) => legal.includes(register)));
}

/** One register per class, all different; the narrowest classes choose first. */
function assignRegisters(pattern: readonly Operand[][], random: () => number): Setting[] | undefined {
  const taken = new Set<string>();
  const classes = pattern.map((members) => ({ members, legal: commonRegisters(members) })).sort((a, b) => a.legal.length - b.legal.length);
  const assigned: Setting[] = [];
  for (const { members, legal } of classes) {
    const bank = members[0]?.kind ?? 'reg';
    const free = legal.filter((register) => !taken.has(`${bank} ${register}`));
    if (free.length === 0) return undefined;
    const value = pick(free, random);
    taken.add(`${bank} ${value}`);
    assigned.push(...members.map((operand) => ({ operand, value })));
  }
  return assigned;
}

export function pick<T>(items: readonly T[], random: () => number): T {
  return items[random() % items.length] as T;
}
