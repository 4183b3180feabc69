/**
 * What an instruction is to the walk over a body: `unary` and `binary` have operands of one type, one result and no immediates; those whose immediates or
 * operands need a look are called by their own names.
 */
export const illegal = 0;
export const unary = 1;
export const binary = 2;
export const load = 3;
export const store = 4;
export const i32Const = 5;
export const i64Const = 6;
export const localGet = 7;
export const localSet = 8;
export const localTee = 9;
export const globalGet = 10;
export const globalSet = 11;
export const drop = 12;
export const nop = 13;
export const f32Const = 14;
export const f64Const = 15;
export const select = 16;
export const block = 17;
export const loop = 18;
export const ifThen = 19;
export const elseThen = 20;
export const end = 21;
export const br = 22;
export const brIf = 23;
export const brTable = 24;
export const returnResults = 25;
export const unreachable = 26;
export const call = 27;
export const callIndirect = 28;
export const returnCall = 29;
export const returnCallIndirect = 30;
export const prefix = 31;
/** From here on, instructions that are rare. */
export const selectTyped = 32;
export const tableGet = 33;
export const tableSet = 34;
export const tableGrow = 35;
export const tableFill = 36;
export const tableSize = 37;
export const tableCopy = 38;
export const tableInit = 39;
export const elemDrop = 40;
export const dataDrop = 41;
export const memorySize = 42;
export const memoryGrow = 43;
export const memoryFill = 44;
export const memoryCopy = 45;
export const memoryInit = 46;
export const refNull = 47;
export const refIsNull = 48;
export const refFunc = 49;

/** Most labels of a `br_table` beside its default, as in V8. */
export const mostTargets = 65_520;
