import type { FunctionType } from '@fireball/wasm';
import type { DataMemory } from '../../chip/data-memory.js';
import type { SystemCalls } from '../host-functions.js';
import { unsignedOf, type VsocValue } from '../values.js';
import { endlessCount, profile } from './layout.js';
import type { ProgramEnvironment } from './program.js';

/** Who hears of counters that are used up, and sets them anew. */
export interface CounterListener {
  /** A function has been called often. */
  called(profileAddress: number): void;
  /** A loop has come round often: where to go on natively (code, shape, last side entry, bytes of locals), or zeros. */
  looped(counter: number): readonly [code: number, shape: number, side: number, localBytes: number];
}

/** For handlers that count where nothing becomes native. */
export function countEndlessly(dataMemory: DataMemory): CounterListener {
  return {
    called: (profileAddress) => dataMemory.writeWord(profileAddress + profile.COUNTER, endlessCount),
    looped: (counter) => {
      dataMemory.writeWord(counter, endlessCount);
      return [0, 0, 0, 0];
    },
  };
}

/** See layout.ts, LOOP_SERVICE and CALL_SERVICE. */
const loopServiceType: FunctionType = { params: ['i32'], results: ['i64', 'i64'] };
const callServiceType: FunctionType = { params: ['i32'], results: [] };

/** Installs the code that handlers call when a counter is used up. */
export function installServices(systemCalls: SystemCalls, listener: () => CounterListener): NonNullable<ProgramEnvironment['services']> {
  const loop = systemCalls.install(loopServiceType, ([counter]) => {
    const [code, shape, side, localBytes] = listener().looped(unsignedOf(counter));
    return [pair(code, shape), pair(side, localBytes)];
  });
  const call = systemCalls.install(callServiceType, ([profileAddress]) => {
    listener().called(unsignedOf(profileAddress));
    return [];
  });
  return { loop: loop.begin, call: call.begin };
}

function pair(low: number, high: number): VsocValue {
  return { type: 'i64', value: (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0) };
}
