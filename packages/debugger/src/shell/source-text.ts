import { printable } from '@fireball/contracts';
import type { SourcePlace } from '../sources/source-lines.js';
import type { Sources } from '../sources/sources.js';

/** A line with its number, as gdb shows it; where the file is not here, what could be done about that. */
export function formatLine(sources: Sources, { file, line }: SourcePlace): string {
  const text = sources.text(file);
  if (text === undefined) return `${line}\t(${printable(file)} is not here: set substitute-path FROM TO)`;
  return `${line}\t${printable(text[line - 1] ?? '')}`.trimEnd();
}
