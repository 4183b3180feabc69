import type { RegisterRoles } from '../registers.js';

/** jit/ABI.md, "Registers". */
export const rv32Roles: RegisterRoles = {
  args: [10, 11, 12, 13, 14, 15, 16, 17],
  temps: [15, 14, 13, 12, 11, 10, 16, 17, 28, 29, 30, 31],
  saved: [8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27],
  leafExtra: [10, 11, 12, 16, 17, 28, 29],
  callExtra: [17, 16, 31, 30, 29, 28, 12, 11],
  link: -1,
  zero: 0,
  // f31 is the macro assembler's own.
  floats: Array.from({ length: 31 }, (_, index) => index),
};
