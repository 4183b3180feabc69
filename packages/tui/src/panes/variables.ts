import { printable } from '@fireball/contracts';
import type { ScreenModel, VariableItem } from '../model/model.js';
import type { Span } from '../screen/canvas.js';
import type { Glyphs } from '../screen/glyphs.js';
import { widthOf } from '../screen/width.js';

/** How many lines the pane has. */
export function linesOfVariables({ variables }: ScreenModel): number {
  return variables?.length ?? 0;
}

/** Variables of C or Rust with their types and where they are, and below those that are open what is inside of them. */
export function variableLines({ variables = [], note }: ScreenModel, width: number, glyphs: Glyphs): readonly (readonly Span[])[] {
  if (variables.length === 0) return [[{ text: ` none${note === '' ? '' : `: ${note}`}`, role: 'dim' }]];
  return variables.map((variable) => variableLine(variable, width, glyphs));
}

function variableLine({ depth, name, type, value, place, inside, changed }: VariableItem, width: number, glyphs: Glyphs): Span[] {
  const mark = inside === 'none' ? ' ' : inside === 'open' ? glyphs.open : glyphs.closed;
  const isGone = value.startsWith('<');
  const left: Span[] = [
    { text: ` ${'  '.repeat(depth)}${mark} ${name}${name === '' ? '' : ' = '}`, role: 'plain' },
    { text: printable(value), role: changed ? 'changed' : isGone ? 'dim' : 'plain' },
  ];
  const used = left.reduce((sum, span) => sum + widthOf(span.text), 0);
  // What has no room is left out: first the place, then the type.
  const right = [`${type}  ${place}`.trim(), type].find((text) => text !== '' && used + widthOf(text) + 3 <= width);
  return right === undefined ? left : [...left, { text: `${' '.repeat(width - used - widthOf(right) - 1)}${right}`, role: 'dim' }];
}
