import { characterText, decimalFloat } from '../variables/format-object.js';

/** gdb's letters for how a number is shown, and `s`, which leaves that to its type. */
export const numberFormats = 'xduotzcfas';

/** How numbers are shown, where it is not as their types say. */
export interface NumberFormat {
  readonly letter: string;
  /** Of an address: the function that it is in, with its offset. */
  readonly nameAt: (address: number) => string | undefined;
}

/** A number of so many bytes as a letter of gdb's says. Of a number with a fraction, whole ones are the part in front of that. */
export function formatAs(value: bigint | number, size: number, { letter, nameAt }: NumberFormat): string {
  if (typeof value === 'number' && (letter === 'f' || !Number.isFinite(value))) return decimalFloat(value, size);
  const whole = typeof value === 'number' ? BigInt(Math.trunc(value)) : value;
  const bits = BigInt.asUintN(8 * size, whole);
  switch (letter) {
    case 'x':
      return `0x${bits.toString(16)}`;
    case 'z':
      return `0x${bits.toString(16).padStart(2 * size, '0')}`;
    case 'o':
      return bits === 0n ? '0' : `0${bits.toString(8)}`;
    case 't':
      return bits.toString(2);
    case 'u':
      return String(bits);
    case 'c':
      return characterText(BigInt.asIntN(8, bits), 1);
    case 'f':
      return floatOfBits(bits, size);
    case 'a': {
      const name = nameAt(Number(BigInt.asUintN(32, bits)));
      return `0x${bits.toString(16)}${name === undefined ? '' : ` <${name}>`}`;
    }
    default:
      return String(BigInt.asIntN(8 * size, bits));
  }
}

/** Its bits as a floating-point number, where there are such of its size. */
function floatOfBits(bits: bigint, size: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits, true);
  if (size === 4) return decimalFloat(view.getFloat32(0, true), size);
  return size === 8 ? decimalFloat(view.getFloat64(0, true), size) : String(BigInt.asIntN(8 * size, bits));
}
