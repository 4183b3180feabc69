/**
 * Source lines of machine code, from `.debug_line` alone. Source: DWARF Debugging Information Format, version 5, section 6.2.
 */
import { BrokenBytes, ByteCursor } from './byte-cursor.js';
import { readLineHeader, type DebugSections, type LineHeader } from './line-header.js';

/** A line of a source file, as the compiler named it. */
export interface SourceLine {
  /** As the compiler was told, absolute or not; `??` where the table does not say. */
  readonly file: string;
  /** From 1; 0: of no line in particular. */
  readonly line: number;
}

/** Code without a gap: [start, end), rows by ascending address. */
export interface SourceSequence {
  readonly start: number;
  readonly end: number;
  readonly rows: readonly SourceRow[];
}

/** From `address` on, up to the next row or the end of the sequence, code belongs to a line. */
export interface SourceRow extends SourceLine {
  readonly address: number;
  /** A place to stop at, as the compiler sees it. */
  readonly isStatement: boolean;
  /** Where a function has set up its frame, as the compiler sees it: the place for a breakpoint on the function. */
  readonly isPrologueEnd: boolean;
}

/** Line numbers of one program. What is broken in them is left out and said in `problems`: a program runs without. */
export class LineTable {
  readonly problems: string[] = [];
  readonly #sequences: SourceSequence[] = [];
  readonly #files = new Map<number, (number: number) => string>();

  /**
   * @param isCode whether a sequence that starts here is real: linkers leave the lines of functions that they drop, from address 0
   */
  constructor(sections: DebugSections, isCode: (start: number) => boolean = () => true) {
    const { line = new Uint8Array(0) } = sections;
    for (let at = 0; at < line.length;) {
      try {
        at = this.#readUnit(line, at, sections, isCode);
      } catch (error) {
        if (!(error instanceof BrokenBytes)) throw error;
        this.problems.push(`.debug_line, offset 0x${at.toString(16)}: ${error.message}`);
        at = endOfUnit(line, at);
      }
    }
    this.#sequences.sort((a, b) => a.start - b.start);
  }

  #readUnit(line: Uint8Array, at: number, sections: DebugSections, isCode: (start: number) => boolean): number {
    const { cursor, offsetSize } = unitAt(line, at);
    const header = readLineHeader(cursor, at, offsetSize, sections);
    this.#files.set(at, header.file);
    for (const sequence of sequences(cursor, header)) if (isCode(sequence.start)) this.#sequences.push(sequence);
    return cursor.end;
  }

  /** The line that an instruction's address belongs to. */
  at(address: number): SourceLine | undefined {
    for (let index = countUpTo(this.#sequences, ({ start }) => start <= address) - 1; index >= 0; index--) {
      const { end, rows } = this.#sequences[index]!;
      if (address >= end) continue;
      const { file, line } = rows[countUpTo(rows, (row) => row.address <= address) - 1]!;
      return { file, line };
    }
    return undefined;
  }

  /** Path of a file by its number in the lines that begin at an offset. */
  fileAt(offset: number, number: number): string | undefined {
    return this.#files.get(offset)?.(number);
  }

  /** By ascending start. */
  get sequences(): readonly SourceSequence[] {
    return this.#sequences;
  }

  get isEmpty(): boolean {
    return this.#sequences.length === 0;
  }
}

/** How many of the first items `holds` for, where it holds for no later one than that. */
function countUpTo<T>(items: readonly T[], holds: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(items[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Section 7.4: 0xffffffff begins a 64-bit length. */
function unitAt(line: Uint8Array, at: number): { readonly cursor: ByteCursor; readonly offsetSize: 4 | 8 } {
  const start = new ByteCursor(line, at);
  const short = start.u32();
  const length = short === 0xffff_ffff ? start.u64() : short;
  return { cursor: new ByteCursor(line, start.at, start.at + length), offsetSize: short === 0xffff_ffff ? 8 : 4 };
}

function endOfUnit(line: Uint8Array, at: number): number {
  try {
    return unitAt(line, at).cursor.end;
  } catch {
    return line.length;
  }
}

const opcodes = {
  copy: 1,
  advancePc: 2,
  advanceLine: 3,
  setFile: 4,
  setColumn: 5,
  negateStmt: 6,
  basicBlock: 7,
  constAddPc: 8,
  fixedAdvancePc: 9,
  prologueEnd: 10,
  epilogueBegin: 11,
  setIsa: 12,
} as const;
/** Most rows of one sequence, which is a function or a section: far above what any has, and little beside a computer's memory. */
const mostRows = 2_000_000;
const extendedOpcodes = { endSequence: 1, setAddress: 2 } as const;

function* sequences(cursor: ByteCursor, header: LineHeader): Generator<SourceSequence> {
  const { lineBase, lineRange, opcodeBase, minimumInstructionLength, maximumOperations, operandCounts, isStatement: first, file: pathOf } = header;
  let rows: SourceRow[] = [];
  let address = 0;
  let operation = 0;
  let file = 1;
  let line = 1;
  let isStatement = first;
  let isPrologueEnd = false;
  const advance = (by: number): void => {
    const operations = operation + by;
    address += minimumInstructionLength * Math.floor(operations / maximumOperations);
    operation = operations % maximumOperations;
    if (!Number.isSafeInteger(address)) throw new BrokenBytes('an address beyond all memory');
  };
  const row = (): void => {
    if (rows.length >= mostRows) throw new BrokenBytes(`more than ${mostRows} rows in one sequence`);
    rows.push({ address, file: pathOf(file), line, isStatement, isPrologueEnd });
    isPrologueEnd = false;
  };
  while (cursor.at < cursor.end) {
    const opcode = cursor.u8();
    if (opcode >= opcodeBase) {
      if (lineRange === 0) throw new BrokenBytes('a line range of 0');
      const special = opcode - opcodeBase;
      advance(Math.floor(special / lineRange));
      line += lineBase + (special % lineRange);
      row();
    } else if (opcode === 0) {
      const next = cursor.uleb() + cursor.at;
      const code = cursor.u8();
      if (code === extendedOpcodes.endSequence) {
        const sequence = sequenceOf(rows, address);
        if (sequence !== undefined) yield sequence;
        rows = [];
        address = operation = 0;
        file = line = 1;
        isStatement = first;
        isPrologueEnd = false;
      } else if (code === extendedOpcodes.setAddress) {
        address = cursor.unsigned(next - cursor.at);
        operation = 0;
      }
      if (next < cursor.at || next > cursor.end) throw new BrokenBytes(`an extended opcode of the wrong length before 0x${cursor.at.toString(16)}`);
      cursor.at = next;
    } else {
      switch (opcode) {
        case opcodes.copy:
          row();
          break;
        case opcodes.advancePc:
          advance(cursor.uleb());
          break;
        case opcodes.advanceLine:
          line += cursor.sleb();
          break;
        case opcodes.setFile:
          file = cursor.uleb();
          break;
        case opcodes.negateStmt:
          isStatement = !isStatement;
          break;
        case opcodes.prologueEnd:
          isPrologueEnd = true;
          break;
        case opcodes.constAddPc:
          if (lineRange === 0) throw new BrokenBytes('a line range of 0');
          advance(Math.floor((255 - opcodeBase) / lineRange));
          break;
        case opcodes.fixedAdvancePc:
          address += cursor.u16();
          operation = 0;
          break;
        default:
          for (let operand = operandCounts[opcode - 1] ?? 0; operand > 0; operand--) cursor.uleb();
      }
    }
  }
}

/** Undefined where it covers nothing. Rows of one address: the last one counts, as in debuggers. */
function sequenceOf(rows: readonly SourceRow[], end: number): SourceSequence | undefined {
  const sorted = [...rows].sort((a, b) => a.address - b.address);
  const start = sorted[0]?.address ?? end;
  return start < end ? { start, end, rows: sorted } : undefined;
}
