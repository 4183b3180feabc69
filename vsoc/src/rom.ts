import type { Isa } from '@fireball/contracts';
import { loadCodeImage, type CodeImage } from './code-image.js';
import { memoryMap } from './memory-map.js';

/** Routines of the guest ROM where they lie; entries are named after the wasm instruction that they carry out. */
export type RomImage = CodeImage;

/** Where the virtual SoC has them: behind the empty word at 0 and the return-to-host stub. */
export const romOffset = 0x400;

/** The committed routines, put at `base`; alone, or with the interpreter. */
export function loadRom(isa: Isa, base: number = memoryMap.rom.base + romOffset, folder: 'rom' | 'rom/interp' = 'rom'): RomImage {
  return loadCodeImage(folder, isa, base);
}

/** Number in the trap instruction of a routine that `pc` stands at; undefined where there is none. */
export function romTrapNumber(image: RomImage, pc: number, register: (name: string) => number): number | undefined {
  const offset = pc - image.base;
  if (offset < 0 || offset + 2 > image.code.length) return undefined;
  const halfword = new DataView(image.code.buffer, image.code.byteOffset).getUint16(offset, true);
  // Arm: the number is UDF's immediate. RISC-V: C.EBREAK carries none, it is in a7.
  if (image.isa === 'thumb2') return halfword >> 8 === 0xde ? halfword & 0xff : undefined;
  return halfword === 0x9002 ? register('a7') : undefined;
}
