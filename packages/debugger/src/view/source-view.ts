import { boundaryAt } from '../session/boundaries.js';
import type { Breakpoint, CodePlace } from '../session/breakpoints.js';
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
  /** Lines of the whole file that breakpoints are on, ascending, with the numbers of those. */
  readonly stops: readonly LineStops[];
}

/** The breakpoints on a line. */
export interface LineStops {
  readonly line: number;
  readonly ids: readonly number[];
}

/** The text around the line that an activation is at, `around` lines on either side of it; undefined where nothing says which line that is. */
export function sourceView(session: Session, frame: number, around: number): SourceView | undefined {
  const { sources, breakpoints } = session;
  const place = sources.placeOf(session.inspect()[frame]);
  if (place === undefined) return undefined;
  const { file, line } = place;
  const text = sources.text(file);
  const first = Math.max(1, line - around);
  return { file, line, first, lines: text?.slice(first - 1, line + around), total: text?.length ?? 0, stops: stopsIn(session, file, breakpoints.all) };
}

function stopsIn(session: Session, file: string, breakpoints: readonly Breakpoint[]): LineStops[] {
  const stops = new Map<number, Set<number>>();
  for (const { id, places } of breakpoints) {
    for (const found of places.map((place) => lineOf(session, place))) {
      if (found?.file === file) stops.set(found.line, (stops.get(found.line) ?? new Set()).add(id));
    }
  }
  return [...stops].sort(([a], [b]) => a - b).map(([line, ids]) => ({ line, ids: [...ids] }));
}

function lineOf({ sources, view }: Session, { address, order }: CodePlace): SourcePlace | undefined {
  const code = view.at(address);
  return code === undefined ? view.lineAt?.(address) : sources.at(boundaryAt(code, address, order)?.wasmOffset);
}
