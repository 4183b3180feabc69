/** Control and status registers by name (RISC-V privileged architecture, 2.2). */
export const csrNumbers = {
  fflags: 0x001,
  frm: 0x002,
  fcsr: 0x003,
  sstatus: 0x100,
  sie: 0x104,
  stvec: 0x105,
  scounteren: 0x106,
  sscratch: 0x140,
  sepc: 0x141,
  scause: 0x142,
  stval: 0x143,
  sip: 0x144,
  satp: 0x180,
  mstatus: 0x300,
  misa: 0x301,
  medeleg: 0x302,
  mideleg: 0x303,
  mie: 0x304,
  mtvec: 0x305,
  mcounteren: 0x306,
  mcountinhibit: 0x320,
  mscratch: 0x340,
  mepc: 0x341,
  mcause: 0x342,
  mtval: 0x343,
  mip: 0x344,
  pmpcfg0: 0x3a0,
  pmpaddr0: 0x3b0,
  pmpaddr1: 0x3b1,
  pmpaddr15: 0x3bf,
  mcycle: 0xb00,
  minstret: 0xb02,
  mcycleh: 0xb80,
  minstreth: 0xb82,
  cycle: 0xc00,
  time: 0xc01,
  instret: 0xc02,
  cycleh: 0xc80,
  timeh: 0xc81,
  instreth: 0xc82,
  mvendorid: 0xf11,
  mhartid: 0xf14,
} as const;
export type CsrName = keyof typeof csrNumbers;

/** Privilege modes, as mstatus.MPP encodes them. */
export const mode = { user: 0, supervisor: 1, machine: 3 } as const;

/** Causes of exceptions (privileged architecture, table 3.6). */
export const cause = {
  fetchMisaligned: 0,
  fetchAccess: 1,
  illegalInstruction: 2,
  breakpoint: 3,
  loadMisaligned: 4,
  loadAccess: 5,
  storeMisaligned: 6,
  storeAccess: 7,
  ecallFromUser: 8,
  ecallFromSupervisor: 9,
  ecallFromMachine: 11,
  fetchPage: 12,
  loadPage: 13,
  storePage: 15,
} as const;

/** In words, for reports. */
export const causeNames: Readonly<Record<number, string>> = {
  0: 'instruction address misaligned',
  1: 'instruction access fault',
  2: 'illegal instruction',
  3: 'breakpoint',
  4: 'load address misaligned',
  5: 'load access fault',
  6: 'store address misaligned',
  7: 'store access fault',
  8: 'environment call from U-mode',
  9: 'environment call from S-mode',
  11: 'environment call from M-mode',
  12: 'instruction page fault',
  13: 'load page fault',
  15: 'store page fault',
};

/** Of interrupts: their numbers in mip (3.1.9). */
export const interruptNames: Readonly<Record<number, string>> = {
  1: 'supervisor software interrupt',
  3: 'machine software interrupt',
  5: 'supervisor timer interrupt',
  7: 'machine timer interrupt',
  9: 'supervisor external interrupt',
  11: 'machine external interrupt',
};

/** Bits of mstatus (privileged architecture, 3.1.6). */
export const status = {
  sie: 1n << 1n,
  mie: 1n << 3n,
  spie: 1n << 5n,
  mpie: 1n << 7n,
  spp: 1n << 8n,
  mpp: 3n << 11n,
  mppShift: 11n,
} as const;

/** Bits of mip and mie that devices drive, by input (3.1.9). */
export const interruptBits = { msip: 1 << 3, mtip: 1 << 7, seip: 1 << 9, meip: 1 << 11 } as const;
