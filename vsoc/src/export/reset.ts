import { patch } from '@fireball/jit';
import type { Chip } from '../chip/chip.js';

/** Exceptions of the system before the first interrupt (Armv7-M ARM, table B1-4): HardFault .. SysTick. */
const systemVectors = 16;

/**
 * What lies at the start of ROM. Arm: the vector table, every exception leading to `fault`. RISC-V: a
 * jump to `start`, since QEMU's `virt` begins at the start of RAM.
 */
export function resetCode(chip: Chip, start: number, fault: number): Uint8Array {
  if (chip.isa === 'rv32') {
    const jump = chip.templates.require('jal');
    const code = new Uint8Array(jump.bytes.length);
    patch(code, 0, jump, [0, start - chip.map.rom.base]);
    return code;
  }
  const bytes = new Uint8Array(4 * systemVectors);
  const view = new DataView(bytes.buffer);
  for (let vector = 0; vector < systemVectors; vector++) view.setUint32(4 * vector, fault | 1, true);
  view.setUint32(0, chip.dataMemory.stackTop, true);
  view.setUint32(4, start | 1, true);
  return bytes;
}
