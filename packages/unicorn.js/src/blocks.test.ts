import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Unicorn } from './index.js';
import { base, cortexM4, rv32, uc } from './testing/machines.js';
import type { Machine } from './testing/machines.js';

// Runs count by translated blocks where much is left of their budget, and by instructions where little is: what slices of a few instructions do, long
// ones must do too.

const opened: Unicorn[] = [];
afterEach(() => {
  for (const engine of opened.splice(0)) engine.close();
});

const codeAt = base + 0x100;
/** A function of its own, far from the code, whose first instruction programs write. */
const writtenAt = base + 0x4000;
const calledAt = base + 0x6000;
const dataAt = base + 0x8000;
const stackEnd = base + 0x1_0000;
const deviceAt = 0x4000_0000;
const nowhere = 0x7000_0000;

/** A piece of a loop's body, in halfwords; `at` is where it lies. */
type Piece = (at: number) => readonly number[];

interface Target {
  readonly open: () => Machine;
  /** Registers that programs begin with, by the library's numbers. */
  readonly registers: readonly (readonly [number, number])[];
  readonly observed: readonly number[];
  readonly written: readonly number[];
  readonly called: readonly number[];
  readonly pieces: fc.Arbitrary<Piece>;
  /** From the round on with `rounds` rounds left, every access of data faults, or every call of the function that a register points to. */
  fault(rounds: number, calls: boolean): Piece;
  loop(rounds: number, body: (at: number) => readonly number[]): readonly number[];
}

const halfwords = (...words: number[]): number[] => words.flatMap((word) => [word & 0xffff, word >>> 16]);
const fixed =
  (...code: number[]): Piece =>
  () =>
    code;

/** BL or B.W (T4) from `at` to `to`. */
function branchThumb(at: number, to: number, link: boolean): number[] {
  const offset = to - (at + 4);
  const [j1, j2] = [23, 22].map((bit) => ((offset >> bit) & 1) ^ (offset < 0 ? 1 : 0) ^ 1) as [number, number];
  const sign = offset < 0 ? 0x400 : 0;
  return [0xf000 | sign | ((offset >> 12) & 0x3ff), (link ? 0xd000 : 0x9000) | (j1 << 13) | (j2 << 11) | ((offset >> 1) & 0x7ff)];
}

// r0 counts rounds; r1, r2, r3, r5 are data; r4 points to data, r6 nowhere, r7 to the device, r8 and r9 to the function that is written, r10 to the one that is called.
const conditional = fc.constantFrom(0x3205, 0x6823, 0x6062, 0x683d, 0x60b9, 0x4291, 0x4613, 0xbf00, 0x2907);
const thumb: Target = {
  open: cortexM4,
  registers: [
    ...[4, 6, 7, 8, 9].map((n, index) => [uc.ARM_REG_R0 + n, [dataAt, nowhere, deviceAt, writtenAt, writtenAt | 1][index]!] as const),
    [uc.ARM_REG_R0 + 10, calledAt | 1],
    [uc.ARM_REG_SP, stackEnd],
  ],
  observed: [...Array.from({ length: 10 }, (_, n) => uc.ARM_REG_R0 + n), uc.ARM_REG_SP, uc.ARM_REG_LR, uc.ARM_REG_XPSR],
  written: [0x2200, 0x4770], // movs r2, #0; bx lr
  // lsls r3, r0, #31; it ne; bxne lr; ldr r3, [r4]; b .+2; ldr r3, [r4]; adds r5, #1; itet eq: add, add, bx; bx lr
  called: [0x07c3, 0xbf18, 0x4770, 0x6823, 0xe7ff, 0x6823, 0x3501, 0xbf0a, 0x3101, 0x3102, 0x4770, 0x4770],
  pieces: fc.oneof(
    fc.constantFrom<Piece>(
      fixed(0x3101, 0x404a), // adds r1, #1; eors r2, r1
      fixed(0x434b, 0x6823, 0x6062), // muls r3, r1; ldr r3, [r4]; str r2, [r4, #4]
      fixed(0x7261, 0xc40e, 0x3c0c), // strb r1, [r4, #9]; stmia r4!, {r1-r3}; subs r4, #12
      fixed(0x683d, 0x3501, 0x60b9), // ldr r5, [r7]; adds r5, #1; str r1, [r7, #8]
      fixed(0xb406, 0xbc06), // push {r1, r2}; pop {r1, r2}
      fixed(0xdf01), // svc #1
      fixed(0xbf30, 0xbf10), // wfi; yield
      fixed(0x4645, 0x7028, 0xf3bf, 0x8f6f, 0x47c8), // mov r5, r8; strb r0, [r5]; isb; blx r9
      fixed(0xe7ff, 0x6823, 0xe7ff, 0x3501), // b .+2; ldr r3, [r4]; b .+2; adds r5, #1
      fixed(0x47d0), // blx r10
      (at) => branchThumb(at, calledAt, true),
    ),
    fc
      .record({
        value: fc.integer({ min: 0, max: 40 }),
        condition: fc.integer({ min: 0, max: 13 }),
        mask: fc.integer({ min: 1, max: 15 }),
        slots: fc.array(conditional, { minLength: 4, maxLength: 4 }),
      })
      .map(({ value, condition, mask, slots }) =>
        fixed(
          0x2900 | value,
          0xbf00 | (condition << 4) | mask,
          ...slots.slice(0, 4 - Math.log2(mask & -mask)).map((slot) => (slot === 0xbf00 ? 0x46c0 : slot)),
        ),
      ),
  ),
  fault: (rounds, calls) => fixed(0x2800 | rounds, 0xbf08, calls ? 0x46b2 : 0x4634), // cmp r0, #rounds; it eq; moveq r10, r6, or r4, r6
  loop(rounds, body) {
    const start = codeAt + 2;
    const code = [0x2000 | rounds, ...body(start)];
    const back = codeAt + 2 * code.length + 4;
    return [...code, 0x3801, 0xd001, ...branchThumb(back, start, false), 0xbe00]; // subs r0, #1; beq .+6; b.w start; bkpt
  },
};

/** JAL to `to`, linking in x1 or not. */
function jump(at: number, to: number, link: number): number {
  const offset = to - at;
  return (
    (((offset >>> 20) & 1) << 31) | (((offset >>> 1) & 0x3ff) << 21) | (((offset >>> 11) & 1) << 20) | (((offset >>> 12) & 0xff) << 12) | (link << 7) | 0x6f
  );
}

// x5 counts rounds; x6, x30, x31 are data; x7 points to data, x28 nowhere, x29 to the device, x18 to the function that is written, x8 to the one that is called.
const riscv: Target = {
  open: rv32,
  registers: (
    [
      [7, dataAt],
      [28, nowhere],
      [29, deviceAt],
      [18, writtenAt],
      [8, calledAt],
      [2, stackEnd],
    ] as const
  ).map(([n, value]) => [uc.RISCV_REG_X0 + n, value] as const),
  observed: [1, 2, 5, 6, 7, 9, 30, 31].map((n) => uc.RISCV_REG_X0 + n),
  written: halfwords(0x0000_0f13, 0x0000_8067), // addi x30, x0, 0; ret
  // andi x9, x5, 1; beqz x9, .+8; ret; lw x31, 0(x7); j .+4; lw x31, 0(x7); addi x30, x30, 1; ret
  called: halfwords(0x0012_f493, 0x0004_8463, 0x0000_8067, 0x0003_af83, 0x0040_006f, 0x0003_af83, 0x001f_0f13, 0x0000_8067),
  pieces: fc.constantFrom<Piece>(
    fixed(0x0305, ...halfwords(0x006f_4f33)), // c.addi x6, 1; xor x30, x30, x6
    fixed(...halfwords(0x0003_af83, 0x0063_a223)), // lw x31, 0(x7); sw x6, 4(x7)
    fixed(0x0001, ...halfwords(0x000e_af83, 0x001f_8f93, 0x006e_a423)), // c.nop; lw x31, 0(x29); addi x31, x31, 1; sw x6, 8(x29)
    fixed(...halfwords(0x0013_7493, 0x0004_8463), ...halfwords(0x001f_0f13)), // andi x9, x6, 1; beqz x9, .+8; addi x30, x30, 1
    fixed(...halfwords(0x0000_0073)), // ecall
    fixed(...halfwords(0x1050_0073)), // wfi
    fixed(...halfwords(0x0059_01a3, 0x0000_100f, 0x0009_00e7)), // sb x5, 3(x18); fence.i; jalr x1, x18
    fixed(...halfwords(0x0040_006f, 0x0003_af83, 0x0040_006f, 0x001f_0f13)), // j .+4; lw x31, 0(x7); j .+4; addi x30, x30, 1
    fixed(...halfwords(0x0004_00e7)), // jalr x1, x8
    (at) => halfwords(jump(at, calledAt, 1)),
  ),
  fault: (rounds, calls) => fixed(...halfwords((rounds << 20) | 0x493, 0x0092_9463, calls ? 0x000e_0413 : 0x000e_0393)), // li x9, rounds; bne x5, x9, .+8; mv x8, x28, or x7, x28
  loop(rounds, body) {
    const start = codeAt + 4;
    const code = [...halfwords((rounds << 20) | 0x293), ...body(start)];
    const back = codeAt + 2 * code.length + 8;
    return [...code, ...halfwords(0xfff2_8293, 0x0002_8463, jump(back, start, 0), 0x0010_0073)]; // addi x5, x5, -1; beqz x5, .+8; j start; ebreak
  },
};

interface Case {
  readonly rounds: number;
  readonly body: readonly Piece[];
  /** Rounds left at which accesses, or calls, begin to fault; more than `rounds`: never. */
  readonly fault: number;
  readonly calls: boolean;
  /** A breakpoint in front of so manieth halfword, where there is one. */
  readonly stop: number;
  readonly range: number;
}

const cases = (target: Target): fc.Arbitrary<Case> =>
  fc.record({
    rounds: fc.integer({ min: 20, max: 120 }),
    body: fc.array(target.pieces, { minLength: 1, maxLength: 8 }),
    fault: fc.integer({ min: 1, max: 160 }),
    calls: fc.boolean(),
    stop: fc.integer({ min: 0, max: 60 }),
    // Its end within the loop, or behind it: what the loop calls is outside.
    range: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constant(0x1000)),
  });

const most = 20_000;

/** Everything that a caller sees of a program that is run in slices. */
function observe(target: Target, { rounds, body, fault, calls, stop, range }: Case, slice: number) {
  const machine = target.open();
  const { engine, ram } = machine;
  opened.push(engine);
  const seen: unknown[] = [];
  let executed = 0;
  let writes = 0;
  engine.mmio_map(deviceAt, 0x1000, {
    read(offset) {
      const now = executed + engine.run_progress();
      seen.push(['read', offset, now]);
      // Whatever it is, the run goes on in another slice.
      engine.run_limit(engine.run_progress() + 90);
      return now & 0xff;
    },
    write(offset, _size, value) {
      seen.push(['write', offset, value, executed + engine.run_progress()]);
      if (++writes % 5 === 0) engine.emu_stop();
    },
  });
  for (const [id, value] of target.registers) engine.reg_write_i32(id, value);
  machine.code(writtenAt, ...target.written);
  machine.code(calledAt, ...target.called);
  const pieces = [target.fault(fault, calls), ...body];
  const program = target.loop(rounds, (start) => {
    const all: number[] = [];
    for (const piece of pieces) all.push(...piece(start + 2 * all.length));
    return all;
  });
  machine.code(codeAt, ...program);
  engine.count_range(codeAt, codeAt + 2 * range);
  const stops = stop < program.length / 4;
  if (stops) engine.stops.breakpoint(codeAt + 4 * stop, true);
  let inRange = 0;
  let byBlocks = false;
  let counting = 0;
  for (let pc = codeAt; executed < most;) {
    const outcome = engine.run({ pc, budget: Math.min(slice, most - executed) });
    const { reason, interrupt, previousPc, lastPcInRange, faultAddress } = outcome;
    executed += outcome.executed;
    inRange += outcome.executedInRange;
    pc = outcome.pc;
    byBlocks ||= outcome.byBlocks;
    counting = Math.max(counting, outcome.countingBlocks);
    if (reason === 'budget') continue;
    seen.push([reason, interrupt, pc, previousPc, lastPcInRange, executed, inRange, reason === 'memory-fault' ? faultAddress : 0]);
    if (reason === 'breakpoint') engine.stops.pass(pc);
    const isCall = reason === 'exception' && (interrupt === 2 || interrupt === 8);
    if (reason !== 'breakpoint' && reason !== 'stopped' && reason !== 'idle' && !isCall) break;
  }
  const registers = target.observed.map((id) => engine.reg_read_i32(id));
  const result = { seen, executed, inRange, registers, ram: Buffer.from(ram).toString('latin1') };
  engine.close();
  opened.pop();
  return { result, byBlocks, counting };
}

describe.each([
  ['thumb2', thumb],
  ['rv32', riscv],
] as const)('loops on %s', (_name, target) => {
  it('count the same by blocks and by instructions', () => {
    let byBlocks = 0;
    let counting = 0;
    fc.assert(
      fc.property(cases(target), fc.integer({ min: 66, max: 900 }), (program, slice) => {
        const exact = observe(target, program, 7);
        expect(exact.byBlocks).toBe(false);
        for (const longer of [slice, 777, 1_000_000]) {
          const run = observe(target, program, longer);
          expect(run.result).toEqual(exact.result);
          if (run.byBlocks) byBlocks++;
          if (run.counting > 2) counting++;
        }
      }),
      { numRuns: Number(process.env['COUNTED_PROGRAMS'] ?? 15) },
    );
    // Most of the runs; none where the library's internals are not to be used.
    expect(byBlocks > 15).toBe(process.env['UNICORN_INTERNALS'] !== 'off');
    // Blocks count themselves on x86-64 only.
    expect(counting > 10).toBe(process.env['UNICORN_INTERNALS'] !== 'off' && process.arch === 'x64');
  });
});

it.each([
  ['thumb2', cortexM4, uc.ARM_REG_PC, [0xe7fe]],
  ['rv32', rv32, uc.RISCV_REG_PC, [0xa001]],
] as const)('blocks are counted on %s after its PC was written, too', (_name, open, pc, forever) => {
  const machine = open();
  const { engine } = machine;
  opened.push(engine);
  machine.code(codeAt, ...forever);
  engine.reg_write_i32(pc, codeAt);
  expect(engine.run({ pc: codeAt, budget: 1000 }).byBlocks).toBe(process.env['UNICORN_INTERNALS'] !== 'off');
});

it.each([
  ['taken', 0x2800, codeAt + 6, codeAt + 10],
  ['not taken', 0x2801, codeAt + 4, codeAt + 8],
])('a branch at the end of an IT block, %s, is what came before a fault, or is not', (_name, compare, previousPc, pc) => {
  const machine = cortexM4();
  const { engine } = machine;
  opened.push(engine);
  machine.code(codeAt, 0x3101, compare, 0xbf08, 0xe000, 0x6823, 0x6823); // adds r1, #1; cmp r0, #..; it eq; beq .+4; ldr r3, [r4]; ldr r3, [r4]
  engine.reg_write_i32(uc.ARM_REG_R0 + 4, nowhere);
  for (const budget of [50, 1000]) expect(engine.run({ pc: codeAt, budget })).toMatchObject({ reason: 'memory-fault', pc, executed: 4, previousPc });
});

it('runs end exactly in any of hundreds of blocks', () => {
  const machine = cortexM4();
  const { engine } = machine;
  opened.push(engine);
  const blocks = 300;
  const round = 2 * blocks + 1;
  machine.code(codeAt, ...Array.from({ length: blocks }, () => [0x3501, 0xe7ff]).flat(), 0xe000 | (-(round + 1) & 0x7ff)); // adds r5, #1; b .+2; .. b back
  for (let budget = 20 * round; budget < 21 * round; budget += 7) {
    engine.reg_write_i32(uc.ARM_REG_R0 + 5, 0);
    const { executed, pc, previousPc } = engine.run({ pc: codeAt, budget });
    const at = budget % round;
    const before = codeAt + 2 * ((at + round - 1) % round);
    expect([executed, pc, previousPc, engine.reg_read_i32(uc.ARM_REG_R0 + 5)]).toEqual([budget, codeAt + 2 * at, before, 20 * blocks + Math.ceil(at / 2)]);
  }
});

// The library throws away what it has translated, and lays the new translation where the old one was.
it('a program that is translated anew behind a start with a count is counted as what it is', () => {
  const machine = cortexM4();
  const { engine } = machine;
  opened.push(engine);
  machine.code(codeAt, 0x3501, 0x3501, 0xe7fc); // adds r5, #1, twice; b back
  expect(engine.run({ pc: codeAt, budget: 1000 }).executed).toBe(1000);
  machine.code(calledAt, 0x3501, 0x3501, 0xe7fc);
  engine.emu_start(calledAt | 1, stackEnd, 0, 5);
  machine.code(codeAt, 0x3501, 0x3501, 0x3501, 0xe7fb);
  engine.reg_write_i32(uc.ARM_REG_R0 + 5, 0);
  expect(engine.run({ pc: codeAt, budget: 1000 })).toMatchObject({ executed: 1000, pc: codeAt });
  expect(engine.reg_read_i32(uc.ARM_REG_R0 + 5)).toBe(750);
});

// Some 70,000 of these programs fill what the library has room for.
it('programs that change are counted exactly, however many have been translated', () => {
  const machine = cortexM4();
  const { engine } = machine;
  opened.push(engine);
  const halfwords = 200;
  const programs = Number(process.env['CHANGED_PROGRAMS'] ?? 200);
  for (let program = 0; program < programs; program++) {
    // Always as long, but of other instructions: adds r5, #1 and add.w r5, r5, #1; b back
    const wide = (program * 37) % (halfwords / 2);
    const body = [...Array.from({ length: wide }, () => [0xf105, 0x0501]).flat(), ...Array.from({ length: halfwords - 2 * wide }, () => 0x3501)];
    machine.code(codeAt, ...body, 0xe000 | (-(halfwords + 2) & 0x7ff));
    engine.reg_write_i32(uc.ARM_REG_R0 + 5, 0);
    const adds = halfwords - wide;
    const { executed, pc } = engine.run({ pc: codeAt, budget: 10 * (adds + 1) });
    expect([program, executed, pc, engine.reg_read_i32(uc.ARM_REG_R0 + 5)]).toEqual([program, 10 * (adds + 1), codeAt, 10 * adds]);
  }
}, 600_000);
