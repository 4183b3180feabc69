import type { Boundary, LocationMap, ValueLocation, WordLocation, WordPlace } from './location-map.js';

/** Where the words of locations are read: the state of a machine that stands at a boundary. Undefined where nothing is known. */
export interface LocationReader {
  /** The word of a general register, or of a stack slot. */
  readonly place: (place: WordPlace) => number | undefined;
  /** Raw bits of a floating-point register. */
  readonly float: (register: number) => bigint | undefined;
}

/** The boundary in front of an instruction, or of the one that it became part of. */
export function boundaryOfInstruction({ boundaries }: LocationMap, wasmOffset: number): Boundary | undefined {
  return boundaries.findLast((boundary) => boundary.wasmOffset <= wasmOffset) ?? boundaries[0];
}

/** What locations are called, for people. */
export interface LocationNames {
  readonly register: (register: number) => string;
  readonly float: (register: number) => string;
  readonly constant: string;
}

/** The words of a value, signed, low word first; undefined where nothing holds one of them. */
export function wordsOfLocation(location: ValueLocation, reader: LocationReader): readonly number[] | undefined {
  const words = location.map((word) => wordOf(word, reader));
  return words.every((word) => word !== undefined) ? words : undefined;
}

function wordOf(location: WordLocation, { place, float }: LocationReader): number | undefined {
  switch (location.kind) {
    case 'register':
    case 'slot':
      return place(location);
    case 'constant':
      return location.value;
    case 'float': {
      const bits = float(location.register);
      return bits === undefined ? undefined : Number(BigInt.asIntN(32, location.half === 'low' ? bits : bits >> 32n));
    }
    case 'unknown':
      return undefined;
    case 'sum': {
      const value = place(location.of);
      return value === undefined ? undefined : (value + location.constant) | 0;
    }
    case 'shift': {
      const value = place(location.of);
      return value === undefined ? undefined : (shifts[location.shift](value, location.amount) + location.constant) | 0;
    }
    case 'product': {
      const [a, b] = [place(location.a), place(location.b)];
      return a === undefined || b === undefined ? undefined : Math.imul(a, b);
    }
  }
}

const shifts = {
  shl: (value: number, amount: number) => value << amount,
  shr_s: (value: number, amount: number) => value >> amount,
  shr_u: (value: number, amount: number) => value >>> amount,
  rotr: (value: number, amount: number) => (value >>> amount) | (value << (32 - amount)),
} as const;

/** Where a value is, for people: `r4`, `[sp + 8], [sp + 12]`, `r0 shl 2`. */
export function describeLocation(location: ValueLocation, names: LocationNames): string {
  return location.map((word) => describeWord(word, names)).join(', ');
}

function describeWord(location: WordLocation, names: LocationNames): string {
  const place = (of: WordPlace): string => (of.kind === 'register' ? names.register(of.register) : `[sp + ${of.offset}]`);
  switch (location.kind) {
    case 'register':
    case 'slot':
      return place(location);
    case 'constant':
      return names.constant;
    case 'float':
      return `${names.float(location.register)}${location.half === 'low' ? '' : ' (upper word)'}`;
    case 'unknown':
      return 'nowhere';
    case 'sum':
      return `${place(location.of)}${describeConstant(location.constant)}`;
    case 'shift':
      return `${place(location.of)} ${location.shift} ${location.amount}${location.constant === 0 ? '' : describeConstant(location.constant)}`;
    case 'product':
      return `${place(location.a)} * ${place(location.b)}`;
  }
}

function describeConstant(constant: number): string {
  return ` ${constant < 0 ? '-' : '+'} ${Math.abs(constant)}`;
}
