import type { CompilerCore } from '@fireball/jit';
import { defaultStackBytes } from '../vsoc.js';
import { DeviceCore, type CoreDamage, type CoreFunction } from './device-core.js';
import { outcomeOf, WorkerFaultError, type CompileWorker, type Work, type WorkerFault, type WorkerRequest, type WorkerTask } from './worker.js';

/** Of a piece of work. No function comes near; only a fault of the compiler reaches it. */
const leastBudget = 10_000_000;
const budgetPerByte = 50_000;

/** Where damage is done, one after the other: in front of functions of the core that are called for every function. */
const damagedCalls: readonly CoreFunction[] = ['selectByNeed', 'planFunction', 'readBody', 'layOutPlaced', 'giveRegisters', 'nameOperands'];
/** A step through the bits of the image that comes by all of it. */
const damageStep = 0.618_033_988_749_894_9;

/** By what they run on: bringing one up takes the host a while, and all virtual SoCs share it, because no piece of work sees another one's. */
const running = new Map<string, DeviceCore>();

/** The compiler on an emulated CPU of its own. It is started with the first piece of work, and again after a fault; that is paid for, too. */
export class DeviceWorker implements CompileWorker {
  readonly room: Required<CompileWorker>['room'];
  private isStarted = false;
  private faults = 0;

  constructor(private readonly options: Omit<WorkerRequest, 'kind'>) {
    this.room = { memoryBytes: options.memoryBytes, stackBytes: defaultStackBytes };
  }

  work<Made>({ wasmBytes, make, repeat }: WorkerTask<Made>, fault?: WorkerFault): Work<Made> {
    const device = this.device();
    const startInstructions = this.isStarted ? 0 : device.startInstructions;
    const start = this.isStarted ? [] : [{ name: 'start', instructions: startInstructions }];
    const damage = fault === 'worker-fault' ? this.nextDamage() : undefined;
    const withRoom = (core: CompilerCore): CompilerCore => (fault === 'no-memory' ? { ...core, makeRoom: () => false } : core);
    const core = device.beginJob(leastBudget + budgetPerByte * wasmBytes, damage);
    let outcome = outcomeOf(() => make(withRoom(core)));
    const done = device.endJob();
    const steps = [...start, ...done];
    const { stackBytes } = device;
    const { fixed, tables, taken } = device.takeMemoryUse();
    // Whatever else a changed image has led to.
    if (!device.isIntact) outcome = { error: new WorkerFaultError('code or tables of the compiler were changed') };
    this.isStarted = !('error' in outcome && outcome.error instanceof WorkerFaultError);
    if (!this.isStarted) device.restart();
    return {
      instructions: steps.reduce((sum, { instructions }) => sum + instructions, 0),
      steps,
      memoryBytes: fixed + tables + taken,
      stackBytes,
      outcome,
      giveUp: (executed) => {
        // It will have to begin with that again.
        if (executed < startInstructions) this.isStarted = false;
      },
      placeAt: (executed) =>
        executed < startInstructions
          ? device.startedTo(executed)
          : device.repeatTo(executed - startInstructions, done, (again) => repeat(withRoom(again)), damage),
    };
  }

  private device(): DeviceCore {
    const { isa, cpu, memoryBytes, sandboxed } = this.options;
    const key = [isa, cpu, memoryBytes, sandboxed].join(' ');
    const found = running.get(key);
    if (found !== undefined) return found;
    const made = new DeviceCore(isa, { cpu, memoryBytes, sandbox: sandboxed ? {} : undefined });
    running.set(key, made);
    return made;
  }

  private nextDamage(): CoreDamage {
    const count = this.faults++;
    const call = damagedCalls[count % damagedCalls.length] ?? 'selectByNeed';
    return { call, place: (count * damageStep) % 1 };
  }
}
