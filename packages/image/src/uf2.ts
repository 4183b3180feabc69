/** UF2: blocks of 512 bytes, each with an address. Source: the format's specification, github.com/microsoft/uf2. */
import { InvalidInputError, UnsupportedError } from '@fireball/contracts';
import { Chunks } from './chunks.js';
import type { FirmwareImage } from './firmware.js';

const uf2BlockBytes = 512;
const magics = { start0: 0x0a32_4655, start1: 0x9e5d_5157, end: 0x0ab1_6f30 } as const;
const flag = { notMainFlash: 0x1, fileContainer: 0x1000, familyId: 0x2000 } as const;
const mostPayload = 476;

/** Families of the boards' chips and their relatives, by the names that the specification's list gives them. */
export const uf2Families: ReadonlyMap<string, number> = new Map([
  ['RP2040', 0xe48b_ff56],
  ['RP2XXX_ABSOLUTE', 0xe48b_ff57],
  ['RP2350_ARM_S', 0xe48b_ff59],
  ['RP2350_RISCV', 0xe48b_ff5a],
  ['RP2350_ARM_NS', 0xe48b_ff5b],
  ['SAMD21', 0x68ed_2b88],
  ['SAMD51', 0x5511_4460],
  ['SAML21', 0x1851_780a],
  ['NRF52', 0x1b57_745f],
  ['NRF52840', 0xada5_2840],
  ['NRF52833', 0x621e_937a],
  ['STM32F0', 0x6478_24b6],
  ['STM32F1', 0x5ee2_1072],
  ['STM32F2', 0x5d1a_0a2e],
  ['STM32F3', 0x6b84_6188],
  ['STM32F4', 0x5775_5a57],
  ['STM32F407', 0x6d09_22fa],
  ['STM32F7', 0x53b8_0f00],
  ['STM32L4', 0x00ff_6919],
  ['ESP32', 0x1c5f_21b0],
  ['MIMXRT10XX', 0x4fb2_d5bd],
]);

export function isUf2(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bytes.length >= 8 && view.getUint32(0, true) === magics.start0 && view.getUint32(4, true) === magics.start1;
}

interface Block {
  readonly offset: number;
  readonly address: number;
  readonly data: Uint8Array;
  readonly number: number;
  readonly count: number;
  /** Undefined where the block names none. */
  readonly family: number | undefined;
  readonly flags: number;
}

/**
 * @param family which chip's blocks to take from a file for several
 * @throws InvalidInputError with the byte offset, for truncated, corrupt or missing blocks, and where a file for several families is not told which
 * @throws UnsupportedError for file containers
 */
export function readUf2(bytes: Uint8Array, family?: number): FirmwareImage {
  if (bytes.length % uf2BlockBytes !== 0) {
    throw new InvalidInputError(`${bytes.length} bytes, not a multiple of ${uf2BlockBytes}: the file is truncated`, {
      offset: bytes.length - (bytes.length % uf2BlockBytes),
    });
  }
  const blocks = Array.from({ length: bytes.length / uf2BlockBytes }, (_, index) => readBlock(bytes, index * uf2BlockBytes));
  const forFlash = blocks.filter(({ flags }) => (flags & flag.notMainFlash) === 0);
  const wanted = chosen(forFlash, family);
  checkComplete(wanted);
  const chunks = new Chunks();
  for (const { address, data, offset } of wanted) chunks.add(address, data, 0, data.length, { offset });
  const left = blocks.length - wanted.length;
  const remarks = left === 0 ? [] : [`${left} of ${blocks.length} blocks are not for this chip's flash and were passed over`];
  return { format: 'uf2', segments: chunks.segments(), entry: undefined, machine: undefined, bits: undefined, symbols: [], debug: undefined, remarks };
}

function readBlock(bytes: Uint8Array, offset: number): Block {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, uf2BlockBytes);
  const word = (at: number): number => view.getUint32(at, true);
  if (word(0) !== magics.start0 || word(4) !== magics.start1) throw new InvalidInputError('no UF2 block begins here', { offset });
  if (word(508) !== magics.end) throw new InvalidInputError('the UF2 block does not end as one', { offset: offset + 508 });
  const flags = word(8);
  if ((flags & flag.fileContainer) !== 0) throw new UnsupportedError('a UF2 container of files; firmware has addresses', { offset: offset + 8 });
  const size = word(16);
  if (size > mostPayload) throw new InvalidInputError(`a payload of ${size} bytes; a block holds at most ${mostPayload}`, { offset: offset + 16 });
  const family = (flags & flag.familyId) === 0 ? undefined : word(28);
  return { offset, flags, family, address: word(12), number: word(20), count: word(24), data: bytes.subarray(offset + 32, offset + 32 + size) };
}

/** A file may hold several programs, each for a family, and RP2350 boot ROMs' own block beside any of them. */
function chosen(blocks: readonly Block[], family: number | undefined): readonly Block[] {
  const present = [...new Set(blocks.map((block) => block.family))].filter((id) => id !== uf2Families.get('RP2XXX_ABSOLUTE'));
  if (family !== undefined) {
    const fitting = blocks.filter((block) => block.family === family || block.family === undefined);
    if (fitting.length === 0)
      throw new InvalidInputError(`no block is for family ${familyName(family)}, only for ${present.map(familyName).join(', ')}`, { offset: 0 });
    return fitting;
  }
  if (present.length > 1) {
    throw new InvalidInputError(`blocks for several families: ${present.map(familyName).join(', ')}`, { offset: 0, hint: 'choose one' });
  }
  return blocks.filter((block) => block.family === present[0]);
}

function checkComplete(blocks: readonly Block[]): void {
  const [first] = blocks;
  if (first === undefined) return;
  const seen = new Uint8Array(Math.min(first.count, blocks.length + 1));
  for (const { number, count, offset } of blocks) {
    if (count !== first.count) throw new InvalidInputError(`a block of ${count}, in a file whose first says ${first.count}`, { offset: offset + 24 });
    if (number >= count) throw new InvalidInputError(`block ${number} of ${count}`, { offset: offset + 20 });
    if (number < seen.length) seen[number] = 1;
  }
  const missing = seen.indexOf(0);
  if (missing >= 0)
    throw new InvalidInputError(`block ${missing} of ${first.count} is missing: the file is truncated`, { offset: blocks.at(-1)!.offset + uf2BlockBytes });
}

function familyName(id: number | undefined): string {
  if (id === undefined) return 'no family';
  const [name] = [...uf2Families].find(([, value]) => value === id) ?? [];
  const number = `0x${id.toString(16).padStart(8, '0')}`;
  return name === undefined ? number : `${name} (${number})`;
}
