/** What the names in a template's contract stand for (jit/TEMPLATES.md, "Directives"). */
import type { Isa } from '@fireball/contracts';
import type { Template } from '@fireball/jit';
import { floatCount } from './float-bank.js';
import { registerCounts } from './runner.js';

/** A part of the state, by its kind and number; flags and memory have none. */
export type Resource = { readonly kind: 'register' | 'float'; readonly number: number } | { readonly kind: 'flags' | 'memory' };

/** Parts of the state. */
export interface ResourceSet {
  readonly registers: ReadonlySet<number>;
  readonly floats: ReadonlySet<number>;
  readonly flags: boolean;
  readonly memory: boolean;
}

const abiNames = 'zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'.split(' ');
/** The usual name of each register. */
const registerNames: Readonly<Record<Isa, readonly string[]>> = {
  thumb2: [...Array.from({ length: 13 }, (_, number) => `r${number}`), 'sp', 'lr'],
  rv32: abiNames,
};
const otherNames: Readonly<Record<Isa, Readonly<Record<string, number>>>> = {
  thumb2: { r13: 13, r14: 14 },
  rv32: { fp: 8, ...Object.fromEntries(abiNames.map((_, number) => [`x${number}`, number])) },
};
const floatPrefix = { thumb2: 's', rv32: 'f' } as const satisfies Record<Isa, string>;

function isaOf(template: Template): Isa {
  return template.json.arch === 'arm-thumb2' ? 'thumb2' : 'rv32';
}

/** The resources that a name means in an instance with these operand values; undefined where it means nothing. */
export function resourcesNamed(template: Template, values: readonly number[], name: string): Resource[] | undefined {
  const operand = template.operands.find((candidate) => candidate.name === name);
  if (operand !== undefined) {
    const value = values[operand.index] ?? 0;
    if (operand.kind === 'freg') return [{ kind: 'float', number: value }];
    if (operand.kind === 'reg') return [{ kind: 'register', number: value }];
    if (operand.kind !== 'reglist') return undefined;
    return [...Array(registerCounts[isaOf(template)]).keys()].filter((number) => (value >> number) & 1).map((number) => ({ kind: 'register', number }));
  }
  if (name === 'flags' || name === 'memory') return [{ kind: name }];
  const isa = isaOf(template);
  const usual = registerNames[isa].indexOf(name);
  const number = usual >= 0 ? usual : otherNames[isa][name];
  if (number !== undefined) return [{ kind: 'register', number }];
  const float = /^([sf])(\d+)$/.exec(name);
  if (float !== null && float[1] === floatPrefix[isa] && Number(float[2]) < floatCount) return [{ kind: 'float', number: Number(float[2]) }];
  return undefined;
}

export function setOf(resources: readonly Resource[]): ResourceSet {
  const numbers = (kind: Resource['kind']): Set<number> => new Set(resources.flatMap((each) => (each.kind === kind && 'number' in each ? [each.number] : [])));
  const has = (kind: Resource['kind']): boolean => resources.some((each) => each.kind === kind);
  return { registers: numbers('register'), floats: numbers('float'), flags: has('flags'), memory: has('memory') };
}

export function contains(set: ResourceSet, resource: Resource): boolean {
  switch (resource.kind) {
    case 'register':
      return set.registers.has(resource.number);
    case 'float':
      return set.floats.has(resource.number);
    case 'flags':
    case 'memory':
      return set[resource.kind];
  }
}

/** How a contract may name the resource: by the operands that it is in this instance, and as the architecture does. */
export function namesOf(template: Template, values: readonly number[], resource: Resource): string[] {
  if (!('number' in resource)) return [resource.kind];
  const bank = resource.kind === 'float' ? 'freg' : 'reg';
  const operands = template.operands.filter(({ kind, index }) => {
    const value = values[index] ?? 0;
    return kind === bank ? value === resource.number : kind === 'reglist' && bank === 'reg' && ((value >> resource.number) & 1) === 1;
  });
  const isa = isaOf(template);
  const own = resource.kind === 'float' ? `${floatPrefix[isa]}${resource.number}` : (registerNames[isa][resource.number] ?? `register ${resource.number}`);
  return [...operands.map(({ name }) => name), own];
}

/** Finds the fewest names that explain all observations: an operand may happen to be a register that is meant by itself, or the other way round. */
export class Blame {
  private readonly observations: (readonly string[])[] = [];

  add(names: readonly string[]): void {
    this.observations.push(names);
  }

  culprits(): string[] {
    const found: string[] = [];
    for (let open = this.observations; open.length > 0;) {
      const counts = new Map<string, number>();
      for (const name of open.flat()) counts.set(name, (counts.get(name) ?? 0) + 1);
      const [culprit] = [...counts].reduce((most, each) => (each[1] > most[1] ? each : most));
      found.push(culprit);
      open = open.filter((names) => !names.includes(culprit));
    }
    return found;
  }
}
