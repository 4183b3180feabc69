import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InternalError, writeOutputFile } from '@fireball/contracts';
import { NativeProgram } from '../native-program.js';
import { loadImage, type BenchImage } from './images.js';
import type { Timed } from './timed.js';

const source = fileURLToPath(new URL('../../native/bare-loop.cc', import.meta.url));
const hex = (value: number): string => value.toString(16);

/** Where the stack ends, as firmware/link.ld has it. */
const stackBytes = 0x4000;
const memories: Readonly<Record<BenchImage['core'], { readonly ram: number; readonly maps: readonly string[] }>> = {
  'cortex-m4': { ram: 0x2000_0000, maps: ['0+10000', '20000000+10000'] },
  'cortex-m0plus': { ram: 0x2000_0000, maps: ['10000000+10000', '20000000+10000'] },
  rv32: { ram: 0x8020_0000, maps: ['80000000+400000'] },
};

/** libunicorn in a loop in C++, with one code hook that counts: what an emulator of firmware begins with. */
export class BareLoop {
  readonly #program = new NativeProgram(source);

  /** Runs an image that needs neither interrupts nor devices. @throws InternalError where it finds a wrong result */
  run(image: BenchImage): Timed {
    const { ram, maps } = memories[image.core];
    const { segments, entry = 0 } = loadImage(image);
    const first = segments.find(({ data }) => data.length > 0);
    if (first === undefined) throw new InternalError(`${image.program} has nothing in it`);
    const file = join(this.#program.folder, 'image');
    writeOutputFile(file, first.data);
    const cpu = image.core === 'cortex-m0plus' ? 'cortex-m0' : image.core;
    const args = [cpu, hex(entry), hex(ram + stackBytes), `${file}@${hex(first.address)}`, ...maps];
    const { status, stdout, stderr } = spawnSync(this.#program.file, args, { encoding: 'utf8' });
    const [instructions = NaN, seconds = NaN, left = NaN] = stdout.split(' ').map(Number);
    if (status !== 0 || left !== 0) throw new InternalError(`bare-loop ${args.join(' ')}: ${stdout}${stderr}`);
    return { instructions, seconds };
  }

  close(): void {
    this.#program.close();
  }
}
