/** What every core has at the beginning of its memory. Words; areas take three. */

/** Address of the first byte that is not in use. */
export const heap = 0;
/** Was there no room for what was asked for? */
export const isFull = 4;
/** Address behind the number that was read last. */
export const next = 8;
/** Address behind the memory that is known to be there. */
export const heapEnd = 12;
/** Where a core's own layout begins. */
export const commonEnd = 0x10;

/** Fields of an area, which grows by need: behind the address of its first byte that of the first one that is not used. */
export const usedField = 4;
/** And of the one behind the last one. */
export const limitField = 8;
