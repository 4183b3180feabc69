/** CRC-32 as ISO-HDLC has it, which is zlib's. */
import { load32, load8, store32 } from '@fireball/wasm';
import { checksums } from '../layout/placing.js';

/** 0xedb88320. */
const polynomial = -0x1247_7ce0;

/** Fills the table, once. */
export function prepareChecksums(): void {
  for (let byte = 0; byte < 0x100; byte++) {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest & 1) !== 0 ? (rest >>> 1) ^ polynomial : rest >>> 1;
    store32(checksums + (byte << 2), rest);
  }
}

/** Of the bytes from one address to another. */
export function crc32(start: i32, end: i32): i32 {
  let crc = -1;
  for (let at = start; at < end; at++) crc = (crc >>> 8) ^ load32(checksums + (((crc ^ load8(at)) & 0xff) << 2));
  return ~crc;
}
