/** Layout of `m_profile_state`, in words: R0 to R12, then these; the writer is native/m-profile.cc. */
export const mProfile = {
  msp: 13,
  lr: 14,
  pc: 15,
  psp: 16,
  /** Flags, ITSTATE, T and the exception's number. */
  xpsr: 17,
  control: 18,
  primask: 19,
  basepri: 20,
  faultmask: 21,
  fpscr: 22,
  /** S0 to S31. */
  floats: 24,
} as const;

/** Where the state lies in the scratch page (native/handle.h), and how many words it has. */
export const mProfileOffset = 256;
export const mProfileWords = 56;

/** What `run_checks` makes later runs look for; the order is that of `Check` in native/run.h. */
export const runChecks = {
  /** Stop behind an instruction that may unmask interrupts: CPS, MSR. */
  masks: 1,
  /** Stop behind WFE, as `idle`; it is a hint otherwise. */
  wfe: 2,
  /** Stop at LDM, STM, LDRD, STRD, and loads and stores of the FPU, whose address is not a multiple of 4. */
  multiple: 4,
  /** Stop at other loads and stores whose address is not a multiple of their size. */
  unaligned: 8,
  /** Stop at SDIV and UDIV by zero. */
  division: 16,
  /** Stop at BXNS, BLXNS and SG. */
  security: 32,
  /** Stop at instructions of the FPU: of a core that has switched it off. */
  floats: 64,
  /** Stop at CBZ, CBNZ and IT, which Armv6-M does not have. */
  narrow: 128,
  /** Stop at other instructions of 32 bits than Armv6-M has. */
  wide: 256,
  /** Stop at MSR CONTROL. */
  control: 512,
} as const;

/** Why a run ended with `trap`; the order is that of `Trap` in native/run.h. */
export const runTraps = { unaligned: 1, division: 2, security: 3, floats: 4, undefined: 5, control: 6 } as const;
