/** What instructions are called that targets have for operations: the core has numbers for them (`alu.ts`, `numbers.ts`). */

/** Two-operand integer operations; operands and results are 32-bit words. */
export type AluOp = 'add' | 'sub' | 'and' | 'or' | 'xor' | 'shl' | 'shr_s' | 'shr_u' | 'rotr' | 'mul';
export type UnaryOp = 'clz' | 'ctz' | 'extend8_s' | 'extend16_s' | 'extend8_u' | 'extend16_u';
export type DivideOp = 'div_s' | 'div_u' | 'rem_s' | 'rem_u';
export type Shift = 'shl' | 'shr_s' | 'shr_u' | 'rotr';
export type PairShift = 'shl' | 'shr_s' | 'shr_u';

/** Width and extension of a memory access. */
export type LoadOp = 'load' | 'load8_u' | 'load8_s' | 'load16_u' | 'load16_s';
export type StoreOp = 'store' | 'store8' | 'store16';

/** Conditions in WebAssembly's own terms. */
export type Cond = 'eq' | 'ne' | 'lt_s' | 'lt_u' | 'gt_s' | 'gt_u' | 'le_s' | 'le_u' | 'ge_s' | 'ge_u';

/** Order conditions; equality of pairs is a test of one word. */
export type CompareCond = Exclude<Cond, 'eq' | 'ne'>;
