import { afterEach, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Unicorn } from './index.js';
import { runChecks } from './m-profile.js';
import { base, cortexM4, uc } from './testing/machines.js';

// Blocks whose addresses were aligned when control came to them are counted as blocks, others by instructions, which find the access that is misaligned:
// what slices of a few instructions do, long ones must do too.

const opened: Unicorn[] = [];
afterEach(() => {
  for (const engine of opened.splice(0)) engine.close();
});

const codeAt = base + 0x100;
/** Words that are addresses of the same area; some of them are not aligned. */
const dataAt = base + 0x8000;
const dataBytes = 0x4000;

/**
 * Registers of programs: r0 counts rounds, r7 holds `dataAt`, r8 a number that is odd, r9 an address that is odd, as s0 does, r10 is 1, and r12 takes
 * what is of no interest; r1 to r6 are theirs.
 */
const register = fc.integer({ min: 1, max: 6 });
const word = fc.integer({ min: 0, max: 7 });
const offset = fc.oneof({ weight: 9, arbitrary: word.map((count) => 4 * count) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 31 }) });
const list = fc.integer({ min: 1, max: 0x3f }).map((bits) => bits << 1);

type Code = fc.Arbitrary<readonly number[]>;

/** Accesses at an address in register n. */
function access(n: number): Code {
  return fc.oneof(
    fc.tuple(list, fc.constantFrom(0xc000, 0xc800)).map(([registers, op]) => [op | (n << 8) | registers]), // stm, ldm
    fc.tuple(list, fc.constantFrom(0xe890, 0xe8b0, 0xe910, 0xe930, 0xe880, 0xe900)).map(([registers, op]) => [op | n, (registers & ~(1 << n)) | 0x1000]),
    // ldrd, strd
    fc
      .tuple(register, word, fc.constantFrom(0xe9d0, 0xe9f0, 0xe8f0, 0xe970, 0xe9c0, 0xe9e0, 0xe8e0))
      .map(([t, by, op]) => [op | n, ((t === n ? 11 : t) << 12) | 0xc00 | by]),
    fc.tuple(word, fc.constantFrom(0xed90, 0xed80, 0xed10)).map(([by, op]) => [op | n, 0x4a00 | by]), // vldr, vstr
    fc.constantFrom(0xecb0, 0xeca0, 0xed30).map((op) => [op | n, 0x4a02]), // vldm, vstm of two
    fc.tuple(register, word, fc.constantFrom(0x6000, 0x6800, 0x8000, 0x8800, 0x7000)).map(([t, by, op]) => [op | (by << 6) | (n << 3) | t]),
    fc.tuple(register, offset, fc.constantFrom(0xf8d0, 0xf8c0, 0xf8b0, 0xf8a0, 0xf9b0, 0xf890)).map(([t, by, op]) => [op | n, (t << 12) | by]),
    fc
      .tuple(register, offset, fc.constantFrom(0xf850, 0xf840, 0xf830), fc.constantFrom(0xc00, 0xb00, 0xd00, 0xf00, 0x900))
      .map(([t, by, op, form]) => [op | n, ((t === n ? 12 : t) << 12) | form | by]),
    // ldr.w, str.w, ldrh.w with index
    fc
      .tuple(fc.integer({ min: 0, max: 3 }), fc.constantFrom(0xf850, 0xf840, 0xf830), fc.constantFrom(8, 10, 14))
      .map(([shift, op, m]) => [op | n, 0xc000 | (shift << 4) | m]),
    fc.tuple(register, register, fc.constantFrom(0x5000, 0x5800, 0x5a00, 0x5c00)).map(([m, t, op]) => [0x4650 | m, op | (m << 6) | (n << 3) | t]), // mov m, r10; by register
    fc.constant([0xe850 | n, 0xcf00]), // ldrex r12, [n]
  );
}

/** Leaves an address in register d as aligned as it was, or takes one that is. */
function move(d: number): Code {
  return fc.oneof(
    register.map((m) => [0x4600 | (m << 3) | d]), // mov
    register.map((m) => [0xea4f, (d << 8) | m]), // mov.w
    fc.constantFrom(0, 4).map((by) => [0x1c00 | (by << 6) | (d << 3) | d]), // adds d, d, #by
    fc.tuple(offset, fc.constantFrom(0x3000, 0x3800)).map(([by, op]) => [op | (d << 8) | by]),
    fc.tuple(register, offset, fc.constantFrom(0xf100, 0xf1a0, 0xf200, 0xf2a0)).map(([n, by, op]) => [op | n, (d << 8) | by]),
    fc.constant([0xf10d, d << 8]), // add.w d, sp, #0
    fc.constant([0xa800 | (d << 8)]), // add d, sp, #0
    fc.constant([0xf8d7, (d << 12) | 0x40]), // ldr d, [r7, #64]
  );
}

/** Puts an odd address into register d. */
function spoil(d: number): Code {
  return fc.constantFrom(
    [0x4648 | d], // mov d, r9
    [0xea4f, (d << 8) | 9], // mov.w
    [0xfb09, 0xf00a | (d << 8)], // mul d, r9, r10
    [0xfba9, (d << 12) | 0xc0a], // umull d, r12, r9, r10
    [0xeb08, (d << 8) | 7], // add.w d, r8, r7
    [0x1c78 | d], // adds d, r7, #1
    [0x4638 | d, 0x4440 | d], // mov d, r7; add d, r8
    [0xf107, (d << 8) | 2], // add.w d, r7, #2
    [0xf8d7, (d << 12) | 0x3c], // ldr d, [r7, #60]
    [0x6bf8 | d], // ldr d, [r7, #60]
    [0xe9d7, (d << 12) | 0xc0f], // ldrd d, r12, [r7, #60]
    [0xe9d7, 0xc000 | (d << 8) | 14], // ldrd r12, d, [r7, #56]
    [0xf107, 0x0c3c, 0xe89c, 1 << d], // add.w r12, r7, #60; ldm.w r12, {d}
    [0xec50 | 12, (d << 12) | 0xa10], // vmov d, r12, s0, s1
    [0xee10, (d << 12) | 0xa10], // vmov d, s0
    [0xf84d, 0x9d04, 0xbc00 | (1 << d)], // str r9, [sp, #-4]!; pop {d}
    [0xf3c9, (d << 8) | 31], // ubfx d, r9, #0, #32
  );
}

/** In an IT block, of the rounds below one; `code` is one instruction that leaves the flags as they are. */
const sometimes = (code: readonly number[]): Code => fc.integer({ min: 0, max: 40 }).map((rounds) => [0x2800 | rounds, 0xbf38, ...code]); // cmp r0, #rounds; it lo

const conditionally = (d: number): Code => fc.constantFrom([0x4648 | d], [0xea4f, (d << 8) | 9], [0x1c50 | d], [0xf10a, (d << 8) | 2]).chain(sometimes);

/** Puts an odd address into register d, and one that is aligned in some rounds. */
const mend = (d: number): Code => fc.tuple(spoil(d), sometimes([0x4638 | d])).map(([spoiled, mended]) => [...spoiled, ...mended]); // mov d, r7

/** An address that is aligned, or mostly is, on its way to an access. */
const use: Code = register.chain((d) =>
  fc
    .tuple(
      fc.constant([0xf107, (d << 8) | 0x80]), // add.w d, r7, #128
      fc.array(move(d), { maxLength: 3 }),
      fc.oneof(fc.constant([]), spoil(d), conditionally(d), mend(d)),
      fc.array(access(d), { minLength: 1, maxLength: 2 }),
    )
    .map(([start, moves, spoiled, accesses]) => [...start, ...moves.flat(), ...spoiled, ...accesses.flat()]),
);

interface Case {
  readonly rounds: number;
  readonly body: readonly (readonly number[])[];
  readonly checks: number;
}

const cases: fc.Arbitrary<Case> = fc.record({
  rounds: fc.integer({ min: 10, max: 60 }),
  body: fc.array(use, { minLength: 1, maxLength: 4 }),
  checks: fc.constantFrom(runChecks.multiple, runChecks.multiple + runChecks.unaligned),
});

function observe({ rounds, body, checks }: Case, slice: number) {
  const machine = cortexM4();
  const { engine, ram } = machine;
  opened.push(engine);
  engine.run_checks(checks);
  const data = new DataView(ram.buffer, ram.byteOffset + dataAt - base, dataBytes);
  for (let at = 0; at < dataBytes; at += 4) data.setUint32(at, dataAt + 0x400 + (at === 60 ? 1 : at % 256), true);
  for (let n = 1; n <= 12; n++) engine.reg_write_i32(uc.ARM_REG_R0 + n, dataAt + (n === 7 ? 0 : 0x800));
  for (const [id, value] of [[8, 3], [9, dataAt + 0x801], [10, 1]] as const) engine.reg_write_i32(uc.ARM_REG_R0 + id, value); // prettier-ignore
  engine.reg_write_i32(uc.ARM_REG_S0, dataAt + 0x801);
  engine.reg_write_i32(uc.ARM_REG_LR, 8);
  engine.reg_write_i32(uc.ARM_REG_SP, dataAt + dataBytes - 64);
  const code = [0x2000 | rounds, ...body.flat()];
  machine.code(codeAt, ...code, 0x3801, 0xd001, 0xe000 | (-(code.length + 3) & 0x7ff), 0xbf00, 0xbe00); // subs r0, #1; beq .+6; b back; nop; bkpt
  const seen: unknown[] = [];
  let executed = 0;
  let byBlocks = false;
  for (let pc = codeAt; seen.length === 0;) {
    const outcome = engine.run({ pc, budget: slice });
    executed += outcome.executed;
    pc = outcome.pc;
    byBlocks ||= outcome.byBlocks;
    const { reason, interrupt, previousPc, faultAddress } = outcome;
    if (reason !== 'budget') seen.push(reason, interrupt, pc, previousPc, executed, reason === 'memory-fault' ? faultAddress : 0);
  }
  const registers = Array.from({ length: 13 }, (_, n) => engine.reg_read_i32(uc.ARM_REG_R0 + n));
  const result = { seen, registers, ram: Buffer.from(ram).toString('latin1') };
  engine.close();
  opened.pop();
  return { result, byBlocks };
}

it('misaligned accesses are found in blocks as they are instruction by instruction', () => {
  const counts = { trap: 0, blocks: 0 };
  fc.assert(
    fc.property(cases, (program) => {
      const exact = observe(program, 7);
      expect(exact.byBlocks).toBe(false);
      const run = observe(program, 1_000_000);
      expect(run.result).toEqual(exact.result);
      if (run.byBlocks) counts.blocks++;
      if (exact.result.seen[0] === 'trap') counts.trap++;
    }),
    { numRuns: Number(process.env['ALIGNED_PROGRAMS'] ?? 600) },
  );
  // Some of both kinds; no blocks where the library's internals are not to be used.
  expect(counts.blocks > 20).toBe(process.env['UNICORN_INTERNALS'] !== 'off');
  expect(counts.trap).toBeGreaterThan(10);
}, 3_600_000);
