import type { Isa } from '@fireball/contracts';
import type { UnicornModule } from '@fireball/unicorn.js';

type Row = readonly [name: string, id: number];

function thumb2Rows(uc: UnicornModule): Row[] {
  const rows: Row[] = [
    ['sp', uc.ARM_REG_SP],
    ['lr', uc.ARM_REG_LR],
    ['pc', uc.ARM_REG_PC],
    ['xpsr', uc.ARM_REG_XPSR],
    ['apsr', uc.ARM_REG_APSR],
    ['fpscr', uc.ARM_REG_FPSCR],
    ['msp', uc.ARM_REG_MSP],
    ['psp', uc.ARM_REG_PSP],
    ['control', uc.ARM_REG_CONTROL],
    ['primask', uc.ARM_REG_PRIMASK],
    ['basepri', uc.ARM_REG_BASEPRI],
  ];
  // R0..R12 and S0..S31 are consecutive in the library's enumeration.
  for (let n = 0; n <= 12; n++) rows.push([`r${n}`, uc.ARM_REG_R0 + n]);
  rows.push(['r13', uc.ARM_REG_SP], ['r14', uc.ARM_REG_LR], ['r15', uc.ARM_REG_PC]);
  for (let n = 0; n <= 31; n++) rows.push([`s${n}`, uc.ARM_REG_S0 + n]);
  return rows;
}

/** psABI names of x0..x31 and f0..f31 (RISC-V calling convention, tables 1 and 2). */
const integerNames = 'zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6';
const floatNames = 'ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 fs2 fs3 fs4 fs5 fs6 fs7 ' + 'fs8 fs9 fs10 fs11 ft8 ft9 ft10 ft11';

function rv32Rows(uc: UnicornModule): Row[] {
  const rows: Row[] = [
    ['pc', uc.RISCV_REG_PC],
    ['fp', uc.RISCV_REG_X0 + 8],
    ['fcsr', uc.RISCV_REG_FCSR],
    ['mstatus', uc.RISCV_REG_MSTATUS],
    ['mtvec', uc.RISCV_REG_MTVEC],
    ['mepc', uc.RISCV_REG_MEPC],
    ['mcause', uc.RISCV_REG_MCAUSE],
  ];
  integerNames.split(' ').forEach((name, n) => {
    rows.push([name, uc.RISCV_REG_X0 + n], [`x${n}`, uc.RISCV_REG_X0 + n]);
  });
  floatNames.split(' ').forEach((name, n) => {
    rows.push([name, uc.RISCV_REG_F0 + n], [`f${n}`, uc.RISCV_REG_F0 + n]);
  });
  return rows;
}

/**
 * The library's register number of every name of an instruction set. Arm: `r0`..`r15`, `sp`, `lr`,
 * `pc`, `xpsr`, `apsr`, `fpscr`, `s0`..`s31` (raw bits), stack pointers and masks. RISC-V:
 * `x0`..`x31`, `f0`..`f31`, their ABI names, some CSRs. Of a RISC-V `f` register the library gives the
 * host the low word only, and a host write clears the high word (`readFloatRegister` knows both).
 */
export function registerTable(isa: Isa, uc: UnicornModule): ReadonlyMap<string, number> {
  return new Map(isa === 'thumb2' ? thumb2Rows(uc) : rv32Rows(uc));
}
