/** `.debug_line` of one unit. Source: DWARF Debugging Information Format, version 4, section 6.2. */
import { ByteWriter } from './byte-writer.js';

/** From `address` on, up to the next row or the end of the sequence, code belongs to a line. */
export interface LineRow {
  readonly address: number;
  /** From 1: position in the list of files. */
  readonly file: number;
  /** From 1. */
  readonly line: number;
  /** A place to stop at. */
  readonly isStatement: boolean;
}

/** Code without a gap: rows by ascending address. */
export interface LineSequence {
  readonly rows: readonly LineRow[];
  readonly end: number;
}

const lineBase = -5;
const lineRange = 14;
const opcodeBase = 13;
/** Operands of the standard opcodes 1 to 12. */
const operandCounts = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];
const opcodes = { copy: 1, advancePc: 2, advanceLine: 3, setFile: 4, negateStatement: 6 } as const;
const extended = { endSequence: 1, setAddress: 2 } as const;

/** @param files absolute names, or names within the unit's folder */
export function writeLineProgram(files: readonly string[], sequences: readonly LineSequence[]): Uint8Array {
  const writer = new ByteWriter();
  writer.sized(() => {
    writer.u16(4);
    writer.sized(() => {
      // One byte is the unit of addresses, one operation an instruction; rows are statements unless told otherwise.
      writer.bytes([1, 1, 1, lineBase, lineRange, opcodeBase, ...operandCounts]);
      writer.u8(0);
      for (const file of files) {
        writer.text(file);
        writer.bytes([0, 0, 0]);
      }
      writer.u8(0);
    });
    for (const sequence of sequences) if (sequence.rows.length > 0) writeSequence(writer, sequence);
  });
  return writer.finish();
}

function writeSequence(writer: ByteWriter, { rows, end }: LineSequence): void {
  let address = rows[0]!.address;
  let state = { file: 1, line: 1, isStatement: true };
  writer.bytes([0, 5, extended.setAddress]);
  writer.u32(address);
  for (const row of rows) {
    if (row.file !== state.file) {
      writer.u8(opcodes.setFile);
      writer.uleb(row.file);
    }
    if (row.isStatement !== state.isStatement) writer.u8(opcodes.negateStatement);
    advance(writer, row.address - address, row.line - state.line);
    address = row.address;
    state = row;
  }
  writer.u8(opcodes.advancePc);
  writer.uleb(end - address);
  writer.bytes([0, 1, extended.endSequence]);
}

/** A row so many bytes and lines further on, in one byte where it fits. */
function advance(writer: ByteWriter, bytes: number, lines: number): void {
  const special = lines - lineBase + lineRange * bytes + opcodeBase;
  if (lines >= lineBase && lines < lineBase + lineRange && special <= 255) {
    writer.u8(special);
    return;
  }
  writer.u8(opcodes.advancePc);
  writer.uleb(bytes);
  writer.u8(opcodes.advanceLine);
  writer.sleb(lines);
  writer.u8(opcodes.copy);
}
