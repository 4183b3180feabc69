/** Reads the values of attributes by their forms. Source: DWARF Debugging Information Format, version 5, section 7.5.6. */
import { implicitConstant, type Abbreviation, type AbbreviationTable } from './abbreviations.js';
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

/** Longest text that is shown, in bytes. */
const longestText = 4096;

/** Text in a section, which is read when it is asked for. */
export class EntryText {
  constructor(
    private readonly section: Uint8Array | undefined,
    private readonly at: number,
  ) {}

  /** `??` where there is none; what is too long is cut off. */
  get text(): string {
    const { section, at } = this;
    if (section === undefined || at >= section.length) return '??';
    const bytes = section.subarray(at, at + longestText);
    const zero = bytes.indexOf(0);
    return new TextDecoder().decode(zero < 0 ? bytes : bytes.subarray(0, zero));
  }

  /** As long as it takes to compare, however long the text is. */
  equals(wanted: Uint8Array): boolean {
    const { section, at } = this;
    if (section === undefined || section[at + wanted.length] !== 0) return false;
    return wanted.every((byte, index) => section[at + index] === byte);
  }
}

/** An attribute's value. */
export type EntryValue = EntryText | Uint8Array | { readonly kind: ValueClass; readonly value: number };

/** One entry. */
export interface ReadEntry {
  /** In `.debug_info`: how others refer to it. */
  readonly offset: number;
  /** `DW_TAG_*`. */
  readonly tag: number;
  /** By `DW_AT_*`. */
  readonly attributes: ReadonlyMap<number, EntryValue>;
  /** What follows it in the section: its first child, where it has some. */
  readonly next: number;
  readonly hasChildren: boolean;
}

/** An entry whose attributes come next. */
export interface BegunEntry {
  readonly offset: number;
  readonly abbreviation: Abbreviation;
}

/** What values of a unit are read by. */
interface UnitShape {
  readonly version: number;
  readonly addressSize: number;
  readonly offsetSize: 4 | 8;
  /** Where the unit begins. */
  readonly at: number;
  readonly bases: { readonly strings: number; readonly addresses: number };
}

/** Reads the entries of one unit. */
export class EntryReader {
  constructor(
    private readonly unit: UnitShape,
    private readonly abbreviations: AbbreviationTable,
    private readonly sections: EntrySections,
  ) {}

  /** Undefined: the end of a list. */
  read(cursor: ByteCursor): ReadEntry | undefined {
    const begun = this.begin(cursor);
    return begun === undefined ? undefined : this.rest(cursor, begun);
  }

  /** What kind of entry begins here; undefined: the end of a list. */
  begin(cursor: ByteCursor): BegunEntry | undefined {
    const offset = cursor.at;
    const code = cursor.uleb();
    if (code === 0) return undefined;
    const abbreviation = this.abbreviations.get(code);
    if (abbreviation === undefined) throw new BrokenBytes(`abbreviation ${code} at 0x${offset.toString(16)} is not in .debug_abbrev`);
    return { offset, abbreviation };
  }

  rest(cursor: ByteCursor, { offset, abbreviation: { tag, hasChildren, forms } }: BegunEntry): ReadEntry {
    const attributes = new Map<number, EntryValue>();
    for (const { attribute: named, form, constant } of forms) attributes.set(named, this.#value(cursor, form, constant));
    return { offset, tag, attributes, next: cursor.at, hasChildren };
  }

  /** Passes the attributes. */
  skip(cursor: ByteCursor, { abbreviation }: BegunEntry): void {
    for (const { form, constant } of abbreviation.forms) this.#value(cursor, form, constant);
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
        return this.#ownText(cursor);
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
        return new EntryText(this.sections.strings, cursor.unsigned(offsetSize));
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
        return new EntryText(this.sections.lineStrings, cursor.unsigned(offsetSize));
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

  #ownText(cursor: ByteCursor): EntryText {
    const { at } = cursor;
    cursor.passString();
    return new EntryText(this.sections.info, at);
  }

  #indexedText(index: number): EntryValue {
    const { offsetSize, bases } = this.unit;
    const { stringOffsets, strings } = this.sections;
    const at = bases.strings + index * offsetSize;
    // The first look at a unit's own entry does not know its base yet.
    if (stringOffsets === undefined || at + offsetSize > stringOffsets.length) return new EntryText(undefined, 0);
    return new EntryText(strings, new ByteCursor(stringOffsets, at).unsigned(offsetSize));
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
