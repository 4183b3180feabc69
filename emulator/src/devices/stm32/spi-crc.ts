/** The CRC of SPI's data (RM0090 28.3.6): the polynomial of CRCPR over frames of 8 or 16 bits, their most significant bit first. */
export function crcOf(crc: number, frame: number, polynomial: number, bits: 8 | 16): number {
  const top = 2 ** (bits - 1);
  const mask = 2 ** bits - 1;
  let value = (crc ^ frame) & mask;
  for (let bit = 0; bit < bits; bit++) value = ((value << 1) ^ ((value & top) !== 0 ? polynomial : 0)) & mask;
  return value;
}
