import { hex, UsageError } from '@fireball/contracts';
import { disassemblyAround } from '../view/disassembly.js';
import { quotedText } from '../variables/format-object.js';
import type { Session } from '../session/session.js';
import { formatAs, numberFormats, type NumberFormat } from './number-format.js';
import { nameAt } from './format.js';

/** How `x` shows memory: so many units of so many bytes, strings (s) or instructions (i). */
interface MemoryShape {
  readonly count: number;
  readonly size: 1 | 2 | 4 | 8;
  readonly letter: string;
}

const sizes = { b: 1, h: 2, w: 4, g: 8 } as const;
const bytesOfLine = 16;
/** Units of a line that take more room than digits. */
const wideUnits: Readonly<Record<string, number>> = { c: 8, a: 2, t: 2 };
/** Most units at once. */
const mostUnits = 65_536;

/** gdb's `/8xw`: count, format, size (b, h, w, g), in any order of the letters. @throws UsageError for anything else */
export function parseFormat(text: string): MemoryShape {
  const match = new RegExp(`^(?:/(\\d{0,5})([${numberFormats}ibhwg]*))?$`).exec(text);
  if (match === null) throw new UsageError(`'${text}' is no format: /8xw is eight words in hexadecimal (x, d, u, o, t, z, c, f, a, s, i; b, h, w, g)`);
  const letters = match[2] ?? '';
  const count = Number(match[1] === undefined || match[1] === '' ? 1 : match[1]);
  if (count < 1 || count > mostUnits) throw new UsageError(`1 to ${mostUnits} units can be shown, not ${count}`);
  const letter = [...letters].findLast((each) => !(each in sizes)) ?? 'x';
  const named = [...letters].findLast((each): each is keyof typeof sizes => each in sizes);
  return { count, size: named === undefined ? (letter === 'c' ? 1 : 4) : sizes[named], letter };
}

/** What is there. @throws UsageError where not all of it is memory */
export async function formatMemory(session: Session, address: number, shape: MemoryShape): Promise<string> {
  if (shape.letter === 's') return formatStrings(session, address, shape.count);
  if (shape.letter === 'i') return formatInstructions(session, address, shape.count);
  const length = shape.count * shape.size;
  const bytes = session.target.peek(address, length);
  if (bytes === undefined) throw new UsageError(`not all of the ${length} bytes at ${hex(address)} are memory (info map)`);
  return formatUnits(address, bytes, shape, (place) => nameAt(session.view, place));
}

function formatUnits(address: number, bytes: Uint8Array, { size, letter }: MemoryShape, named: NumberFormat['nameAt']): string {
  const format: NumberFormat = { letter: letter === 'x' ? 'z' : letter, nameAt: named };
  const units: string[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const raw = [...bytes.subarray(at, at + size)].reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
    units.push(formatAs(raw, size, format));
  }
  const perLine = wideUnits[letter] ?? bytesOfLine / size;
  const lines: string[] = [];
  for (let first = 0; first < units.length; first += perLine) {
    lines.push(`0x${(address + first * size).toString(16).padStart(8, '0')}  ${units.slice(first, first + perLine).join('  ')}`);
  }
  return lines.join('\n');
}

/** Strings that follow each other, each behind the zero of the one before, or where that was cut. */
function formatStrings({ target }: Session, address: number, count: number): string {
  const lines: string[] = [];
  for (let at = address; lines.length < count;) {
    const begin = at;
    const found = quotedText((index) => target.peek(begin + index, 1)?.[0]);
    if (found === undefined) throw new UsageError(`no memory is at ${hex(begin)} (info map)`);
    lines.push(`${hex(begin)}  ${found.text}`);
    at += found.length + (found.text.endsWith('...') ? 0 : 1);
  }
  return lines.join('\n');
}

async function formatInstructions({ target, view }: Session, address: number, count: number): Promise<string> {
  const rows = await disassemblyAround(target, view, address, 0, count);
  if (rows.length === 0) throw new UsageError(`no instruction is known at ${hex(address)}`);
  return rows
    .map((row) => {
      const name = nameAt(view, row.address);
      return `${row.address === target.pc ? '=>' : '  '} ${hex(row.address)}${name === undefined ? '' : ` <${name}>`}  ${row.text}`;
    })
    .join('\n');
}
