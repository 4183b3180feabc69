import { hex, type TargetTask } from '@fireball/contracts';
import type { CompileJob } from '../tier/compile-job.js';
import type { MixedMode } from '../tier/mixed.js';
import type { WorkerPlace } from '../tier/worker.js';

/** Changes that are kept; at twice as many, the oldest go. */
const mostChanges = 4096;

/** What compile workers do over executed instructions, as the host has gone through them: it does not go back. */
export class WorkerLog {
  /** Where each worker was when somebody looked last. */
  readonly #places = new Map<number, { readonly job: CompileJob; readonly executed: number; readonly place: WorkerPlace | undefined }>();
  /** `passed`: virtual time that was not the guest's by then. */
  #changes: { readonly count: number; readonly passed: number; readonly jobs: readonly (CompileJob | undefined)[] }[] = [];

  constructor(private readonly mixed: MixedMode) {
    this.look(0);
  }

  look(count: number): void {
    const { jobs } = this.mixed.service;
    const last = this.#changes.at(-1);
    if (last !== undefined && jobs.every((job, worker) => job === last.jobs[worker])) return;
    if (last?.count === count) this.#changes.pop();
    this.#changes.push({ count, passed: this.mixed.clock.now - count, jobs });
    if (this.#changes.length >= 2 * mostChanges) this.#changes = this.#changes.slice(mostChanges);
  }

  at(count: number): readonly TargetTask[] {
    const change = this.#changes.findLast((change) => change.count <= count);
    return this.mixed.service.jobs.map((_, worker) => {
      const state = change === undefined ? 'so long ago that nothing is kept' : this.#stateOf(worker, change.jobs[worker], count + change.passed);
      return { name: `compile worker ${worker + 1}`, state, runs: false };
    });
  }

  #stateOf(worker: number, job: CompileJob | undefined, now: number): string {
    if (job === undefined) return 'idle';
    const executed = job.executedAt(now);
    const called = job.functionAt(now);
    const where = called === undefined ? '' : `, in ${called}${describePlace(this.#placeOf(worker, job, now))}`;
    return `${job.activity} function ${job.index}${where}, ${executed} of ${job.instructions} instructions`;
  }

  /** Whoever looks does so more than once. */
  #placeOf(worker: number, job: CompileJob, now: number): WorkerPlace | undefined {
    const executed = job.executedAt(now);
    const known = this.#places.get(worker);
    if (known?.job === job && known.executed === executed) return known.place;
    const place = job.placeAt(now);
    this.#places.set(worker, { job, executed, place });
    return place;
  }
}

function describePlace(place: WorkerPlace | undefined): string {
  if (place === undefined) return '';
  const { pc, wasm, memoryBytes, stackBytes } = place;
  const inside =
    wasm === undefined ? '' : ` in ${wasm.functionName}${wasm.file === undefined ? '' : ` (${wasm.file})`}: 0x${wasm.offset.toString(16)} ${wasm.instruction}`;
  return ` at ${hex(pc)}${inside}, with ${memoryBytes} bytes of memory and ${stackBytes} of stack`;
}
