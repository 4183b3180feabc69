/** Who has which part of the core's fixed memory, behind what all cores have in common: each concern's file lays out its own block, which ends where the next one begins. */
export const bodyBlock = 0x10;
export const functionBlock = 0x40;
export const planBlock = 0x80;
export const analysesBlock = 0x500;
/** Tables by the number of an operation. */
export const operationsBlock = 0x800;
/** Placing of templates, and the table for checksums. */
export const placingBlock = 0x1b00;
/** Where the heap begins, aligned for any area. */
export const heapStart = 0x2000;
