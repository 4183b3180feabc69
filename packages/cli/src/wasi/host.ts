import { cpuUsage, hrtime } from 'node:process';
import { seededBytes, type ClockId, type WasiHost } from '@fireball/wasm';

const nanosecondsPerMillisecond = 1_000_000n;

function cpuTime(): bigint {
  const { user, system } = cpuUsage();
  return BigInt(user + system) * 1000n;
}

const clocks: Readonly<Record<ClockId, () => bigint>> = {
  realtime: () => BigInt(Date.now()) * nanosecondsPerMillisecond,
  monotonic: () => hrtime.bigint(),
  'process-cputime': cpuTime,
  'thread-cputime': cpuTime,
};

const resolutions: Readonly<Record<ClockId, bigint>> = {
  realtime: nanosecondsPerMillisecond,
  monotonic: 1n,
  'process-cputime': 1000n,
  'thread-cputime': 1000n,
};

/** A program's world: what is given here, the computer's clocks, and random numbers that repeat for a seed. */
export function createHost(
  given: Pick<WasiHost, 'args' | 'environ' | 'stdin' | 'stdout' | 'stderr' | 'missing'>,
  seed: number,
): WasiHost {
  return {
    ...given,
    clock: (id) => clocks[id](),
    clockResolution: (id) => resolutions[id],
    random: seededBytes(seed),
  };
}
