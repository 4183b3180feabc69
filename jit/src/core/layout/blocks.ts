/** Who has which part of the core's fixed memory, behind what all cores have in common: each concern's file lays out its own block, which ends where the next one begins. */
export const bodyBlock = 0x10;
export const functionBlock = 0x40;
export const planBlock = 0x80;
export const analysesBlock = 0x500;
/** Tables by the number of an operation. */
export const operationsBlock = 0x800;
/** Placing of templates, and the table for checksums. */
export const placingBlock = 0x1b00;
/** The function under construction, and which templates it is made of. */
export const masmBlock = 0x2000;
/** Addresses that code is bound to. */
export const environmentBlock = 0x2600;
/** What selection makes of operations: four bytes for each, by its number. */
export const familiesBlock = 0x2800;
/** Selection: the abstract machine of a function, its walk, and its accesses. */
export const selectBlock = 0x2d00;
export const walkBlock = 0x3a00;
export const addressesBlock = 0x3e00;
/** Where the heap begins, aligned for any area. */
export const heapStart = 0x4200;
