/**
 * Reads `.debug_info`: what compilers say of units. Source: DWARF Debugging Information Format, version 5, section 7.5;
 * version 4, section 7.5 for the older headers and forms.
 */
import { readAbbreviations } from './abbreviations.js';
import { BrokenBytes, ByteCursor } from './byte-cursor.js';
import { EntryReader, type EntrySections, type ReadEntry } from './entry-reader.js';

/** A compilation unit. */
export interface DebugUnit {
  readonly version: number;
  /** Bytes of an address. */
  readonly addressSize: number;
  /** Width of offsets into other sections. */
  readonly offsetSize: 4 | 8;
  /** The unit's own entry. */
  readonly root: ReadEntry;
  /** Of its entries, which lie in [`begin`, `end`) of `.debug_info`. */
  readonly reader: EntryReader;
  readonly begin: number;
  readonly end: number;
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
  return { version, addressSize, offsetSize, root: reader.read(new ByteCursor(sections.info!, first, cursor.end))!, reader, begin: at, end: cursor.end };
}
