import { basename } from 'node:path';
import { printable } from '@fireball/contracts';
import type { ScreenModel } from '../model/model.js';
import type { Span } from '../screen/canvas.js';
import type { Glyphs } from '../screen/glyphs.js';

/** The heading: whose line it is. */
export function sourceTitle({ source }: ScreenModel): string {
  return source === undefined ? '' : ` ${printable(basename(source.file))}:${source.line}`;
}

/** Lines [from, from + count) of the file, each with its number, where it stands and which of them have breakpoints; or why there are none. */
export function sourceLines({ source }: ScreenModel, from: number, count: number, glyphs: Glyphs): readonly (readonly Span[])[] {
  if (source === undefined) return [[{ text: ' nothing says which source line this is', role: 'dim' }]];
  const { file, line, lines, total, stops } = source;
  if (lines === undefined) {
    return [
      [{ text: ` ${printable(file)} is not on this computer:`, role: 'dim' }],
      [{ text: ' set substitute-path FROM TO (after :) says where it is', role: 'dim' }],
    ];
  }
  const digits = String(total).length;
  const stopped = new Set(stops.map((stop) => stop.line));
  return lines.slice(from, from + count).map((text, index): Span[] => {
    const number = from + index + 1;
    const isHere = number === line;
    const mark = isHere ? glyphs.here : stopped.has(number) ? glyphs.breakpoint : ' ';
    return [
      { text: mark, role: stopped.has(number) ? 'breakpoint' : 'current' },
      { text: `${String(number).padStart(digits)}  `, role: 'dim' },
      { text: printable(text), role: isHere ? 'current' : 'plain' },
    ];
  });
}
