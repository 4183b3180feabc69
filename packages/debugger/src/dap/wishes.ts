import { UsageError } from '@fireball/contracts';
import type { Debuggee } from '../hub/debuggee.js';
import { boundaryAt } from '../session/boundaries.js';
import type { CodePlace } from '../session/breakpoints.js';
import { placesOfTrap } from '../session/places.js';
import { stopAtLine, stopInFiles } from '../sources/source-stops.js';
import type { Arguments } from './arguments.js';
import type { Wanted, WantedWatch, Wish } from './breakpoints.js';
import { setOfSource, type ClientSources, type MeantSource, type SourceLocation } from './sources.js';

/** What a client's breakpoints mean, by their kinds. */
export class Wishes {
  constructor(
    private readonly debuggee: Debuggee,
    private readonly sources: ClientSources,
  ) {}

  atLine(source: MeantSource, each: Arguments): Wish {
    const wanted = each.whole('line');
    const { session } = this.debuggee;
    return () => {
      const { places, line, where } =
        source.kind === 'files' ? stopInFiles(session, source.files, wanted) : stopAtLine(session, session.sources.listingName, wanted);
      return { where, places, line, ...conditionOf(each) };
    };
  }

  atFunction(each: Arguments): Wish {
    const name = each.text('name');
    return () => ({ where: name, places: this.debuggee.shell.places(name), ...conditionOf(each) });
  }

  atInstruction(each: Arguments): Wish {
    const address = each.address('instructionReference') + each.whole('offset', 0);
    return () => ({ where: `0x${address.toString(16)}`, places: [{ address, order: 0 }], ...conditionOf(each) });
  }

  /** @param kind of trap; all where it is empty */
  atTrap(kind: string): Wish {
    const where = `trap ${kind}`.trim();
    return () => {
      const places = placesOfTrap(this.debuggee.session.view, kind === '' ? undefined : kind).find();
      if (places.length === 0) throw new UsageError(`no code has a ${where}`);
      return { where, places };
    };
  }

  /** The line in a source of the client's that all of these places are on, and the set that breakpoints there are of; undefined where there is none. */
  locationOf(places: readonly CodePlace[]): (SourceLocation & { readonly set: string }) | undefined {
    const [first, ...more] = places.map((place) => this.#locationOf(place));
    return first !== undefined && more.every((other) => other?.line === first.line && other.set === first.set) ? first : undefined;
  }

  #locationOf({ address, order }: CodePlace): (SourceLocation & { readonly set: string }) | undefined {
    const code = this.debuggee.session.view.at(address);
    const location = code === undefined ? this.sources.atAddress(address) : this.sources.at(boundaryAt(code, address, order)?.wasmOffset);
    if (location === undefined) return undefined;
    const { path } = location.source;
    return { ...location, set: setOfSource(path === undefined ? { kind: 'listing' } : this.sources.atPath(path)) };
  }
}

function conditionOf(each: Arguments): Pick<Wanted, 'condition' | 'log' | 'ignored'> {
  const condition = each.optionalText('condition')?.trim();
  const hits = each.optionalText('hitCondition')?.trim() ?? '';
  if (!/^\d{0,9}$/.test(hits) || hits === '0') throw new UsageError(`the hit count of a breakpoint is a number from 1 on, not '${hits}'`);
  const log = each.optionalText('logMessage');
  return { condition: condition === '' ? undefined : condition, log: log === '' ? undefined : log, ignored: hits === '' ? undefined : Number(hits) - 1 };
}

/** Of `setDataBreakpoints`. @throws UsageError for a dataId that `dataBreakpointInfo` did not give */
export function watchOf(each: Arguments): WantedWatch {
  const [, address, size] = /^(\d{1,10})\/(\d{1,7})$/.exec(each.text('dataId')) ?? [];
  if (size === undefined) throw new UsageError('setDataBreakpoints: a dataId that dataBreakpointInfo gave is wanted');
  const access = each.optionalText('accessType') ?? 'write';
  return { address: Number(address), size: Number(size), kind: access === 'readWrite' ? 'access' : access === 'read' ? 'read' : 'write' };
}
