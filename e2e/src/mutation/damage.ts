/** Faults planted into linked code: what a wrong selector, patcher or memory could have done. */
import { assemblyOf, patch, randomValue, type CodeSite, type LinkedCode, type seededRandom, type Template, type TemplateSet } from '@fireball/jit';

export const damageKinds = [
  'flipped bit',
  'swapped registers',
  'dropped branch',
  'dropped check',
  'changed offset',
  'changed limit',
  'changed callee',
] as const;
export type DamageKind = (typeof damageKinds)[number];

/** Damaged bytes, and the plan that a selector would have had to give such code. */
export interface Damage {
  readonly bytes: Uint8Array;
  readonly plan: ReturnType<typeof assemblyOf>;
  /** Template at the place, for reports. */
  readonly what: string;
}

type Random = ReturnType<typeof seededRandom>;
interface Place {
  readonly site: CodeSite;
  readonly template: Template;
  readonly values: number[];
  readonly offset: number;
}

const accesses = /^(ldst_|load$|store$|c_ldst$|c_lwsp$|c_swsp$)/;
const limits = /^(cmp_ri|cmp_ri8_n|mov_rimm|movw|mov_imm32|lui|c_lui|c_li|li_imm32|c_addi|alu_rri)$/;
/** Calls and jumps that may leave the function. */
const departures = /^(bl|b_w|jal)$/;
const branches = /^(bcond_[nw]|b_rr|c_bz|cbz|cmp0_bcond_[nw])$/;

/** One mutant of the kind; undefined where the chosen place has none. */
export function damage(kind: DamageKind, code: LinkedCode, set: TemplateSet, random: Random): Damage | undefined {
  const bytes = Uint8Array.from(code.bytes);
  if (kind === 'flipped bit') {
    const bit = random() % (8 * bytes.length);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    return { bytes, plan: assemblyOf(code, set), what: `bit ${bit}` };
  }
  const places = code.sites
    .map((site): Place => ({ site, template: set.require(site.template), values: site.holes.map(({ value }) => value), offset: site.offset }))
    .filter((place) => applies(kind, place, code));
  const place = places[random() % Math.max(1, places.length)];
  if (place === undefined) return undefined;
  const before = [...place.values];
  change(kind, place, random);
  if (before.every((value, index) => value === place.values[index])) return undefined;
  try {
    patch(bytes, place.offset, place.template, place.values);
  } catch {
    return undefined;
  }
  const holes = place.site.holes.map(({ operand: name }, index) => ({ operand: name, value: place.values[index] ?? 0 }));
  const sites = code.sites.map((site) => (site === place.site ? { ...site, holes } : site));
  const plan = assemblyOf({ address: code.address, sites }, set);
  return { bytes, plan, what: `${place.template.name} ${before.join(' ')} -> ${place.values.join(' ')} at 0x${place.offset.toString(16)}` };
}

function registers({ template }: Place): number[] {
  return template.operands.filter(({ kind }) => kind === 'reg').map(({ index }) => index);
}

function operand({ template }: Place, kinds: readonly string[]): number {
  return template.operands.findIndex(({ kind }) => kinds.includes(kind));
}

function applies(kind: DamageKind, place: Place, code: LinkedCode): boolean {
  const { name } = place.template;
  switch (kind) {
    case 'flipped bit':
      return true;
    case 'swapped registers':
      return new Set(registers(place).map((index) => place.values[index])).size > 1;
    case 'dropped branch':
      return branches.test(name);
    case 'dropped check':
      return branches.test(name) && leadsToTrap(place, code);
    case 'changed offset':
      return accesses.test(name) && place.template.operands.some((candidate) => candidate.name === 'offset');
    case 'changed limit':
      return limits.test(name) && operand(place, ['imm', 'imm32']) >= 0;
    case 'changed callee':
      return departures.test(name) && (targetOf(place) < 0 || targetOf(place) > code.bytes.length);
  }
}

/** Where a branch leads, from the function's start on. */
function targetOf(place: Place): number {
  const at = operand(place, ['rel_jmp', 'rel_cond']);
  return place.offset + place.template.relativeOrigin(at) + (place.values[at] ?? 0);
}

/** To a trap stub, or behind the last return: to a slow check or a stub. */
function leadsToTrap(place: Place, code: LinkedCode): boolean {
  const target = targetOf(place);
  if (code.trapStubs.some(({ offset }) => offset === target)) return true;
  const lastReturn = code.sites.filter(({ template }) => /^(pop_|bx_r|c_jr)/.test(template)).at(-1)?.offset ?? code.bytes.length;
  return target > lastReturn;
}

function change(kind: DamageKind, place: Place, random: Random): void {
  const { template, values } = place;
  if (kind === 'swapped registers') {
    const list = registers(place);
    const first = random() % list.length;
    const a = list[first] ?? 0;
    const b = list[(first + 1 + (random() % (list.length - 1))) % list.length] ?? 0;
    [values[a], values[b]] = [values[b] ?? 0, values[a] ?? 0];
  } else if (kind === 'dropped branch' || kind === 'dropped check') {
    // A branch to the next instruction decides nothing.
    const at = operand(place, ['rel_jmp', 'rel_cond']);
    values[at] = template.size - template.relativeOrigin(at);
  } else if (kind === 'changed callee') {
    const at = operand(place, ['rel_jmp']);
    values[at] = (values[at] ?? 0) + 2 * ((random() % 1024) - 512);
  } else {
    const at = kind === 'changed offset' ? template.operands.findIndex(({ name }) => name === 'offset') : operand(place, ['imm', 'imm32']);
    const domain = template.operands[at];
    if (domain !== undefined) values[at] = random() % 2 === 0 ? randomValue(domain, random) : (values[at] ?? 0) + 4 * (1 + (random() % 16));
  }
}
