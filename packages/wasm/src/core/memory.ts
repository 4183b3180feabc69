/** The core's memory, for the core as plain TypeScript. `assembly/memory.ts` has the same names for WebAssembly, and takes this file's place there. */

const pageSize = 0x1_0000;

let view = new DataView(new ArrayBuffer(pageSize));

/** The byte at an address, without sign. */
export function load8(address: i32): i32 {
  return view.getUint8(address);
}

/** The half of a word at an address, without sign. */
export function load16(address: i32): i32 {
  return view.getUint16(address, true);
}

/** The word at an address. */
export function load32(address: i32): i32 {
  return view.getInt32(address, true);
}

/** Writes a byte. */
export function store8(address: i32, value: i32): void {
  view.setUint8(address, value);
}

/** Writes half of a word. */
export function store16(address: i32, value: i32): void {
  view.setUint16(address, value, true);
}

/** Writes a word. */
export function store32(address: i32, value: i32): void {
  view.setInt32(address, value, true);
}

/** The number of 64 bits at an address. */
export function loadFloat(address: i32): f64 {
  return view.getFloat64(address, true);
}

/** Writes a number of 64 bits. */
export function storeFloat(address: i32, value: f64): void {
  view.setFloat64(address, value, true);
}

/** How many bits in front of the first 1. */
export function leadingZeros(value: i32): i32 {
  return Math.clz32(value);
}

/** The word, rotated to the right by so many bits, of which there are 32. */
export function rotateRight(value: i32, bits: i32): i32 {
  return (value >>> bits) | (value << -bits);
}

/** Is the first word less, both without sign? */
export function isBelow(a: i32, b: i32): boolean {
  return a >>> 0 < b >>> 0;
}

/** How often a word is in another one, both without sign; not by 0. */
export function quotient(a: i32, b: i32): i32 {
  return Math.floor((a >>> 0) / (b >>> 0)) | 0;
}

/** How many pages of 64 KiB there are. */
export function memoryPages(): i32 {
  return view.byteLength / pageSize;
}

/** False where there is no room for so many more pages. */
export function growMemory(pages: i32): boolean {
  const grown = new Uint8Array(view.byteLength + pages * pageSize);
  grown.set(new Uint8Array(view.buffer));
  view = new DataView(grown.buffer);
  return true;
}

/** What the host sees of it. */
export const portableMemory = {
  get buffer(): ArrayBufferLike {
    return view.buffer;
  },
};
