import { nearest, printable } from '@fireball/contracts';
import { wrong, type BoardMap, type BoardTree, type Origin } from './board-tree.js';

const sizeUnits: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };
const clockUnits: Readonly<Record<string, number>> = { Hz: 1, kHz: 1e3, MHz: 1e6, GHz: 1e9 };

/** `did you mean X?`, or what there is. */
export function meant(name: string, known: readonly string[]): string {
  const close = nearest(name, known);
  return close === undefined ? `known: ${known.join(', ') || 'none'}` : `did you mean ${close}?`;
}

/** One mapping of a board file, read key by key. Every problem is an InvalidInputError with file and line. */
export class BoardReader {
  /** @param what it is, for messages: `device uart0` */
  constructor(
    readonly tree: BoardMap,
    readonly what: string,
  ) {}

  static of(tree: BoardTree, what: string): BoardReader {
    if (tree.kind !== 'map') throw wrong(tree.origin, `${what} is no mapping`);
    return new BoardReader(tree, what);
  }

  get origin(): Origin {
    return this.tree.origin;
  }

  /** @throws for a key that is not among them */
  only(keys: readonly string[]): this {
    for (const [key, { origin }] of this.tree.entries) {
      if (!keys.includes(key)) throw wrong(origin, `${this.what} has no key '${printable(key)}'`, meant(key, keys));
    }
    return this;
  }

  get keys(): readonly string[] {
    return [...this.tree.entries.keys()];
  }

  has(key: string): boolean {
    return this.tree.entries.has(key);
  }

  /** Where a key stands; the mapping, where it has none. */
  where(key: string): Origin {
    return this.tree.entries.get(key)?.origin ?? this.origin;
  }

  /** The mapping below a key; an empty one where there is none. */
  map(key: string, what = `${this.what}, ${key}`): BoardReader {
    const tree = this.tree.entries.get(key);
    return tree === undefined ? new BoardReader({ kind: 'map', origin: this.origin, entries: new Map() }, what) : BoardReader.of(tree, what);
  }

  /** Names of things of the board: devices, clocks, memories. */
  named(key: string, what: string): { readonly name: string; readonly reader: BoardReader }[] {
    const below = this.map(key);
    return below.keys.map((name) => {
      below.checkName(name);
      return { name, reader: below.map(name, `${what} '${name}'`) };
    });
  }

  checkName(name: string): void {
    if (!/^[A-Za-z][\w-]{0,39}$/.test(name))
      throw wrong(this.where(name), `'${printable(name)}' is no name`, 'a letter, then letters, digits, - and _, at most 40');
  }

  #value(key: string): string | number | boolean | null {
    const tree = this.tree.entries.get(key);
    if (tree === undefined) throw wrong(this.origin, `${this.what} lacks '${key}'`);
    if (tree.kind !== 'scalar') throw wrong(tree.origin, `${this.what}: ${key} is a ${tree.kind === 'map' ? 'mapping' : 'list'}, and should be one value`);
    return tree.value;
  }

  #wrongType(key: string, wanted: string): never {
    throw wrong(this.where(key), `${this.what}: ${key} is ${printable(String(this.#value(key)))}, and should be ${wanted}`);
  }

  text(key: string, otherwise?: string): string {
    if (otherwise !== undefined && !this.has(key)) return otherwise;
    const value = this.#value(key);
    return typeof value === 'string' && value !== '' ? value : this.#wrongType(key, 'text');
  }

  /** Is the value text that is no quantity? */
  isText(key: string): boolean {
    const value = this.#value(key);
    return typeof value === 'string' && quantity(value) === undefined;
  }

  optionalText(key: string): string | undefined {
    return this.has(key) ? this.text(key) : undefined;
  }

  flag(key: string, otherwise: boolean): boolean {
    if (!this.has(key)) return otherwise;
    const value = this.#value(key);
    return typeof value === 'boolean' ? value : this.#wrongType(key, 'true or false');
  }

  choice<T extends string>(key: string, known: readonly T[], what: string): T {
    const value = this.text(key);
    const found = known.find((one) => one === value);
    if (found === undefined) throw wrong(this.where(key), `${this.what}: unknown ${what} '${printable(value)}'`, meant(value, known));
    return found;
  }

  /** A whole number; sizes may be written `4M` and `16K`, frequencies `25MHz` and `32768Hz`. */
  number(
    key: string,
    { least = 0, most = 2 ** 53 - 1, otherwise }: { readonly least?: number; readonly most?: number; readonly otherwise?: number } = {},
  ): number {
    if (otherwise !== undefined && !this.has(key)) return otherwise;
    const value = quantity(this.#value(key));
    if (value === undefined) return this.#wrongType(key, 'a whole number, such as 0x4000, 16K or 25MHz');
    if (value < least || value > most) return this.#wrongType(key, `between ${shown(least)} and ${shown(most)}`);
    return value;
  }

  /** One text, or a list of them. */
  texts(key: string): readonly { readonly text: string; readonly origin: Origin }[] {
    const tree = this.tree.entries.get(key);
    if (tree === undefined) return [];
    const items = tree.kind === 'list' ? tree.items : [tree];
    return items.map((item) => {
      if (item.kind !== 'scalar' || typeof item.value !== 'string' || item.value === '')
        throw wrong(item.origin, `${this.what}: ${key} should be text, or a list of texts`);
      return { text: item.value, origin: item.origin };
    });
  }

  numbers(key: string): readonly number[] {
    const tree = this.tree.entries.get(key);
    if (tree === undefined) return [];
    if (tree.kind !== 'list') throw wrong(tree.origin, `${this.what}: ${key} should be a list of numbers`);
    return tree.items.map((item) => {
      if (item.kind !== 'scalar' || typeof item.value !== 'number' || !Number.isSafeInteger(item.value))
        throw wrong(item.origin, `${this.what}: ${key} should be a list of whole numbers`);
      return item.value;
    });
  }
}

function shown(value: number): string {
  return value > 0xffff ? `0x${value.toString(16)}` : String(value);
}

/** Bytes, hertz or a plain whole number; undefined where it is none. */
function quantity(value: string | number | boolean | null): number | undefined {
  const plain = typeof value === 'string' ? ofText(value) : value;
  return typeof plain === 'number' && Number.isSafeInteger(plain) ? plain : undefined;
}

function ofText(text: string): number | undefined {
  // JSON has no other way to write an address.
  if (/^(0x[0-9a-f]{1,14}|\d{1,15})$/i.test(text)) return Number(text);
  const match = /^(\d{1,15}(?:\.\d{1,9})?)\s?([KMG]|[kMG]?Hz)$/.exec(text);
  if (match === null) return undefined;
  const [, digits = '', unit = ''] = match;
  const factor = sizeUnits[unit] ?? clockUnits[unit] ?? NaN;
  // 14.7456MHz is a whole number of hertz, but not in binary fractions.
  const [whole = '', part = ''] = digits.split('.');
  const scaled = (Number(whole + part) * factor) / 10 ** part.length;
  return Number.isInteger(scaled) ? scaled : undefined;
}
