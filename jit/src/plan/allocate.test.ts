import { describe, expect, it } from '@jest/globals';
import { NoRoomError } from '@fireball/contracts';
import fc from 'fast-check';
import { rv32Cost, thumb2Cost } from '../core/target.js';
import { takeCore, type Core } from '../instance/core.js';
import { rolesOf } from '../instance/roles.js';
import { hasCalls as hasCallsField, hasRoutines, pressure as pressureField } from '../core/layout/allocation.js';
import { allocate } from '../testing/allocator.js';
import { analysed, findUses, usesOf, type Copy } from '../testing/analyses.js';
import { randomBodies, type RandomBody } from '../testing/bodies.js';
import { targets } from '../testing/macro-assemblers.js';
import { portableCore } from '../testing/portable-core.js';
import { allocationOf } from './allocate.js';
import type { Allocation } from './result.js';

const constCosts = { thumb2: thumb2Cost, rv32: rv32Cost } as const;

/** What a walk might have counted. */
interface Counted {
  readonly weights: readonly number[];
  readonly copies: readonly Copy[];
  readonly constants: ReadonlyMap<number, number>;
  readonly behindCalls: readonly number[];
  readonly hasCalls: boolean;
  readonly pressure: number;
  readonly ownsLink: boolean;
}

const weight = fc.constantFrom(0.25, 1, 1, 8, 64);
const wide = [0x1234_5678, 0x9abc_def0, 0xffff_0001, 0x2000_0000];
const counts = fc.record({
  weights: fc.array(weight, { minLength: 4, maxLength: 4 }),
  constants: fc.array(fc.tuple(fc.constantFrom(3, ...wide), weight), { maxLength: 5 }).map((list) => new Map(list)),
  behindCalls: fc.subarray(wide),
  hasCalls: fc.boolean(),
  pressure: fc.nat(12),
  ownsLink: fc.boolean(),
});

/** Of some locals that are set behind another one is read: they become copies of it. */
const cases = fc.tuple(randomBodies, counts).map(([random, counted]): readonly [RandomBody, Counted] => {
  const copies = random.body.flatMap(({ op, a }, index): Copy[] => {
    const before = random.body[index - 1];
    const isCopy = (op === 'local.set' || op === 'local.tee') && before?.op === 'local.get' && before.a !== a;
    return isCopy ? [{ index, word: a, source: before.a, weight: counted.weights[a]! }] : [];
  });
  return [random, { ...counted, copies }];
});

function allocationIn(core: Core, isa: (typeof targets)[number], { source }: RandomBody, counted: Counted, withheld: number): Allocation {
  const { weights, copies, constants, behindCalls, hasCalls, pressure, ownsLink } = counted;
  const analyses = analysed(source, core);
  findUses(analyses, { weights, mentions: weights.map(Math.ceil), copies, events: [], constants, behindCalls }, constCosts[isa]);
  const { words } = analyses;
  words[hasCallsField >> 2] = Number(hasCalls);
  words[hasRoutines >> 2] = 0;
  words[pressureField >> 2] = pressure;
  return allocate(analyses, isa, rolesOf(isa).args.slice(0, 2), ownsLink, withheld);
}

describe.each(targets)('registers on %s', (isa) => {
  it('are shared by words whose values are not wanted at the same time, survive calls where they must, and are the same in both forms of the core', () => {
    const { saved } = rolesOf(isa);
    fc.assert(
      fc.property(cases, fc.constantFrom(0, 2), ([random, counted], withheld) => {
        const { conflicts, acrossCalls } = usesOf(random.source, [], counted.copies);
        const allocation = allocationIn(takeCore(), isa, random, counted, withheld);
        expect(allocationIn(portableCore, isa, random, counted, withheld)).toEqual(allocation);
        const { localRegs, constRegs, temps } = allocation;
        localRegs.forEach((reg, word) => {
          if (reg < 0) return;
          expect(conflicts[word]!.filter((other) => other !== word && localRegs[other] === reg)).toEqual([]);
          expect([...constRegs.values(), ...temps]).not.toContain(reg);
          if (counted.hasCalls && acrossCalls[word] === 1) expect(saved).toContain(reg);
        });
        if (counted.hasCalls) for (const constant of counted.behindCalls) if (constRegs.has(constant)) expect(saved).toContain(constRegs.get(constant));
      }),
      { numRuns: 600 },
    );
  });

  it('of a function that the core has lost are not given', () => {
    const [[random] = []] = fc.sample(cases, { numRuns: 1, seed: 1 });
    const analyses = analysed(random!.source);
    takeCore();
    expect(() => allocationOf(analyses)).toThrow('the core has lost function 0');
  });

  it.each(['findExtendedLocals', 'analyseUses', 'findCandidates', 'allocateRegisters'] as const)('are refused by name where %s has no room', (step) => {
    const [[random, counted] = []] = fc.sample(cases, { numRuns: 1, seed: 1 });
    const core = takeCore();
    const full = { ...core, memory: core.memory, [step]: () => false };
    expect(() => allocationIn(full, isa, random!, counted!, 0)).toThrow(new NoRoomError('function 0, whose compilation needs more than 2 GiB'));
  });
});
