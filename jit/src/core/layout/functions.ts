/** Numbers of the functions that compute values of fields: of none, and of those of `derive.ts`. */
export const itself = 0;
export const hi20 = 1;
export const lo12 = 2;
export const neg32 = 3;
export const minus1 = 4;
export const msb = 5;
export const t32ModifiedImmediate = 6;
export const upDown = 7;
export const vfpImmediate = 8;
export const field = 9;
