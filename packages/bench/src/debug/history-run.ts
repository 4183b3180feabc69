import type { Isa } from '@fireball/contracts';
import { History } from '@fireball/debugger';
import { processorSeconds, waitingSeconds } from '../processor-time.js';
import { assembleText, debugCall, decodeInput, Random, type DebugCall } from '@fireball/engines';

/** Machine instructions of the history that is gone back in. */
export const historyLength = 100_000_000;
/** Bytes of linear memory, all of which change from one snapshot to the next. */
const memoryPages = 16;
/** Positions visited, and steps back behind each. */
const visits = 40;
const stepsBack = 5;

/** Hashes its way through all of the memory, and writes wherever it comes by. */
const program = `(module (memory ${memoryPages} ${memoryPages})
  (func (export "run") (result i32) (local $at i32) (local $sum i32)
    (loop $again
      (local.set $at (i32.add (i32.mul (local.get $at) (i32.const 1664525)) (i32.const 1013904223)))
      (i32.store (i32.and (local.get $at) (i32.const 0xffffc)) (local.tee $sum (i32.xor (i32.add (local.get $sum) (local.get $at)) (i32.load (i32.and (local.get $at) (i32.const 0xffffc))))))
      (br $again))
    (unreachable)))`;

/** What repeats exactly. */
export interface HistoryRun {
  readonly isa: Isa;
  readonly instructions: number;
  /** What snapshots hold that are taken as often as their spacing says, under the default limit. */
  readonly heldBytes: number;
}

/** What differs from run to run, in seconds. */
export interface HistoryTimes {
  readonly isa: Isa;
  readonly plain: number;
  readonly withHistory: number;
  readonly heldBytes: number;
  readonly medianVisit: number;
  readonly worstVisit: number;
  readonly medianStepBack: number;
  readonly worstStepBack: number;
}

async function open(isa: Isa): Promise<DebugCall> {
  const loaded = decodeInput('history.wat', await assembleText('history.wat', program));
  return debugCall(loaded, { isa, tier: 'compiled' }, { fuel: 1_000_000_000, maxPages: memoryPages }, 'run', []);
}

/** Runs with a history. */
export async function runHistory(isa: Isa): Promise<HistoryRun> {
  const { target } = await open(isa);
  try {
    const history = new History(target, { share: Infinity });
    history.run(historyLength);
    return { isa, instructions: target.instructions, heldBytes: history.heldBytes };
  } finally {
    target.close();
  }
}

/** Measures what a history costs, and how long it takes to go back in it; of several passes the fastest runs. */
export async function measureHistory(isa: Isa, passes: number): Promise<HistoryTimes> {
  const plain: number[] = [];
  const withHistory: number[] = [];
  for (let pass = 0; pass < passes; pass++) {
    plain.push(await timed(isa, ({ target }) => void target.run(historyLength)));
    withHistory.push(await timed(isa, ({ target }) => void new History(target).run(historyLength)));
  }
  return { isa, plain: Math.min(...plain), withHistory: Math.min(...withHistory), ...(await measureVisits(isa)) };
}

async function timed(isa: Isa, run: (call: DebugCall) => void): Promise<number> {
  const call = await open(isa);
  try {
    return processorSeconds(() => {
      run(call);
    });
  } finally {
    call.target.close();
  }
}

async function measureVisits(isa: Isa): Promise<Pick<HistoryTimes, 'heldBytes' | 'medianVisit' | 'worstVisit' | 'medianStepBack' | 'worstStepBack'>> {
  const { target } = await open(isa);
  try {
    const history = new History(target);
    history.run(historyLength);
    const random = new Random(1);
    const went: number[] = [];
    const steps: number[] = [];
    for (let visit = 0; visit < visits; visit++) {
      const count = random.below(historyLength);
      went.push(waitingSeconds(() => history.goTo(count)));
      for (let step = 0; step < stepsBack; step++) steps.push(waitingSeconds(() => history.stepBack()));
    }
    return {
      heldBytes: history.heldBytes,
      medianVisit: median(went),
      worstVisit: Math.max(...went),
      medianStepBack: median(steps),
      worstStepBack: Math.max(...steps),
    };
  } finally {
    target.close();
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
