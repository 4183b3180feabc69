import { InternalError, UsageError } from '@fireball/contracts';
import type { Debuggee } from '../hub/debuggee.js';
import { boundaryAt } from '../session/boundaries.js';
import type { CodePlace } from '../session/breakpoints.js';
import type { ModuleListing } from '../session/listing.js';
import { placeOfOffset, placesOfTrap } from '../session/places.js';
import type { Arguments } from './arguments.js';
import type { Wanted, WantedWatch, Wish } from './breakpoints.js';

/** What a client's breakpoints mean, by their kinds. */
export class Wishes {
  constructor(
    private readonly debuggee: Debuggee,
    private readonly listing: ModuleListing,
  ) {}

  atLine(each: Arguments): Wish {
    const line = each.whole('line');
    return () => {
      const offset = this.listing.offsetAt(line);
      if (offset === undefined) throw new UsageError('no instruction is on this line or below');
      const place = nextPlace(this.debuggee, offset);
      return { where: `line ${line}`, places: [place], line: this.lineOf(place), ...conditionOf(each) };
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

  /** In the listing. */
  lineOf({ address, order }: CodePlace): number | undefined {
    const code = this.debuggee.session.view.at(address);
    const boundary = code === undefined ? undefined : boundaryAt(code, address, order);
    return boundary === undefined ? undefined : this.listing.lineOf(boundary.wasmOffset);
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

/** In front of the instruction at an offset, or of the first one behind it in the same function that has code of its own. */
function nextPlace({ session }: Debuggee, offset: number): CodePlace {
  const code = session.view.functions.find(({ wasm }) => wasm.some((instruction) => instruction.offset === offset));
  if (code === undefined) throw new InternalError(`no function has an instruction at 0x${offset.toString(16)}`);
  for (const instruction of code.wasm) {
    if (instruction.offset >= offset && code.locations.boundaries.some(({ wasmOffset }) => wasmOffset === instruction.offset))
      return placeOfOffset(session.view, instruction.offset);
  }
  throw new UsageError('no instruction from here to the end of the function is ever executed');
}
