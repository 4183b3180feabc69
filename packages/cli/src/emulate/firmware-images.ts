import { InvalidInputError, printable, readInputFile, readStandardInput, standardInputName, UnsupportedError, UsageError } from '@fireball/contracts';
import type { Machine, Processor } from '@fireball/emulator';
import { detectFormat, elfMachine, readImage, type FirmwareImage } from '@fireball/image';

export interface ImageFile {
  readonly file: string;
  /** Where a file without addresses begins. */
  readonly base: number | undefined;
}

/** An image that was loaded, with the file that it came from. */
export interface LoadedImage {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly image: FirmwareImage;
}

/** A number as addresses are written: `0x08000000`, `134217728`. */
export function parseAddress(text: string): number | undefined {
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** `--load FILE@ADDR`. @throws UsageError */
export function parseLoad(text: string): ImageFile {
  const at = text.lastIndexOf('@');
  const base = at < 0 ? undefined : parseAddress(text.slice(at + 1));
  if (at < 1 || base === undefined) throw new UsageError(`--load wants FILE@ADDRESS, such as data.bin@0x20000000, not '${text}'`);
  return { file: text.slice(0, at), base };
}

const architectures: Readonly<Record<Processor['architecture'], { readonly machine: number; readonly bits: 32 | 64; readonly name: string }>> = {
  'arm-m': { machine: elfMachine.arm, bits: 32, name: '32-bit Arm' },
  rv32: { machine: elfMachine.riscv, bits: 32, name: '32-bit RISC-V' },
  rv64: { machine: elfMachine.riscv, bits: 64, name: '64-bit RISC-V' },
};
const machineNames: Readonly<Record<number, string>> = {
  2: 'SPARC',
  3: 'x86',
  4: '68000',
  8: 'MIPS',
  20: 'PowerPC',
  40: 'Arm',
  62: 'x86-64',
  83: 'AVR',
  94: 'Xtensa',
  105: 'MSP430',
  183: '64-bit Arm',
  243: 'RISC-V',
};

/**
 * Reads an image.
 * @throws InvalidInputError, UnsupportedError with the file; UsageError for a raw one that says not where it belongs
 */
function readFirmware({ file, base }: ImageFile): LoadedImage {
  const bytes = file === standardInputName ? readStandardInput() : readInputFile(file);
  if (base === undefined && detectFormat(bytes) === 'raw')
    throw new UsageError(`${printable(file)} is no ELF, Intel HEX, S-record, TI-TXT or UF2 file: say with --base ADDRESS where a raw image belongs`);
  return { file, bytes, image: inFile(file, () => readImage(bytes, { base })) };
}

/**
 * Loads images into a machine.
 * @throws InvalidInputError where one is for another architecture, lies outside of memory or where another one is
 */
export function loadFirmware(machine: Machine, files: readonly ImageFile[]): LoadedImage[] {
  const taken: { readonly start: number; readonly end: number; readonly file: string }[] = [];
  return files.map((source) => {
    const { file } = source;
    const loaded = readFirmware(source);
    const { image } = loaded;
    inFile(file, () => {
      checkArchitecture(image, machine);
      for (const { address, memorySize } of image.segments) {
        const other = taken.find(({ start, end }) => address < end && address + memorySize > start);
        if (other !== undefined && other.file !== file)
          throw new InvalidInputError(
            `0x${address.toString(16)}..0x${(address + memorySize - 1).toString(16)} overlaps what ${printable(other.file)} loads at 0x${other.start.toString(16)}..0x${(other.end - 1).toString(16)}`,
          );
      }
      machine.load(image);
    });
    taken.push(...image.segments.map(({ address, memorySize }) => ({ start: address, end: address + memorySize, file })));
    return loaded;
  });
}

function checkArchitecture({ machine, bits }: FirmwareImage, { board, processor }: Machine): void {
  if (machine === undefined) return;
  const wanted = architectures[processor.architecture];
  if (machine === wanted.machine && bits === wanted.bits) return;
  const is = machineNames[machine] ?? `ELF machine ${machine}`;
  throw new InvalidInputError(
    `the image is for ${machine === elfMachine.riscv ? `${bits ?? 32}-bit ` : ''}${is}, and ${board.name} has a ${processor.name}, ${wanted.name}`,
    { offset: 18, hint: 'fireball machines lists the machines there are' },
  );
}

function inFile<T>(file: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw (error instanceof InvalidInputError || error instanceof UnsupportedError) && error.facts.file === undefined ? error.inFile(file) : error;
  }
}
