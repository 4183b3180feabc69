import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Unicorn } from './index.js';
import { base, branchToSelf, cortexM4, rv32, undefinedInstruction, uc } from './testing/machines.js';
import type { Machine } from './testing/machines.js';

const opened: Unicorn[] = [];
function opens(make: () => Machine): Machine {
  const machine = make();
  opened.push(machine.engine);
  return machine;
}
afterEach(() => {
  opened.splice(0).forEach((engine) => {
    engine.close();
  });
});

/** Runs to a stop other than the budget in slices of `slice`; the sums and the last outcome. */
function sliced(m: Machine, slice: number) {
  let executed = 0;
  let executedInRange = 0;
  for (let pc = base; ;) {
    const outcome = m.engine.run({ pc, budget: slice });
    executed += outcome.executed;
    executedInRange += outcome.executedInRange;
    pc = outcome.pc;
    if (outcome.reason !== 'budget') return { ...outcome, executed, executedInRange };
    expect(outcome.executed).toBeGreaterThanOrEqual(slice);
    expect(outcome.executed).toBeLessThanOrEqual(slice + 4);
  }
}

describe('budget', () => {
  it.each([1, 2, 3, 99])('%i instructions of a straight line', (budget) => {
    const m = opens(cortexM4);
    m.code(base, ...Array.from({ length: 100 }, () => 0x3001)); // adds r0, #1
    const { reason, pc, previousPc, executed } = m.engine.run({ pc: base, budget });
    expect({ reason, pc, previousPc, executed }).toEqual({
      reason: 'budget',
      pc: base + 2 * budget,
      previousPc: base + 2 * budget - 2,
      executed: budget,
    });
    expect(m.engine.reg_read_i32(uc.ARM_REG_R0)).toBe(budget);
  });
  it.each([
    ['unmapped', 0x3000_0001],
    ['never executable', 0x5000_0001],
  ])('that ends at a jump to %s memory leaves the fault to the next run', (_name, target) => {
    const m = opens(cortexM4);
    m.code(base, 0x4708); // bx r1
    m.engine.reg_write_i32(uc.ARM_REG_R0 + 1, target);
    const jump = m.engine.run({ pc: base, budget: 1 });
    expect(jump).toMatchObject({ reason: 'budget', executed: 1, pc: target - 1 });
    const fault = m.engine.run({ pc: jump.pc, budget: 1 });
    expect(fault).toMatchObject({ reason: 'memory-fault', executed: 0, pc: target - 1, previousPc: base });
  });
  it('of 0 runs nothing', () => {
    const m = opens(cortexM4);
    const { reason, pc, executed } = m.engine.run({ pc: base | 1, budget: 0 });
    expect({ reason, pc, executed }).toEqual({ reason: 'budget', pc: base, executed: 0 });
    expect(m.engine.reg_read_i32(uc.ARM_REG_PC)).toBe(base);
  });
  it('may be as large as 2^53, and bigint', () => {
    const m = opens(cortexM4);
    m.code(base, undefinedInstruction);
    expect(m.engine.run({ pc: base, budget: 2 ** 53 }).reason).toBe('invalid-instruction');
    expect(m.engine.run({ pc: BigInt(base), budget: 5n }).executed).toBe(0);
  });
  it('counts when emu_start translated the same code without counting', () => {
    const m = opens(cortexM4);
    m.code(base, 0x3001, 0xe7fd); // adds r0, #1; b base
    m.engine.emu_start(base | 1, base + 2);
    expect(m.engine.run({ pc: base, budget: 7 }).executed).toBe(7);
  });
});

describe('IT blocks', () => {
  // One conditional block in a loop of 3:
  //   movs r0, #3
  // loop: cmp r0, #2; itte eq; moveq r1, #7; addeq.w r2, r2, #1; addne r3, #1; subs r0, #1; bne loop
  //   udf
  const program = [0x2003, 0x2802, 0xbf06, 0x2107, 0xf102, 0x0201, 0x3301, 0x3801, 0xd1f7, undefinedInstruction];
  const perLoop = 7;
  it.each([1, 3, 5, 777])('counts every slot, run or not, in slices of %i', (slice) => {
    const m = opens(cortexM4);
    m.code(base, ...program);
    const result = sliced(m, slice);
    expect(result).toMatchObject({ reason: 'invalid-instruction', executed: 1 + 3 * perLoop });
    const registers = [1, 2, 3].map((n) => m.engine.reg_read_i32(uc.ARM_REG_R0 + n));
    expect(registers).toEqual([7, 1, 2]);
  });
  it('is one unit: the overshoot is reported', () => {
    const m = opens(cortexM4);
    m.code(base, ...program);
    const { executed, pc } = m.engine.run({ pc: base, budget: 3 });
    expect({ executed, pc }).toEqual({ executed: 6, pc: base + 14 });
  });

  // cmp r0, r0; itete eq; ldreq r2, [r3]; movne r4, #4; moveq r5, #5; movne r6, #6; udf
  const faulting = [0x4280, 0xbf0b, 0x681a, 0x2404, 0x2505, 0x2606, undefinedInstruction];
  it('resumes behind a fault inside, with the conditions of the rest', () => {
    const m = opens(cortexM4);
    m.code(base, ...faulting);
    m.engine.reg_write_i32(uc.ARM_REG_R0 + 3, 0x5000_0000);
    const fault = m.engine.run({ pc: base, budget: 100 });
    expect(fault).toMatchObject({ reason: 'memory-fault', pc: base + 4, executed: 2 });
    m.engine.reg_write_i32(uc.ARM_REG_R0 + 3, base);
    const rest = m.engine.run({ pc: fault.pc, budget: 100 });
    expect(rest).toMatchObject({ reason: 'invalid-instruction', executed: 4 });
    const registers = [4, 5, 6].map((n) => m.engine.reg_read_i32(uc.ARM_REG_R0 + n));
    expect(registers).toEqual([0, 5, 0]);
  });
  it('that goes on where nothing can be fetched is a fault, whatever the budget', () => {
    const m = opens(cortexM4);
    const nowhere = 0x3000_0000;
    m.engine.reg_write_i32(uc.ARM_REG_EPSR, 0x0100_0000 | (0x3 << 10)); // ITSTATE 0x0c: two instructions
    expect(m.engine.run({ pc: nowhere, budget: 1 })).toMatchObject({ reason: 'memory-fault', executed: 0, pc: nowhere });
  });
  it('can be gone back into, and what is there counts again', () => {
    const m = opens(cortexM4);
    // cmp r0, r0; it eq; beq .
    m.code(base, 0x4280, 0xbf08, 0xe7fe);
    expect(m.engine.run({ pc: base, budget: 100 })).toMatchObject({ reason: 'budget', pc: base + 4, executed: 100 });
    // cmp r0, r0; itt eq; addeq r1, #1; beq to the addition, which then is an unconditional adds
    m.code(base + 0x100, 0x4280, 0xbf04, 0x3101, 0xe7fd);
    expect(m.engine.run({ pc: base + 0x100, budget: 4 + 10 })).toMatchObject({ reason: 'budget', executed: 14, pc: base + 0x104 });
    expect(m.engine.reg_read_i32(uc.ARM_REG_R0 + 1)).toBe(6);
  });
  it.each([
    ['udf', undefinedInstruction, 'invalid-instruction', 2],
    ['svc', 0xdf00, 'exception', 3],
    ['ldr', 0x681a, 'memory-fault', 2],
  ])('left by %s does not make later code conditional', (_name, trap, reason, executed) => {
    const m = opens(cortexM4);
    // cmp r0, r0; itt eq; TRAP; moveq r4, #4
    m.code(base, 0x4280, 0xbf04, trap, 0x2404);
    m.code(base + 0x100, 0x2701, 0x2702, 0x2703); // movs r7, #1; movs r7, #2; movs r7, #3
    m.engine.reg_write_i32(uc.ARM_REG_R0 + 3, 0x5000_0000);
    expect(m.engine.run({ pc: base, budget: 100 })).toMatchObject({ reason, executed });
    m.engine.reg_write_i32(uc.ARM_REG_APSR_NZCV, 0);
    expect(m.engine.run({ pc: base + 0x100, budget: 1 }).executed).toBe(1);
    expect(m.engine.reg_read_i32(uc.ARM_REG_R0 + 7)).toBe(1);
  });
});

describe('progress inside of a device', () => {
  const deviceBase = 0x4000_0000;
  /** A device at 0x40000000 whose accesses are noted as progress; r3 or a3 points at it. */
  function noting(make: () => Machine, onAccess: (machine: Machine) => void = () => undefined): { machine: Machine; notes: number[] } {
    const machine = opens(make);
    const notes: number[] = [];
    const note = (): number => {
      notes.push(machine.engine.run_progress());
      onAccess(machine);
      return 0;
    };
    machine.engine.mmio_map(deviceBase, 0x1000, { read: note, write: note });
    machine.engine.reg_write_i32(make === rv32 ? uc.RISCV_REG_X0 + 13 : uc.ARM_REG_R0 + 3, deviceBase);
    return { machine, notes };
  }
  const add = 0x3001;
  const load = 0x681a;
  const loop = 0xe7f6;
  it('is what ran before the access, an IT block being one unit', () => {
    const { machine, notes } = noting(cortexM4);
    machine.code(base, add, add, load, add, load, 0x4280, 0xbf04, load, load, add, load, undefinedInstruction);
    expect(machine.engine.run({ pc: base, budget: 100 }).executed).toBe(11);
    expect(notes).toEqual([2, 4, 6, 6, 10]);
    expect(machine.engine.run_progress()).toBe(0);
  });
  it('is the same on RV32', () => {
    const { machine, notes } = noting(rv32);
    machine.words(base, 0x0015_0513, 0x0006_a603, 0x0015_0513, 0x00c6_a023, 0x0010_0073); // addi a0; lw a2, (a3); addi; sw a2, (a3); ebreak
    expect(machine.engine.run({ pc: base, budget: 100 }).executed).toBe(4);
    expect(notes).toEqual([1, 3]);
  });
  it.each([1, 2, 3, 777])('does not depend on slices of %i, when the sum of the runs is added', (slice) => {
    let before = 0;
    const at: number[] = [];
    const { machine } = noting(cortexM4, ({ engine }) => at.push(before + engine.run_progress()));
    machine.code(base, add, load, 0x4280, 0xbf04, load, load, add, add, add, loop); // from the load on again, for ever
    for (let pc = base; before < 30;) {
      const outcome = machine.engine.run({ pc, budget: slice });
      before += outcome.executed;
      pc = outcome.pc;
    }
    expect(at.slice(0, 9)).toEqual([1, 3, 3, 10, 12, 12, 19, 21, 21]);
  });
  it.each([
    ['later than the budget', 50, 10],
    ['ahead', 6, 6],
    ['at the next instruction', 3, 3],
    ['in the past', 0, 3],
  ])('can make the budget smaller: %s', (_name, limit, executed) => {
    const { machine } = noting(cortexM4, ({ engine }) => {
      engine.run_limit(limit);
    });
    machine.code(base, add, add, load, add, add, add, add, add, add, add, add);
    machine.engine.run_limit(1); // without effect between runs
    expect(machine.engine.run({ pc: base, budget: 10 })).toMatchObject({ reason: 'budget', executed, pc: base + 2 * executed });
  });
});

describe('a trace', () => {
  /** Addresses of one run, relative to `base`. */
  function traced(m: Machine, trace: Uint32Array, pc: number, budget: number): { reason: string; pc: number; at: number[] } {
    const outcome = m.engine.run({ pc, budget });
    return { reason: outcome.reason, pc: outcome.pc - base, at: Array.from(trace.subarray(0, outcome.traced), (address) => address - base) };
  }

  it('has every instruction in order, and ends the run where it is full', () => {
    const m = opens(cortexM4);
    // movs r0, #2; loop: subs r0, #1; bne loop; udf
    m.code(base, 0x2002, 0x3801, 0xd1fd, undefinedInstruction);
    const trace = m.engine.trace_runs(3);
    expect(traced(m, trace, base, 100)).toEqual({ reason: 'budget', pc: 2, at: [0, 2, 4] });
    expect(traced(m, trace, base + 2, 100)).toEqual({ reason: 'invalid-instruction', pc: 6, at: [2, 4] });
    expect(traced(m, trace, base, 0)).toEqual({ reason: 'budget', pc: 0, at: [] });
  });

  it('leaves out what is not executed: failed conditions, and the access that faults', () => {
    const m = opens(cortexM4);
    // cmp r0, r0; itete eq; moveq r0, r0; movne r0, r0; moveq r0, r0; movne r0, r0; ldr r2, [r3] with r3 unmapped
    m.code(base, 0x4280, 0xbf0b, 0x4600, 0x4600, 0x4600, 0x4600, 0x681a);
    m.engine.reg_write_i32(uc.ARM_REG_R0 + 3, 0x5000_0000);
    const trace = m.engine.trace_runs(2);
    expect(traced(m, trace, base, 2)).toEqual({ reason: 'budget', pc: 12, at: [0, 2, 4, 8] });
    expect(traced(m, trace, base + 12, 2)).toEqual({ reason: 'memory-fault', pc: 12, at: [] });
  });

  it.each([0, 2 ** 24 + 1])('of %i instructions is refused', (limit) => {
    expect(() => opens(cortexM4).engine.trace_runs(limit)).toThrow(/trace_runs/);
  });

  it('is replaced by a second one', () => {
    const m = opens(rv32);
    const [first, second] = [m.engine.trace_runs(1), m.engine.trace_runs(1)];
    m.words(base, 0x6f); // j .
    m.engine.run({ pc: base, budget: 9 });
    expect([first[0], second[0]]).toEqual([0, base]);
  });
});

describe('counted and covered ranges', () => {
  it('count only what lies inside', () => {
    const m = opens(cortexM4);
    // movs r0, #3; loop: subs r0, #1; bne loop; udf
    m.code(base, 0x2003, 0x3801, 0xd1fd, undefinedInstruction);
    m.engine.count_range(base + 2, base + 4);
    const covered = m.engine.cover_range(base, base + 32);
    expect(sliced(m, 1)).toMatchObject({ executed: 7, executedInRange: 3, lastPcInRange: base + 2 });
    expect(Array.from(covered)).toEqual([0b1111, 0]);
    m.engine.count_range(base, base);
    expect(sliced(m, 100)).toMatchObject({ executedInRange: 0, lastPcInRange: null });
  });

  it('keep the last instruction that retired inside, over runs, faults and conditional calls', () => {
    const m = opens(cortexM4);
    // cmp r0, r0; it eq; bleq +0xfa; ldr r2, [r3] with r3 unmapped
    m.code(base, 0x4280, 0xbf08, 0xf000, 0xf87c, 0x681a);
    m.code(base + 0x100, 0x2001, 0x4770); // movs r0, #1; bx lr
    m.engine.reg_write_i32(uc.ARM_REG_R0 + 3, 0x5000_0000);
    m.engine.count_range(base, base + 0x100);
    expect(m.engine.run({ pc: base, budget: 0 }).lastPcInRange).toBeNull();
    const call = m.engine.run({ pc: base, budget: 4 });
    expect(call).toMatchObject({ pc: base + 0x102, previousPc: base + 0x100, lastPcInRange: base + 4 });
    expect(m.engine.run({ pc: call.pc, budget: 9 })).toMatchObject({
      reason: 'memory-fault',
      pc: base + 8,
      previousPc: base + 0x102,
      lastPcInRange: base + 4,
    });
  });
});

type Expected = [reason: string, pcOffset: number, previousOffset: number, executed: number];

describe('Thumb stops', () => {
  it.each<[string, number[], Expected]>([
    ['UDF', [0x2001, 0xde01], ['invalid-instruction', 2, 0, 1]],
    ['SVC', [0x2001, 0xdf05], ['exception', 4, 2, 2]],
    ['BKPT', [0x2001, 0xbe05], ['exception', 2, 0, 1]],
    ['WFI', [0x2001, 0xbf30], ['idle', 4, 2, 2]],
    ['WFE, a hint', [0x2001, 0xbf20, 0xde01], ['invalid-instruction', 4, 2, 2]],
    ['YIELD.W, a hint', [0x2001, 0xf3af, 0x8001, 0xde01], ['invalid-instruction', 6, 2, 2]],
    ['LDR of unmapped memory', [0x2001, 0x680a], ['memory-fault', 2, 0, 1]],
    ['BX to an even address', [0x2001, 0x4720], ['invalid-instruction', 0x1000_0000, 2, 2]],
    ['BX to unmapped memory', [0x2001, 0x4718], ['memory-fault', 0x1000_0000, 2, 2]],
    ['BX to peripherals, which never execute', [0x2001, 0x4710], ['memory-fault', 0x3000_0000, 2, 2]],
  ])('%s', (_name, code, [reason, pcOffset, previousOffset, executed]) => {
    const m = opens(cortexM4);
    m.code(base, ...code);
    m.engine.reg_write_i32(uc.ARM_REG_R0 + 1, 0x5000_0000);
    m.engine.reg_write_i32(uc.ARM_REG_R0 + 2, 0x5000_0001);
    m.engine.reg_write_i32(uc.ARM_REG_R0 + 3, 0x3000_0001);
    m.engine.reg_write_i32(uc.ARM_REG_R0 + 4, 0x3000_0000);
    const outcome = m.engine.run({ pc: base, budget: 100 });
    expect(outcome).toMatchObject({
      reason,
      pc: base + pcOffset,
      previousPc: base + previousOffset,
      executed,
    });
    expect(m.engine.reg_read_i32(uc.ARM_REG_PC) >>> 0).toBe(outcome.pc);
  });
});

describe('a faulting store', () => {
  // The library goes on to the next instruction; the run must not.
  it.each<[string, number[], number, number]>([
    ['STR', [0x600a, 0x2701], 0, 0], // str r2, [r1]; movs r7, #1
    ['STR with writeback', [0xf841, 0x2b04, 0x2701], 0, 0], // str r2, [r1], #4
    ['STM', [0xc10c, 0x2701], 0, 0], // stmia r1!, {r2, r3}
    ['conditional STR', [0xbf08, 0x600a, 0x2701], 2, 1], // it eq; streq r2, [r1]
  ])('%s: exact pc, no register changed, nothing behind it runs', (_name, code, offset, executed) => {
    for (const slice of [1, 100]) {
      const m = opens(cortexM4);
      m.code(base, ...code);
      m.engine.reg_write_i32(uc.ARM_REG_APSR_NZCV, 0x4000_0000);
      m.engine.reg_write_i32(uc.ARM_REG_R0 + 1, 0x3000_0000);
      expect(sliced(m, slice)).toMatchObject({
        reason: 'memory-fault',
        pc: base + offset,
        executed,
        faultAddress: 0x3000_0000,
      });
      const registers = [1, 7].map((n) => m.engine.reg_read_i32(uc.ARM_REG_R0 + n));
      expect(registers).toEqual([0x3000_0000, 0]);
    }
  });
});

describe('RV32 stops', () => {
  const add = 0x0011_0093; // addi ra, sp, 1
  it.each<[string, number[], Expected]>([
    ['EBREAK', [add, 0x0010_0073], ['invalid-instruction', 4, 0, 1]],
    ['ECALL', [add, 0x0000_0073], ['exception', 8, 4, 2]],
    ['illegal instruction', [add, 0xffff_ffff], ['invalid-instruction', 4, 0, 1]],
    ['FADD.S with mstatus.FS off', [add, 0x0031_00d3], ['invalid-instruction', 4, 0, 1]],
    ['misaligned AMOADD', [add, 0x0065_222f], ['exception', 4, 0, 1]],
    ['WFI', [add, 0x1050_0073], ['idle', 8, 4, 2]],
    ['SW to unmapped memory', [add, 0x00a5_a023], ['memory-fault', 4, 0, 1]],
    ['JR to unmapped memory', [add, 0x0005_8067], ['memory-fault', 0x3000_0000, 4, 2]],
  ])('%s', (_name, code, [reason, pcOffset, previousOffset, executed]) => {
    const m = opens(rv32);
    m.words(base, ...code);
    m.engine.reg_write_i32(uc.RISCV_REG_X0 + 10, base + 2);
    m.engine.reg_write_i32(uc.RISCV_REG_X0 + 11, 0x5000_0000);
    const outcome = m.engine.run({ pc: base, budget: 100 });
    expect(outcome).toMatchObject({
      reason,
      pc: base + pcOffset,
      previousPc: base + previousOffset,
      executed,
    });
    expect(m.engine.reg_read_i32(uc.RISCV_REG_PC) >>> 0).toBe(outcome.pc);
  });
  it.each([1, 100])('fetch of an instruction that straddles into nothing, slices of %i', (slice) => {
    const m = opens(rv32);
    const end = base + 0x1_0000;
    m.words(base, 0x7fd0_f06f); // j base + 0xfffc
    m.code(end - 4, 0x4505, 0x0073); // c.li a0, 1; first half of ecall
    for (let round = 0; round < 2; round++) {
      expect(sliced(m, slice)).toMatchObject({
        reason: 'memory-fault',
        pc: end - 2,
        previousPc: end - 4,
        executed: 2,
      });
    }
    m.engine.mem_map(end, 0x1000, uc.PROT_ALL);
    expect(sliced(m, slice)).toMatchObject({ reason: 'exception', pc: end + 2, executed: 3 });
  });
});

describe('stopping and changing code', () => {
  it('stops before the next instruction, also from MMIO, without repeating the access', () => {
    const m = opens(cortexM4);
    let reads = 0;
    m.engine.mmio_map(0x4000_0000, 0x400, {
      read() {
        m.engine.emu_stop();
        return ++reads;
      },
      write: () => undefined,
    });
    m.code(base, 0x680a, branchToSelf); // ldr r2, [r1]
    m.engine.reg_write_i32(uc.ARM_REG_R0 + 1, 0x4000_0000);
    const outcome = m.engine.run({ pc: base, budget: 100 });
    expect(outcome).toMatchObject({ reason: 'stopped', pc: base + 2, executed: 1 });
    expect([reads, m.engine.reg_read_i32(uc.ARM_REG_R0 + 2)]).toEqual([1, 1]);
    expect(m.engine.run({ pc: outcome.pc, budget: 10 }).reason).toBe('budget');
  });
  it('runs stale code until the cache is dropped, whatever the protection then', () => {
    const m = opens(cortexM4);
    m.code(base, 0x2001, branchToSelf);
    const result = (): number => {
      m.engine.run({ pc: base, budget: 1 });
      return m.engine.reg_read_i32(uc.ARM_REG_R0);
    };
    expect(result()).toBe(1);
    m.ram[0] = 2;
    expect(result()).toBe(1);
    m.engine.ctl_remove_cache(base, base + 4);
    expect(result()).toBe(2);
    m.engine.mem_protect(base, 0x400, uc.PROT_READ | uc.PROT_WRITE);
    m.ram[0] = 3;
    m.engine.ctl_remove_cache(base, base + 4);
    m.engine.mem_protect(base, 0x400, uc.PROT_READ | uc.PROT_EXEC);
    expect(result()).toBe(3);
  });
  it('drops the cache from inside a hook, also where an M-profile CPU never executes', () => {
    const m = opens(cortexM4);
    m.engine.mem_map(0x4000_0000, 0x400, uc.PROT_ALL);
    m.code(base, ...Array<number>(60).fill(0xbf00)); // nop
    m.engine.hook_add(uc.HOOK_CODE, () => {
      m.engine.ctl_remove_cache(0, 2n ** 64n - 1n);
    });
    m.engine.emu_start(base | 1, base + 100);
    expect(m.engine.run({ pc: base, budget: 50 })).toMatchObject({ reason: 'budget', executed: 50 });
  });
});

describe('any program', () => {
  // Straight lines of adds, IT blocks and nops: the architectural count is known.
  const unit = fc.oneof(
    fc.constant({ code: [0x3001], count: 1 }), // adds r0, #1
    fc.constant({ code: [0xf100, 0x0001], count: 1 }), // add.w r0, r0, #1
    fc.integer({ min: 1, max: 15 }).map((mask) => {
      const slots = 4 - Math.log2(mask & -mask);
      return { code: [0xbf00 | mask, ...Array<number>(slots).fill(0xbf00)], count: 1 + slots };
    }),
  );
  it('counts the same whatever the slices', () => {
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 40 }), fc.integer({ min: 1, max: 50 }), (units, slice) => {
        const m = opens(cortexM4);
        m.code(base, ...units.flatMap(({ code }) => code), undefinedInstruction);
        const count = units.reduce((sum, one) => sum + one.count, 0);
        expect(sliced(m, slice)).toMatchObject({ reason: 'invalid-instruction', executed: count });
      }),
      { numRuns: 60 },
    );
  });
});
