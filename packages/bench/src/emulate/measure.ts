import { InternalError } from '@fireball/contracts';
import type { BareLoop } from './bare-loop.js';
import type { BenchImage } from './images.js';
import { runImage, type ImageRun } from './machine-run.js';
import { runQemu, type QemuRun } from './qemu.js';
import { runRp2040js } from './rp2040js.js';
import { mips, type Timed } from './timed.js';

/** What our machine is compared with. */
export const emulators = ['bare', 'qemu', 'rp2040js'] as const;
/** Whose speed is measured beside ours. */
export type Emulator = (typeof emulators)[number];

/** An image on our machine, and how fast others run it: millions of instructions a second. */
export interface EmulateRow extends ImageRun {
  readonly mips: number;
  /** Those that run this image. */
  readonly others: Readonly<Partial<Record<Emulator, number>>>;
}

/** Measures an image everywhere, in turns, so that all have the same share of what else the computer does; the fastest pass of each counts. */
export async function measureImage(image: BenchImage, bare: BareLoop, passes: number): Promise<EmulateRow> {
  const own: ImageRun[] = [];
  const loops: Timed[] = [];
  const qemu: QemuRun[] = [];
  const rp2040js: Timed[] = [];
  for (let pass = 0; pass < passes; pass++) {
    const run = await runImage(image);
    own.push(run);
    if (image.program === 'mixed') loops.push(bare.run(image));
    const judged = runQemu(image, run.instructions);
    if (judged !== undefined) qemu.push(judged);
    const other = runRp2040js(image);
    if (other !== undefined) rp2040js.push(other);
  }
  const [run] = own;
  if (run === undefined) throw new InternalError('no passes');
  const seconds = least(own.map((one) => one.seconds));
  const [loop] = loops;
  const [judged] = qemu;
  const [other] = rp2040js;
  return {
    ...run,
    seconds,
    mips: mips(run.instructions, seconds),
    others: {
      ...(loop === undefined ? {} : { bare: mips(loop.instructions, least(loops.map((one) => one.seconds))) }),
      ...(judged === undefined ? {} : { qemu: mips(judged.instructions, least(qemu.map((one) => one.seconds)) - least(qemu.map((one) => one.emptySeconds))) }),
      ...(other === undefined ? {} : { rp2040js: mips(other.instructions, least(rp2040js.map((one) => one.seconds))) }),
    },
  };
}

function least(values: readonly number[]): number {
  return Math.min(...values);
}
