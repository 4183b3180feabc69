import { printable } from '@fireball/contracts';
import type { Machine } from '@fireball/emulator';
import type { ProgramSymbols } from '@fireball/image';

export const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;

/** Offsets of members of structures, behind a null pointer. */
const nullReach = 0x1000;
/** So near to a memory, an address was meant to be in it. */
const nearReach = 0x1_0000;

/** A little-endian word of memory; devices are left alone. */
export function memoryWord(machine: Machine, address: number): number | undefined {
  const place = machine.bus.at(address);
  if (place?.kind !== 'memory' || place.offset + 4 > place.region.bytes.length) return undefined;
  return new DataView(place.region.bytes.buffer, place.region.bytes.byteOffset + place.offset, 4).getUint32(0, true);
}

/** What lies at an address, in words: `ram + 0x20 (buffer+0x4)`, `uart0.DATA`, `null pointer + 0x14`, `12 bytes behind ram`. */
export function describeAddress(machine: Machine, symbols: ProgramSymbols, address: number): string {
  const known = machine.bus.describe(address);
  const isNull = address < nullReach;
  if (known !== undefined) {
    const symbol = machine.bus.at(address)?.kind === 'memory' ? symbols.symbolAt(address) : undefined;
    const place = symbol === undefined ? known : `${known}, ${withOffset(symbol)}`;
    return isNull ? `${place}; a null pointer + 0x${address.toString(16)}?` : place;
  }
  if (isNull) return `null pointer + 0x${address.toString(16)}`;
  const near = nearest(machine, address);
  if (near === undefined) return 'nothing is there';
  const { side, name, bytes } = near;
  return bytes === 0 ? `directly ${side} ${name}` : `${bytes} ${bytes === 1 ? 'byte' : 'bytes'} ${side} ${name}`;
}

/** The memory whose end or beginning is nearest: from its first byte behind it, or to its first byte. */
function nearest(machine: Machine, address: number): { readonly name: string; readonly bytes: number; readonly side: 'behind' | 'before' } | undefined {
  return machine.bus.memories
    .flatMap(({ name, base, bytes: { length } }) => [
      { name, bytes: address - (base + length), side: 'behind' as const },
      { name, bytes: base - address, side: 'before' as const },
    ])
    .filter(({ bytes }) => bytes >= 0 && bytes <= nearReach)
    .sort((a, b) => a.bytes - b.bytes)[0];
}

/** `main+0x12`. */
function withOffset({ name, offset }: { readonly name: string; readonly offset: number }): string {
  return `${printable(name)}${offset === 0 ? '' : `+0x${offset.toString(16)}`}`;
}

/** `main+0x12`, or the address where there is no symbol. */
export function placeOf(symbols: ProgramSymbols | undefined, address: number): string {
  const found = symbols?.functionAt(address);
  return found === undefined ? hex(address) : withOffset(found);
}

/** `main+0x12 (main.c:34)`. */
export function describeCode(symbols: ProgramSymbols, address: number): string {
  const found = symbols.functionAt(address);
  const line = symbols.lineAt(address);
  const name = found === undefined ? '' : withOffset(found);
  const place = line === undefined || line.line === 0 ? '' : `${printable(line.file)}:${line.line}`;
  return [name, place === '' ? '' : name === '' ? place : `(${place})`].filter((part) => part !== '').join(' ');
}
