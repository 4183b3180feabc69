import { printable } from '@fireball/contracts';
import type { SourcePlace } from '../sources/source-lines.js';
import type { Sources } from '../sources/sources.js';

/** A line with its number, as gdb shows it; where the file is not here, what could be done about that. */
export function formatLine(sources: Sources, { file, line }: SourcePlace): string {
  const text = sources.text(file);
  if (text === undefined) return `${line}\t(${printable(file)} is not here: set substitute-path FROM TO)`;
  return `${line}\t${printable(expanded(text[line - 1] ?? ''))}`.trimEnd();
}

/** Tabs as blanks: eight columns each, as far as it takes. */
function expanded(text: string): string {
  let line = '';
  for (const character of text) line += character === '\t' ? ' '.repeat(8 - (line.length % 8)) : character;
  return line;
}
