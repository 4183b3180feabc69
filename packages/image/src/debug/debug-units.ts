/**
 * Reads `.debug_info`: what compilers say of units. Source: DWARF Debugging Information Format, version 5, section 7.5;
 * version 4, section 7.5 for the older headers and forms.
 */
import { BrokenBytes, ByteCursor } from './byte-cursor.js';

/** The sections that entries are read from, as far as they are there. */
export interface EntrySections {
  readonly info?: Uint8Array | undefined;
  readonly abbreviations?: Uint8Array | undefined;
  readonly strings?: Uint8Array | undefined;
  readonly lineStrings?: Uint8Array | undefined;
  readonly stringOffsets?: Uint8Array | undefined;
  readonly addresses?: Uint8Array | undefined;
}

/** Of a number, by the class of its form: an address, an entry's offset in the section, an offset in another section, an index into a list, or just a number. */
export type ValueClass = 'address' | 'reference' | 'offset' | 'index' | 'number';

/** An attribute's value. */
export type EntryValue = string | Uint8Array | { readonly kind: ValueClass; readonly value: number };

/** One entry. */
export interface ReadEntry {
  /** In `.debug_info`: how others refer to it. */
  readonly offset: number;
  /** `DW_TAG_*`. */
  readonly tag: number;
  /** By `DW_AT_*`. */
  readonly attributes: ReadonlyMap<number, EntryValue>;
}

/** A compilation unit. */
export interface DebugUnit {
  readonly version: number;
  /** Bytes of an address. */
  readonly addressSize: number;
  /** Width of offsets into other sections. */
  readonly offsetSize: 4 | 8;
  /** The unit's own entry. */
  readonly root: ReadEntry;
}

/** What cannot be read, and where. */
export type ReadUnits = { readonly units: readonly DebugUnit[]; readonly problems: readonly string[] };

const attribute = { stringOffsetsBase: 0x72, addressBase: 0x73 } as const;
/** `DW_UT_skeleton` and above have more in their headers. */
const plainUnits = [1, 3];

/** Reads the units one after the other. One that is broken is left out, and said. */
export function readUnits(sections: EntrySections): ReadUnits {
  const { info = new Uint8Array(0) } = sections;
  const units: DebugUnit[] = [];
  const problems: string[] = [];
  for (let at = 0; at < info.length;) {
    let end = info.length;
    try {
      const start = new ByteCursor(info, at);
      const short = start.u32();
      const length = short === 0xffff_ffff ? start.u64() : short;
      const cursor = new ByteCursor(info, start.at, start.at + length);
      ({ end } = cursor);
      const unit = readUnit(cursor, at, short === 0xffff_ffff ? 8 : 4, sections);
      if (unit !== undefined) units.push(unit);
    } catch (error) {
      if (!(error instanceof BrokenBytes)) throw error;
      problems.push(`.debug_info, offset 0x${at.toString(16)}: ${error.message}`);
    }
    at = end;
  }
  return { units, problems };
}

function readUnit(cursor: ByteCursor, at: number, offsetSize: 4 | 8, sections: EntrySections): DebugUnit | undefined {
  const version = cursor.u16();
  if (version < 2 || version > 5) throw new BrokenBytes(`entries of DWARF version ${version}; 2 to 5 are known`);
  let abbreviations: number;
  let addressSize: number;
  if (version === 5) {
    const type = cursor.u8();
    addressSize = cursor.u8();
    abbreviations = cursor.unsigned(offsetSize);
    if (!plainUnits.includes(type)) return undefined;
  } else {
    abbreviations = cursor.unsigned(offsetSize);
    addressSize = cursor.u8();
  }
  const bases = { strings: 0, addresses: 0 };
  const reader = new EntryReader({ version, addressSize, offsetSize, at, bases }, readAbbreviations(sections.abbreviations, abbreviations), sections);
  const first = cursor.at;
  const root = reader.read(cursor);
  if (root === undefined) return undefined;
  const baseOf = (wanted: number): number => {
    const value = root.attributes.get(wanted);
    return typeof value === 'object' && 'kind' in value ? value.value : 0;
  };
  bases.strings = baseOf(attribute.stringOffsetsBase);
  bases.addresses = baseOf(attribute.addressBase);
  // Its own names may need the bases, which stand behind them.
  return { version, addressSize, offsetSize, root: reader.read(new ByteCursor(sections.info!, first, cursor.end))! };
}

interface Abbreviation {
  readonly tag: number;
  readonly forms: readonly { readonly attribute: number; readonly form: number; readonly constant: number }[];
}

const knownAbbreviations = new WeakMap<Uint8Array, Map<number, ReadonlyMap<number, Abbreviation>>>();

function readAbbreviations(section: Uint8Array | undefined, offset: number): ReadonlyMap<number, Abbreviation> {
  if (section === undefined) throw new BrokenBytes('.debug_abbrev is missing');
  let known = knownAbbreviations.get(section);
  if (known === undefined) knownAbbreviations.set(section, (known = new Map<number, ReadonlyMap<number, Abbreviation>>()));
  let table = known.get(offset);
  if (table === undefined) known.set(offset, (table = readTable(new ByteCursor(section, offset))));
  return table;
}

function readTable(cursor: ByteCursor): ReadonlyMap<number, Abbreviation> {
  const table = new Map<number, Abbreviation>();
  for (let code = cursor.uleb(); code !== 0; code = cursor.uleb()) {
    const tag = cursor.uleb();
    cursor.u8(); // DW_CHILDREN_*
    const forms: { attribute: number; form: number; constant: number }[] = [];
    for (;;) {
      const [named, form] = [cursor.uleb(), cursor.uleb()];
      const constant = form === implicitConstant ? cursor.sleb() : 0;
      if (named === 0 && form === 0) break;
      forms.push({ attribute: named, form, constant });
    }
    table.set(code, { tag, forms });
  }
  return table;
}

const implicitConstant = 0x21;

interface UnitShape {
  readonly version: number;
  readonly addressSize: number;
  readonly offsetSize: 4 | 8;
  /** Where the unit begins. */
  readonly at: number;
  readonly bases: { readonly strings: number; readonly addresses: number };
}

/** Reads the entries of one unit. */
class EntryReader {
  constructor(
    private readonly unit: UnitShape,
    private readonly abbreviations: ReadonlyMap<number, Abbreviation>,
    private readonly sections: EntrySections,
  ) {}

  /** Undefined: the end of a list. */
  read(cursor: ByteCursor): ReadEntry | undefined {
    const offset = cursor.at;
    const code = cursor.uleb();
    if (code === 0) return undefined;
    const abbreviation = this.abbreviations.get(code);
    if (abbreviation === undefined) throw new BrokenBytes(`abbreviation ${code} at 0x${offset.toString(16)} is not in .debug_abbrev`);
    const attributes = new Map<number, EntryValue>();
    for (const { attribute: named, form, constant } of abbreviation.forms) attributes.set(named, this.#value(cursor, form, constant));
    return { offset, tag: abbreviation.tag, attributes };
  }

  #value(cursor: ByteCursor, form: number, constant: number): EntryValue {
    const { offsetSize, addressSize, version, at } = this.unit;
    const number = (value: number, kind: ValueClass = 'number'): EntryValue => ({ kind, value });
    const reference = (value: number): EntryValue => ({ kind: 'reference', value: at + value });
    switch (form) {
      case 0x01: // DW_FORM_addr
        return number(cursor.unsigned(addressSize), 'address');
      case 0x03: // DW_FORM_block2
        return cursor.bytes(cursor.u16());
      case 0x04: // DW_FORM_block4
        return cursor.bytes(cursor.u32());
      case 0x05: // DW_FORM_data2
        return number(cursor.u16());
      case 0x06: // DW_FORM_data4: up to version 3 an offset, too
        return number(cursor.u32(), version < 4 ? 'offset' : 'number');
      case 0x07: // DW_FORM_data8
      case 0x20: // DW_FORM_ref_sig8
        return cursor.bytes(8);
      case 0x08: // DW_FORM_string
        return cursor.string();
      case 0x09: // DW_FORM_block
      case 0x18: // DW_FORM_exprloc
        return cursor.bytes(cursor.uleb());
      case 0x0a: // DW_FORM_block1
        return cursor.bytes(cursor.u8());
      case 0x0b: // DW_FORM_data1
      case 0x0c: // DW_FORM_flag
        return number(cursor.u8());
      case 0x0d: // DW_FORM_sdata
        return number(cursor.sleb());
      case 0x0e: // DW_FORM_strp
        return textIn(this.sections.strings, cursor.unsigned(offsetSize));
      case 0x0f: // DW_FORM_udata
        return number(cursor.uleb());
      case 0x10: // DW_FORM_ref_addr
        return number(cursor.unsigned(version < 3 ? addressSize : offsetSize), 'reference');
      case 0x11: // DW_FORM_ref1
        return reference(cursor.u8());
      case 0x12: // DW_FORM_ref2
        return reference(cursor.u16());
      case 0x13: // DW_FORM_ref4
        return reference(cursor.u32());
      case 0x14: // DW_FORM_ref8
        return reference(cursor.u64());
      case 0x15: // DW_FORM_ref_udata
        return reference(cursor.uleb());
      case 0x17: // DW_FORM_sec_offset
        return number(cursor.unsigned(offsetSize), 'offset');
      case 0x19: // DW_FORM_flag_present
        return number(1);
      case 0x1e: // DW_FORM_data16
        return cursor.bytes(16);
      case 0x1f: // DW_FORM_line_strp
        return textIn(this.sections.lineStrings, cursor.unsigned(offsetSize));
      case implicitConstant:
        return number(constant);
      case 0x22: // DW_FORM_loclistx
      case 0x23: // DW_FORM_rnglistx
        return number(cursor.uleb(), 'index');
      case 0x1a: // DW_FORM_strx
        return this.#indexedText(cursor.uleb());
      case 0x25: // DW_FORM_strx1 to DW_FORM_strx4
      case 0x26:
      case 0x27:
      case 0x28:
        return this.#indexedText(littleEndian(cursor.bytes(form - 0x24)));
      case 0x1b: // DW_FORM_addrx
        return this.#indexedAddress(cursor.uleb());
      case 0x29: // DW_FORM_addrx1 to DW_FORM_addrx4
      case 0x2a:
      case 0x2b:
      case 0x2c:
        return this.#indexedAddress(littleEndian(cursor.bytes(form - 0x28)));
      default:
        throw new BrokenBytes(`form 0x${form.toString(16)} before 0x${cursor.at.toString(16)}`);
    }
  }

  #indexedText(index: number): EntryValue {
    const { offsetSize, bases } = this.unit;
    const { stringOffsets, strings } = this.sections;
    const at = bases.strings + index * offsetSize;
    // The first look at a unit's own entry does not know its base yet.
    if (stringOffsets === undefined || at + offsetSize > stringOffsets.length) return '??';
    return textIn(strings, new ByteCursor(stringOffsets, at).unsigned(offsetSize));
  }

  #indexedAddress(index: number): EntryValue {
    const { addressSize, bases } = this.unit;
    const { addresses } = this.sections;
    const at = bases.addresses + index * addressSize;
    const isThere = addresses !== undefined && at + addressSize <= addresses.length;
    return { kind: 'address', value: isThere ? new ByteCursor(addresses, at).unsigned(addressSize) : 0 };
  }
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}

function textIn(section: Uint8Array | undefined, offset: number): string {
  return section === undefined || offset >= section.length ? '??' : new ByteCursor(section, offset).string();
}
