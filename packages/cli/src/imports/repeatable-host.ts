import { basename } from 'node:path';
import { seededBytes, type WasiHost } from '@fireball/wasm';
import type { HostCallRecorder } from './host-calls.js';

const nanosecondsPerLook = 1_000_000n;
/** 2020-01-01T00:00:00Z. */
const firstMoment = 1_577_836_800_000_000_000n;

/** A WASI host that is the same in every run: no arguments, environment or input; every look at a clock takes a millisecond. */
export function repeatableHost(file: string, seed: number, recorder: HostCallRecorder): WasiHost {
  let now = 0n;
  return {
    args: [basename(file)],
    environ: [],
    stdin: () => 0,
    stdout: (bytes) => {
      recorder.write('stdout', bytes);
    },
    stderr: (bytes) => {
      recorder.write('stderr', bytes);
    },
    clock(id) {
      now += nanosecondsPerLook;
      return id === 'realtime' ? firstMoment + now : now;
    },
    clockResolution: () => nanosecondsPerLook,
    random: seededBytes(seed),
    missing: () => {
      // The call is recorded, and its answer is ENOSYS on every engine.
    },
  };
}
