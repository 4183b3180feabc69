/** SNIFF_CTRL.CALC: what is made of the data (data sheet, table 145). */
const [CRC32, CRC32_REVERSED, CRC16, CRC16_REVERSED, PARITY, SUM] = [0x0, 0x1, 0x2, 0x3, 0xe, 0xf] as const;

/** A CRC's register behind `count` bits of data, the most significant bit of the register first; with `reversed` the least significant bit of the data. */
function crc(register: number, data: number, count: number, polynomial: number, width: 16 | 32, reversed: boolean): number {
  const top = 2 ** (width - 1);
  const mask = width === 32 ? 0xffff_ffff : 0xffff;
  let value = (register & mask) >>> 0;
  for (let index = 0; index < count; index++) {
    const bit = (data >>> (reversed ? index : count - 1 - index)) & 1;
    const carries = ((value & top) !== 0) !== (bit === 1);
    value = ((value << 1) & mask) >>> 0;
    if (carries) value = ((value ^ polynomial) & mask) >>> 0;
  }
  return value;
}

/** SNIFF_DATA behind a transfer of `size` bytes (data sheet, 2.5.5.2). */
export function sniffed(before: number, data: number, size: 1 | 2 | 4, calculation: number): number {
  const bits = size * 8;
  switch (calculation) {
    case CRC32:
    case CRC32_REVERSED:
      return crc(before, data, bits, 0x04c1_1db7, 32, calculation === CRC32_REVERSED);
    case CRC16:
    case CRC16_REVERSED:
      return crc(before, data, bits, 0x1021, 16, calculation === CRC16_REVERSED);
    case PARITY: {
      let ones = data ^ before;
      for (const shift of [16, 8, 4, 2, 1]) ones ^= ones >>> shift;
      return ones & 1;
    }
    case SUM:
      return (before + data) >>> 0;
    default:
      return before;
  }
}

/** What a read of SNIFF_DATA gives: OUT_REV turns it around, OUT_INV inverts it. */
export function sniffOutput(data: number, reversed: boolean, inverted: boolean): number {
  let value = data;
  if (reversed) {
    value = 0;
    for (let bit = 0; bit < 32; bit++) value = (value << 1) | ((data >>> bit) & 1);
  }
  return (inverted ? ~value : value) >>> 0;
}
