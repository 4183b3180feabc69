/**
 * Reads lists of ranges and of locations: `.debug_ranges`, `.debug_loc`, `.debug_rnglists`, `.debug_loclists`.
 * Source: DWARF Debugging Information Format, version 5, sections 7.25 and 7.29; version 4, sections 2.6.2 and 2.17.3.
 */
import type { CodeRange, RangedExpression } from '../dwarf/location-lists.js';
import { BrokenBytes, ByteCursor } from './byte-cursor.js';
import type { DebugUnit } from './debug-units.js';
import type { EntryValue, ReadEntry } from './entry-reader.js';

/** The sections that lists are read from, as far as they are there. */
export interface ListSections {
  /** Up to version 4. */
  readonly ranges?: Uint8Array | undefined;
  readonly locations?: Uint8Array | undefined;
  /** From version 5 on. */
  readonly rangeLists?: Uint8Array | undefined;
  readonly locationLists?: Uint8Array | undefined;
  readonly addresses?: Uint8Array | undefined;
}

const attribute = { lowPc: 0x11, highPc: 0x12, ranges: 0x55, addressBase: 0x73, rangeListsBase: 0x74, locationListsBase: 0x8c } as const;
/** Most entries of one list. */
const longest = 10_000;

const rangeOpcode = { end: 0, baseIndex: 1, startIndexEndIndex: 2, startIndexLength: 3, offsets: 4, base: 5, startEnd: 6, startLength: 7 } as const;
/** The same as above up to there; then `defaultLocation` stands in between. */
const locationOpcode = { ...rangeOpcode, defaultLocation: 5, base: 6, startEnd: 7, startLength: 8 } as const;

/** The number of a value; undefined where it is none. */
export function numberOf(value: EntryValue | undefined): number | undefined {
  return value !== undefined && 'kind' in value ? value.value : undefined;
}

function baseOf(unit: DebugUnit, wanted: number): number {
  return numberOf(unit.root.attributes.get(wanted)) ?? 0;
}

/** The addresses that an entry's code is at; undefined where it says nothing of them. @throws BrokenBytes where a list cannot be read */
export function rangesOf({ attributes }: ReadEntry, unit: DebugUnit, sections: ListSections): readonly CodeRange[] | undefined {
  const ranges = attributes.get(attribute.ranges);
  if (ranges !== undefined) return [...readList(ranges, unit, sections, 'ranges')].map(({ begin, end }) => ({ begin, end }));
  const begin = numberOf(attributes.get(attribute.lowPc));
  const high = attributes.get(attribute.highPc);
  const last = numberOf(high);
  if (begin === undefined || last === undefined) return undefined;
  return [{ begin, end: high !== undefined && 'kind' in high && high.kind === 'address' ? last : begin + last }];
}

/** What a value says that is an expression, or a list of them: the expression that holds at an address; undefined where none does. @throws BrokenBytes */
export function expressionAt(value: EntryValue, address: number, unit: DebugUnit, sections: ListSections): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  let otherwise: Uint8Array | undefined;
  for (const { begin, end, expression } of readList(value, unit, sections, 'locations')) {
    if (begin === end && end === -1) otherwise = expression;
    else if (begin <= address && address < end) return expression;
  }
  return otherwise;
}

type ListKind = 'ranges' | 'locations';

function* readList(value: EntryValue, unit: DebugUnit, sections: ListSections, kind: ListKind): Generator<RangedExpression> {
  const offset = numberOf(value);
  if (offset === undefined || !('kind' in value)) return;
  if (unit.version < 5) {
    yield* readPairs(
      new ByteCursor(kind === 'ranges' ? wanted(sections.ranges, '.debug_ranges') : wanted(sections.locations, '.debug_loc'), offset),
      unit,
      kind,
    );
    return;
  }
  const section = kind === 'ranges' ? wanted(sections.rangeLists, '.debug_rnglists') : wanted(sections.locationLists, '.debug_loclists');
  const base = baseOf(unit, kind === 'ranges' ? attribute.rangeListsBase : attribute.locationListsBase);
  const at = value.kind === 'index' ? base + new ByteCursor(section, base + offset * unit.offsetSize).unsigned(unit.offsetSize) : offset;
  yield* readCodes(new ByteCursor(section, at), unit, sections, kind);
}

function wanted(section: Uint8Array | undefined, name: string): Uint8Array {
  if (section === undefined) throw new BrokenBytes(`${name} is missing`);
  return section;
}

/** Up to version 4: pairs of addresses, relative to a base, up to a pair of zeros. */
function* readPairs(cursor: ByteCursor, unit: DebugUnit, kind: ListKind): Generator<RangedExpression> {
  const highest = 256 ** unit.addressSize - 1;
  let base = baseOf(unit, attribute.lowPc);
  for (let count = 0; count < longest; count++) {
    const begin = cursor.unsigned(unit.addressSize);
    const end = cursor.unsigned(unit.addressSize);
    if (begin === 0 && end === 0) return;
    if (begin === highest) base = end;
    else yield { begin: base + begin, end: base + end, expression: kind === 'ranges' ? new Uint8Array(0) : cursor.bytes(cursor.u16()) };
  }
  throw new BrokenBytes(`a list of more than ${longest} parts`);
}

/** From version 5 on: each part begins with what it is. */
function* readCodes(cursor: ByteCursor, unit: DebugUnit, sections: ListSections, kind: ListKind): Generator<RangedExpression> {
  const opcode = kind === 'ranges' ? rangeOpcode : locationOpcode;
  const address = (): number => cursor.unsigned(unit.addressSize);
  const indexed = (): number => indexedAddress(cursor.uleb(), unit, sections.addresses);
  let base = baseOf(unit, attribute.lowPc);
  /** What each kind of part says of addresses; undefined: it only sets the base. */
  const parts: Readonly<Record<number, () => { readonly begin: number; readonly end: number } | undefined>> = {
    [opcode.baseIndex]: () => void (base = indexed()),
    [opcode.startIndexEndIndex]: () => ({ begin: indexed(), end: indexed() }),
    [opcode.startIndexLength]: () => lengthFrom(indexed(), cursor),
    [opcode.offsets]: () => ({ begin: base + cursor.uleb(), end: base + cursor.uleb() }),
    [opcode.base]: () => void (base = address()),
    [opcode.startEnd]: () => ({ begin: address(), end: address() }),
    [opcode.startLength]: () => lengthFrom(address(), cursor),
    ...(kind === 'locations' ? { [locationOpcode.defaultLocation]: () => ({ begin: -1, end: -1 }) } : {}),
  };
  for (let count = 0; count < longest; count++) {
    const code = cursor.u8();
    if (code === opcode.end) return;
    const read = parts[code];
    if (read === undefined) throw new BrokenBytes(`a list with a part of kind ${code} before 0x${cursor.at.toString(16)}`);
    const part = read();
    if (part !== undefined) yield { ...part, expression: kind === 'ranges' ? new Uint8Array(0) : cursor.bytes(cursor.uleb()) };
  }
  throw new BrokenBytes(`a list of more than ${longest} parts`);
}

function lengthFrom(begin: number, cursor: ByteCursor): CodeRange {
  return { begin, end: begin + cursor.uleb() };
}

/** An address by its number in the unit's part of `.debug_addr`. @throws BrokenBytes where there is none */
export function indexedAddress(index: number, unit: DebugUnit, addresses: Uint8Array | undefined): number {
  return new ByteCursor(wanted(addresses, '.debug_addr'), baseOf(unit, attribute.addressBase) + index * unit.addressSize).unsigned(unit.addressSize);
}
