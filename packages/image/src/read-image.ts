import { InvalidInputError, UsageError } from '@fireball/contracts';
import { debugInformation } from './debug/debug-sections.js';
import { dfuSuffix } from './dfu.js';
import { elfSegmentType, elfType, isElf, readElf } from './elf.js';
import type { FirmwareImage, ImageFormat, ImageSegment } from './firmware.js';
import { readIntelHex } from './intel-hex.js';
import { readSrec } from './srec.js';
import { readTiTxt } from './ti-txt.js';
import { isUf2, readUf2 } from './uf2.js';

/** What a file does not say itself. */
export interface ImageOptions {
  /** Where a file without addresses begins. Moves nothing in a file that has some. */
  readonly base?: number | undefined;
  /** The file's form, where it is not to be found out. */
  readonly format?: ImageFormat | undefined;
  /** Family whose blocks to take from a UF2 file for several. */
  readonly family?: number | undefined;
}

/** The form of a firmware file, from its first bytes; what is none of the others is raw. */
export function detectFormat(bytes: Uint8Array): ImageFormat {
  if (isElf(bytes)) return 'elf';
  if (isUf2(bytes)) return 'uf2';
  const start = String.fromCharCode(...bytes.subarray(0, 64)).trimStart();
  if (/^:[0-9a-f]{10}/i.test(start)) return 'ihex';
  if (/^S[0-9][0-9a-f]{6}/i.test(start)) return 'srec';
  if (/^@[0-9a-f]{1,8}\s*[\r\n]/i.test(start)) return 'ti-txt';
  return 'raw';
}

/**
 * Reads a firmware file of any form.
 * @throws InvalidInputError with line or byte offset where it is corrupt
 * @throws UsageError where a raw file comes without a base
 */
export function readImage(bytes: Uint8Array, options: ImageOptions = {}): FirmwareImage {
  if (bytes.length === 0) throw new InvalidInputError('the file is empty', { offset: 0 });
  const { format = detectFormat(bytes) } = options;
  const image = readers[format](bytes, options);
  if (image.segments.length === 0) throw new InvalidInputError('the file holds nothing to load', { offset: 0 });
  return image;
}

const readers: Readonly<Record<ImageFormat, (bytes: Uint8Array, options: ImageOptions) => FirmwareImage>> = {
  elf: firmwareOfElf,
  ihex: readIntelHex,
  srec: readSrec,
  'ti-txt': readTiTxt,
  uf2: (bytes, { family }) => readUf2(bytes, family),
  raw: readRaw,
};

function readRaw(bytes: Uint8Array, { base }: ImageOptions): FirmwareImage {
  if (base === undefined) throw new UsageError('a raw image does not say where it belongs: give its base address');
  const suffix = dfuSuffix(bytes);
  const data = suffix === undefined ? bytes : bytes.subarray(0, bytes.length - suffix.length);
  const remarks = suffix === undefined ? [] : [`a DFU suffix of ${suffix.length} bytes was passed over`];
  const segments = data.length === 0 ? [] : [{ address: base, data, memorySize: data.length }];
  return { format: 'raw', segments, entry: undefined, machine: undefined, bits: undefined, symbols: [], debug: undefined, remarks };
}

function firmwareOfElf(bytes: Uint8Array): FirmwareImage {
  const file = readElf(bytes);
  const { type, machine, bits, entry, segments, symbols } = file;
  if (type !== elfType.executable && type !== elfType.shared) {
    throw new InvalidInputError('the ELF file is no program', {
      offset: 16,
      hint: type === elfType.relocatable ? 'it is an object file: link it' : `its type is ${type}`,
    });
  }
  const loaded = segments
    .filter((segment) => segment.type === elfSegmentType.load && segment.memorySize > 0)
    .map(({ physicalAddress: address, data, memorySize }): ImageSegment => ({ address, data, memorySize }))
    .sort((a, b) => a.address - b.address);
  loaded.forEach((segment, index) => {
    const next = loaded[index + 1];
    if (next !== undefined && segment.address + segment.memorySize > next.address && next.data.length > 0 && segment.data.length > 0) {
      throw new InvalidInputError(`segments at 0x${segment.address.toString(16)} and 0x${next.address.toString(16)} overlap`, { section: 'program header' });
    }
  });
  return { format: 'elf', segments: loaded, entry, machine, bits, symbols, debug: debugInformation(file), remarks: [] };
}
