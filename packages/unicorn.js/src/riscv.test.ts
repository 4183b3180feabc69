import { describe, expect, it } from '@jest/globals';
import { loadUnicorn } from './index.js';
import type { Unicorn } from './index.js';

const uc = loadUnicorn();
const base = 0x8000_0000;
const mtvec = 0x305;
const mcause = 0x342;
const mepc = 0x341;
const mtval = 0x343;
const nop = 0x13;
const loop = 0x6f;

function machine(wide: boolean, words: readonly number[]): Unicorn {
  const engine = new uc.Unicorn(uc.ARCH_RISCV, wide ? uc.MODE_RISCV64 : uc.MODE_RISCV32);
  engine.ctl_set_cpu_model(wide ? uc.CPU_RISCV64_SIFIVE_U54 : uc.CPU_RISCV32_SIFIVE_U34);
  const code = new Uint32Array(engine.mem_map_native(base, 0x1000, uc.PROT_ALL));
  code.fill(nop);
  code.set(words);
  return engine;
}

describe.each([
  ['RV32', false],
  ['RV64', true],
] as const)('%s', (_, wide) => {
  it('runs exactly its budget', () => {
    const engine = machine(wide, [0x0010_8093, 0xffdf_f06f]); // addi x1, x1, 1; j .-4
    expect(engine.run({ pc: base, budget: 1001 })).toMatchObject({ reason: 'budget', executed: 1001, pc: base + 4 });
    expect(engine.reg_read_i32(uc.RISCV_REG_X1)).toBe(501);
    engine.close();
  });

  it('has all 64 bits of floating-point registers', () => {
    const engine = machine(wide, [0x0000_2737 /* lui x14, 2 */, 0x3007_2073 /* csrs mstatus, x14 */, 0x2221_01d3 /* fmv.d f3, f2 */]);
    expect(engine.riscv.double_read(2)).toBe(0n);
    expect(engine.riscv.double_write(2, 0xc009_21fb_5444_2d18n)).toBe(true);
    engine.reg_write_i32(uc.RISCV_REG_X0 + 7, 77);
    engine.run({ pc: base, budget: 3 });
    expect(engine.riscv.double_read(3)).toBe(0xc009_21fb_5444_2d18n);
    expect(engine.reg_read_i32(uc.RISCV_REG_F0 + 3)).toBe(0x5444_2d18);
    expect(engine.reg_read_i32(uc.RISCV_REG_X0 + 7)).toBe(77);
    engine.reg_write_i32(uc.RISCV_REG_F0 + 3, 5);
    expect([2, 3, 31].map((n) => engine.riscv.double_read(n))).toEqual([0xc009_21fb_5444_2d18n, 5n, 0n]);
    expect(() => engine.riscv.double_read(32)).toThrow('UC_ERR_ARG');
    engine.close();
    expect(() => engine.riscv.double_read(3)).toThrow('UC_ERR_HANDLE');
  });

  it('enters traps, and says how many', () => {
    const engine = machine(wide, [nop, 0xffff_ffff]);
    expect(engine.riscv.internals(2 ** 2)).toBe(true);
    engine.riscv.csr_write(mtvec, base + 0x100);
    expect(engine.run({ pc: base, budget: 10 })).toMatchObject({ reason: 'budget', executed: 10, entered: 1, pc: base + 0x120 });
    expect([mcause, mepc, mtval].map((csr) => engine.riscv.csr_read(csr))).toEqual([2n, BigInt(base + 4), 0xffff_ffffn]);
    engine.close();
  });

  it('stops at traps that are not asked for, and at those of the handler itself', () => {
    const engine = machine(wide, [0x0000_0073]);
    expect(engine.riscv.internals(2 ** 2)).toBe(true);
    expect(engine.run({ pc: base, budget: 10 })).toMatchObject({ reason: 'exception', interrupt: 8, entered: 0 });
    engine.close();
    const endless = machine(wide, [0xffff_ffff]);
    endless.riscv.internals(2 ** 2);
    endless.riscv.csr_write(mtvec, base);
    expect(endless.run({ pc: base, budget: 10 })).toMatchObject({ reason: 'invalid-instruction', executed: 0, entered: 0 });
    endless.close();
  });

  it('takes interrupts, and sees CSRs from user mode', () => {
    const engine = machine(wide, [loop]);
    expect(engine.riscv.internals(0)).toBe(true);
    engine.riscv.csr_write(mtvec, base + 0x101);
    engine.riscv.csr_write(0x304, 1 << 7);
    engine.riscv.mode_write(0);
    engine.run({ pc: base, budget: 5 });
    expect(engine.riscv.csr_read(mtvec)).toBe(BigInt(base + 0x101));
    engine.riscv.pending(1 << 7, 1 << 7);
    const outcome = engine.run({ pc: base, budget: 5 });
    expect(outcome).toMatchObject({ executed: 5, pc: base + 0x100 + 4 * 7 + 20 });
    expect(engine.riscv.mode_read()).toBe(3);
    expect(() => {
      engine.riscv.mode_write(2);
    }).toThrow('UC_ERR_ARG');
    engine.close();
  });

  it('tells of interrupts and traps that it takes', () => {
    // csrsi mstatus, 8 lets the interrupt through; the handler clears it in mie and returns to an instruction that is none.
    const engine = machine(wide, [nop, 0x3004_6073, nop, 0xffff_ffff]);
    expect(engine.riscv.internals(2 ** 2)).toBe(true);
    const code = new Uint32Array(0x100 / 4);
    code.set([0x3040_1073, 0x3020_0073]); // csrw mie, x0; mret
    engine.mem_write(base + 0x200, [...new Uint8Array(code.buffer)]);
    engine.riscv.csr_write(mtvec, base + 0x200);
    engine.riscv.csr_write(0x304, 1 << 7);
    engine.riscv.pending(1 << 7, 1 << 7);
    const heard: unknown[] = [];
    engine.riscv.listen((...trap) => heard.push(trap));
    expect(engine.run({ pc: base, budget: 6 })).toMatchObject({ reason: 'budget', executed: 6, entered: 1, pc: base + 0x200 });
    expect(heard).toEqual([
      [true, 7, base + 8, 2],
      [false, 2, base + 12, 6],
    ]);
    engine.close();
  });

  it.each(['at once', 'interrupts later', 'all later'])('tells of any number of traps in their order: %s', (when) => {
    // An instruction that is none, again and again. The handler skips it, and an interrupt comes when it has returned.
    const engine = machine(wide, [0x3004_6073, 0xffff_ffff, 0xffdf_f06f]); // csrsi mstatus, 8; none; j -4
    expect(engine.riscv.internals(2 ** 2)).toBe(true);
    const handler = new Uint32Array([
      0x3420_22f3, // csrr t0, mcause
      0x0002_cc63, // bltz t0, +24
      0x3410_22f3, // csrr t0, mepc
      0x0042_8293, // addi t0, t0, 4
      0x3412_9073, // csrw mepc, t0
      0x3043_2073, // csrs mie, t1
      0x3020_0073, // mret
      0x3043_3073, // csrc mie, t1
      0x3020_0073,
    ]);
    engine.mem_write(base + 0x200, [...new Uint8Array(handler.buffer)]);
    engine.riscv.csr_write(mtvec, base + 0x200);
    engine.reg_write_i32(uc.RISCV_REG_T1, 1 << 7);
    engine.riscv.pending(1 << 7, 1 << 7);
    const heard: unknown[] = [];
    engine.riscv.listen((...trap) => heard.push(trap));
    engine.riscv.log(when === 'all later' ? 2 ** 2 : 0, when !== 'at once');
    const round = 13;
    const rounds = 100;
    expect(engine.run({ pc: base, budget: 1 + rounds * round })).toMatchObject({ executed: 1 + rounds * round, entered: rounds });
    if (when === 'all later') expect(heard.length).toBeLessThan(2 * rounds);
    engine.riscv.settle();
    const expected = Array.from({ length: rounds }, (_, at) => [
      [false, 2, base + 4, 2 + at * round],
      [true, 7, base + 8, 9 + at * round],
    ]).flat();
    expect(heard).toEqual(expected);
    engine.close();
  });

  it('stops at what it watches', () => {
    const engine = machine(wide, [nop, 0xc010_2573, nop]); // csrr a0, time
    const watched = new Uint8Array(8192);
    watched[0xc01] = 1;
    engine.riscv.watch(watched);
    expect(engine.run({ pc: base, budget: 10 })).toMatchObject({ reason: 'trap', executed: 1, pc: base + 4 });
    engine.close();
  });
});

it('RV64 names all bits of a faulting address', () => {
  const engine = machine(true, [0xffff_f0b7, 0x0000_b083]); // lui x1, 0xfffff; ld x1, 0(x1)
  expect(engine.run({ pc: base, budget: 10 }).reason).toBe('memory-fault');
  expect(engine.run_fault_address()).toBe(0xffff_ffff_ffff_f000n);
  engine.close();
});

it('Arm has no such internals', () => {
  const engine = new uc.Unicorn(uc.ARCH_ARM, uc.MODE_THUMB);
  expect(() => engine.riscv.internals(0)).toThrow('riscv_internals');
  engine.close();
});
