import { InternalError } from '@fireball/contracts';
import { MachineTarget } from '@fireball/emulator';
import type { BenchImage } from '../emulate/images.js';
import { bootImage } from '../emulate/machine-run.js';
import { processorSeconds } from '../processor-time.js';

/** What the run is for: with breakpoints and without. */
export interface StopsTimes {
  readonly core: BenchImage['core'];
  readonly instructions: number;
  /** Seconds. */
  readonly without: number;
  readonly withBreakpoints: number;
}

/** Breakpoints that are set. */
export const breakpoints = 100;
const instructions = 60_000_000;
/** Steps in which places are looked for. */
const looked = 100_000;

/** How fast firmware runs with a hundred breakpoints in its code that it never comes to, and without any. */
export async function measureStops(core: BenchImage['core'], passes: number): Promise<StopsTimes> {
  const places = await quietPlaces(core);
  const without: number[] = [];
  const withBreakpoints: number[] = [];
  for (let pass = 0; pass < passes; pass++) {
    without.push(await run(core, []));
    withBreakpoints.push(await run(core, places));
  }
  return { core, instructions, without: Math.min(...without), withBreakpoints: Math.min(...withBreakpoints) };
}

async function withTarget<T>(core: BenchImage['core'], use: (target: MachineTarget) => T): Promise<T> {
  const machine = await bootImage({ program: 'mixed', core });
  try {
    machine.reset();
    return use(new MachineTarget(machine));
  } finally {
    machine.close();
  }
}

/** Addresses within the code that is executed, at which no instruction is. */
async function quietPlaces(core: BenchImage['core']): Promise<number[]> {
  const candidates = new Set<number>();
  await withTarget(core, (target) => {
    for (let step = 0; step < looked && target.run(1).why === 'count'; step++)
      for (const ahead of [2, 4, 6, 8, 10, 12, 14, 18]) candidates.add(target.pc + ahead);
  });
  await withTarget(core, (target) => {
    for (const address of candidates) target.stops.breakpoint(address, true);
    while (target.instructions < instructions) {
      const stop = target.run(instructions - target.instructions);
      if (stop.why !== 'breakpoint') break;
      target.stops.breakpoint(target.pc, false);
      candidates.delete(target.pc);
    }
  });
  if (candidates.size < breakpoints) throw new InternalError(`only ${candidates.size} places are quiet`);
  return [...candidates].slice(0, breakpoints);
}

async function run(core: BenchImage['core'], places: readonly number[]): Promise<number> {
  return withTarget(core, (target) => {
    for (const address of places) target.stops.breakpoint(address, true);
    return processorSeconds(() => {
      while (target.instructions < instructions) {
        const stop = target.run(Math.min(1_000_000, instructions - target.instructions));
        if (stop.why !== 'count') throw new InternalError(`the image ended too early: ${JSON.stringify(stop)}`);
      }
    });
  });
}
