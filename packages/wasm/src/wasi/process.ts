import { ProgramExit, type WasiCall } from './call.js';
import { errno } from './errno.js';
import { clockIds, type ClockId } from './host.js';

function clockOf(id: number): ClockId | undefined {
  return clockIds[id];
}

/** Clocks, random numbers, scheduling and the program's end. */
export const processCalls = {
  clock_time_get: {
    // (id, precision: u64, time: *u64); any clock is at least as precise as asked.
    params: 'iIi',
    call({ host }, memory, args) {
      const id = clockOf(args.u32(0));
      if (id === undefined) return errno.inval;
      memory.check(args.u32(2), 8);
      memory.writeU64(args.u32(2), host.clock(id));
      return errno.success;
    },
  },
  clock_res_get: {
    params: 'ii',
    call({ host }, memory, args) {
      const id = clockOf(args.u32(0));
      if (id === undefined) return errno.inval;
      memory.writeU64(args.u32(1), host.clockResolution(id));
      return errno.success;
    },
  },
  random_get: {
    params: 'ii',
    call({ host }, memory, args) {
      host.random(memory.slice(args.u32(0), args.u32(1)));
      return errno.success;
    },
  },
  sched_yield: { params: '', call: () => errno.success },
  proc_exit: {
    params: 'i',
    call(_state, _memory, args) {
      throw new ProgramExit(args.u32(0));
    },
  },
} as const satisfies Readonly<Record<string, WasiCall>>;
