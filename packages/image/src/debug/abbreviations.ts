/** Reads `.debug_abbrev`: what entries consist of. Source: DWARF Debugging Information Format, version 5, section 7.5.3. */
import { BrokenBytes, ByteCursor } from './byte-cursor.js';

/** The form of an attribute whose value stands here, and takes no bytes of an entry. */
export const implicitConstant = 0x21;
const present = 0x19;
/** Far above real ones: what takes no bytes shall not make reading long. */
const mostWithoutBytes = 64;

/** What entries of one kind consist of. */
export interface Abbreviation {
  /** `DW_TAG_*`. */
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly forms: readonly { readonly attribute: number; readonly form: number; readonly constant: number }[];
}

/** By the codes that entries begin with. */
export type AbbreviationTable = ReadonlyMap<number, Abbreviation>;

/** Tables of one section, and how many of its bytes they have been read from. */
interface KnownTables {
  readonly tables: Map<number, AbbreviationTable>;
  bytes: number;
}

const knownTables = new WeakMap<Uint8Array, KnownTables>();

/** The table at an offset. @throws BrokenBytes where there is none */
export function readAbbreviations(section: Uint8Array | undefined, offset: number): AbbreviationTable {
  if (section === undefined) throw new BrokenBytes('.debug_abbrev is missing');
  let known = knownTables.get(section);
  if (known === undefined) knownTables.set(section, (known = { tables: new Map(), bytes: 0 }));
  let table = known.tables.get(offset);
  if (table === undefined) {
    const cursor = new ByteCursor(section, offset);
    // Tables that share bytes, one beginning within another, would take the square of their number.
    if (known.bytes >= section.length) throw new BrokenBytes(`tables of abbreviations that overlap, at 0x${offset.toString(16)}`);
    try {
      table = readTable(cursor);
    } finally {
      known.bytes += cursor.at - offset;
    }
    known.tables.set(offset, table);
  }
  return table;
}

function readTable(cursor: ByteCursor): AbbreviationTable {
  const table = new Map<number, Abbreviation>();
  for (let code = cursor.uleb(); code !== 0; code = cursor.uleb()) {
    const tag = cursor.uleb();
    const hasChildren = cursor.u8() !== 0;
    const forms: { attribute: number; form: number; constant: number }[] = [];
    let withoutBytes = 0;
    for (;;) {
      const [named, form] = [cursor.uleb(), cursor.uleb()];
      const constant = form === implicitConstant ? cursor.sleb() : 0;
      if (named === 0 && form === 0) break;
      if ((form === implicitConstant || form === present) && ++withoutBytes > mostWithoutBytes)
        throw new BrokenBytes(`abbreviation ${code} has more than ${mostWithoutBytes} attributes without bytes`);
      forms.push({ attribute: named, form, constant });
    }
    table.set(code, { tag, hasChildren, forms });
  }
  return table;
}
