import type { Meter, MeterLog } from '@fireball/contracts';
import type { CodeMemory } from '../chip/code-memory.js';
import type { MixedMode } from '../tier/mixed.js';
import { WorkerLog } from './worker-log.js';

/** Samples that are kept; at twice as many, every other one goes. */
const mostSamples = 1024;

const meters = [
  { name: 'waiting', unit: 'functions', chart: 'Compile queue' },
  { name: 'being compiled', unit: 'functions', chart: 'Compile queue' },
  { name: 'code', unit: 'bytes', chart: 'Code cache' },
  { name: 'room', unit: 'bytes', chart: 'Code cache' },
  { name: 'native now', unit: 'functions', chart: 'Functions' },
  { name: 'made native', unit: 'functions', chart: 'Functions' },
  { name: 'evicted', unit: 'functions', chart: 'Functions' },
  { name: "compiler's memory", unit: 'bytes', chart: 'Compiler' },
  { name: "compiler's stack", unit: 'bytes', chart: 'Compiler' },
] as const satisfies readonly Meter[];

/** Compile queue, workers and code cache over executed instructions, as the host has gone through them: it does not go back. */
export class TierMeters {
  #samples: { readonly count: number; readonly values: readonly number[] }[] = [];
  readonly #room: number;
  readonly workers: WorkerLog;

  constructor(
    private readonly mixed: MixedMode,
    codeMemory: CodeMemory,
  ) {
    this.workers = new WorkerLog(mixed);
    this.#room = codeMemory.room;
    this.look(0);
  }

  get log(): MeterLog {
    return { meters, samples: this.#samples };
  }

  /** Takes a sample where anything is not as it was. */
  look(count: number): void {
    this.workers.look(count);
    const { service, cache, statistics } = this.mixed;
    const values: Readonly<Record<(typeof meters)[number]['name'], number>> = {
      waiting: service.waiting,
      'being compiled': service.working,
      code: cache.bytes,
      room: this.#room,
      'native now': cache.size,
      'made native': statistics.compilations,
      evicted: statistics.evictions,
      "compiler's memory": most(service.jobs.map((job) => job?.memoryBytes)),
      "compiler's stack": most(service.jobs.map((job) => job?.stackBytes)),
    };
    const sample = { count, values: meters.map(({ name }) => values[name]) };
    const last = this.#samples.at(-1);
    if (last !== undefined && sample.values.every((value, index) => value === last.values[index])) return;
    // What happens at one instruction is one thing.
    if (last?.count === count) this.#samples.pop();
    this.#samples.push(sample);
    if (this.#samples.length >= 2 * mostSamples) this.#samples = this.#samples.filter((_, index) => index % 2 === 1);
  }
}

/** Of what workers need for what they do: one at a time has the memory. */
function most(counts: readonly (number | undefined)[]): number {
  return Math.max(...counts.map((count = 0) => count));
}
