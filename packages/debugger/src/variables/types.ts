import { BrokenBytes, numberOf, valueOf, type EntryTree, type TreeEntry } from '@fireball/image';
import { at, attributeOf, tag, textOf, wholeOf } from './dwarf.js';

/** Most members, dimensions and enumerators of one type, and longest way through names for a type. */
const [mostMembers, longestWay] = [4000, 32];
/** What is kept of types that have been read. */
const mostTypes = 10_000;

/** Part of a structure or a union. */
export interface Member {
  /** Undefined: its own members are those of the whole. */
  readonly name: string | undefined;
  readonly type: SourceType;
  /** In bytes. */
  readonly offset: number;
  /** Of a bit-field: its lowest bit, from there, and how many. */
  readonly bits: { readonly lowest: number; readonly size: number } | undefined;
  /** Of a base class. */
  readonly isBase: boolean;
}

/** Members that are there where another one has a value. */
interface Variants {
  readonly discriminant: Member;
  /** By the value; undefined is for all that are not named. */
  readonly choices: readonly { readonly value: bigint | undefined; readonly members: readonly Member[] }[];
}

/** What is inside of a structure, a class or a union. */
export interface Inside {
  readonly members: readonly Member[];
  readonly variants: Variants | undefined;
}

/** Several may have the same value. */
type Enumerators = readonly (readonly [value: bigint, name: string])[];

/** A type of the source language. Types that refer to others read them when they are asked. */
export type SourceType =
  | { readonly kind: 'base'; readonly name: string; readonly size: number; readonly encoding: number }
  | { readonly kind: 'pointer'; readonly name: string | undefined; readonly size: number; readonly isReference: boolean; readonly target: () => SourceType }
  /** `counts`: of each dimension; undefined where the type does not say. */
  | { readonly kind: 'array'; readonly element: () => SourceType; readonly counts: readonly (number | undefined)[] }
  | { readonly kind: 'structure'; readonly name: string; readonly size: number; readonly inside: () => Inside }
  | { readonly kind: 'enumeration'; readonly name: string; readonly size: number; readonly values: () => Enumerators }
  | { readonly kind: 'alias'; readonly name: string; readonly of: () => SourceType }
  | { readonly kind: 'qualified'; readonly qualifier: string; readonly of: () => SourceType }
  | { readonly kind: 'function'; readonly result: () => SourceType; readonly parameters: () => readonly SourceType[] }
  | { readonly kind: 'void' };

const qualifiers: Readonly<Record<number, string>> = {
  [tag.constant]: 'const',
  [tag.volatile]: 'volatile',
  [tag.restrict]: 'restrict',
  [tag.atomic]: '_Atomic',
};
const keywords: Readonly<Record<number, string>> = { [tag.structure]: 'struct', [tag.union]: 'union', [tag.class]: 'class', [tag.enumeration]: 'enum' };
/** `DW_LANG_*` of C, whose names of types begin with what they are. */
const languagesOfC = [0x01, 0x02, 0x0c, 0x1d, 0x2c];

/** Reads types of a module; those that have been read are kept. */
export class SourceTypes {
  readonly #known = new Map<number, SourceType>();

  constructor(private readonly tree: EntryTree) {}

  /** The type that an entry names. @throws BrokenBytes */
  of(entry: TreeEntry): SourceType {
    const offset = numberOf(attributeOf(this.tree, entry, at.type));
    if (offset === undefined) return { kind: 'void' };
    return this.at(offset);
  }

  /** The type whose entry is there. @throws BrokenBytes */
  at(offset: number): SourceType {
    const known = this.#known.get(offset);
    if (known !== undefined) return known;
    const found = this.tree.at(offset);
    if (found === undefined) throw new BrokenBytes(`no type is at 0x${offset.toString(16)}`);
    const type = this.#read(found);
    if (this.#known.size >= mostTypes) this.#known.clear();
    this.#known.set(offset, type);
    return type;
  }

  #read(entry: TreeEntry): SourceType {
    const name = textOf(attributeOf(this.tree, entry, at.name));
    const size = numberOf(entry.attributes.get(at.byteSize)) ?? 0;
    const target = (): SourceType => this.of(entry);
    const qualifier = qualifiers[entry.tag];
    if (qualifier !== undefined) return { kind: 'qualified', qualifier, of: target };
    switch (entry.tag) {
      case tag.base:
        return { kind: 'base', name: name ?? '?', size, encoding: numberOf(entry.attributes.get(at.encoding)) ?? 0 };
      case tag.pointer:
      case tag.reference:
      case tag.rvalueReference:
        return { kind: 'pointer', name, size: size === 0 ? entry.unit.addressSize : size, isReference: entry.tag !== tag.pointer, target };
      case tag.array:
        return { kind: 'array', element: target, counts: this.tree.children(entry, [tag.subrange], mostMembers).map(countOf) };
      case tag.structure:
      case tag.class:
      case tag.union:
        return { kind: 'structure', name: this.#nameOf(entry, name), size, inside: once(() => this.#inside(entry)) };
      case tag.enumeration:
        return { kind: 'enumeration', name: this.#nameOf(entry, name), size, values: once(() => this.#enumerators(entry)) };
      case tag.typedef:
        return { kind: 'alias', name: name ?? '?', of: target };
      case tag.subroutine:
        return { kind: 'function', result: target, parameters: () => this.tree.children(entry, [tag.parameter], mostMembers).map((each) => this.of(each)) };
      default:
        if (entry.attributes.has(at.type)) return { kind: 'alias', name: name ?? '?', of: target };
        return { kind: 'base', name: name ?? '?', size, encoding: 0 };
    }
  }

  #nameOf({ tag: kind, unit }: TreeEntry, name: string | undefined): string {
    const isC = languagesOfC.includes(numberOf(unit.root.attributes.get(at.language)) ?? 0);
    const keyword = keywords[kind] ?? '';
    return name === undefined ? `${keyword} {...}` : isC ? `${keyword} ${name}` : name;
  }

  #inside(entry: TreeEntry): Inside {
    const parts = this.tree.children(entry, [tag.member, tag.inheritance], mostMembers).filter((part) => !part.attributes.has(at.declaration));
    const [part] = this.tree.children(entry, [tag.variantPart], 1);
    return { members: parts.map((each) => this.#member(each)), variants: part === undefined ? undefined : this.#variants(part) };
  }

  #member(entry: TreeEntry): Member {
    const type = this.of(entry);
    const place = entry.attributes.get(at.memberLocation);
    // Up to version 3, an expression to which the whole's address is given.
    const offset = place instanceof Uint8Array ? Number(valueOf(place, nothing, entry.unit.addressSize, [0n])) : (numberOf(place) ?? 0);
    const name = textOf(entry.attributes.get(at.name));
    return { name, type, isBase: entry.tag === tag.inheritance, ...this.#bits(entry, type, offset) };
  }

  #bits({ attributes }: TreeEntry, type: SourceType, offset: number): Pick<Member, 'offset' | 'bits'> {
    const size = numberOf(attributes.get(at.bitSize));
    if (size === undefined) return { offset, bits: undefined };
    const whole = numberOf(attributes.get(at.byteSize)) ?? sizeOf(type) ?? 4;
    const [data, old] = [numberOf(attributes.get(at.dataBitOffset)), numberOf(attributes.get(at.bitOffset))];
    const lowest = data ?? (old === undefined ? 0 : 8 * (offset + whole) - old - size);
    return { offset: Math.floor(lowest / 8), bits: { lowest: lowest % 8, size } };
  }

  #variants(part: TreeEntry): Variants | undefined {
    const offset = numberOf(part.attributes.get(at.discriminant));
    const entry = offset === undefined ? undefined : this.tree.at(offset);
    if (entry === undefined) return undefined;
    const choices = this.tree.children(part, [tag.variant], mostMembers).map((variant) => ({
      value: wholeOf(variant.attributes.get(at.discriminantValue)),
      members: this.tree.children(variant, [tag.member], mostMembers).map((member) => this.#member(member)),
    }));
    return { discriminant: this.#member(entry), choices };
  }

  #enumerators(entry: TreeEntry): Enumerators {
    const all = this.tree.children(entry, [tag.enumerator], mostMembers);
    return all.map(({ attributes }) => [wholeOf(attributes.get(at.constantValue)) ?? 0n, textOf(attributes.get(at.name)) ?? '?']);
  }
}

function once<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => (known ??= { value: read() }).value;
}

function countOf({ attributes }: TreeEntry): number | undefined {
  const last = numberOf(attributes.get(at.upperBound));
  return numberOf(attributes.get(at.count)) ?? (last === undefined ? undefined : last + 1);
}

function unknown(): never {
  throw new BrokenBytes('an expression of a member that asks for more than its address');
}
const nothing = { wasm: unknown, memory: unknown, frameBase: unknown, indexedAddress: unknown };

/** Without other names and qualifiers. @throws BrokenBytes for a type that is one of itself */
export function plain(type: SourceType): Exclude<SourceType, { readonly kind: 'alias' | 'qualified' }> {
  let current = type;
  for (let way = 0; way < longestWay; way++) {
    if (current.kind !== 'alias' && current.kind !== 'qualified') return current;
    current = current.of();
  }
  throw new BrokenBytes(`a type behind more than ${longestWay} names`);
}

/** In bytes; undefined where the type does not say. @throws BrokenBytes */
export function sizeOf(type: SourceType, depth = 0): number | undefined {
  const found = plain(type);
  switch (found.kind) {
    case 'base':
    case 'pointer':
    case 'structure':
    case 'enumeration':
      return found.size;
    case 'array': {
      if (depth > longestWay) throw new BrokenBytes('an array of itself');
      const element = sizeOf(found.element(), depth + 1);
      return found.counts.reduce<number | undefined>((size, count) => (size === undefined || count === undefined ? undefined : size * count), element);
    }
    case 'function':
    case 'void':
      return undefined;
  }
}

/** Most types that one name is made of. */
const mostNames = 64;

/** As the source language has it. @throws BrokenBytes */
export function nameOfType(type: SourceType): string {
  let left = mostNames;
  const name = (named: SourceType, inner: string): string => {
    if (--left < 0) return '...';
    const around = (before: string): string => (inner === '' ? before : `${before} ${inner}`);
    const wrapped = /^[*&]/.test(inner) ? `(${inner})` : inner;
    switch (named.kind) {
      case 'base':
      case 'structure':
      case 'enumeration':
      case 'alias':
        return around(named.name);
      case 'void':
        return around('void');
      case 'qualified': {
        const target = named.of();
        // The pointer is, not what it points to.
        if (target.kind === 'pointer') return name(target, around(named.qualifier));
        return `${named.qualifier} ${name(target, inner)}`;
      }
      case 'pointer':
        if (named.name !== undefined) return around(named.name);
        return name(named.target(), `${named.isReference ? '&' : '*'}${/^\w/.test(inner) ? ' ' : ''}${inner}`);
      case 'array':
        return name(named.element(), `${wrapped}${named.counts.map((count) => `[${count ?? ''}]`).join('')}`);
      case 'function': {
        const parameters = named.parameters().map((each) => (left < 0 ? '...' : name(each, '')));
        return name(named.result(), `${wrapped}(${parameters.slice(0, mostNames).join(', ')})`);
      }
    }
  };
  return name(type, '');
}
