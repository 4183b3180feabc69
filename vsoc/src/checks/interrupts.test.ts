import { cores } from '@fireball/jit';
import { describe, expect, it } from '@jest/globals';
import { createVsoc, type Tier, type VsocOptions, type VsocValue } from '../index.js';
import { memoryMap } from '../chip/memory-map.js';
import { moduleOfText, targets } from '../testing/module.js';

/** Calls with arguments on the stack, routines in ROM with frames of their own, many results, references, recursion without end. */
const text = `(module (memory 1) (table 4 funcref) (elem (i32.const 0) $sum)
  (type $many (func (param i64 i64 i64 i32 f64) (result i64 f64 i32)))
  (func $sum (type $many) (i64.add (local.get 0) (i64.mul (local.get 1) (local.get 2))) (f64.div (local.get 4) (f64.const 3)) (i32.add (local.get 3) (i32.const 1)))
  (func (export "run") (param i32) (result i64 f64 i32) (local i64 f64 i32)
    (loop
      (call_indirect (type $many) (local.get 1) (i64.div_s (i64.const 0x123456789abcdef) (i64.add (local.get 1) (i64.const 7))) (i64.const -3) (local.get 3) (f64.sqrt (local.get 2)) (i32.const 0))
      (local.set 3) (local.set 2 (f64.add (f64.const 1.5))) (local.set 1)
      (memory.copy (i32.const 64) (i32.const 8) (i32.const 40))
      (i64.store (i32.const 8) (local.get 1))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i64.xor (local.get 1) (i64.load (i32.const 64))) (local.get 2) (local.get 3))
  (func $leaf (param i64 i64) (result f64) (f64.mul (f64.convert_i64_u (i64.rem_u (local.get 0) (i64.or (local.get 1) (i64.const 1)))) (f64.const 1.25)))
  (func $down (export "down") (param i32) (result f64) (f64.add (call $leaf (i64.extend_i32_u (local.get 0)) (i64.const 11)) (call $down (i32.add (local.get 0) (i32.const 1))))))`;

const tiers = ['compiled', 'interpreter', 'mixed'] as const satisfies readonly Tier[];
const rows = targets.flatMap((isa) => Object.keys(cores[isa]).flatMap((cpu) => tiers.map((tier) => ({ isa, cpu, tier }))));
const mixed = { callThreshold: 2, loopThreshold: 3, costPerByte: 1 };

function run(options: VsocOptions, name: string, argument: number) {
  const vsoc = createVsoc({ mixed, stackBytes: 0x2000, fuel: 1_000_000, ...options });
  try {
    const args: VsocValue[] = [{ type: 'i32', value: argument }];
    const { results, trap, statistics } = vsoc.instantiate(moduleOfText(text)).invoke(name, args);
    return { outcome: { results, trap: trap?.kind, instructions: statistics.instructions }, interrupts: vsoc.interrupts };
  } finally {
    vsoc.close();
  }
}

describe.each(rows)('interrupts on $cpu, $tier', (core) => {
  it.each([1, 5, 64])('every %i instructions change nothing', (period) => {
    const { outcome } = run(core, 'run', 12);
    expect(outcome.trap).toBeUndefined();
    const interrupted = run({ ...core, interrupts: { period } }, 'run', 12);
    expect(interrupted.outcome).toEqual(outcome);
    expect(interrupted.interrupts?.taken).toBeGreaterThan(10);
    // The rest of an IT block, which counts as one instruction.
    expect(interrupted.interrupts?.latest).toBeLessThanOrEqual(core.isa === 'thumb2' ? 4 : 0);
  });

  it('have room in the reserve where the stack is exhausted', () => {
    const { outcome } = run(core, 'down', 0);
    expect(outcome.trap).toBe('call stack exhausted');
    const interrupted = run({ ...core, interrupts: { period: 3, handlerBytes: 256 } }, 'down', 0);
    expect(interrupted.outcome).toEqual(outcome);
    expect(interrupted.interrupts?.lowest).toBeLessThan(memoryMap.stack.base + 256);
    expect(interrupted.interrupts?.lowest).toBeGreaterThanOrEqual(memoryMap.stackReserve.base);
  });
});

it.each(targets)('without room are an error of ours, on %s', (isa) => {
  expect(() => run({ isa, interrupts: { period: 1, handlerBytes: 0x8000 } }, 'run', 2)).toThrow(/needs \d+ bytes of stack/);
  expect(() => createVsoc({ isa, interrupts: { period: 0 } })).toThrow('every 0 instructions');
});
