import type { Machine } from '@fireball/emulator';
import type { FirmwareImage } from '@fireball/image';

// Boards fireball-* and the virtual SoCs have the same memories, and firmware of one is not firmware of the other: that of the SoC is an entry that is called,
// without vector table or trap handler, and calls the system; that of the board brings everything along.

const vsocOf: Readonly<Record<string, string>> = { 'fireball-thumb2': 'vsoc-thumb2', 'fireball-rv32': 'vsoc-rv32' };

/** Firmware has failed on a board: was it made for the virtual SoC of the same name? */
export function hintOfVsoc({ board, processor, bus }: Machine, images: readonly FirmwareImage[]): string | undefined {
  const vsoc = vsocOf[board.name];
  const entry = images.find((image) => image.entry !== undefined)?.entry;
  if (vsoc === undefined || entry === undefined) return undefined;
  const isBare =
    processor.architecture === 'arm-m' ? ((bus.read(board.processor.resetVector + 4, 4) ?? 0) | 1) !== (entry | 1) : processor.readRegister('mtvec') === 0;
  return isBare
    ? `the image has no ${processor.architecture === 'arm-m' ? 'vector table' : 'trap handler'}: firmware for the virtual SoC runs on --machine ${vsoc}`
    : undefined;
}

/** Firmware has failed on a virtual SoC, or cannot be loaded there. */
export function hintOfBoard(vsoc: string): string {
  const board = Object.keys(vsocOf).find((name) => vsocOf[name] === vsoc) ?? '';
  return `ordinary firmware, with startup code of its own, runs on --machine ${board}`;
}
