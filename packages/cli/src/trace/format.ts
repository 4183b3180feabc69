import { printable } from '@fireball/contracts';
import type { TraceEntry, Unit } from '@fireball/debugger';

type Variable = TraceEntry['locals'][number];

const hex = (value: number, digits: number): string => (value >>> 0).toString(16).padStart(digits, '0');

/** A value of words, low word first, in little room: floating-point ones as numbers, NaNs with their bits, others signed. */
export function shortWords(type: string | undefined, words: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(8));
  words.forEach((word, index) => {
    view.setInt32(4 * index, word, true);
  });
  const [low = 0] = words;
  if (type === 'f32' || type === 'f64') {
    const value = type === 'f32' ? view.getFloat32(0, true) : view.getFloat64(0, true);
    if (!Number.isNaN(value)) return Object.is(value, -0) ? '-0' : String(value);
    return type === 'f32' ? `nan:0x${hex(low, 8)}` : `nan:0x${view.getBigUint64(0, true).toString(16)}`;
  }
  return words.length > 1 ? view.getBigInt64(0, true).toString() : String(low | 0);
}

const short = ({ type, words }: Variable): string => (words === undefined ? '?' : shortWords(type, words));

/** One line of a trace. */
export function formatEntry({ count, address, code, wasmOffset, text, locals, operands, changed }: TraceEntry, layer: Unit): string {
  const place = code === undefined ? '-' : `f${code.index}:${wasmOffset === undefined ? '' : hex(wasmOffset, 6)}`;
  const start = `${String(count).padStart(8)}  ${hex(address, 8)}  ${place.padEnd(10)}  `;
  if (layer === 'template') return `${start}${printable(text)}`;
  if (layer === 'machine')
    return `${start}${printable(text).padEnd(32)}  ${changed.map(([name, value]) => `${name}=0x${value.toString(16)}`).join(' ')}`.trimEnd();
  const known = locals.flatMap((local, index) => (local.words === undefined ? [] : [`l${index}=${short(local)}`]));
  return `${start}${text.padEnd(24)}  ${[`[${operands.map(short).join(' ')}]`, ...known].join(' ')}`;
}

/** The same for `--json`: values as their words, low word first; null where nothing holds them. */
export function documentOfEntry({ count, address, code, wasmOffset, text, locals, operands, changed }: TraceEntry, layer: Unit): object {
  const wordsOf = (variables: readonly Variable[]): readonly (readonly number[] | null)[] => variables.map(({ words }) => words ?? null);
  return {
    count,
    address,
    function: code?.index ?? null,
    wasmOffset: wasmOffset ?? null,
    text,
    ...(layer === 'wasm' ? { locals: wordsOf(locals), operands: wordsOf(operands) } : {}),
    ...(layer === 'machine' ? { changed: Object.fromEntries(changed.map(([name, value]) => [name, Number(value)])) } : {}),
  };
}
