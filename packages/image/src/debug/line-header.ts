/**
 * Headers of DWARF line number programs, versions 2 to 5. Source: DWARF Debugging Information Format, version 5, section 6.2.4;
 * version 4, section 6.2.4 for the older form.
 */
import { BrokenBytes, ByteCursor } from './byte-cursor.js';

/** The sections that line numbers are read from; an ELF file without debug information has none. */
export interface DebugSections {
  readonly line?: Uint8Array | undefined;
  readonly lineStrings?: Uint8Array | undefined;
  readonly strings?: Uint8Array | undefined;
  /** Folder of the compilation whose lines begin at an offset in `line`. Up to version 4 nothing else says what relative names are relative to. */
  readonly folderOf?: ((offset: number) => string | undefined) | undefined;
}

export interface LineHeader {
  readonly version: number;
  readonly minimumInstructionLength: number;
  readonly maximumOperations: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** Operands of the standard opcodes, from 1. */
  readonly operandCounts: readonly number[];
  /** Are rows places to stop at, where the program does not say? */
  readonly isStatement: boolean;
  /** Path of a file by its number in the program. */
  readonly file: (number: number) => string;
  /** Width of an offset into another section. */
  readonly offsetSize: 4 | 8;
}

const contentType = { path: 1, directory: 2 } as const;

interface Entry {
  readonly path: string;
  readonly directory: number;
}

/** Reads the header behind `unit_length`, of the unit that begins at `unit`; the cursor is at the first opcode afterwards. */
export function readLineHeader(cursor: ByteCursor, unit: number, offsetSize: 4 | 8, sections: DebugSections): LineHeader {
  const version = cursor.u16();
  if (version < 2 || version > 5) throw new BrokenBytes(`line numbers of DWARF version ${version}; 2 to 5 are known`);
  if (version === 5) cursor.skip(2);
  const headerLength = cursor.unsigned(offsetSize);
  const program = cursor.at + headerLength;
  const minimumInstructionLength = cursor.u8();
  const maximumOperations = version >= 4 ? Math.max(1, cursor.u8()) : 1;
  const isStatement = cursor.u8() !== 0;
  const lineBase = cursor.i8();
  const lineRange = cursor.u8();
  const opcodeBase = cursor.u8();
  const operandCounts = Array.from({ length: Math.max(0, opcodeBase - 1) }, () => cursor.u8());
  const file = version === 5 ? readTables(cursor, offsetSize, sections) : readLists(cursor, sections.folderOf?.(unit) ?? '');
  if (program < cursor.at || program > cursor.end) throw new BrokenBytes(`a header of ${headerLength} bytes does not fit`);
  cursor.at = program;
  return { version, minimumInstructionLength, maximumOperations, lineBase, lineRange, opcodeBase, operandCounts, isStatement, file, offsetSize };
}

/** Up to version 4: lists that end with an empty name; directory 0 is that of the compilation, which is not said here. */
function readLists(cursor: ByteCursor, folder: string): (number: number) => string {
  const directories = [folder];
  for (let name = cursor.string(); name !== ''; name = cursor.string()) directories.push(name);
  const files: Entry[] = [];
  for (let path = cursor.string(); path !== ''; path = cursor.string()) {
    files.push({ path, directory: cursor.uleb() });
    cursor.uleb();
    cursor.uleb();
  }
  const paths = files.map((entry) => joined(entry, directories));
  return (number) => paths[number - 1] ?? '??';
}

function readTables(cursor: ByteCursor, offsetSize: 4 | 8, sections: DebugSections): (number: number) => string {
  const directories = readEntries(cursor, offsetSize, sections).map(({ path }) => path);
  const files = readEntries(cursor, offsetSize, sections);
  const paths = files.map((entry) => joined(entry, directories));
  return (number) => paths[number] ?? '??';
}

function joined(entry: Entry, directories: readonly string[]): string {
  const directory = directories[entry.directory] ?? '';
  const path = within(entry.path, directory);
  return entry.directory === 0 ? path : within(path, directories[0] ?? '');
}

function within(path: string, directory: string): string {
  return directory === '' || isAbsolute(path) ? path : `${directory}/${path}`;
}

/** Of any system: the compiler's may be another one. */
function isAbsolute(path: string): boolean {
  return /^(?:[/\\]|[a-z]:[/\\])/i.test(path);
}

function readEntries(cursor: ByteCursor, offsetSize: 4 | 8, sections: DebugSections): Entry[] {
  const format = Array.from({ length: cursor.u8() }, () => ({ content: cursor.uleb(), form: cursor.uleb() }));
  const count = cursor.uleb();
  if (count > 0 && format.length === 0) throw new BrokenBytes(`${count} files without a format`);
  const entries: Entry[] = [];
  // Each takes a byte at least: a count that is too high ends at the unit's end.
  for (let index = 0; index < count; index++) {
    let path = '??';
    let directory = 0;
    for (const { content, form } of format) {
      const value = readForm(cursor, form, offsetSize, sections);
      if (content === contentType.path && typeof value === 'string') path = value;
      if (content === contentType.directory && typeof value === 'number') directory = value;
    }
    entries.push({ path, directory });
  }
  return entries;
}

/** DWARF 5, section 7.5.6: the forms that line tables may use. Undefined: passed over. */
function readForm(cursor: ByteCursor, form: number, offsetSize: 4 | 8, { lineStrings, strings }: DebugSections): string | number | undefined {
  switch (form) {
    case 0x08: // DW_FORM_string
      return cursor.string();
    case 0x0e: // DW_FORM_strp
      return stringIn(strings, cursor.unsigned(offsetSize));
    case 0x1f: // DW_FORM_line_strp
      return stringIn(lineStrings, cursor.unsigned(offsetSize));
    case 0x0b: // DW_FORM_data1
      return cursor.u8();
    case 0x05: // DW_FORM_data2
      return cursor.u16();
    case 0x06: // DW_FORM_data4
      return cursor.u32();
    case 0x0f: // DW_FORM_udata
      return cursor.uleb();
    case 0x07: {
      // DW_FORM_data8, of time stamps
      passOver(cursor, 8);
      return;
    }
    case 0x1e: {
      // DW_FORM_data16, of checksums
      passOver(cursor, 16);
      return;
    }
    case 0x09: {
      // DW_FORM_block
      passOver(cursor, cursor.uleb());
      return;
    }
    default:
      throw new BrokenBytes(`form 0x${form.toString(16)} in a table of files`);
  }
}

function passOver(cursor: ByteCursor, size: number): undefined {
  cursor.skip(size);
  return undefined;
}

function stringIn(section: Uint8Array | undefined, offset: number): string {
  return section === undefined || offset >= section.length ? '??' : new ByteCursor(section, offset).string();
}
