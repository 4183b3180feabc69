import { printable, UsageError } from '@fireball/contracts';
import { reading } from './dwarf.js';
import { encoding, type SourceObject } from './object.js';
import { nameOfType, plain, sizeOf, type SourceType } from './types.js';

/** Most elements and characters of a value, members of members included, and how deep it is shown, as in gdb. */
const [mostElements, deepest] = [200, 20];
/** Equal elements in a row that are shown as one. */
const mostEqual = 10;
/** Bytes of an array that are compared with each other. */
const mostCompared = 1 << 16;

/** Shows a number of so many bytes. */
type NumberText = (value: bigint | number, size: number) => string;

interface Budget {
  left: number;
  /** Where it is not as types say; strings are numbers then, too. */
  readonly number?: NumberText | undefined;
}

/** A value as gdb prints it: `{x = 1, name = 0x400 "one"}`. Pointers have their types before them. `number`: how numbers in it are shown, where it is not as types say. */
export function formatObject(object: SourceObject, number?: NumberText): string {
  return format(object, { left: mostElements, number }, 0, true);
}

/** The same without types of pointers, as within a structure. */
export function formatInside(object: SourceObject): string {
  return format(object, { left: mostElements }, 0, false);
}

function format(object: SourceObject, budget: Budget, depth: number, isOuter: boolean): string {
  try {
    return reading(() => formatPlain(object, plain(object.type), budget, depth, isOuter));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return `<${error.message}>`;
  }
}

type Plain = ReturnType<typeof plain>;

function formatPlain(object: SourceObject, type: Plain, budget: Budget, depth: number, isOuter: boolean): string {
  if (depth > deepest) return '{...}';
  if (--budget.left < 0) return '...';
  switch (type.kind) {
    case 'void':
      return 'void';
    case 'function':
      return `{${nameOfType(object.type)}} ${hex(object.address())}`;
    case 'base':
      return budget.number?.(object.scalar(), type.size) ?? formatBase(object.scalar(), type.encoding, type.size);
    case 'enumeration':
      if (budget.number !== undefined) return budget.number(object.scalar(), type.size);
      return formatEnumeration(BigInt(object.scalar()), type);
    case 'pointer':
      if (budget.number !== undefined) return budget.number(object.scalar(), type.size);
      return formatPointer(object, type, budget, isOuter);
    case 'array':
      return formatArray(object, type, budget, depth);
    case 'structure': {
      if (object.held.kind === 'gone') throw new UsageError(object.held.why);
      const parts: string[] = [];
      for (const { name, isBase, object: member } of object.members()) {
        if (budget.left < 0) break;
        const text = format(member, budget, depth + 1, false);
        parts.push(isBase ? `<${reading(() => nameOfType(member.type))}> = ${text}` : name === undefined ? text : `${printable(name)} = ${text}`);
      }
      return `{${parts.join(', ')}}`;
    }
  }
}

function formatBase(value: bigint | number, kind: number, size: number): string {
  if (typeof value === 'number') return decimalFloat(value, size);
  if (kind === encoding.boolean) return value === 0n ? 'false' : value === 1n ? 'true' : String(value);
  const isCharacter = (size === 1 && (kind === encoding.signedCharacter || kind === encoding.unsignedCharacter)) || kind === encoding.character;
  return isCharacter ? characterText(value, size) : String(value);
}

/** A floating-point number of so many bytes. */
export function decimalFloat(value: number, size: number): string {
  return size === 4 ? shortest(value) : String(value);
}

/** `97 'a'`. */
export function characterText(value: bigint, size: number): string {
  return `${value} ${characterOf(Number(BigInt.asUintN(8 * size, value)), "'")}`;
}

/** As few digits as tell a number of 32 bits from all others. */
function shortest(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(Number.isFinite(value) ? Number(value.toPrecision(9)) : value);
}

const escapes: Readonly<Record<number, string>> = { 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r', 27: '\\033', 92: '\\\\' };

function escaped(code: number, quote: string): string {
  const text = String.fromCodePoint(code);
  if (text === quote) return `\\${quote}`;
  return escapes[code] ?? (code < 32 || (code >= 127 && code < 256) ? `\\${code.toString(8).padStart(3, '0')}` : text);
}

function characterOf(code: number, quote: string): string {
  return code > 0x10_ffff ? String(code) : `${quote}${escaped(code, quote)}${quote}`;
}

function formatEnumeration(value: bigint, type: Extract<Plain, { readonly kind: 'enumeration' }>): string {
  const values = type.values();
  const named = values.find(([own]) => own === value);
  if (named !== undefined) return printable(named[1]);
  let rest = BigInt.asUintN(8 * type.size, value);
  const flags = values.filter(([flag]) => flag > 0n && (flag & (flag - 1n)) === 0n && (rest & flag) !== 0n);
  for (const [flag] of flags) rest &= ~flag;
  if (flags.length === 0) return String(value);
  return `(${flags.map(([, flag]) => printable(flag)).join(' | ')}${rest === 0n ? '' : ` | unknown: ${hex(rest)}`})`;
}

function isCharacterType(type: SourceType): boolean {
  const found = plain(type);
  return found.kind === 'base' && found.size === 1 && (found.encoding === encoding.signedCharacter || found.encoding === encoding.unsignedCharacter);
}

function formatPointer(object: SourceObject, type: Extract<Plain, { readonly kind: 'pointer' }>, budget: Budget, isOuter: boolean): string {
  const value = hex(BigInt(object.scalar()));
  const target = type.target();
  if (isCharacterType(target)) {
    const text = BigInt(object.scalar()) === 0n ? undefined : textAt(object, budget);
    return text === undefined ? value : `${value} ${text}`;
  }
  return isOuter ? `(${printable(nameOfType(object.type))}) ${value}` : value;
}

/** Up to a zero; undefined where no memory is there. */
function textAt(object: SourceObject, budget: Budget): string | undefined {
  const begin = Number(object.scalar());
  const found = quotedText((index) => object.memory.read((begin + index) >>> 0, 1)?.[0], Math.max(1, budget.left));
  budget.left -= found?.length ?? 0;
  return found?.text;
}

/** A string in quotes, up to a zero or so many bytes: a byte by its index is undefined where there is none. `length`: without the zero. Undefined where there is no byte at all. */
export function quotedText(byteAt: (index: number) => number | undefined, most = mostElements): { readonly text: string; readonly length: number } | undefined {
  const codes: number[] = [];
  for (let index = 0; index < most; index++) {
    const byte = byteAt(index);
    if (byte === undefined && index === 0) return undefined;
    if (byte === undefined || byte === 0) return { text: quoted(codes), length: index };
    codes.push(byte);
  }
  return { text: `${quoted(codes)}...`, length: most };
}

/** As gdb does: runs of one character are taken together. */
function quoted(codes: readonly number[]): string {
  const parts: string[] = [];
  let plainRun = '';
  const flush = (): void => {
    if (plainRun !== '') parts.push(`"${plainRun}"`);
    plainRun = '';
  };
  for (let index = 0; index < codes.length;) {
    let end = index;
    while (end < codes.length && codes[end] === codes[index]) end++;
    const code = codes[index]!;
    if (end - index > mostEqual) {
      flush();
      parts.push(`'${octal(code, "'")}' <repeats ${end - index} times>`);
    } else plainRun += octal(code, '"').repeat(end - index);
    index = end;
  }
  flush();
  return parts.length === 0 ? '""' : parts.join(', ');
}

function octal(code: number, quote: string): string {
  return code === 0 ? '\\000' : escaped(code, quote);
}

function formatArray(object: SourceObject, type: Extract<Plain, { readonly kind: 'array' }>, budget: Budget, depth: number): string {
  const [count] = type.counts;
  if (count === undefined) return hex(object.address());
  if (count === 0) return '{}';
  const first = object.element(0n);
  const size = sizeOf(first.type) ?? 0;
  if (size === 0) return '{...}';
  const compared = object.held.kind === 'bytes' && object.held.known !== undefined ? 0 : Math.min(count, Math.floor(mostCompared / size));
  const bytes = object.bytes(compared * size);
  if (budget.number === undefined && type.counts.length === 1 && isCharacterType(first.type)) return formatCharacters(bytes, count, budget);
  const parts: string[] = [];
  for (let index = 0; index < count;) {
    if (budget.left <= 0) {
      return `{${parts.join(', ')}...}`;
    }
    const equal = equalFrom(bytes, index, size);
    const text = format(object.element(BigInt(index)), budget, depth + 1, false);
    if (equal > mostEqual) parts.push(`${text} <repeats ${equal} times>`);
    else parts.push(text);
    index += equal > mostEqual ? equal : 1;
  }
  return `{${parts.join(', ')}}`;
}

/** Elements from one on that have the same bytes. */
function equalFrom(bytes: Uint8Array, index: number, size: number): number {
  const begin = index * size;
  let end = begin + size;
  while (end + size <= bytes.length && bytes[end] === bytes[end - size] && same(bytes, end - size, end, size)) end += size;
  return (end - begin) / size;
}

function same(bytes: Uint8Array, a: number, b: number, size: number): boolean {
  for (let index = 0; index < size; index++) if (bytes[a + index] !== bytes[b + index]) return false;
  return true;
}

/** All but a zero at its end. */
function formatCharacters(bytes: Uint8Array, count: number, budget: Budget): string {
  const most = Math.max(1, budget.left);
  const isWhole = bytes.length === count && count <= most;
  const codes = [...bytes.subarray(0, most)];
  budget.left -= codes.length;
  if (isWhole && codes.at(-1) === 0) codes.pop();
  return `${quoted(codes)}${isWhole ? '' : '...'}`;
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
