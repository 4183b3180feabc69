/** Hostile programs on generated code whose every memory access is watched: the sandbox is proved by attack. */
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import type { Isa } from '@fireball/contracts';
import type { LinkedCode } from '@fireball/jit';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { accessFunction, accessOps, addressForms, memoryShapes, offsetsFor } from './attack/accesses.js';
import { families } from './attack/families.js';
import { judge } from './attack/judge.js';
import { boundaries, Random, type Attack } from './attack/program.js';
import { targets } from './testing/native.js';

/** Calls on emulated CPUs, both targets together; a nightly run asks for a million. */
const executionsWanted = Number(process.env['ATTACK_EXECUTIONS'] ?? 6_000);
const seed = process.env['ATTACK_SEED'] ?? '1';
/** Calls of one program on each target. */
const callsPerProgram = 120;

const shares = families.reduce((sum, { weight }) => sum + weight, 0);

describe.each(families)('hostile $name', ({ name, make, weight }) => {
  it(
    'never touch what they do not own, and end as in the reference interpreter',
    async () => {
      const wanted = (executionsWanted * weight) / shares;
      let executions = 0;
      let traps = 0;
      for (let program = 0; executions < wanted; program++) {
        const id = `${seed} ${name} ${program}`;
        const random = new Random(id);
        const verdict = judge(make(random), targets, callsPerProgram, random);
        expect({ id, failures: verdict.failures }).toEqual({ id, failures: [] });
        executions += verdict.executions;
        traps += verdict.traps;
        // Guest memory of closed virtual SoCs is freed between turns only.
        await turnOfEventLoop();
      }
      // Attacks that never trap, or always do, say little.
      expect(traps / executions).toBeGreaterThan(0.02);
      expect(traps / executions).toBeLessThan(0.9);
    },
    60_000 + executionsWanted * 10,
  );
});

/** One access, alone: what fails shrinks to a small program and few arguments. */
const access = fc.record({
  shape: fc.constantFrom(...memoryShapes),
  op: fc.constantFrom(...accessOps),
  form: fc.constantFrom(...addressForms),
  constant: fc.oneof(fc.constantFrom(...boundaries(65536)), fc.integer()),
  offsetChoice: fc.nat(),
});

it('a single access of any kind ends as in the reference interpreter', () => {
  fc.assert(
    fc.property(access, fc.nat(), ({ shape, op, form, constant, offsetChoice }, seedOfCalls) => {
      const offsets = offsetsFor(shape.bytes);
      const offset = offsets[offsetChoice % offsets.length] as number;
      const made = accessFunction('f', shape, { op, form, constant, offset });
      const attack: Attack = {
        modules: [{ name: 'main', text: `(module ${shape.text} ${made.text})`, ...(shape.pages === undefined ? {} : { pages: shape.pages }) }],
        functions: [made.function],
      };
      expect(judge(attack, targets, 20, new Random(String(seedOfCalls))).failures).toEqual([]);
    }),
    { numRuns: 60, seed: Number(seed) },
  );
}, 60_000);

describe.each(targets)('an attack on %s succeeds where code is wrong:', (isa) => {
  const module = '(memory 1 1) (func (export "f") (param i32) (i32.store offset=4 (local.get 0) (i32.const 7)))';
  const attack: Attack = {
    modules: [{ name: 'main', text: `(module ${module})` }],
    functions: [{ name: 'f', params: ['i32'], aims: [[0, 65528, 65532, 65536, 2 ** 31 - 1]] }],
  };
  const damaged = (change: (code: LinkedCode) => void): readonly string[] =>
    judge(attack, [isa], 200, new Random('damaged'), { verifier: { verify: ({ code }) => change(code) } }).failures;

  it('not where it is right', () => {
    expect(damaged(() => undefined)).toEqual([]);
  });

  it('a dropped bounds check', () => {
    expect(damaged((code) => dropChecks(isa, code))).toEqual([
      expect.stringMatching(/SandboxViolationError: sandbox violation: write of 4 bytes .* outside .* function 0, template/),
    ]);
  });
});

/** Fills branches to trap stubs with no-operations. */
function dropChecks(isa: Isa, { bytes, sites, trapStubs }: LinkedCode): void {
  for (const { offset, size, holes } of sites) {
    const distance = holes.find(({ operand }) => operand === 'target')?.value;
    if (distance === undefined || !trapStubs.some((stub) => stub.offset === offset + distance)) continue;
    for (let at = offset; at < offset + size; at += 2) bytes.set(noOperation[isa], at);
  }
}

const noOperation = { thumb2: [0x00, 0xbf], rv32: [0x01, 0x00] } as const satisfies Record<Isa, readonly number[]>;
