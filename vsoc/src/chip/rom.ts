import type { CpuBackend, Isa } from '@fireball/contracts';
import { exitRoutine, floatStartRoutine, type Features, type TemplateSet } from '@fireball/jit';
import { loadCodeImage, type CodeImage } from './code-image.js';
import { memoryMap, type AddressMap } from './memory-map.js';

/** Routines of the guest ROM where they lie; entries are named after the wasm instruction that they carry out. */
export type RomImage = CodeImage;

/** Where the virtual SoC has them: behind the empty word at 0 and the return-to-host stub. */
export const romOffset = 0x400;
/** Where the return-to-host stub lies in ROM. Address 0 stays empty: a jump through an empty slot must not look like a return. */
const exitOffset = 0x100;
/** Where the code that sets up the floating-point unit lies in ROM. */
const floatStartOffset = 0x110;

/** The committed routines, put at `base`; alone, or with the interpreter. */
export function loadRom(isa: Isa, base: number = memoryMap.rom.base + romOffset, folder: 'rom' | 'rom/interp' = 'rom'): RomImage {
  return loadCodeImage(folder, isa, base);
}

interface InstalledRom {
  readonly base: number;
  /** The host's view. */
  readonly bytes: Uint8Array;
  /** Return address of host calls. */
  readonly exitAddress: number;
}

/** Maps ROM and fills it with the routines and what every core needs beside them; sets up the floating-point unit. */
export function installRom(cpu: CpuBackend, { base, size }: AddressMap['rom'], image: RomImage, templates: TemplateSet, features: Features): InstalledRom {
  const bytes = cpu.mapRam(base, size, { read: true, write: false, execute: true });
  const exitAddress = base + exitOffset;
  bytes.set(exitRoutine(templates).linkAt(exitAddress), exitOffset);
  bytes.set(image.code, image.base - base);
  // On RISC-V everything is in the instructions (jit/ABI.md).
  const floatStart = features.has('fpv4') ? floatStartRoutine(templates) : undefined;
  if (floatStart !== undefined) bytes.set(floatStart.linkAt(base + floatStartOffset), floatStartOffset);
  cpu.invalidateCode(base, size);
  if (floatStart !== undefined) cpu.run(base + floatStartOffset, floatStart.size);
  return { base, bytes, exitAddress };
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
