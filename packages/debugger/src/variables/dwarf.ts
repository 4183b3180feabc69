/** Names of what modules say of their variables. Source: DWARF Debugging Information Format, version 5, figures 7.3 to 7.5. */
import { UsageError } from '@fireball/contracts';
import { BrokenBytes, EntryText, numberOf, type EntryTree, type EntryValue, type TreeEntry } from '@fireball/image';

/** `DW_TAG_*`. */
export const tag = {
  array: 0x01,
  class: 0x02,
  enumeration: 0x04,
  parameter: 0x05,
  block: 0x0b,
  member: 0x0d,
  pointer: 0x0f,
  reference: 0x10,
  structure: 0x13,
  subroutine: 0x15,
  typedef: 0x16,
  union: 0x17,
  variant: 0x19,
  inheritance: 0x1c,
  inlined: 0x1d,
  subrange: 0x21,
  base: 0x24,
  constant: 0x26,
  enumerator: 0x28,
  subprogram: 0x2e,
  variable: 0x34,
  volatile: 0x35,
  variantPart: 0x33,
  restrict: 0x37,
  rvalueReference: 0x42,
  atomic: 0x47,
} as const;

/** `DW_AT_*`. */
export const at = {
  location: 0x02,
  name: 0x03,
  byteSize: 0x0b,
  bitOffset: 0x0c,
  bitSize: 0x0d,
  statementList: 0x10,
  language: 0x13,
  discriminant: 0x15,
  discriminantValue: 0x16,
  constantValue: 0x1c,
  upperBound: 0x2f,
  abstractOrigin: 0x31,
  artificial: 0x34,
  count: 0x37,
  memberLocation: 0x38,
  declaration: 0x3c,
  encoding: 0x3e,
  frameBase: 0x40,
  specification: 0x47,
  type: 0x49,
  callFile: 0x58,
  callLine: 0x59,
  dataBitOffset: 0x6b,
} as const;

/** Longest way from an entry to those that it refers to. */
const longestWay = 8;

/** An attribute of an entry, or of the one that it is a copy of. @throws BrokenBytes */
export function attributeOf(tree: EntryTree, entry: TreeEntry, wanted: number): EntryValue | undefined {
  let current: TreeEntry | undefined = entry;
  for (let way = 0; current !== undefined && way < longestWay; way++) {
    const found: EntryValue | undefined = current.attributes.get(wanted);
    if (found !== undefined) return found;
    const from: number | undefined = numberOf(current.attributes.get(at.abstractOrigin)) ?? numberOf(current.attributes.get(at.specification));
    current = from === undefined ? undefined : tree.at(from);
  }
  return undefined;
}

/** A whole number of up to eight bytes, signed as its form says. */
export function wholeOf(value: EntryValue | undefined): bigint | undefined {
  if (value instanceof Uint8Array) return value.length <= 8 ? BigInt.asIntN(64, littleEndian(value)) : undefined;
  const number = numberOf(value);
  return number === undefined ? undefined : BigInt(number);
}

export function textOf(value: EntryValue | undefined): string | undefined {
  return value instanceof EntryText ? value.text : undefined;
}

export function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of [...bytes].reverse()) value = (value << 8n) | BigInt(byte);
  return value;
}

/** Carries out what reads debug information. @throws UsageError where that is broken */
export function reading<T>(task: () => T): T {
  try {
    return task();
  } catch (error) {
    if (error instanceof BrokenBytes) throw new UsageError(`debug information that cannot be read: ${error.message}`);
    throw error;
  }
}
