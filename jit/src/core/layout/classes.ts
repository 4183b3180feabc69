/** What an instruction is to the analyses. Those that move control, begin or end where it may go, call something, or name a local come first: they are of a class of their own. */
export const block = 0;
export const loop = 1;
export const ifThen = 2;
export const elseThen = 3;
export const end = 4;
export const br = 5;
export const brIf = 6;
export const brTable = 7;
export const returnResults = 8;
export const unreachable = 9;
export const call = 10;
export const callIndirect = 11;
export const returnCall = 12;
export const returnCallIndirect = 13;
export const localGet = 14;
export const localSet = 15;
export const localTee = 16;
/** The others, of which walks backwards look at the first. */
export const select = 17;
export const constant = 18;
export const longConstant = 19;
/** Is a word 0? */
export const test = 20;
export const alu = 21;
export const compare = 22;
export const divide = 23;
export const unary = 24;
export const load = 25;
export const store = 26;
/** A routine carries it out on the records of memories and tables. */
export const record = 27;
/** On pairs, or by a routine. */
export const numeric = 28;
export const float = 29;
export const sign = 30;
export const drop = 31;
export const nop = 32;
export const globalGet = 33;
export const globalSet = 34;
export const refNull = 35;
export const refFunc = 36;
/** Of a memory or a table. */
export const size = 37;
export const dropSegment = 38;
/** No instruction: what the record behind it has more. */
export const rest = 39;
