import { NoRoomError } from '@fireball/contracts';
import { outcomeOf, WorkerFaultError, type CompileWorker, type Work, type WorkerActivity, type WorkerFault, type WorkerTask } from './worker.js';

/**
 * Instructions for each byte of a function, where the host compiles and no price is stated: about what the core took on the device for CoreMark and sql.js,
 * on both targets, when this was written (`bench core`).
 */
const hostCostPerByte: Readonly<Record<WorkerActivity, number>> = { compiling: 1700, linking: 300 };

/** The host's compiler. Nothing is executed: a function takes a price by its bytes, however compiling it ends. */
export class HostWorker implements CompileWorker {
  work<Made>({ activity, wasmBytes, make }: WorkerTask<Made>, fault?: WorkerFault): Work<Made> {
    const outcome = fault === undefined ? outcomeOf(() => make(undefined)) : { error: plantedErrors[fault]() };
    return { instructions: wasmBytes * hostCostPerByte[activity], steps: [], memoryBytes: 0, stackBytes: 0, outcome };
  }
}

const plantedErrors: Readonly<Record<WorkerFault, () => Error>> = {
  'no-memory': () => new NoRoomError('a function for which a worker has no memory'),
  'worker-fault': () => new WorkerFaultError('a worker does not end'),
};
