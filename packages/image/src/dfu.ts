/** The suffix that tools put behind a raw image for USB. Source: USB Device Class Specification for Device Firmware Upgrade 1.1, appendix B. */
const suffixBytes = 16;

interface DfuSuffix {
  /** USB ids that the file is for; 0xffff is any. */
  readonly vendor: number;
  readonly product: number;
  /** Bytes from the end of the file that are not firmware. */
  readonly length: number;
}

/** The file's DFU suffix, if its signature and checksum say that there is one. */
export function dfuSuffix(bytes: Uint8Array): DfuSuffix | undefined {
  if (bytes.length < suffixBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - suffixBytes, suffixBytes);
  const signature = String.fromCharCode(view.getUint8(10), view.getUint8(9), view.getUint8(8));
  const length = view.getUint8(11);
  if (signature !== 'DFU' || length < suffixBytes || length > bytes.length) return undefined;
  if (crc32(bytes.subarray(0, bytes.length - 4)) !== view.getUint32(12, true)) return undefined;
  return { product: view.getUint16(2, true), vendor: view.getUint16(4, true), length };
}

/** CRC-32 without its final inversion, as the suffix has it. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : 0xedb8_8320);
  }
  return crc >>> 0;
}
