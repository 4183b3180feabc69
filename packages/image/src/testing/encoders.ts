/** Plain writers of the formats, for tests. */
import type { ImageFormat } from '../firmware.js';

/** Address and bytes. */
export type Pieces = readonly (readonly [address: number, data: Uint8Array])[];

const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0');
const ascii = (lines: readonly string[]): Uint8Array => Uint8Array.from(`${lines.join('\n')}\n`, (char) => char.charCodeAt(0));
const sumOf = (bytes: readonly number[]): number => bytes.reduce((sum, byte) => (sum + byte) & 0xff, 0);

/** The pieces in parts of at most `size` bytes that cross no multiple of `border`. */
function parts(pieces: Pieces, size: number, border = Infinity): [number, number[]][] {
  return pieces.flatMap(([address, data]) => {
    const list: [number, number[]][] = [];
    for (let at = 0; at < data.length;) {
      const room = border === Infinity ? size : border - ((address + at) % border);
      const end = Math.min(at + Math.min(size, room), data.length);
      list.push([address + at, [...data.subarray(at, end)]]);
      at = end;
    }
    return list;
  });
}

function hexRecord(offset: number, type: number, data: readonly number[]): string {
  const bytes = [data.length, offset >> 8, offset & 0xff, type, ...data];
  return `:${[...bytes, -sumOf(bytes) & 0xff].map((byte) => hex(byte, 2)).join('')}`;
}

function intelHex(pieces: Pieces): Uint8Array {
  const lines = parts(pieces, 16, 0x1_0000).flatMap(([address, data]) => {
    const upper = address >>> 16;
    return [hexRecord(0, 4, [upper >> 8, upper & 0xff]), hexRecord(address & 0xffff, 0, data)];
  });
  return ascii([...lines, hexRecord(0, 1, [])]);
}

function srec(pieces: Pieces): Uint8Array {
  const record = (type: number, address: number, data: readonly number[]): string => {
    const bytes = [data.length + 5, address >>> 24, (address >> 16) & 0xff, (address >> 8) & 0xff, address & 0xff, ...data];
    return `S${type}${[...bytes, sumOf(bytes) ^ 0xff].map((byte) => hex(byte, 2)).join('')}`;
  };
  return ascii([...parts(pieces, 32).map(([address, data]) => record(3, address, data)), record(7, 0, [])]);
}

function tiTxt(pieces: Pieces): Uint8Array {
  const lines = pieces.flatMap(([address, data]) => [
    `@${hex(address, 4)}`,
    ...parts([[0, data]], 16).map(([, bytes]) => bytes.map((byte) => hex(byte, 2)).join(' ')),
  ]);
  return ascii([...lines, 'q']);
}

function uf2(pieces: Pieces, family?: number): Uint8Array {
  const blocks = parts(pieces, 256);
  const file = new Uint8Array(512 * blocks.length);
  blocks.forEach(([address, data], index) => {
    const view = new DataView(file.buffer, 512 * index, 512);
    const words = [0x0a32_4655, 0x9e5d_5157, family === undefined ? 0 : 0x2000, address, data.length, index, blocks.length, family ?? 0];
    words.forEach((word, position) => view.setUint32(4 * position, word, true));
    view.setUint32(508, 0x0ab1_6f30, true);
    file.set(data, 512 * index + 32);
  });
  return file;
}

export const encoders = { ihex: intelHex, srec, 'ti-txt': tiTxt, uf2 } as const satisfies Partial<Record<ImageFormat, (pieces: Pieces) => Uint8Array>>;
