import type { RegisterRoles } from '../registers.js';

/** jit/ABI.md, "Registers". */
export const thumb2Roles: RegisterRoles = {
  args: [0, 1, 2, 3],
  temps: [3, 2, 1, 0],
  saved: [4, 5, 6, 7, 8, 9, 10, 11],
  leafExtra: [1, 0],
  callExtra: [2, 1],
  // Restored to pc, it spares the return.
  link: 14,
  zero: -1,
  // s31 is the macro assembler's own.
  floats: Array.from({ length: 31 }, (_, index) => index),
};
