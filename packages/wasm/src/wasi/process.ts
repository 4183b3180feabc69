import { ProgramExit, type WasiCall } from './call.js';
import { clockOf, clockStep } from './clock.js';
import { WasiError } from './errno.js';

/** What a shell reports of a program that a signal ended. */
const signalStatus = 128;
/** `signal` numbers whose action is not to end the process. */
const signals = { none: 0, pipe: 13, child: 16, continue: 17, stop: [18, 19, 20, 21], urgent: 22, window: 27, last: 30 } as const;
const ignored: readonly number[] = [signals.none, signals.pipe, signals.child, signals.continue, signals.urgent, signals.window];

/** Clocks, random numbers, scheduling and the program's end. */
export const processCalls = {
  clock_time_get: {
    // (id, precision: u64, time: *u64)
    params: 'iIi',
    call({ clock, memory, u32 }) {
      const id = clockOf(u32(0));
      if (id === undefined) throw new WasiError('inval');
      memory.check(u32(2), 8);
      memory.writeU64(u32(2), clock.look(id));
    },
  },
  clock_res_get: {
    params: 'ii',
    call({ memory, u32 }) {
      if (clockOf(u32(0)) === undefined) throw new WasiError('inval');
      memory.writeU64(u32(1), clockStep);
    },
  },
  random_get: {
    params: 'ii',
    call({ host, memory, u32 }) {
      host.random(memory.slice(u32(0), u32(1)));
    },
  },
  sched_yield: {
    params: '',
    call() {
      // There is one thread.
    },
  },
  proc_exit: {
    params: 'i',
    call({ u32 }) {
      throw new ProgramExit(u32(0));
    },
  },
  proc_raise: {
    params: 'i',
    call({ u32 }) {
      const signal = u32(0);
      if (signal > signals.last) throw new WasiError('inval');
      if (ignored.includes(signal)) return;
      // Nobody could let it go on.
      if ((signals.stop as readonly number[]).includes(signal)) throw new WasiError('notsup');
      throw new ProgramExit(signalStatus + signal);
    },
  },
} as const satisfies Readonly<Record<string, WasiCall>>;
