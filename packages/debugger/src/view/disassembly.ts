import type { CodeView, DebugTarget } from '@fireball/contracts';
import { disassemble } from '@fireball/disasm';
import { wordOf, type MachineCell } from './code-rows.js';

/** A machine instruction outside of generated code: of a routine in ROM, or of firmware. */
export interface DisassembledRow extends MachineCell {
  /** The routine or function that it lies in, with its offset and, where the file has lines, its line: `sum+36 at sample.c:27`. */
  readonly place: string | undefined;
}

/** Bytes of the shortest and of the longest instruction. */
const [shortest, longest] = [2, 4];

/**
 * Instructions around an address: `before` in front of it, as far as there is memory, and with it `after` in all. In front of it they are those of a
 * decoding that comes by the address.
 */
export async function disassemblyAround(
  target: DebugTarget,
  view: Pick<CodeView, 'routineAt'>,
  address: number,
  before: number,
  after: number,
): Promise<readonly DisassembledRow[]> {
  const end = lastReadable(target, address, after * longest);
  const behind = await decode(target, address, end);
  const front = await decodeBefore(target, address, before);
  const rows = [...front, ...behind.slice(0, after)];
  return rows.map((row) => ({ ...row, place: view.routineAt(row.address) }));
}

async function decodeBefore(target: DebugTarget, address: number, count: number): Promise<MachineCell[]> {
  let begin = Math.max(address % shortest, address - count * longest);
  while (begin < address) {
    if (target.peek(begin, address - begin) === undefined) {
      begin += shortest;
      continue;
    }
    const cells = await decode(target, begin, address);
    const last = cells.at(-1);
    const data = cells.findLast(({ text }) => text.startsWith('.short'));
    if (data !== undefined) begin = data.address + data.size;
    // Not one that began in the middle of an instruction, and so ended there.
    else if (last !== undefined && last.address + last.size === address) return cells.slice(-count);
    else begin += shortest;
  }
  return [];
}

function lastReadable(target: DebugTarget, address: number, most: number): number {
  for (let size = most; size > 0; size -= shortest) if (target.peek(address, size) !== undefined) return address + size;
  return address;
}

async function decode(target: DebugTarget, begin: number, end: number): Promise<MachineCell[]> {
  const bytes = begin < end ? target.peek(begin, end - begin) : undefined;
  if (bytes === undefined) return [];
  const instructions = await disassemble(target.architecture, bytes, begin);
  return instructions.map(({ address, size, text }) => ({ address, size, text, word: wordOf(bytes.subarray(address - begin, address - begin + size)) }));
}
