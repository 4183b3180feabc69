/**
 * Who has which part of the core's fixed memory, behind what all cores have in common: each concern's file lays out its own block, which ends where the next one begins. On
 * Thumb-2 accesses reach 4 KiB from one register: words that the same functions read lie within as many, and rows that are reached by an index lie behind them.
 */
export const bodyBlock = 0x10;
export const functionBlock = 0x40;
export const planBlock = 0x80;
export const analysesBlock = 0x500;
/** Tables by the number of an operation. */
export const operationsBlock = 0x800;
/** The function under construction, and which templates it is made of. */
export const masmBlock = 0x1000;
/** Addresses that code is bound to. */
export const environmentBlock = 0x15a0;
/** Selection: its walk, its accesses, and the abstract machine of a function. */
export const walkBlock = 0x1600;
export const addressesBlock = 0x1880;
export const selectBlock = 0x1a80;
/** What selection makes of operations: four bytes for each, by its number. */
export const familiesBlock = 0x2740;
/** Placing of templates, and the table for checksums. */
export const placingBlock = 0x2c00;
/** What areas begin in. */
export const roomsBlock = 0x3100;
/** Where the heap begins, aligned for any area. */
export const heapStart = 0x3700;
