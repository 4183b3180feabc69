import { basename } from 'node:path';
import { hex, printable, UsageError } from '@fireball/contracts';
import { findFunctions, functionsNamed } from '../../session/function-names.js';
import { stopAtLine } from '../../sources/source-stops.js';
import type { SourcePlace } from '../../sources/source-lines.js';
import { offsetOfFrame } from '../../sources/sources.js';
import type { Command, ShellContext } from '../command.js';
import { lineNamed } from '../places.js';
import { formatLine } from '../source-text.js';

/** Lines that `list` shows. */
const shownLines = 10;

/** The source line of the selected frame; undefined where nothing says so. */
function selectedLine({ session, scope }: Pick<ShellContext, 'session' | 'scope'>): SourcePlace | undefined {
  return session.sources.placeOf(session.inspect()[scope.frame]);
}

/** `list`: of the source, or of the listing. It goes on where it ended. */
export function sourceCommands(context: ShellContext): readonly Command[] {
  let shown: { readonly at: string; readonly place: SourcePlace } | undefined;
  return [
    {
      names: ['list'],
      argument: '[FILE:LINE|LINE|FIRST,LAST|FUNCTION]',
      summary: `${shownLines} lines of the source around there, or the ones behind those shown last; of the listing (one wasm instruction a line) where there is none`,
      run: (argument) => {
        const { session } = context;
        const at = `${session.target.instructions} ${session.order} ${context.scope.frame}`;
        const wanted = argument === '' && shown?.at === at ? { ...shown.place, count: shownLines } : rangeOf(context, argument);
        const lines = linesFrom(context, wanted, wanted.count);
        shown = { at, place: { file: wanted.file, line: wanted.line + lines.length } };
        return lines.join('\n');
      },
    },
  ];
}

function rangeOf(context: ShellContext, argument: string): SourcePlace & { readonly count: number } {
  const { session } = context;
  const around = ({ file, line }: SourcePlace): SourcePlace & { readonly count: number } => ({
    file,
    line: Math.max(1, line - shownLines / 2),
    count: shownLines,
  });
  const [, first, last] = /^(\d+),\s*(\d+)$/.exec(argument) ?? [];
  if (first !== undefined && last !== undefined) {
    if (Number(first) < 1 || Number(last) < Number(first)) throw new UsageError(`${first} to ${last} are no lines`);
    return { file: currentFile(context), line: Number(first), count: Number(last) - Number(first) + 1 };
  }
  if (argument === '') return around(currentPlace(context));
  const named = lineNamed(argument, currentFile(context));
  if (named !== undefined) return around({ file: fileNamed(context, named.file), line: named.line });
  const { functions } = session.view;
  const symbol = session.view.addressOf?.(argument);
  const machine = symbol === undefined ? undefined : session.view.lineAt?.(symbol);
  if (machine !== undefined && findFunctions(argument, functions).length === 0) return around(machine);
  const code = functionsNamed(argument, functions)[0]!;
  const place = session.sources.at(code.wasm[0]?.offset);
  return around(place ?? { file: session.sources.listingName, line: session.sources.listing.lineOfFunction(code.index) ?? 1 });
}

function currentPlace(context: ShellContext): SourcePlace {
  const { session, scope } = context;
  const { sources } = session;
  const place = selectedLine(context);
  if (place !== undefined) return place;
  const offset = offsetOfFrame(session.inspect()[scope.frame]);
  const line = offset === undefined ? undefined : sources.listing.lineOf(offset);
  if (line === undefined) throw new UsageError('no line is known here: list FILE:LINE or list FUNCTION');
  return { file: sources.listingName, line };
}

function currentFile({ session, scope }: ShellContext): string {
  return session.sources.currentFile(session.inspect()[scope.frame]) ?? session.sources.listingName;
}

function fileNamed({ session: { sources } }: ShellContext, name: string): string {
  return name === sources.listingName ? name : sources.named(name)[0]!;
}

function linesFrom({ session: { sources } }: ShellContext, { file, line }: SourcePlace, count: number): string[] {
  const isListing = file === sources.listingName;
  const text = isListing ? sources.listing.text.split('\n') : sources.text(file);
  if (text === undefined)
    throw new UsageError(`${printable(file)} is not on this computer: set substitute-path FROM TO says where files are; layers shows wasm`);
  if (line > text.length) throw new UsageError(`${basename(file)} has ${text.length} lines`);
  return text
    .slice(line - 1, line - 1 + count)
    .map((each, index) => (isListing ? `${line + index}\t${each}` : formatLine(sources, { file, line: line + index })));
}

/** `info source`: the file of the selected frame, and where it was looked for. */
export function describeSource(context: ShellContext): string {
  const { sources } = context.session;
  const place = selectedLine(context);
  const rules = sources.substitutions.map(({ from, to }) => `names that begin with ${from} are looked for in ${to}`);
  const files = sources.index?.files ?? [];
  if (files.length === 0) return `the module says nothing of its sources; ${sources.listingName} is a listing of its instructions`;
  const path = place === undefined ? undefined : sources.pathOf(place.file);
  return [
    place === undefined
      ? 'no source line is known here'
      : `${printable(place.file)}${path === undefined ? ', which is not here' : path === place.file ? '' : `, found at ${path}`}`,
    ...rules,
    `code comes from ${files.length} file${files.length === 1 ? '' : 's'}: ${files.map((file) => printable(basename(file))).join(', ')}`,
  ].join('\n');
}

/** `info line [FILE:LINE]`: where its code is. */
export function describeLine(context: ShellContext, argument: string): string {
  const { session } = context;
  const { sources } = session;
  const current = selectedLine(context);
  const named = argument === '' ? current : lineNamed(argument, currentFile(context));
  if (named === undefined) throw new UsageError(argument === '' ? 'no source line is known here' : 'a line is wanted, such as 12 or sum.c:12');
  const stop = stopAtLine(session, named.file, named.line);
  const name = `line ${stop.line} of ${printable(basename(named.file))}`;
  const files = sources.index?.named(named.file) ?? [];
  const runs = files.flatMap((file) => sources.index?.runsOf({ file, line: stop.line }) ?? []);
  const unit = sources.lines === undefined ? { what: 'addresses', digits: 8 } : { what: 'wasm offsets', digits: 6 };
  const offsets = runs.map(({ begin, end }) => `${hex(begin, unit.digits)}..${hex(end - 1, unit.digits)}`);
  const where = stop.places.map(({ address }) => hex(address)).join(', ');
  return `${stop.line === named.line ? '' : `line ${named.line} has no code of its own; `}${name}${offsets.length === 0 ? '' : `: ${unit.what} ${offsets.join(', ')}`}; begins at ${where}`;
}
