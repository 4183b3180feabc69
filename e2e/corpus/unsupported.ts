/**
 * What engines do not support yet, by the features that UnsupportedError names. A row that needs one of these says nothing
 * on that engine. The test asserts that the lists are exact: what gets supported must leave them.
 */
export const unsupported: Readonly<Record<string, readonly string[]>> = {
  v8: ['custom page sizes in the v8 engine'],
  thumb2: [],
  rv32: [],
};
