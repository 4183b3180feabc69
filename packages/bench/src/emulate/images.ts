import { fileURLToPath } from 'node:url';
import { readInputFile } from '@fireball/contracts';
import { readImage, type FirmwareImage } from '@fireball/image';

/** An image that `bench emulate` runs; its sources are in packages/bench/firmware. */
export interface BenchImage {
  readonly program: 'mixed' | 'ticks' | 'devices' | 'sleep';
  readonly core: 'cortex-m4' | 'cortex-m0plus' | 'rv32';
}

/** What a program is, in a table. */
export const programTitles: Readonly<Record<BenchImage['program'], string>> = {
  mixed: 'mixed',
  ticks: 'an interrupt every 1,000 instructions',
  devices: 'polls and writes of devices',
  sleep: 'asleep for an hour',
};

/** The board that a core's images are built for. */
export const machineOf: Readonly<Record<BenchImage['core'], string>> = { 'cortex-m4': 'mps2-an386', 'cortex-m0plus': 'rp2040', rv32: 'virt-rv32' };

/** What bench emulate runs. */
export const benchImages: readonly BenchImage[] = [
  { program: 'mixed', core: 'cortex-m4' },
  { program: 'mixed', core: 'rv32' },
  { program: 'mixed', core: 'cortex-m0plus' },
  { program: 'ticks', core: 'cortex-m4' },
  { program: 'ticks', core: 'rv32' },
  { program: 'ticks', core: 'cortex-m0plus' },
  { program: 'devices', core: 'cortex-m4' },
  { program: 'devices', core: 'rv32' },
  { program: 'sleep', core: 'cortex-m4' },
  { program: 'sleep', core: 'rv32' },
];

/** The file of an image; `empty` ends at once. */
export function imageFile(program: BenchImage['program'] | 'empty', core: BenchImage['core']): string {
  return fileURLToPath(new URL(`../../firmware/images/${program}-${core}.elf`, import.meta.url));
}

/** @throws InvalidInputError where the file is not what it was built as */
export function loadImage({ program, core }: BenchImage): FirmwareImage {
  return readImage(readInputFile(imageFile(program, core)));
}
