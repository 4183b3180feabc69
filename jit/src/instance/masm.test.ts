import { beforeEach, describe, expect, it } from '@jest/globals';
import { InternalError, type Isa } from '@fireball/contracts';
import { usedField } from '@fireball/wasm';
import * as arithmetic from '../core/layout/arithmetic.js';
import * as functionLayout from '../core/layout/function.js';
import * as machine from '../core/layout/machine.js';
import * as layout from '../core/layout/masm.js';
import { accessRole, entryRole, trapRole } from '../core/layout/placed.js';
import * as rv32Layout from '../core/layout/rv32-templates.js';
import * as thumb2Layout from '../core/layout/thumb2-templates.js';
import { alu, aluShifted, extractField, multiplyAccumulate, reverseSubtract, unary } from '../core/masm/arithmetic.js';
import { beginAssembly, newLabel } from '../core/masm/assembly.js';
import { trap } from '../core/masm/calls.js';
import { bind, branchIf, branchIfWords, compareJointly, holdCondition, holdJointly, jump, setIf } from '../core/masm/conditions.js';
import { floatPrecision } from '../core/masm/floats.js';
import { accessIndexed } from '../core/masm/memory.js';
import { multiplyAddWords } from '../core/masm/pairs.js';
import { holdsConditions } from '../core/masm/properties.js';
import { placedCount } from '../core/masm/records.js';
import { siteRoles } from '../expand/assembly.js';
import { noFeatures } from '../features.js';
import { rv32Branches } from '../target/rv32/branches.js';
import { thumb2Branches } from '../target/thumb2/branches.js';
import { loadTemplates } from '../templates/index.js';
import { targets } from '../testing/macro-assemblers.js';
import { portableCore } from '../testing/portable-core.js';
import { placedBy, refusalOf } from './masm.js';
import { placerOf } from './placer.js';

const { memory } = portableCore;

/** Address of a condition, whose fields are given in order from the first on. */
function condition(...fields: readonly number[]): number {
  const at = portableCore.allocate(machine.conditionStride);
  new Int32Array(memory.buffer).set(fields, at >> 2);
  return at;
}

const heldByNobody = (): number => condition(machine.heldTest, 0, 1);
const words = (): number => condition(machine.compareTest, arithmetic.ltU, 0, 0, 1, 0, machine.register, 2);
const pairs = (bKind: number): number => condition(machine.pairTest, arithmetic.ltU, 0, 0, 8, 9, bKind, 3, 4);

/** What has no form on a target. */
const refusals: readonly (readonly [what: string, isas: readonly Isa[], place: () => void])[] = [
  ['multiplication by a constant', targets, () => alu(arithmetic.mul, 8, 8, machine.immediate, 3, false)],
  ['a condition that nobody holds', targets, () => setIf(8, heldByNobody())],
  ['a branch on a condition that nobody holds', targets, () => branchIf(heldByNobody(), 0)],
  [
    'a comparison while flags are held',
    ['thumb2'],
    () => {
      holdCondition(words());
      branchIf(words(), 0);
    },
  ],
  [
    'a comparison of pairs while flags are held',
    ['thumb2'],
    () => {
      holdCondition(words());
      branchIf(pairs(machine.register), 0);
    },
  ],
  ['a joint check of no register', ['thumb2'], () => compareJointly(portableCore.allocate(0), 0, 16)],
  ['a shifted operand of a multiplication', ['thumb2'], () => aluShifted(arithmetic.mul, 1, 2, 3, arithmetic.shl, 1)],
  ['double precision', ['thumb2'], () => floatPrecision(machine.f64Type, 1, 2)],
  ['indexed addressing', ['rv32'], () => accessIndexed(machine.loadWord, 8, 9, 10, 0)],
  ['a constant less a register', ['rv32'], () => reverseSubtract(8, 9, 4)],
  ['shifted operands', ['rv32'], () => aluShifted(arithmetic.add, 8, 9, 10, arithmetic.shl, 1)],
  ['multiplication with addition', ['rv32'], () => multiplyAccumulate(arithmetic.add, 8, 9, 10, 11)],
  ['long multiplication with addition', ['rv32'], () => multiplyAddWords(false, 8, 9, 10, 11)],
  ['a bit field', ['rv32'], () => extractField(8, 9, 3, 4)],
  ['leading zeros', ['rv32'], () => unary(machine.clz, 8, 9)],
  ['trailing zeros', ['rv32'], () => unary(machine.ctz, 8, 9)],
  ['a branch on a pair and a constant', ['rv32'], () => branchIf(pairs(machine.immediate), 0)],
];

describe.each(targets)("the core's macro assembler for %s", (isa) => {
  const set = loadTemplates(isa);
  const placer = placerOf(portableCore);

  beforeEach(() => {
    placer.prepareAlone(set, noFeatures);
    new Int32Array(memory.buffer)[functionLayout.target >> 2] = functionLayout[isa];
    beginAssembly(77);
  });

  it.each(refusals.filter(([, isas]) => isas.includes(isa)))('refuses %s, and places nothing from then on', (_what, _isas, place) => {
    newLabel();
    place();
    expect(refusalOf({ memory }, 0)?.message).toMatch('the target has no form of what selection asks for');
    const count = placedCount();
    jump(0);
    expect(placedCount()).toBe(count);
    expect(() => placer.layOutPlaced(set, 0)).toThrow(InternalError);
  });

  it('refuses what is bound twice, and what never is', () => {
    newLabel();
    bind(newLabel());
    bind(1);
    expect(refusalOf({ memory }, 0)).toEqual(new InternalError('label 1 bound twice'));
    beginAssembly(0);
    jump(newLabel());
    expect(() => placer.layOutPlaced(set, 0)).toThrow(new InternalError('label 0 was never bound'));
  });

  it('begins a function without what the one before has left', () => {
    const place = (): number => {
      beginAssembly(0);
      branchIfWords(machine.compareTest, arithmetic.ltS, 8, machine.immediate, 0, newLabel());
      return placedCount();
    };
    const first = place();
    alu(arithmetic.sub, 8, 8, machine.immediate, 1, false);
    expect(place()).toBe(first);
    if (holdsConditions()) holdJointly();
    expect(place()).toBe(first);
  });

  it('refuses a function of too much code', () => {
    for (let count = 0; count <= layout.mostCodeBytes / 2; count++) trap(0);
    expect(refusalOf({ memory }, 0)?.message).toBe('offset 0x4d, code section: not supported: a function of more than 1048576 bytes of code');
    beginAssembly(0);
    trap(0);
    expect([refusalOf({ memory }, 0), placedCount()]).toEqual([undefined, 1]);
  });
});

const numbersOf: Readonly<Record<Isa, Readonly<Record<string, number>>>> = { thumb2: thumb2Layout, rv32: rv32Layout };
const camelCase = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

it.each(targets)('numbers of templates and of kinds of branches of %s are those in the lists', (isa) => {
  const set = loadTemplates(isa);
  const templates = placedBy(set).map(([name], index) => [camelCase(name), index]);
  const kinds = Object.entries(isa === 'thumb2' ? thumb2Branches(set) : rv32Branches(set)).map(([name, { number }]) => [`${name}Kind`, number]);
  expect({ ...numbersOf[isa] }).toEqual(Object.fromEntries([...templates, ...kinds]));
  expect(templates.length).toBeLessThanOrEqual(layout.mostTemplates);
  expect(kinds.length).toBeLessThanOrEqual(layout.mostKinds);
  expect(functionLayout[isa]).toBe(targets.indexOf(isa));
});

it('roles have the numbers that the core knows', () => {
  expect([trapRole, entryRole, accessRole].map((role) => siteRoles[role - 1])).toEqual(['trap', 'table entry', 'access']);
  expect(usedField).toBe(4);
});
