/** Numbers of value types, of lists of them, and of signatures. */

/** What unreachable code takes where no operand is left: of any type. */
export const unknownType = 0;
/** Codes of the types whose values instructions make. */
export const i32Type = 1;
export const i64Type = 2;
export const f32Type = 3;
export const f64Type = 4;
export const funcrefType = 5;
export const externrefType = 6;
/** Codes of references go from here on. */
export const firstReference = funcrefType;

/** Number of the list of no types. */
export const emptyList = 0;
/** Number of the last list of a single type, which is its code. */
export const lastSingle = externrefType;

/** Number of the signature of a block of the module's first type. Before it come the block without a type, and those with one result by its code. */
export const firstTypeSignature = lastSingle + 1;
