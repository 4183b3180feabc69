import { UsageError } from '@fireball/contracts';

/** How `x` shows memory: so many units of so many bytes. */
interface MemoryShape {
  readonly count: number;
  readonly size: 1 | 2 | 4 | 8;
  readonly radix: 'x' | 'd' | 'u';
}

const sizes = { b: 1, h: 2, w: 4, g: 8 } as const;
const bytesOfLine = 16;
/** Most units at once. */
const mostUnits = 65_536;

/** gdb's `/8xw`: count, radix (x, d, u), size (b, h, w, g), in any order of the letters. @throws UsageError for anything else */
export function parseFormat(text: string): MemoryShape {
  const match = /^(?:\/(\d{0,5})([xdubhwg]*))?$/.exec(text);
  if (match === null) throw new UsageError(`'${text}' is no format: /8xw is eight words in hexadecimal (x, d, u; b, h, w, g)`);
  const letters = match[2] ?? '';
  const count = Number(match[1] === undefined || match[1] === '' ? 1 : match[1]);
  if (count < 1 || count > mostUnits) throw new UsageError(`1 to ${mostUnits} units can be shown, not ${count}`);
  const size = [...letters].reduce<MemoryShape['size']>((chosen, letter) => (letter in sizes ? sizes[letter as keyof typeof sizes] : chosen), 4);
  const radix = [...letters].reduce<MemoryShape['radix']>((chosen, letter) => (letter === 'x' || letter === 'd' || letter === 'u' ? letter : chosen), 'x');
  return { count, size, radix };
}

export function formatMemory(address: number, bytes: Uint8Array, { size, radix }: MemoryShape): string {
  const units: string[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const raw = [...bytes.subarray(at, at + size)].reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
    units.push(radix === 'x' ? `0x${raw.toString(16).padStart(2 * size, '0')}` : (radix === 'd' ? BigInt.asIntN(8 * size, raw) : raw).toString());
  }
  const perLine = bytesOfLine / size;
  const lines: string[] = [];
  for (let first = 0; first < units.length; first += perLine) {
    lines.push(`0x${(address + first * size).toString(16).padStart(8, '0')}  ${units.slice(first, first + perLine).join('  ')}`);
  }
  return lines.join('\n');
}
