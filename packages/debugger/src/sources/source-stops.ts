import { basename } from 'node:path';
import { UsageError, type DebugFunction } from '@fireball/contracts';
import type { CodePlace } from '../session/breakpoints.js';
import { placeOfFunction, placeOfOffset } from '../session/places.js';
import type { Session } from '../session/session.js';
import type { LineRun } from './source-lines.js';

/** Where a breakpoint on a line has come to lie. */
interface LineStop {
  readonly places: readonly CodePlace[];
  /** The line, or the one that has its code too, or the next one below it that has code. */
  readonly line: number;
  /** What another line than that which was asked for has to do with it, in words; empty where it is the same. */
  readonly moved: string;
  /** For people. */
  readonly where: string;
}

/**
 * All places of a line of a source, or of the listing, or of the next line below with code. A line that shares all of its code with others has its
 * breakpoint where that is, on the line that the code belongs to.
 * @param name of a file, as the compiler named it or its end
 * @throws UsageError where no such file has code, or no code is on the line or below
 */
export function stopAtLine(session: Session, name: string, line: number): LineStop {
  const { sources, view } = session;
  const isListing = name === sources.listingName && view.functions.length > 0 && (sources.index?.named(name) ?? []).length === 0;
  return isListing ? stopInListing(session, line) : stopInFiles(session, sources.named(name), line);
}

/** The same, of files that are one source. @throws UsageError where no code is on the line or below */
export function stopInFiles(session: Session, files: readonly string[], wanted: number): LineStop {
  const lines = session.sources.index!;
  const candidates = [...new Set(files.flatMap((file) => lines.linesOf(file)))].filter((line) => line >= wanted).sort((a, b) => a - b);
  const of = (places: readonly CodePlace[], line: number, moved: string): LineStop => ({ places, line, where: `${basename(files[0]!)}:${line}`, moved });
  for (const line of candidates) {
    const places = files.flatMap((file) => placesOfRuns(session, lines.runsOf({ file, line })));
    if (places.length > 0) return of(places, line, line === wanted ? '' : nextLine);
    const shared = files.flatMap((file) => lines.sharedWith({ file, line }));
    const sharedPlaces = placesOfRuns(session, shared);
    const owner = shared.find(({ file }) => files.includes(file))?.line ?? line;
    if (sharedPlaces.length > 0) return of(sharedPlaces, owner, owner === wanted ? '' : `, whose code line ${line} shares`);
  }
  throw new UsageError(`no code is on line ${wanted} of ${basename(files[0]!)}, or below`);
}

const nextLine = ', the next line that has code';

/** What a prologue has none of: behind it, something may have been left out already. */
const leavesPrologue = /^(?:if|loop|br|call|return|unreachable)/;

/** The instruction at which the function's frame, that of the source language too, is set up, if the module says so and all of the function comes by there. */
function endOfPrologue(code: DebugFunction, { lines }: Pick<Session['sources'], 'lines'>): number | undefined {
  const [first, last] = [code.wasm[0]?.offset, code.wasm.at(-1)?.offset];
  if (lines === undefined || first === undefined || last === undefined) return undefined;
  const end = lines.prologueEnd(first, last);
  if (end === undefined || code.wasm.some(({ offset, text }) => offset < end && leavesPrologue.test(text))) return undefined;
  return firstWithCode(code, end, last + 1);
}

/** Where a function begins: behind what sets up its frame, so that its parameters have their values. */
export function placeInFunction({ sources, view }: Pick<Session, 'sources' | 'view'>, code: DebugFunction): CodePlace {
  const offset = endOfPrologue(code, sources);
  return offset === undefined ? placeOfFunction(code) : placeOfOffset(view, offset);
}

/** Where a function of the source begins that has no code of its own, in every function that it was inlined into. */
export function placesOfInlined(session: Session, name: string): readonly CodePlace[] {
  return placesOfRuns(session, session.sources.inlinedCopies(name));
}

/** Where a line's code begins, in every copy; where that instruction has no code of its own, in front of the next one that has. What sets up a frame on the line of a function's first statement is passed. */
function placesOfRuns({ sources, view }: Pick<Session, 'sources' | 'view'>, runs: readonly Pick<LineRun, 'begin' | 'end'>[]): CodePlace[] {
  if (sources.lines === undefined) return runs.map(({ begin }) => ({ address: begin, order: 0 }));
  const seen = new Set<string>();
  return runs.flatMap(({ begin, end }) => {
    const code = functionWith(view.functions, begin, end);
    if (code === undefined) return [];
    const prologueEnd = begin <= code.wasm[0]!.offset ? endOfPrologue(code, sources) : undefined;
    const offset = prologueEnd !== undefined && prologueEnd < end ? prologueEnd : firstWithCode(code, begin, end);
    if (offset === undefined) return [];
    const found = placeOfOffset(view, offset);
    const key = `${found.address} ${found.order}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [found];
  });
}

function stopInListing(session: Session, wanted: number): LineStop {
  const { sources, view } = session;
  const offset = sources.listing.offsetAt(wanted);
  const code = offset === undefined ? undefined : functionWith(view.functions, offset, offset + 1);
  const found = offset === undefined || code === undefined ? undefined : nextWithCode(code, offset);
  if (found === undefined) throw new UsageError(`no code is on line ${wanted} of the listing ${sources.listingName}, or below in that function`);
  const line = sources.listing.lineOf(found) ?? wanted;
  return { places: [placeOfOffset(view, found)], line, where: `${sources.listingName}:${line}`, moved: line === wanted ? '' : nextLine };
}

/** Where a line's code begins, it may still belong to the declarations of locals, in front of the first instruction. */
function functionWith(functions: readonly DebugFunction[], begin: number, end: number): DebugFunction | undefined {
  return functions.find(({ wasm }) => wasm.length > 0 && wasm[0]!.offset < end && wasm.at(-1)!.offset >= begin);
}

/** The instruction at an offset, or the next one in the function that has code of its own. */
function nextWithCode({ locations, wasm }: DebugFunction, from: number): number | undefined {
  const own = new Set(locations.boundaries.map(({ wasmOffset }) => wasmOffset));
  return wasm.find(({ offset }) => offset >= from && own.has(offset))?.offset;
}

const knownOffsets = new WeakMap<DebugFunction, readonly number[]>();
/** What a branch back to a loop does not come by again. */
const opensBlock = /^(?:loop|block|end)\b/;

/** The first instruction in [begin, end) that has code of its own, behind those that only open or close blocks; undefined where none has. */
export function firstWithCode(code: DebugFunction, begin: number, end: number): number | undefined {
  let offsets = knownOffsets.get(code);
  if (offsets === undefined) {
    const blocks = new Set(code.wasm.filter(({ text }) => opensBlock.test(text)).map(({ offset }) => offset));
    offsets = [...new Set(code.locations.boundaries.map(({ wasmOffset }) => wasmOffset))].filter((offset) => !blocks.has(offset)).sort((a, b) => a - b);
    knownOffsets.set(code, offsets);
  }
  let [low, high] = [0, offsets.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (offsets[middle]! < begin) low = middle + 1;
    else high = middle;
  }
  const found = offsets[low];
  return found !== undefined && found < end ? found : undefined;
}
