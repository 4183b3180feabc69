import { lineBytes } from '../chip/code-memory.js';
import type { MixedMode } from '../tier/mixed.js';
import { failureKinds } from '../tier/statistics.js';
import type { Vsoc } from '../vsoc.js';
import { staleLines } from './stale-lines.js';

/** Stale lines that are named. */
const mostLines = 16;

/** What a debugger prints of the instruction cache. Reads only. */
export function describeCache({ codeMemory, codeMap }: Vsoc): string {
  const { stored } = codeMemory.views();
  const stale = staleLines(codeMemory);
  const named = stale.slice(0, mostLines).map((address) => ` 0x${address.toString(16).padStart(8, '0')}`);
  return [
    `${codeMemory.size} bytes of code memory from 0x${codeMemory.base.toString(16).padStart(8, '0')} on, ${stored.length} of them used, ${codeMap.functions.length} functions`,
    stale.length === 0
      ? `the instruction cache holds what memory does, in all ${stored.length / lineBytes} lines of ${lineBytes} bytes`
      : `the instruction cache holds something else than memory in ${stale.length} of ${stored.length / lineBytes} lines of ${lineBytes} bytes:${named.join('')}${stale.length > mostLines ? ' ...' : ''}`,
  ].join('\n');
}

/** What a debugger prints of functions on their way to native code. */
export function describeQueue({ service, statistics, progress, workerRoom }: MixedMode): string {
  const moved = progress.filter(({ state }) => state !== 'interpreted').map(({ index, state }) => `function ${index}: ${state}`);
  const failed = failureKinds.filter((kind) => statistics.failures[kind] > 0).map((kind) => `${kind} ${statistics.failures[kind]}`);
  const { requests, compilations, recompilations, cancellations, evictions, replacements, cacheBytes, workerMemoryHighWater, workerStackHighWater } =
    statistics;
  return [
    `${service.waiting} requests wait; there were ${requests}, and ${compilations} compilations (${recompilations} again), ${cancellations} given up half-way, ${evictions} evictions, ${replacements} replacements on the stack`,
    `${cacheBytes} bytes of code; failures: ${failed.length === 0 ? 'none' : failed.join(', ')}`,
    ...(workerRoom === undefined
      ? []
      : [
          `the compiler had at most ${workerMemoryHighWater} of ${workerRoom.memoryBytes} bytes of memory in use, and ${workerStackHighWater} of ${workerRoom.stackBytes} bytes of stack`,
        ]),
    ...moved,
  ].join('\n');
}
