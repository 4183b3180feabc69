import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { unknownName, UsageError } from '@fireball/contracts';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Debuggee } from '../hub/debuggee.js';
import type { SourcePlace } from '../sources/source-lines.js';
import type { Sources } from '../sources/sources.js';
import type { Arguments } from './arguments.js';

/** Number by which clients fetch the listing. */
const listingReference = 1;

/** A source of the client's: the listing, or the files of the compiler's that it is. */
export type MeantSource = { readonly kind: 'listing' } | { readonly kind: 'files'; readonly name: string; readonly files: readonly string[] };

/** A line of a source that the client can open. */
export interface SourceLocation {
  readonly source: DebugProtocol.Source;
  readonly line: number;
}

/** What clients call sources: files of C or Rust that are on this computer, and the listing for everything else. */
export class ClientSources {
  readonly listing: DebugProtocol.Source;
  readonly #sources: Sources;
  readonly #paths = new Map<string, string | undefined>();

  constructor(debuggee: Debuggee) {
    this.#sources = debuggee.session.sources;
    this.listing = { name: `${debuggee.name}.wat`, sourceReference: listingReference, presentationHint: 'normal' };
  }

  /**
   * Of an activation at an offset in the module: in its source, or else in the listing, which says which file is missing.
   * @param place of one that has called an inlined function: where
   */
  at(offset: number | undefined, place: SourcePlace | undefined = this.#sources.at(offset)): SourceLocation | undefined {
    const found = this.#inFile(place);
    if (found !== undefined) return found;
    const line = offset === undefined ? undefined : this.#sources.listing.lineOf(offset);
    if (line === undefined) return undefined;
    const missing = place === undefined ? {} : { origin: `${place.file}:${place.line} is not on this computer (substitutePath)` };
    return { source: { ...this.listing, ...missing }, line };
  }

  /** Of firmware's machine code; undefined where its file is not on this computer. */
  atAddress(address: number): SourceLocation | undefined {
    return this.#inFile(this.#sources.placeOf({ code: undefined, boundary: undefined, pc: address }));
  }

  #inFile(place: SourcePlace | undefined): SourceLocation | undefined {
    const path = place === undefined ? undefined : this.#pathOf(place.file);
    return place === undefined || path === undefined ? undefined : { source: this.#file(place.file, path), line: place.line };
  }

  /** Every source that there is to open. */
  get all(): readonly DebugProtocol.Source[] {
    const files = this.#sources.index?.files ?? [];
    const here = files.flatMap((file) => {
      const path = this.#pathOf(file);
      return path === undefined ? [] : [this.#file(file, path)];
    });
    return [this.listing, ...here];
  }

  /**
   * What a client means. A path is that of a file where the compiler's is found, or ends like one; that of the module's own text is the listing.
   * @throws UsageError for a source that no code comes from
   */
  meant(source: Arguments): MeantSource {
    const reference = source.whole('sourceReference', 0);
    const path = source.optionalText('path');
    if (reference === listingReference || path === undefined || this.#isListing(path)) return { kind: 'listing' };
    return this.atPath(path);
  }

  /** The files of the compiler's that the one of this path is. @throws UsageError where no code comes from it */
  atPath(path: string): MeantSource {
    const all = this.#sources.index?.files ?? [];
    const wanted = real(path);
    const same = all.filter((file) => {
      const own = this.#pathOf(file);
      return own !== undefined && real(own) === wanted;
    });
    const alike = same.length > 0 ? same : alikeTo(path, all);
    if (alike.length > 0) return { kind: 'files', name: basename(path), files: alike };
    throw unknownName('source of this module', basename(path), [...all.map((file) => basename(file)), this.#sources.listingName]);
  }

  /** The text of what has a number. @throws UsageError for another number */
  text(reference: number): string {
    if (reference !== listingReference) throw new UsageError(`there is no source ${reference}`);
    return this.#sources.listing.text;
  }

  /** Lines in [first, last] where a breakpoint can be. */
  linesIn(meant: MeantSource, first: number, last: number): readonly number[] {
    const lines = meant.kind === 'listing' ? this.#sources.listing.lines : meant.files.flatMap((file) => this.#sources.index!.linesOf(file));
    return [...new Set(lines)].filter((line) => line >= first && line <= last).sort((a, b) => a - b);
  }

  #isListing(path: string): boolean {
    const name = basename(path);
    return name === this.#sources.listingName || path === this.listing.name || name === basename(this.#sources.module);
  }

  #file(file: string, path: string): DebugProtocol.Source {
    return { name: basename(file), path };
  }

  #pathOf(file: string): string | undefined {
    if (!this.#paths.has(file)) this.#paths.set(file, this.#sources.pathOf(file));
    return this.#paths.get(file);
  }
}

/** Which set of breakpoints those of a source are. */
export function setOfSource(meant: MeantSource): string {
  return meant.kind === 'listing' ? 'source' : `source ${meant.files.join(' ')}`;
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Names with as many last parts in common as any, the file's own name at least. */
function alikeTo(path: string, files: readonly string[]): readonly string[] {
  const wanted = path.split(/[/\\]/).reverse();
  const common = files.map((file) => {
    const parts = file.split(/[/\\]/).reverse();
    const differs = parts.findIndex((part, index) => part !== wanted[index]);
    return differs < 0 ? parts.length : differs;
  });
  const most = Math.max(0, ...common);
  return most === 0 ? [] : files.filter((_, index) => common[index] === most);
}
