// Generated from libunicorn's headers by scripts/constants.mjs; do not edit.
import type { core } from './core.js';
import type { arm } from './arm.js';
import type { arm64 } from './arm64.js';
import type { mips } from './mips.js';
import type { x86 } from './x86.js';
import type { ppc } from './ppc.js';
import type { sparc } from './sparc.js';
import type { m68k } from './m68k.js';
import type { riscv } from './riscv.js';
import type { s390x } from './s390x.js';
import type { tricore } from './tricore.js';

/** The constants of every header, which all.json has: one name has one meaning. */
export type Constants = CoreConstants &
  ArmConstants &
  Arm64Constants &
  MipsConstants &
  X86Constants &
  PpcConstants &
  SparcConstants &
  M68kConstants &
  RiscvConstants &
  S390xConstants &
  TricoreConstants;

/** Errors, hooks, permissions, controls: what belongs to no architecture. */
export type CoreConstants = typeof core;
/** CPU models, registers and instructions of arm, as far as the library's header has them. */
export type ArmConstants = typeof arm;
/** CPU models, registers and instructions of arm64, as far as the library's header has them. */
export type Arm64Constants = typeof arm64;
/** CPU models, registers and instructions of mips, as far as the library's header has them. */
export type MipsConstants = typeof mips;
/** CPU models, registers and instructions of x86, as far as the library's header has them. */
export type X86Constants = typeof x86;
/** CPU models, registers and instructions of ppc, as far as the library's header has them. */
export type PpcConstants = typeof ppc;
/** CPU models, registers and instructions of sparc, as far as the library's header has them. */
export type SparcConstants = typeof sparc;
/** CPU models, registers and instructions of m68k, as far as the library's header has them. */
export type M68kConstants = typeof m68k;
/** CPU models, registers and instructions of riscv, as far as the library's header has them. */
export type RiscvConstants = typeof riscv;
/** CPU models, registers and instructions of s390x, as far as the library's header has them. */
export type S390xConstants = typeof s390x;
/** CPU models, registers and instructions of tricore, as far as the library's header has them. */
export type TricoreConstants = typeof tricore;
