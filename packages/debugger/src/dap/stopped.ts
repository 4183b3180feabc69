import type { DebugProtocol } from '@vscode/debugprotocol';
import type { SessionStop } from '../session/session.js';

/** Names of sets of breakpoints as clients know them; others are breakpoints. */
const reasonOfSet: Readonly<Record<string, string>> = { functions: 'function breakpoint', instructions: 'instruction breakpoint', traps: 'exception' };

/** What a client is told of a stop. */
type Told = Pick<DebugProtocol.StoppedEvent['body'], 'reason' | 'description' | 'text' | 'hitBreakpointIds'>;

/**
 * Why it stands still, in the protocol's words.
 * @param setOf the set that a breakpoint of the client's is of
 * @param outcome how it has ended, where it has
 */
export function toldOf(stop: SessionStop, setOf: (id: number) => string | undefined, outcome: () => string): Told {
  switch (stop.why) {
    case 'exit':
      return { reason: 'exit', description: outcome() };
    case 'fault':
      return { reason: 'exception', text: outcome(), description: outcome() };
    case 'breakpoint': {
      const [first] = stop.hits;
      const set = first === undefined ? undefined : setOf(first.breakpoint.id);
      const problems = stop.hits.flatMap(({ problem }) => problem ?? []);
      return {
        reason: reasonOfSet[set ?? ''] ?? 'breakpoint',
        hitBreakpointIds: stop.hits.map(({ breakpoint: { id } }) => id),
        ...(problems.length === 0 ? {} : { description: `the condition has no value here: ${problems.join('; ')}` }),
      };
    }
    case 'watchpoint':
      return {
        reason: 'data breakpoint',
        description: `${stop.access} of ${stop.size} bytes at 0x${stop.address.toString(16)}, by the instruction before this one`,
      };
    case 'exception':
      return { reason: 'breakpoint', description: stop.exception.name };
    case 'changed':
      return { reason: 'data breakpoint', description: `${stop.what}: ${stop.from} became ${stop.to}` };
    case 'parting':
      return { reason: 'exception', text: stop.message, description: stop.message };
    case 'begin':
      return { reason: 'entry', description: 'history begins here' };
    case 'asleep':
      return { reason: 'pause', description: 'it waits, and only input (type TEXT) goes on from here' };
    case 'interrupted':
      return { reason: 'pause' };
    case 'step':
    case 'count':
      return { reason: 'step' };
  }
}
