import { hex, hexDigits, printable } from '@fireball/contracts';
import { siteAt } from '../session/boundaries.js';
import { placeOfFunction } from '../session/places.js';
import type { Session, SessionStop } from '../session/session.js';
import { formatPlace, placeBeside } from './format.js';
import { formatLine } from './source-text.js';
import type { Watchpoints } from './watchpoints.js';

/** Where the session stands: count, address, function, the instruction that comes next, and the source line that it belongs to. */
export function describePosition({ target, here, view, boundary, position: pc, sources }: Session): string {
  const at = `after ${target.instructions} instructions, ${hex(pc)}`;
  if (here === undefined) return `${at} ${pc === view.exit ? 'back at the host' : `in ${placeBeside(view, pc)}`}`;
  const site = siteAt(here, pc);
  const wasmOffset = boundary?.wasmOffset ?? site?.wasmOffset ?? here.wasm[0]!.offset;
  const text = here.wasm.find(({ offset }) => offset === wasmOffset)?.text ?? '';
  const isPrologue = pc < placeOfFunction(here).address;
  const inside = here.interpreted
    ? ' (interpreted)'
    : boundary !== undefined
      ? ''
      : isPrologue
        ? ` (its frame is being set up: template ${site?.template ?? '?'})`
        : ` (inside of template ${site?.template ?? '?'})`;
  const place = sources.at(wasmOffset);
  const source = place === undefined ? '' : `${formatPlace(place)}\n${formatLine(sources, place)}`;
  return `${at} in ${printable(here.name)}: ${hexDigits(wasmOffset, 6)}  ${text}${inside}${source}`;
}

/** Why the session stands still; undefined where it was told to stand just there. */
export function describeStop(stop: SessionStop, outcome: () => string, watchpoints: Watchpoints): string | undefined {
  switch (stop.why) {
    case 'step':
    case 'count':
      return undefined;
    case 'breakpoint': {
      const { hits, by } = stop;
      const event = by === undefined || by.why === 'breakpoint' ? undefined : describeStop(by, outcome, watchpoints);
      const lines = hits.map(({ breakpoint: { id, where }, problem }) => {
        const watchpoint = watchpoints.of(id);
        const why = problem === undefined ? '' : ` (its condition cannot be told: ${problem})`;
        return `${watchpoint === undefined ? `breakpoint ${id}: ${where}` : `watchpoint w${watchpoint.id}`}${why}`;
      });
      return [...lines, ...(event === undefined ? [] : [event])].join('\n');
    }
    case 'exception':
      return `${stop.exception.name}, taken at ${hex(stop.from)}`;
    case 'parting':
      return stop.message;
    case 'changed':
      return `${stop.what}: ${stop.from}, now ${stop.to}`;
    case 'watchpoint':
      return `${stop.access} of ${stop.size} bytes at ${hex(stop.address)}, by the instruction before this one`;
    case 'exit':
      return outcome();
    case 'fault':
      return stop.message;
    case 'begin':
      return 'history begins here';
    case 'asleep':
      return 'it waits, and only input (type TEXT) goes on from here';
    case 'interrupted':
      return 'interrupted';
  }
}
