import { afterEach, describe, expect, it } from '@jest/globals';
import { mProfile, runChecks, runTraps } from './index.js';
import { base, cortexM4, uc, undefinedInstruction } from './testing/machines.js';
import type { Machine } from './testing/machines.js';

const nop = 0xbf00;

let m: Machine | undefined;
function machine(...code: number[]): Machine {
  m = cortexM4();
  m.code(base, ...code);
  return m;
}
afterEach(() => {
  m?.engine.close();
  m = undefined;
});

describe('the state of an M-profile core', () => {
  it.each([
    ['Thread, privileged, main stack', 0x0100_0000, 0],
    ['Thread, unprivileged, process stack', 0xf900_0000, 3],
    ['Thread with floats', 0x0100_0000, 6],
    ['Handler', 0x0100_000b, 0],
    ['Handler above unprivileged code', 0x0100_0005, 1],
    ['in an IT block', 0x0500_fc00, 1],
  ])('is read as it was written: %s', (_name, xpsr, control) => {
    const { engine } = machine();
    const state = engine.m_profile_state;
    state.forEach((_, index) => (state[index] = index * 4));
    state.set([1, 0x40, 1, 0x9f, 0], mProfile.primask);
    state[mProfile.pc] = base;
    state[mProfile.xpsr] = xpsr;
    state[mProfile.control] = control;
    const written = Array.from(state);
    written[23] = 0; // unused
    engine.m_profile_write(true);
    state.fill(0);
    engine.m_profile_read(true);
    expect(Array.from(state)).toEqual(written);
    const stack = (xpsr & 0x1ff) === 0 && (control & 2) !== 0 ? mProfile.psp : mProfile.msp;
    expect(engine.reg_read_i32(uc.ARM_REG_SP)).toBe(written[stack]);
  });
  it('is refused of other CPUs', () => {
    const other = new uc.Unicorn(uc.ARCH_RISCV, uc.MODE_RISCV32);
    expect(() => {
      other.m_profile_read();
    }).toThrow('UC_ERR_ARCH');
    other.close();
  });
});

describe('checks of a run', () => {
  it.each([
    ['cpsie i', [0xb662], runChecks.masks],
    ['cpsid i', [0xb672], runChecks.masks],
    ['msr basepri, r0', [0xf380, 0x8811], runChecks.masks],
  ])('stop behind %s', (_name, code, checks) => {
    const { engine } = machine(nop, ...code, nop, nop, nop, nop);
    expect(engine.run({ pc: base, budget: 4 }).reason).toBe('budget');
    engine.run_checks(checks);
    expect(engine.run({ pc: base, budget: 4 })).toMatchObject({ reason: 'stopped', pc: base + 2 + 2 * code.length, executed: 2 });
  });
  it.each([
    ['wfe', [0xbf20], runChecks.wfe, 'idle', 1],
    ['wfe.w', [0xf3af, 0x8002], runChecks.wfe, 'idle', 1],
    ['ldm r3, {r0, r1}', [0xcb03], runChecks.multiple, 'trap', runTraps.unaligned],
    ['stmia.w r3!, {r0, r8}', [0xe8a3, 0x0101], runChecks.multiple, 'trap', runTraps.unaligned],
    ['ldrd r0, r1, [r3]', [0xe9d3, 0x0100], runChecks.multiple, 'trap', runTraps.unaligned],
    ['vldr s0, [r3]', [0xed93, 0x0a00], runChecks.multiple, 'trap', runTraps.unaligned],
    ['ldr r0, [r3]', [0x6818], runChecks.unaligned, 'trap', runTraps.unaligned],
    ['ldrh r0, [r3, r2]', [0x5a98], runChecks.unaligned, 'trap', runTraps.unaligned],
    ['ldrsh.w r0, [r3, #4]', [0xf9b3, 0x0004], runChecks.unaligned, 'trap', runTraps.unaligned],
    ['str.w r0, [r3], #4', [0xf843, 0x0b04], runChecks.unaligned, 'trap', runTraps.unaligned],
    ['udiv r0, r1, r2', [0xfbb1, 0xf0f2], runChecks.division, 'trap', runTraps.division],
    ['sdiv r0, r1, r2', [0xfb91, 0xf0f2], runChecks.division, 'trap', runTraps.division],
    ['bxns lr', [0x4774], runChecks.security, 'trap', runTraps.security],
    ['vmov s0, r0', [0xee00, 0x0a10], runChecks.floats, 'trap', runTraps.floats],
  ])('see %s', (_name, code, checks, reason, interrupt) => {
    const { engine } = machine(nop, ...code, nop);
    engine.reg_write_i32(uc.ARM_REG_R0 + 3, base + 0x1001);
    engine.run_checks(checks);
    const behind = reason === 'idle';
    expect(engine.run({ pc: base, budget: 10 })).toMatchObject({
      reason,
      interrupt,
      pc: base + 2 + (behind ? 2 * code.length : 0),
      executed: behind ? 2 : 1,
    });
    expect(engine.reg_read_i32(uc.ARM_REG_R0 + 3)).toBe(base + 0x1001);
  });
  it('let aligned accesses, other divisions and byte accesses pass', () => {
    // ldm r3, {r0, r1}; ldrd r0, r1, [r3]; ldr r0, [r3]; ldrb r0, [r3, #1]; movs r1, #2; udiv r0, r1, r1; udf
    const { engine } = machine(0xcb03, 0xe9d3, 0x0100, 0x6818, 0x7858, 0x2102, 0xfbb1, 0xf0f1, undefinedInstruction);
    engine.reg_write_i32(uc.ARM_REG_R0 + 3, base + 0x1000);
    engine.run_checks(runChecks.multiple + runChecks.unaligned + runChecks.division + runChecks.masks);
    expect(engine.run({ pc: base, budget: 100 })).toMatchObject({ reason: 'invalid-instruction', executed: 6 });
  });
  it('tell of SEV', () => {
    const { engine } = machine(nop, 0xbf40, nop, nop);
    engine.run_checks(runChecks.wfe);
    expect(engine.run({ pc: base, budget: 2 }).event).toBe(true);
    expect(engine.run({ pc: base + 4, budget: 2 }).event).toBe(false);
  });
});

describe('an access that a device refuses', () => {
  function refusing(...code: number[]): Machine {
    const made = machine(...code);
    const { engine } = made;
    const refuse = (type: number) => (offset: number, size: number) => {
      engine.run_abort(type, 0x4000_0000 + offset, size);
      return 0;
    };
    engine.mmio_map(0x4000_0000, 0x1000, { read: refuse(uc.MEM_READ_UNMAPPED), write: refuse(uc.MEM_WRITE_UNMAPPED) });
    engine.reg_write_i32(uc.ARM_REG_R0 + 3, 0x4000_0010);
    engine.reg_write_i32(uc.ARM_REG_R0, 7);
    return made;
  }
  it.each([
    ['a load', [0xf853, 0x0b04], uc.MEM_READ_UNMAPPED], // ldr r0, [r3], #4
    ['a store', [0xf843, 0x0f04], uc.MEM_WRITE_UNMAPPED], // str r0, [r3, #4]!
    ['a load of several words', [0xcb03], uc.MEM_READ_UNMAPPED], // ldm r3!, {r0, r1}
  ])('is a fault at the instruction, which has no effect: %s', (_name, code, faultType) => {
    const { engine } = refusing(0x3101, ...code, 0x3101, 0x3101); // adds r1, #1
    const outcome = engine.run({ pc: base, budget: 10 });
    expect(outcome).toMatchObject({ reason: 'memory-fault', pc: base + 2, executed: 1, faultType, faultSize: 4 });
    const registers = [0, 1, 3].map((n) => engine.reg_read_i32(uc.ARM_REG_R0 + n));
    expect(registers).toEqual([7, 1, 0x4000_0010]);
    expect(engine.reg_read_i32(uc.ARM_REG_PC)).toBe(base + 2);
  });
  it('is one in an IT block too, of which the rest is taken back', () => {
    const { engine } = refusing(0x4280, 0xbf04, 0x6818, 0x3101, 0x3101); // cmp r0, r0; itt eq; ldreq r0, [r3]; addeq r1, #1
    expect(engine.run({ pc: base, budget: 10 })).toMatchObject({ reason: 'memory-fault', pc: base + 4, executed: 2 });
    expect(engine.reg_read_i32(uc.ARM_REG_R0 + 1)).toBe(0);
  });
  it('is one of a device in a run', () => {
    const { engine } = machine(nop);
    expect(() => {
      engine.run_abort(uc.MEM_READ_UNMAPPED, 0, 4);
    }).toThrow('Only a device');
  });
});
