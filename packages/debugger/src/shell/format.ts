import { basename } from 'node:path';
import { hex, hexDigits, printable, type CodeView, type DebugFunction } from '@fireball/contracts';
import type { Frame } from '../session/frames.js';
import type { SourcePlace } from '../sources/source-lines.js';
import type { Sources } from '../sources/sources.js';
import { formatWords, type Variable } from '../session/values.js';

/** The value of an expression, as people read it: decimal and, in 32 bits where it fits, hexadecimal. */
export function formatNumber(value: bigint): string {
  return `${value} (0x${BigInt.asUintN(value < -0x8000_0000n || value > 0xffff_ffffn ? 64 : 32, value).toString(16)})`;
}

/** A local, an operand or a global, with its type, its value and where it lies. */
export function formatVariable({ name, type, words, place, dead, was }: Variable): string {
  const gone =
    was !== undefined
      ? `gone: ${place} has been overwritten, it was ${formatWords(type, was)}`
      : place === 'not there yet'
        ? place
        : dead
          ? 'gone: nothing reads it any more'
          : 'gone';
  const value = words === undefined ? gone : formatWords(type, words);
  return `${name.padEnd(10)} ${(type ?? '').padEnd(4)} ${value}${words === undefined ? '' : `  in ${place}`}`;
}

/** Where an address lies that is in no function's code. */
export function placeBeside(view: CodeView, address: number): string {
  return view.routineAt(address) ?? (view.functions.length > 0 ? 'no generated code' : 'no known function');
}

/** The function or routine that an address is in, with its offset there. */
export function nameAt(view: CodeView, address: number): string | undefined {
  const code = view.at(address);
  if (code === undefined) return view.routineAt(address)?.replace(/ at .*$/, '');
  const offset = address - code.begin;
  return offset === 0 ? printable(code.name) : `${printable(code.name)}+${offset}`;
}

/** ` at sum.c:12`; empty where nothing says so. */
export function formatPlace(place: SourcePlace | undefined): string {
  return place === undefined ? '' : ` at ${printable(basename(place.file))}:${place.line}`;
}

/** As people read it. */
export function nameOfFrame(code: DebugFunction, level: Frame['level']): string {
  return level?.name === undefined ? printable(code.name) : `${level.name} (inlined)`;
}

/** A line of a backtrace. */
export function formatFrame({ pc, code, boundary, level }: Frame, view: CodeView, sources: Sources): string {
  if (code === undefined) return `${hex(pc)} in ${placeBeside(view, pc)}`;
  const offset = boundary?.wasmOffset;
  const text = offset === undefined ? 'setting up its frame' : `${hexDigits(offset, 6)}  ${code.wasm.find((entry) => entry.offset === offset)?.text ?? ''}`;
  return `${hex(pc)} in ${nameOfFrame(code, level)}: ${text}${code.interpreted ? ' (interpreted)' : ''}${formatPlace(sources.ofFrame({ code, boundary, ...(level === undefined ? {} : { level }) }))}`;
}
