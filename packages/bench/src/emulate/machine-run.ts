import { InternalError } from '@fireball/contracts';
import { createProcessor, loadBoard, Machine, Semihosting, type MachineEnd } from '@fireball/emulator';
import { loadImage, machineOf, programTitles, type BenchImage } from './images.js';

/** What an image did on our machine: all but `seconds` is the same in every run. */
export interface ImageRun extends BenchImage {
  readonly machine: string;
  readonly instructions: number;
  /** Time of the machine, in cycles of its CPU. */
  readonly cycles: number;
  readonly virtualSeconds: number;
  readonly seconds: number;
}

/** As `emulate` cuts its runs. */
const slice = 1_000_000;

/** A machine with the image in it, at its reset. The caller closes it. */
export async function bootImage(image: BenchImage): Promise<Machine> {
  const { board, deviceClass } = await loadBoard(machineOf[image.core]);
  const machine = new Machine({ board, createProcessor, deviceClass });
  const semihosting = new Semihosting({
    bus: machine.bus,
    wordSize: 4,
    write: () => undefined,
    read: () => undefined,
    waiting: () => 0,
    commandLine: '',
    seconds: () => machine.clocks.seconds,
    heap: () => ({ base: 0, limit: 0 }),
    warn: () => undefined,
  });
  machine.processor.onSemihosting = semihosting.handle;
  machine.load(loadImage(image));
  return machine;
}

/** @throws InternalError where the image finds a wrong result */
export async function runImage(image: BenchImage): Promise<ImageRun> {
  const machine = await bootImage(image);
  try {
    const start = performance.now();
    machine.reset();
    let end: MachineEnd = { kind: 'limit' };
    while (end.kind === 'limit') end = machine.run({ instructions: slice });
    const seconds = (performance.now() - start) / 1000;
    if (end.kind !== 'exit' || end.status !== 0) throw new InternalError(`${programTitles[image.program]} on ${machine.board.name}: ${JSON.stringify(end)}`);
    return {
      ...image,
      machine: machine.board.name,
      instructions: machine.instructions,
      cycles: machine.timeline.now,
      virtualSeconds: machine.clocks.seconds,
      seconds,
    };
  } finally {
    machine.close();
  }
}
