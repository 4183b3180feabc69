/**
 * Names for what other WebAssembly proposals put into the binary format, so that a module that needs one is refused by
 * name instead of as garbage. Sources: the proposals' binary format sections.
 */

const oneByteOpcodes: ReadonlyMap<number, string> = new Map([
  [0x06, 'try (exception handling)'],
  [0x07, 'catch (exception handling)'],
  [0x08, 'throw (exception handling)'],
  [0x09, 'rethrow (exception handling)'],
  [0x0a, 'throw_ref (exception handling)'],
  [0x14, 'call_ref (typed function references)'],
  [0x15, 'return_call_ref (typed function references)'],
  [0x18, 'delegate (exception handling)'],
  [0x19, 'catch_all (exception handling)'],
  [0x1f, 'try_table (exception handling)'],
  [0xd3, 'ref.eq (garbage collection)'],
  [0xd4, 'ref.as_non_null (typed function references)'],
  [0xd5, 'br_on_null (typed function references)'],
  [0xd6, 'br_on_non_null (typed function references)'],
  [0xe0, 'stack switching'],
  [0xe1, 'stack switching'],
  [0xe2, 'stack switching'],
  [0xe3, 'stack switching'],
  [0xe4, 'stack switching'],
  [0xe5, 'stack switching'],
  [0xe6, 'stack switching'],
]);

const prefixes: ReadonlyMap<number, string> = new Map([
  [0xfb, 'garbage collection'],
  [0xfd, 'SIMD'],
  [0xfe, 'threads'],
]);

const prefixFcOpcodes: ReadonlyMap<number, string> = new Map([
  [0x12, 'memory.discard (memory control)'],
  [0x13, 'i64.add128 (wide arithmetic)'],
  [0x14, 'i64.sub128 (wide arithmetic)'],
  [0x15, 'i64.mul_wide_s (wide arithmetic)'],
  [0x16, 'i64.mul_wide_u (wide arithmetic)'],
]);

const valueTypes: ReadonlyMap<number, string> = new Map([
  [0x7b, 'v128 (SIMD)'],
  [0x78, 'i8 (garbage collection)'],
  [0x77, 'i16 (garbage collection)'],
  [0x75, 'nocont (stack switching)'],
  [0x74, 'noexn (exception handling)'],
  [0x73, 'nofunc (garbage collection)'],
  [0x72, 'noextern (garbage collection)'],
  [0x71, 'none (garbage collection)'],
  [0x6e, 'any (garbage collection)'],
  [0x6d, 'eq (garbage collection)'],
  [0x6c, 'i31 (garbage collection)'],
  [0x6b, 'struct (garbage collection)'],
  [0x6a, 'array (garbage collection)'],
  [0x69, 'exn (exception handling)'],
  [0x68, 'cont (stack switching)'],
  [0x64, 'ref (typed function references)'],
  [0x63, 'ref null (typed function references)'],
]);

const typeForms: ReadonlyMap<number, string> = new Map([
  [0x5f, 'struct types (garbage collection)'],
  [0x5e, 'array types (garbage collection)'],
  [0x5d, 'continuation types (stack switching)'],
  [0x50, 'subtypes (garbage collection)'],
  [0x4f, 'final subtypes (garbage collection)'],
  [0x4e, 'recursive type groups (garbage collection)'],
]);

/** The proposal behind an unknown one-byte opcode or prefix byte. */
export function proposalOfOpcode(byte: number): string | undefined {
  return oneByteOpcodes.get(byte) ?? prefixes.get(byte);
}

/** True for bytes that start a two-part opcode of a proposal. */
export function isProposalPrefix(byte: number): boolean {
  return prefixes.has(byte);
}

export function proposalOfPrefixFc(subOpcode: number): string | undefined {
  return prefixFcOpcodes.get(subOpcode);
}

export function proposalOfValueType(byte: number): string | undefined {
  return valueTypes.get(byte);
}

export function proposalOfTypeForm(byte: number): string | undefined {
  return typeForms.get(byte);
}
