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
  let at = start;
  for (; at <= end - 4; at += 4) crc = behindByte(behindByte(behindByte(behindByte(crc ^ load32(at)))));
  for (; at < end; at++) crc = behindByte(crc ^ load8(at));
  return ~crc;
}

/** The sum behind a byte, which is in its lowest bits already. */
function behindByte(crc: i32): i32 {
  return (crc >>> 8) ^ load32(checksums + ((crc & 0xff) << 2));
}
