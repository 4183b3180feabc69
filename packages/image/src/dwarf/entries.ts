/** `.debug_info` and `.debug_abbrev` of one compilation unit. Source: DWARF Debugging Information Format, version 4, section 7.5. */
import { InternalError } from '@fireball/contracts';
import { ByteWriter } from './byte-writer.js';

/** `DW_TAG_*` of what is written (figure 18). */
export const tags = {
  arrayType: 0x01,
  formalParameter: 0x05,
  lexicalBlock: 0x0b,
  compileUnit: 0x11,
  subrangeType: 0x21,
  baseType: 0x24,
  subprogram: 0x2e,
  variable: 0x34,
} as const;

/** `DW_AT_*` of what is written (figure 20). */
export const attributes = {
  location: 0x02,
  name: 0x03,
  byteSize: 0x0b,
  statementList: 0x10,
  lowPc: 0x11,
  highPc: 0x12,
  language: 0x13,
  compilationFolder: 0x1b,
  prototyped: 0x27,
  declarationFile: 0x3a,
  declarationLine: 0x3b,
  encoding: 0x3e,
  external: 0x3f,
  frameBase: 0x40,
  type: 0x49,
  ranges: 0x55,
} as const;

/** `DW_ATE_*` (figure 26). */
export const encodings = { float: 4, signed: 5, unsigned: 7, unsignedCharacter: 8 } as const;

/** An attribute's value; each kind is one form. */
export type DebugValue =
  | { readonly address: number }
  | { readonly text: string }
  | { readonly number: number }
  /** In another section: of lines, location lists, ranges. */
  | { readonly offset: number }
  | { readonly expression: Uint8Array }
  | { readonly entry: DebugEntry }
  | { readonly flag: true };

/** One entry with those that it owns. */
export interface DebugEntry {
  /** `tags`. */
  readonly tag: number;
  readonly attributes: readonly (readonly [attribute: number, value: DebugValue])[];
  readonly children?: readonly DebugEntry[];
}

/** `DW_FORM_*` (figure 21). */
const forms = { address: 0x01, text: 0x08, number: 0x0f, entry: 0x13, offset: 0x17, expression: 0x18, flag: 0x19 } as const;
const version = 4;
const addressBytes = 4;

function formOf(value: DebugValue): number {
  for (const [kind, form] of Object.entries(forms)) if (kind in value) return form;
  throw new InternalError('a value without a form');
}

/** The two sections, of a unit for 32-bit addresses whose entry is `unit`. */
export function writeEntries(unit: DebugEntry): { readonly info: Uint8Array; readonly abbreviations: Uint8Array } {
  const info = new ByteWriter();
  const abbreviations = new ByteWriter();
  const codes = new Map<string, number>();
  const places = new Map<DebugEntry, number>();
  const references: { readonly at: number; readonly entry: DebugEntry }[] = [];

  const codeOf = ({ tag, attributes: list, children = [] }: DebugEntry): number => {
    const shape = [tag, children.length > 0 ? 1 : 0, ...list.flatMap(([attribute, value]) => [attribute, formOf(value)])];
    const key = shape.join(' ');
    const known = codes.get(key);
    if (known !== undefined) return known;
    const code = codes.size + 1;
    codes.set(key, code);
    abbreviations.uleb(code);
    abbreviations.uleb(tag);
    abbreviations.u8(children.length > 0 ? 1 : 0);
    for (const number of shape.slice(2)) abbreviations.uleb(number);
    abbreviations.bytes([0, 0]);
    return code;
  };

  const writeValue = (value: DebugValue): void => {
    if ('address' in value) info.u32(value.address);
    else if ('text' in value) info.text(value.text);
    else if ('number' in value) info.uleb(value.number);
    else if ('offset' in value) info.u32(value.offset);
    else if ('entry' in value) {
      references.push({ at: info.length, entry: value.entry });
      info.u32(0);
    } else if ('expression' in value) {
      info.uleb(value.expression.length);
      info.bytes(value.expression);
    }
    // A flag that is there needs no bytes.
  };

  const writeEntry = (entry: DebugEntry): void => {
    places.set(entry, info.length);
    info.uleb(codeOf(entry));
    for (const [, value] of entry.attributes) writeValue(value);
    const { children = [] } = entry;
    if (children.length === 0) return;
    for (const child of children) writeEntry(child);
    info.u8(0);
  };

  info.sized(() => {
    info.u16(version);
    info.u32(0);
    info.u8(addressBytes);
    writeEntry(unit);
  });
  abbreviations.u8(0);
  for (const { at, entry } of references) {
    const place = places.get(entry);
    if (place === undefined) throw new InternalError('a reference to an entry that is not there');
    info.setU32(at, place);
  }
  return { info: info.finish(), abbreviations: abbreviations.finish() };
}
