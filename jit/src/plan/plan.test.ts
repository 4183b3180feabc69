import type { Isa } from '@fireball/contracts';
import { describe, expect, it } from '@jest/globals';
import { testEnvironment } from '../testing/environment.js';
import { targets } from '../testing/macro-assemblers.js';
import { accessesOf, foregoneIn, hasCalls, weightsOf } from '../testing/findings.js';
import { sourceOfText } from '../testing/module.js';
import { planAlone } from '../testing/plan-alone.js';
import type { AccessPlan } from '../testing/access-plans.js';
import { readBody } from '../testing/read-body.js';
import type { Plan } from './result.js';

function planOf(isa: Isa, body: string, fields = ''): Plan {
  const source = sourceOfText(
    `(module ${fields} (memory 1) (global (mut i32) (i32.const 0)) (func $g) (func (param i32 i32) (result i32) (local i32 i32) ${body}))`,
  );
  return planAlone(source, isa);
}

/** The plans of a body's accesses, in order; groups by number in the order of their first use. */
function accesses(isa: Isa, body: string): string[] {
  const groups: number[] = [];
  return accessesOf(planOf(isa, body)).map((plan) => describePlan(plan, groups));
}

function describePlan(plan: AccessPlan, groups: number[]): string {
  switch (plan.kind) {
    case 'static':
      return `static ${plan.address - 0x3000_0000}`;
    case 'bounded':
      return 'bounded';
    case 'single':
      return `single ${plan.extent}`;
    case 'group': {
      const { number, low, extent, memberCount, bounded } = plan.group;
      if (!groups.includes(number)) groups.push(number);
      return `${bounded ? 'bounded ' : ''}group ${groups.indexOf(number)}: ${low}+${extent} of ${memberCount}`;
    }
    default:
      throw new RangeError('no such plan');
  }
}

const load = (address: string, offset = 0): string => `(drop (i32.load offset=${offset} ${address}))`;
const p = '(local.get 0)';
const plus = (c: number): string => `(i32.add ${p} (i32.const ${c}))`;
const computed = '(i32.xor (local.get 0) (local.get 1))';

interface Count {
  readonly start: number;
  readonly step: number;
  readonly test: string;
  readonly limit: number;
  readonly at?: number;
}

/** A loop that loads at its counter. */
function count({ start, step, test, limit, at = 0 }: Count): string {
  const next = `(local.tee 2 (i32.add (local.get 2) (i32.const ${step})))`;
  return `(local.set 2 (i32.const ${start})) (loop ${load('(local.get 2)', at)} (br_if 0 (i32.${test} ${next} (i32.const ${limit}))))`;
}

/** A loop of so many turns that loads at a pointer, which begins 30 bytes in front of the last word. */
function along(turns: number, move: string): string {
  const next = '(local.tee 2 (i32.add (local.get 2) (i32.const 1)))';
  return `(local.set 3 (i32.const ${65532 - 30})) (loop ${load('(local.get 3)')} ${move} (br_if 0 (i32.ne ${next} (i32.const ${turns}))))`;
}

/** Two rows of eight words, the last of them 60 bytes behind the first. */
function matrix(offset: number): string {
  const [row, column] = ['(i32.add (local.get 3) (i32.const 32))', '(i32.add (local.get 0) (i32.const 1))'];
  return `(local.set 3 (i32.const 4096)) (loop (local.set 2 (local.get 3)) (local.set 0 (i32.const 0))
    (loop ${load('(local.get 2)', offset)} (local.set 2 (i32.add (local.get 2) (i32.const 4))) (br_if 0 (i32.ne (local.tee 0 ${column}) (i32.const 8))))
    (br_if 0 (i32.ne (local.tee 3 ${row}) (i32.const ${4096 + 64}))))`;
}

interface Row {
  readonly what: string;
  readonly body: string;
  readonly plans: readonly string[];
}

const rows: readonly Row[] = [
  { what: 'a constant inside the smallest memory', body: load('(i32.const 65532)'), plans: ['static 65532'] },
  { what: 'a constant whose last byte is outside', body: load('(i32.const 65533)'), plans: ['single 4'] },
  { what: 'a constant with an offset, without wrapping', body: load('(i32.const -4)', 8), plans: ['single 12'] },
  { what: 'a masked index', body: load('(i32.and (local.get 0) (i32.const 255))', 1024), plans: ['bounded'] },
  { what: 'a masked and scaled index', body: load('(i32.shl (i32.and (local.get 0) (i32.const 255)) (i32.const 2))'), plans: ['bounded'] },
  { what: 'a masked index that just fits', body: load('(i32.and (local.get 0) (i32.const 255))', 65536 - 255 - 4), plans: ['bounded'] },
  {
    what: 'a masked index that just does not fit',
    body: load('(i32.and (local.get 0) (i32.const 255))', 65536 - 255 - 3),
    plans: [`single ${65536 - 255 - 3 + 4}`],
  },
  { what: 'a masked index minus a constant: it may wrap', body: load('(i32.sub (i32.and (local.get 0) (i32.const 255)) (i32.const 1))'), plans: ['single 4'] },
  { what: 'a loaded byte', body: load('(i32.load8_u (i32.const 0))', 16), plans: ['static 0', 'bounded'] },
  { what: 'a signed byte', body: load('(i32.load8_s (i32.const 0))', 16), plans: ['static 0', 'single 20'] },
  { what: 'a computed index', body: load(computed, 12), plans: ['single 16'] },
  { what: 'neighbours of one local', body: load(p) + load(p, 8) + load(plus(4)), plans: ['group 0: 0+12 of 3', 'group 0: 0+12 of 3', 'group 0: 0+12 of 3'] },
  { what: 'neighbours below a local', body: load(p) + load(plus(-8)), plans: ['group 0: -8+12 of 2', 'group 0: -8+12 of 2'] },
  { what: 'a far neighbour', body: load(p) + load(p, 5000), plans: ['group 0: 0+4 of 1', 'single 5004'] },
  {
    what: 'a store closes the group to growth, not to use',
    body: `(i32.store offset=4 ${p} (i32.const 1))` + load(p, 4) + load(p, 8),
    plans: ['group 0: 0+8 of 2', 'group 0: 0+8 of 2', 'group 1: 0+12 of 1'],
  },
  { what: 'a write to the local ends it', body: `${load(p)} (local.set 0 (local.get 1)) ${load(p)}`, plans: ['group 0: 0+4 of 1', 'group 1: 0+4 of 1'] },
  { what: 'an old value of the local is no member', body: `(local.get 0) (local.set 0 (i32.const 9)) (drop (i32.load))`, plans: ['single 4'] },
  { what: 'a call closes it', body: `${load(p)} (call $g) ${load(p, 4)}`, plans: ['group 0: 0+4 of 1', 'group 1: 0+8 of 1'] },
  { what: 'a branch closes it', body: `(block ${load(p)} (br_if 0 (local.get 1)) ${load(p, 4)})`, plans: ['group 0: 0+4 of 1', 'group 1: 0+8 of 1'] },
  {
    what: 'a division that may trap closes it',
    body: `${load(p)} (drop (i32.div_u (i32.const 1) (local.get 1))) ${load(p, 4)}`,
    plans: ['group 0: 0+4 of 1', 'group 1: 0+8 of 1'],
  },
  {
    what: 'a division that cannot trap does not',
    body: `${load(p)} (drop (i32.div_u (local.get 1) (i32.const 3))) ${load(p, 4)}`,
    plans: ['group 0: 0+8 of 2', 'group 0: 0+8 of 2'],
  },
  { what: 'a global.set closes it', body: `${load(p)} (global.set 0 (i32.const 1)) ${load(p, 4)}`, plans: ['group 0: 0+4 of 1', 'group 1: 0+8 of 1'] },
  {
    what: 'what every path to an end has proved holds behind it',
    body: `(block ${load(p)} (br_if 0 (local.get 1)) ${load(p, 8)}) ${load(p)} ${load(p, 8)}`,
    plans: ['group 0: 0+4 of 2', 'group 1: 0+12 of 1', 'group 0: 0+4 of 2', 'group 2: 0+12 of 1'],
  },
  {
    what: 'what both arms of an if found proved holds behind it, what one of them lost does not',
    body: `${load(p)} ${load('(local.get 1)')} (if (local.get 2) (then (local.set 1 (local.get 3)))) ${load(p)} ${load('(local.get 1)')}`,
    plans: ['group 0: 0+4 of 2', 'group 1: 0+4 of 1', 'group 0: 0+4 of 2', 'group 2: 0+4 of 1'],
  },
  {
    what: 'what was proved in one arm only does not hold behind the if',
    body: `(if (local.get 2) (then ${load(p)}) (else ${load(p)})) ${load(p)}`,
    plans: ['group 0: 0+4 of 1', 'group 1: 0+4 of 1', 'group 2: 0+4 of 1'],
  },
  {
    what: 'what was proved in front of an if without else holds in it and behind it, what in it does not',
    body: `${load(p)} (if (local.get 2) (then ${load(p)} ${load('(local.get 1)')})) ${load('(local.get 1)')}`,
    plans: ['group 0: 0+4 of 2', 'group 0: 0+4 of 2', 'group 1: 0+4 of 1', 'group 2: 0+4 of 1'],
  },
  {
    what: 'a branch from within brings what it has proved, and no more',
    body: `(block (block (br_if 1 (local.get 2)) ${load(p)} (br 0)) ${load(p)}) ${load(p)}`,
    plans: ['group 0: 0+4 of 2', 'group 0: 0+4 of 2', 'group 1: 0+4 of 1'],
  },
  {
    what: 'of a branch table every target counts',
    body: `(block (block (br_table 0 1 (local.get 2))) ${load(p)}) ${load(p)}`,
    plans: ['group 0: 0+4 of 1', 'group 1: 0+4 of 1'],
  },
  {
    what: 'a loop that does not write the local',
    body: `${load(p)} (loop ${load(p)} (br_if 0 (local.get 1)))`,
    plans: ['group 0: 0+4 of 2', 'group 0: 0+4 of 2'],
  },
  {
    what: 'a loop that writes the local, in a loop of its own behind the access',
    body: `${load(p)} (loop ${load(p)} (loop (local.set 0 (local.get 3)) (br_if 0 (local.get 2))) (br_if 0 (local.get 1)))`,
    plans: ['group 0: 0+4 of 1', 'group 1: 0+4 of 1'],
  },
  {
    what: 'a local that got a masked value',
    body: `(local.set 0 (i32.and (local.get 0) (i32.const 255))) ${load(p, 8)}`,
    plans: ['bounded group 0: 0+12 of 1'],
  },
  {
    what: 'a local that got a masked value on every path',
    body: `(local.set 0 (i32.and (local.get 0) (i32.const 255))) (if (local.get 2) (then (local.set 0 (i32.const 65530)))) ${load(p, 2)} ${load(p, 3)}`,
    plans: ['group 0: 0+7 of 2', 'group 0: 0+7 of 2'],
  },
  {
    what: 'a local that got a masked value, and one that just does not fit',
    body: `(local.set 0 (i32.and (local.get 0) (i32.const 255))) (call $g) ${load(p, 65536 - 255 - 4)} (call $g) ${load(p, 65536 - 255 - 3)}`,
    plans: ['bounded group 0: 65277+4 of 1', 'single 65282'],
  },
  {
    what: 'what needs no check is one group on both sides of a store, as far behind the local as it may be',
    body: `(local.set 0 (i32.and (local.get 0) (i32.const 255))) (i32.store offset=5000 (local.get 0) (i32.const 1)) ${load(p, 5004)}`,
    plans: ['bounded group 0: 5000+8 of 2', 'bounded group 0: 5000+8 of 2'],
  },
  {
    what: 'what needs no check behind a branch is no part of a group that others see',
    body: `(block (br_if 0 (i32.ge_u ${p} (i32.const 65533))) ${load(p)} (block (br_if 0 (i32.ge_u ${p} (i32.const 60000))) ${load(p, 2000)}) ${load(p, 2000)})`,
    plans: ['bounded group 0: 0+4 of 1', 'bounded group 1: 0+2004 of 1', 'group 2: 0+2004 of 1'],
  },
  {
    what: 'a bound does not hold where a loop writes the local',
    body: `(local.set 0 (i32.const 8)) (loop ${load(p)} (local.set 0 (i32.add (local.get 0) (i32.const 4))) (br_if 0 (local.get 1)))`,
    plans: ['group 0: 0+4 of 1'],
  },
  {
    what: 'a bound holds where a loop comes round with bounded values only',
    body: `(local.set 0 (i32.const 8)) (loop ${load(p)} (local.set 0 (i32.and (local.get 1) (i32.const 255))) (br_if 0 (local.get 1)))`,
    plans: ['bounded group 0: 0+4 of 1'],
  },
  {
    what: 'a bound holds where a loop comes round with the same value or another one',
    body: `(local.set 0 (i32.const 8)) (loop ${load(p)} (if (local.get 1) (then (local.set 0 (i32.const 65532)))) (br_if 0 (local.get 1)))`,
    plans: ['bounded group 0: 0+4 of 1'],
  },
  {
    what: 'of the ways round a loop the one with the greatest value counts',
    body: `(local.set 0 (i32.const 8)) (loop ${load(p)} (local.set 0 (i32.const 65533)) (br_if 0 (local.get 1)) (local.set 0 (i32.const 4)) (br 0))`,
    plans: ['group 0: 0+4 of 1'],
  },
  {
    what: 'what a loop in a loop makes of a local counts for both',
    body: `(local.set 0 (i32.const 8)) (loop ${load(p)} (loop (local.set 0 (i32.add (local.get 0) (i32.const 4))) (br_if 0 (local.get 1))) (br_if 0 (local.get 1)))`,
    plans: ['group 0: 0+4 of 1'],
  },
  {
    what: 'the same value as in front of a loop in a loop is no bound for the outer one',
    body: `(local.set 0 (local.get 1)) (loop ${load(p)} (local.set 0 (local.get 1)) (loop (if (local.get 1) (then (local.set 0 (i32.const 4)))) (br_if 0 (local.get 1))) (br_if 0 (local.get 1)))`,
    plans: ['group 0: 0+4 of 1'],
  },
  {
    what: 'a declared local that a loop gives bounded values, and nobody one before',
    body: `(loop ${load('(local.get 2)')} (local.set 2 (i32.load8_u offset=65532 (local.get 2))) (br_if 0 (local.get 1)))`,
    plans: ['bounded group 0: 0+4 of 1', 'single 65533'],
  },
  {
    what: 'what a loop up to a number reaches, in whole steps to it exactly',
    body: count({ start: 0, step: 4, test: 'ne', limit: 65536 }),
    plans: ['bounded group 0: 0+4 of 1'],
  },
  {
    what: 'one byte further on',
    body: count({ start: 0, step: 4, test: 'ne', limit: 65536, at: 1 }),
    plans: ['group 0: 0+5 of 1'],
  },
  {
    what: 'a loop whose steps miss its number',
    body: count({ start: 0, step: 4, test: 'ne', limit: 65534 }),
    plans: ['group 0: 0+4 of 1'],
  },
  {
    what: 'a loop that counts away from its number, round all others',
    body: count({ start: 8, step: 4, test: 'ne', limit: 4 }),
    plans: ['group 0: 0+4 of 1'],
  },
  {
    what: 'a loop from below 0 up to it',
    body: `(local.set 2 (i32.const -64)) (loop ${load('(i32.add (local.get 2) (i32.const 65536))')} (br_if 0 (local.tee 2 (i32.add (local.get 2) (i32.const 4)))))`,
    plans: ['bounded group 0: 65536+4 of 1'],
  },
  {
    what: 'a loop down, of whose start something is known',
    body: `(local.set 2 (i32.and (local.get 0) (i32.const 255))) (loop ${load('(local.get 2)')} (br_if 0 (i32.gt_u (local.tee 2 (i32.sub (local.get 2) (i32.const 2))) (i32.const 1))))`,
    plans: ['group 0: 0+4 of 1'],
  },
  {
    what: 'a loop below a number, whatever its steps',
    body: `(local.set 2 (i32.const 8)) (loop ${load('(local.get 2)')} (br_if 0 (i32.lt_u (local.tee 2 (i32.add (local.get 2) (local.get 0))) (i32.const 65533))))`,
    plans: ['bounded group 0: 0+4 of 1'],
  },
  {
    what: 'one number more',
    body: `(local.set 2 (i32.const 8)) (loop ${load('(local.get 2)')} (br_if 0 (i32.lt_u (local.tee 2 (i32.add (local.get 2) (local.get 0))) (i32.const 65534))))`,
    plans: ['group 0: 0+4 of 1'],
  },
  {
    what: 'what goes along with a counter',
    body: along(16, '(local.set 3 (i32.add (local.get 3) (i32.const 2)))'),
    plans: ['bounded group 0: 0+4 of 1'],
  },
  {
    what: 'what goes along for one turn too many',
    body: along(17, '(local.set 3 (i32.add (local.get 3) (i32.const 2)))'),
    plans: ['group 0: 0+4 of 1'],
  },
  {
    what: 'what does not go along in every turn',
    body: along(2, '(if (local.get 0) (then (local.set 3 (i32.add (local.get 3) (i32.const 2)))))'),
    plans: ['group 0: 0+4 of 1'],
  },
  {
    what: 'a loop that can come round without counting',
    body: `(loop ${load('(local.get 2)')} (br_if 0 (local.get 0)) (local.set 3 (local.get 2)) (br_if 0 (i32.ne (local.tee 2 (i32.add (local.get 2) (i32.const 4))) (i32.const 64))))`,
    plans: ['group 0: 0+4 of 1'],
  },
  {
    what: 'a counter of a loop whose header may be that of the loop around it',
    body: `(loop (loop ${load('(local.get 2)')} (br_if 0 (i32.ne (local.tee 2 (i32.add (local.get 2) (i32.const 4))) (i32.const 64)))) (br_if 0 (local.get 0)))`,
    plans: ['group 0: 0+4 of 1'],
  },
  {
    what: 'a pointer that begins in every row of a matrix where that begins',
    body: matrix(61376),
    plans: ['bounded group 0: 61376+4 of 1'],
  },
  {
    what: 'the same one byte further on',
    body: matrix(61377),
    plans: ['single 61381'],
  },
  {
    what: 'behind a branch that a smaller number does not take',
    body: `(block (br_if 0 (i32.ge_u (local.get 0) (i32.const 65533))) ${load(p)}) ${load(p)}`,
    plans: ['bounded group 0: 0+4 of 1', 'group 1: 0+4 of 1'],
  },
  {
    what: 'behind a branch of signed numbers that another may have passed',
    body: `(block (br_if 0 (i32.ge_s (local.get 0) (i32.const 100))) ${load(p)})`,
    plans: ['group 0: 0+4 of 1'],
  },
  {
    what: 'behind branches at both ends of signed numbers',
    body: `(block (br_if 0 (i32.lt_s (local.get 0) (i32.const 0))) (br_if 0 (i32.ge_s (local.get 0) (i32.const 100))) ${load(p)})`,
    plans: ['bounded group 0: 0+4 of 1'],
  },
  {
    what: 'in the arm of an if, and not in the other',
    body: `(if (i32.lt_u ${plus(-48)} (i32.const 10)) (then ${load(plus(-48))}) (else ${load(p)}))`,
    plans: ['bounded group 0: -48+4 of 1', 'group 1: 0+4 of 1'],
  },
  {
    what: 'the arms of an if begin without knowledge of each other',
    body: `(if (local.get 1) (then ${load(p)}) (else ${load(p)}))`,
    plans: ['group 0: 0+4 of 1', 'group 1: 0+4 of 1'],
  },
];

const set = (local: number): string => `(local.set ${local} (i32.const 1))`;

/** How often four locals are used. */
const weighed = [
  { what: 'what loops use eightfold per level', body: `${set(1)} (loop ${set(2)} (loop ${set(3)} (br_if 0 (local.get 0))))`, weights: [64, 1, 8, 64] },
  { what: 'the arms of an if as half of it', body: `(if (local.get 0) (then ${set(1)}) (else ${set(2)})) ${set(3)}`, weights: [1, 0.5, 0.5, 1] },
  { what: 'what a branch may skip as half', body: `(block (br_if 0 (local.get 0)) ${set(2)}) ${set(3)}`, weights: [1, 0, 0.5, 1] },
  { what: 'what comes behind returns as it is', body: `(block (br_if 1 (i32.const 0) (local.get 0)) (drop) ${set(2)}) ${set(3)}`, weights: [1, 0, 1, 1] },
  {
    what: 'the targets of a table by their entries',
    body: `(block (block (br_table 0 0 1 0 (local.get 0))) ${set(1)} (br_if 0 (local.get 0)) ${set(2)}) ${set(3)}`,
    weights: [1.75, 0.75, 0.375, 1],
  },
  {
    what: 'what follows a loop as what stands in front of it',
    body: `(block (loop (br_if 1 (local.get 0)) (if (local.get 1) (then (br 2))) ${set(2)} (br 0))) ${set(3)}`,
    weights: [8, 8, 4, 1],
  },
];

describe.each(targets)('plans on %s', (isa) => {
  it.each(rows)('$what', ({ body, plans }) => {
    expect(accesses(isa, `${body} (i32.const 0)`)).toEqual(plans);
  });

  it.each(weighed)('weighs $what', ({ body, weights }) => {
    expect(weightsOf(planOf(isa, `${body} (i32.const 0)`)).locals).toEqual(weights);
  });

  it('makes nothing of bounds in a loop that may be entered from outside', () => {
    const body = `(local.set 0 (i32.const 8)) (loop ${load(p)} (local.set 0 (i32.and (local.get 1) (i32.const 255))) (br_if 0 (local.get 1)))`;
    const source = sourceOfText(`(module (memory 1) (func (param i32 i32) ${body}))`);
    const loops = readBody(source).flatMap(({ op, offset }) => (op === 'loop' ? [offset] : []));
    const plan = planAlone(source, isa, { osrLoops: loops });
    expect(accessesOf(plan).map((access) => access.kind === 'group' && access.group.bounded)).toEqual([false]);
  });

  it.each([
    { what: 'the mask of a loaded byte', body: '(i32.and (i32.load8_u (i32.const 0)) (i32.const 255))', part: 'masks' },
    {
      what: 'the mask of a byte in a register through a loop',
      body: '(loop (result i32) (i32.and (local.get 2) (i32.const 511)) (local.set 2 (i32.const 256)) (br_if 0 (local.get 0)))',
      part: 'masks',
    },
    { what: 'the modulus of a masked amount', body: '(i32.shl (local.get 0) (i32.and (local.get 1) (i32.const 31)))', part: 'shiftMasks' },
    {
      what: 'the check of a full table',
      body: '(block (block (br_table 0 0 0 0 1 (i32.and (local.get 0) (i32.const 3))))) (i32.const 0)',
      part: 'tableChecks',
    },
  ] as const)('leaves out $what', ({ body, part }) => {
    expect(foregoneIn(planOf(isa, body))[part]).toBe(1);
  });

  it.each([
    { what: 'the mask of a byte that misses a bit', body: '(i32.and (i32.load8_u (i32.const 0)) (i32.const 0x7f))' },
    { what: 'the mask of a sum, whose carry it takes', body: '(i32.and (i32.add (i32.load8_u (i32.const 0)) (i32.const 1)) (i32.const 255))' },
    { what: 'the modulus of an amount of 32', body: '(i32.shl (local.get 0) (i32.and (local.get 1) (i32.const 32)))' },
    { what: 'the check of a table that lacks one entry', body: '(block (block (br_table 0 0 0 1 (i32.and (local.get 0) (i32.const 3))))) (i32.const 0)' },
  ])('keeps $what', ({ body }) => {
    expect(foregoneIn(planOf(isa, body))).toEqual({ masks: 0, shiftMasks: 0, tableChecks: 0 });
  });

  it('counts mentions where weights come to nothing', () => {
    const { locals, localMentions } = weightsOf(planOf(isa, `(block ${'(br_if 0 (local.get 0)) '.repeat(1100)} ${set(2)}) (i32.const 0)`));
    expect(locals[2]).toBe(0);
    expect(localMentions).toEqual([1100, 0, 1, 0]);
  });

  it('wants a wide constant in a register the more the deeper it is used, wherever that is a little, and a cheap one never', () => {
    const use = (value: number): string => `(local.set 2 (i32.xor (local.get 2) (i32.const ${value})))`;
    const { constants } = weightsOf(planOf(isa, `${use(0x1234_5678)} ${use(1)} (loop ${use(0x0bad_cafe)} (br_if 0 (local.get 0))) (i32.const 0)`));
    expect(constants.get(0x0bad_cafe)).toBe((8.25 / 1.25) * (constants.get(0x1234_5678) ?? NaN));
    expect(constants.has(1)).toBe(false);
  });

  it('wants anchors for parts of memory that loads do not reach from its base', () => {
    const { constants } = weightsOf(planOf(isa, `${load('(i32.const 12)')} ${load('(i32.const 20480)')} ${load('(i32.const 20500)')} (i32.const 0)`));
    expect([...constants]).toEqual([
      [0x3000_0000, 3 * 1.25],
      [0x3000_5000, 2 * 1.25],
    ]);
  });

  it('likes the place of a field in a register where one access stands between two labels, and an index can be added to it', () => {
    const { constants } = weightsOf(planOf(isa, `(loop ${load(p, 8)} (br_if 0 (local.get 1)) ${load(p, 16)} ${load(p, 20)}) (i32.const 0)`));
    expect([constants.get(0x3000_0008), constants.get(0x3000_0010)]).toEqual(isa === 'thumb2' ? [8, undefined] : [undefined, undefined]);
  });

  it('likes the limit of a growing memory in a register for shorter comparisons, where it is an immediate', () => {
    const source = sourceOfText(`(module (memory 1) (func (param i32 i32) ${load(computed, 4)} (drop (memory.grow (i32.const 0)))))`);
    const { constants } = weightsOf(planAlone(source, isa, { environment: testEnvironment({ minBytes: 65536, fixed: false }) }));
    expect(constants.get(0xff00)).toBe(isa === 'thumb2' ? 0.125 : undefined);
  });

  it.each([
    { where: 'in front of a call', body: (use: string): string => `${use} (call $g)`, isWanted: false },
    { where: 'behind a call', body: (use: string): string => `(call $g) ${use}`, isWanted: true },
    {
      where: 'in a loop in front of one with a call',
      body: (use: string): string => `(loop ${use} (br_if 0 (local.get 0))) (loop (call $g) (br_if 0 (local.get 0)))`,
      isWanted: false,
    },
    { where: 'in front of a call in a loop', body: (use: string): string => `(loop ${use} (call $g) (br_if 0 (local.get 0)))`, isWanted: true },
    {
      where: 'in a loop around one with a call',
      body: (use: string): string => `(loop ${use} (loop (call $g) (br_if 0 (local.get 0))) (br_if 0 (local.get 0)))`,
      isWanted: true,
    },
    {
      where: 'behind a call with which the function is left',
      body: (use: string): string => `(if (local.get 0) (then (call $g) (return (i32.const 1)))) ${use}`,
      isWanted: true,
    },
    {
      where: 'behind a call right in front of a return',
      body: (use: string): string => `(if (local.get 0) (then (i32.const 1) (call $g) return)) ${use}`,
      isWanted: false,
    },
    {
      where: 'in front of a routine in a loop',
      body: (use: string): string => `(loop ${use} (drop (memory.grow (i32.const 0))) (br_if 0 (local.get 0)))`,
      isWanted: true,
    },
  ])('knows whether a constant is wanted behind a call: $where', ({ body, isWanted }) => {
    const use = '(local.set 2 (i32.xor (local.get 2) (i32.const 0x12345678)))';
    expect(weightsOf(planOf(isa, `${body(use)} (i32.const 0)`)).behindCalls.includes(0x1234_5678)).toBe(isWanted);
  });

  it('wants the beginning of memory behind a call where an access follows of a group that has begun in front of it', () => {
    const wanted = (code: string): boolean => weightsOf(planOf(isa, `${code} (i32.const 0)`)).behindCalls.includes(0x3000_0000);
    expect([wanted(`${load(p)} (call $g)`), wanted(`${load(p)} (call $g) ${load(p)}`)]).toEqual([false, true]);
  });

  it('knows whether there are calls', () => {
    expect(hasCalls(planOf(isa, '(i32.const 0)'))).toBe(false);
    expect(hasCalls(planOf(isa, '(call $g) (local.get 1)'))).toBe(true);
  });
});
