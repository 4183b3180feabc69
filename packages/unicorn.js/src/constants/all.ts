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

export type CoreConstants = typeof core;
export type ArmConstants = typeof arm;
export type Arm64Constants = typeof arm64;
export type MipsConstants = typeof mips;
export type X86Constants = typeof x86;
export type PpcConstants = typeof ppc;
export type SparcConstants = typeof sparc;
export type M68kConstants = typeof m68k;
export type RiscvConstants = typeof riscv;
export type S390xConstants = typeof s390x;
export type TricoreConstants = typeof tricore;
