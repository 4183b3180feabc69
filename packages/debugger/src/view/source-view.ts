import type { Frame } from '../session/frames.js';
import type { Session } from '../session/session.js';
import type { SourcePlace } from '../sources/source-lines.js';

/** Lines of a source file around one of them. Plain data. */
export interface SourceView extends SourcePlace {
  /** Number of the first line that is here, from 1. */
  readonly first: number;
  /** Undefined where the file is not on this computer. */
  readonly lines: readonly string[] | undefined;
  /** Lines of the whole file. */
  readonly total: number;
}

/** The line that an activation is at, of a module's or of firmware's sources; undefined where nothing says so. */
export function sourceOfFrame({ sources, view }: Session, frame: Frame | undefined): SourcePlace | undefined {
  const found = sources.ofFrame(frame) ?? (frame === undefined ? undefined : view.lineAt?.(frame.pc));
  return found === undefined || found.line === 0 ? undefined : { file: found.file, line: found.line };
}

/** The text around a line: `around` lines on either side of it. */
export function sourceView({ sources }: Session, { file, line }: SourcePlace, around: number): SourceView {
  const text = sources.text(file);
  const first = Math.max(1, line - around);
  return { file, line, first, lines: text?.slice(first - 1, line + around), total: text?.length ?? 0 };
}
