/** Loads and stores of the core in WebAssembly: takes the place of src/core/memory.ts there, which has the same names. Addresses and values are of 32 bits. */

export function load8(address: i32): i32 {
  return load<u8>(address);
}

export function load16(address: i32): i32 {
  return load<u16>(address);
}

export function load32(address: i32): i32 {
  return load<i32>(address);
}

export function store8(address: i32, value: i32): void {
  store<u8>(address, value);
}

export function store16(address: i32, value: i32): void {
  store<u16>(address, value);
}

export function store32(address: i32, value: i32): void {
  store<i32>(address, value);
}

export function loadFloat(address: i32): f64 {
  return load<f64>(address);
}

export function storeFloat(address: i32, value: f64): void {
  store<f64>(address, value);
}

/** How many bits in front of the first 1. */
export function leadingZeros(value: i32): i32 {
  return clz(value);
}

/** The word, rotated to the right by so many bits, of which there are 32. */
export function rotateRight(value: i32, bits: i32): i32 {
  return rotr(value, bits);
}

/** Is the first word less, both without sign? */
export function isBelow(a: i32, b: i32): boolean {
  return (a as u32) < (b as u32);
}

/** How often a word is in another one, both without sign; not by 0. */
export function quotient(a: i32, b: i32): i32 {
  return (a as u32) / (b as u32);
}

/** How many pages of 64 KiB there are. */
export function memoryPages(): i32 {
  return memory.size();
}

/** False where there is no room for so many more pages. */
export function growMemory(pages: i32): boolean {
  return memory.grow(pages) >= 0;
}
