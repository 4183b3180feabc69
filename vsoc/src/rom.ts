import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InternalError, MissingPartError, type Isa } from '@fireball/contracts';
import { memoryMap } from './memory-map.js';

/** Version of the generated file's layout. */
export const romSchema = 2;

/** `vsoc/rom/generated/{thumb2,rv32}.json`, as the builder writes it. */
export interface RomFile {
  readonly schema: typeof romSchema;
  readonly isa: Isa;
  /** Target flags that the code was compiled with: the least core that runs it. */
  readonly target: string;
  /** SHA-256 over sources, linker script and compiler flags. */
  readonly inputsHash: string;
  /** First line of the compiler's `--version`; information. */
  readonly compiler: string;
  readonly licence: string;
  /** Members of the compiler's library that are part of the code. */
  readonly libraryMembers: readonly string[];
  readonly size: number;
  /** Offset of each instruction's routine in `code`, which runs at any address that is a multiple of 16. */
  readonly entries: Readonly<Record<string, number>>;
  /** Base64. */
  readonly code: string;
}

/** Routines of the guest ROM where they lie. */
export interface RomImage {
  readonly isa: Isa;
  readonly base: number;
  readonly code: Uint8Array;
  /** Addresses by the name of the wasm instruction that the routine carries out. */
  readonly entries: ReadonlyMap<string, number>;
}

/** The same from src and from dist. */
const generated = new URL('../rom/generated/', import.meta.url);
const loaded = new Map<Isa, RomFile>();

/** Where the virtual SoC has them: behind the empty word at 0 and the return-to-host stub. */
export const romOffset = 0x400;

/** The committed routines, put at `base`; read once per process. */
export function loadRom(isa: Isa, base: number = memoryMap.rom.base + romOffset): RomImage {
  let file = loaded.get(isa);
  if (file === undefined) {
    file = readRomFile(fileURLToPath(new URL(`${isa}.json`, generated)), isa);
    loaded.set(isa, file);
  }
  return imageOf(file, base);
}

function readRomFile(path: string, isa: Isa): RomFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new MissingPartError(`the guest ROM ${path}`, 'restore the file, or build it with `pnpm rom:build`', { cause: error });
  }
  const file = JSON.parse(text) as RomFile;
  if ((file.schema as number) !== romSchema || file.isa !== isa) throw new InternalError(`${path} is no ${isa} ROM of schema ${romSchema}`);
  return file;
}

function imageOf(file: RomFile, base: number): RomImage {
  const code = new Uint8Array(Buffer.from(file.code, 'base64'));
  if (code.length !== file.size) throw new InternalError(`the ${file.isa} ROM has ${code.length} bytes, not ${file.size}`);
  const entries = new Map(Object.entries(file.entries).map(([name, offset]) => [name, base + offset]));
  return { isa: file.isa, base, code, entries };
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
