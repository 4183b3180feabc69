// Generated from libunicorn's headers by scripts/constants.mjs; do not edit.
import { core } from './core.js';
import { arm } from './arm.js';
import { arm64 } from './arm64.js';
import { mips } from './mips.js';
import { x86 } from './x86.js';
import { ppc } from './ppc.js';
import { sparc } from './sparc.js';
import { m68k } from './m68k.js';
import { riscv } from './riscv.js';
import { s390x } from './s390x.js';
import { tricore } from './tricore.js';

/** The constants of every header: one name has one meaning. */
export const constants = {
  ...core,
  ...arm,
  ...arm64,
  ...mips,
  ...x86,
  ...ppc,
  ...sparc,
  ...m68k,
  ...riscv,
  ...s390x,
  ...tricore,
} as const;

/** Errors, hooks, permissions, controls: what belongs to no architecture. */
export type CoreConstants = typeof core;
/** CPU models and registers of 32-bit Arm. */
export type ArmConstants = typeof arm;
/** CPU models, registers and instructions of Arm64. */
export type Arm64Constants = typeof arm64;
/** CPU models and registers of MIPS. */
export type MipsConstants = typeof mips;
/** CPU models, registers and instructions of x86. */
export type X86Constants = typeof x86;
/** CPU models and registers of PowerPC. */
export type PpcConstants = typeof ppc;
/** CPU models and registers of SPARC. */
export type SparcConstants = typeof sparc;
/** CPU models and registers of m68k. */
export type M68kConstants = typeof m68k;
/** CPU models and registers of RISC-V. */
export type RiscvConstants = typeof riscv;
/** CPU models and registers of s390x. */
export type S390xConstants = typeof s390x;
/** CPU models and registers of TriCore. */
export type TricoreConstants = typeof tricore;
