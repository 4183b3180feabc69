import { printable } from '@fireball/contracts';
import type { MemoryRow, RegisterItem, ScreenModel, ValueItem } from '../model/model.js';
import type { Role, Span } from '../screen/canvas.js';
import type { ListName } from '../screen/layout.js';
import { widthOf } from '../screen/width.js';
import { deviceRows } from './devices.js';
import { linesOfVariables } from './variables.js';

/** How many lines a list with a cursor has. */
export function linesOfList(name: ListName, model: ScreenModel): number {
  switch (name) {
    case 'breakpoints':
      return model.breakpoints.length;
    case 'stack':
      return model.frames.length;
    case 'source':
      return model.source?.total ?? 0;
    case 'devices':
      return deviceRows(model).length;
    case 'variables':
      return linesOfVariables(model);
  }
}

/** Lines of a pane that is a list. */
export type Lines = readonly (readonly Span[])[];

const dim = (text: string): Span => ({ text, role: 'dim' });

/** Locals, operands, globals, each with where it is. */
export function valueLines({ note, locals, operands, globals, variables }: ScreenModel, width: number): Lines {
  // What C or Rust calls its variables says more than locals that code has lost.
  const shown = variables === undefined ? locals : locals.filter(({ lost }) => !lost);
  const left = locals.length - shown.length;
  const section = (name: string, items: readonly ValueItem[]): Span[][] =>
    items.length === 0 ? [] : [[dim(name)], ...items.map((item) => valueLine(item, width))];
  return [
    ...(note === '' ? [] : [[dim(note)]]),
    // They change most, and the top of the stack first.
    ...section('operand stack, top first', operands.toReversed()),
    ...section('locals', shown),
    ...(left === 0 ? [] : [[dim(` ${left} more that nothing holds`)]]),
    ...section('globals', globals),
  ];
}

function valueLine({ name, type, text, place, gone, changed }: ValueItem, width: number): Span[] {
  const left: Span[] = [
    { text: ` ${name.padEnd(4)}`, role: 'plain' },
    dim(type === '' ? '' : `${type} `),
    { text, role: changed ? 'changed' : gone ? 'dim' : 'plain' },
  ];
  const used = left.reduce((sum, span) => sum + span.text.length, 0);
  const shown = printable(place);
  return place === '' || used + shown.length + 2 > width ? left : [...left, dim(`${' '.repeat(width - used - shown.length - 1)}${shown}`)];
}

/** As many columns as there is room for, read downwards. */
export function registerLines({ registers }: ScreenModel, width: number): Lines {
  const nameWidth = Math.max(3, ...registers.map(({ name }) => name.length));
  const itemWidth = nameWidth + 1 + Math.max(8, ...registers.map(({ text }) => text.length)) + 2;
  const columns = Math.max(1, Math.floor((width + 1) / itemWidth));
  const rows = Math.ceil(registers.length / columns);
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_column, column) => registers[column * rows + row]).flatMap((register) =>
      register === undefined ? [] : registerSpans(register, nameWidth, itemWidth),
    ),
  );
}

function registerSpans({ name, text, changed }: RegisterItem, nameWidth: number, itemWidth: number): Span[] {
  const role: Role = changed ? 'changed' : 'plain';
  return [
    dim(` ${name.padEnd(nameWidth)}`),
    { text: `${changed ? '*' : ' '}${text}`, role },
    dim(' '.repeat(Math.max(0, itemWidth - nameWidth - 2 - text.length))),
  ];
}

/** Sixteen bytes a row, or eight where the pane is narrow. */
export function memoryLines({ memory }: ScreenModel, width: number): Lines {
  const perLine = bytesPerLine(width);
  return memory.flatMap((row) => Array.from({ length: 16 / perLine }, (_, part) => memoryLine(row, part * perLine, perLine)));
}

/** Bytes in a line of the memory pane. */
export function bytesPerLine(width: number): 8 | 16 {
  return width >= 77 ? 16 : 8;
}

function memoryLine({ address, label, bytes, changed }: MemoryRow, from: number, count: number): Span[] {
  const first = from === 0 ? label : label.startsWith('@') ? `@${offsetOf(label, from)}` : ((address + from) >>> 0).toString(16).padStart(8, '0');
  if (bytes === undefined) return [dim(` ${first}  ${'.. '.repeat(count)}`)];
  const part = bytes.slice(from, from + count);
  return [
    dim(` ${first} `),
    ...part.map((byte, index): Span => ({
      text: `${index % 4 === 0 ? ' ' : ''}${byte.toString(16).padStart(2, '0')}${index % 4 === 3 ? '' : ' '}`,
      role: changed.includes(from + index) ? 'changed' : byte === 0 ? 'dim' : 'plain',
    })),
    dim(' '),
    { text: part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join(''), role: 'dim' },
  ];
}

function offsetOf(label: string, more: number): string {
  return (parseInt(label.slice(1), 16) + more).toString(16).padStart(7, '0');
}

/** One a line, with its number. */
export function breakpointLines({ breakpoints }: ScreenModel): Lines {
  if (breakpoints.length === 0) return [[dim(' none: b sets one at the cursor')]];
  return breakpoints.map(({ id, text }) => [
    { text: ` ${id.padEnd(3)}`, role: 'breakpoint' },
    { text, role: 'plain' },
  ]);
}

/** Innermost first; the selected one is current. */
export function stackLines({ frames }: ScreenModel, selected: number): Lines {
  return frames.map((text, index) => [{ text: ` ${printable(text)}`, role: index === selected ? 'current' : 'plain' }]);
}

/** A line of the console. */
export interface ConsoleLine {
  readonly text: string;
  readonly role: Role;
}

/** Long lines go on in the next one. */
export function consoleLines(lines: readonly ConsoleLine[], width: number, most: number): Lines {
  const shown: Span[][] = [];
  for (let index = lines.length - 1; index >= 0 && shown.length < most; index--) {
    const { text, role } = lines[index]!;
    const pieces: Span[][] = [];
    for (let rest = text; pieces.length === 0 || rest !== '';) {
      const piece = fitting(rest, Math.max(1, width - 1));
      pieces.push([{ text: ` ${piece}`, role }]);
      rest = rest.slice(piece.length);
    }
    shown.unshift(...pieces);
  }
  return shown;
}

/** The longest beginning that takes at most so many columns, at least one character. */
function fitting(text: string, width: number): string {
  let taken = '';
  let columns = 0;
  for (const character of text) {
    columns += widthOf(character);
    if (columns > width && taken !== '') break;
    taken += character;
  }
  return taken;
}
