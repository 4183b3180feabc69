import { InvalidInputError } from '@fireball/contracts';
import type { Derivation } from './derive.js';
import { instances } from './dim.js';
import { nameOf, numberOf, type Element, type Value } from './element.js';
import type { SvdField, SvdRegister } from './model.js';

export type Access = (typeof accesses)[number];
const accesses = ['read-only', 'write-only', 'read-write', 'writeOnce', 'read-writeOnce'] as const;

/** What makers write as well: `write`, `Read/Write`, `readOnly`; letters alone, in lower case. */
const spellings: Readonly<Record<string, Access>> = {
  ...Object.fromEntries(accesses.map((access) => [lettersOf(access), access])),
  read: 'read-only',
  write: 'write-only',
};

function lettersOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z]/g, '');
}

/** @throws InvalidInputError */
export function accessOf({ text, line }: Value): Access {
  const access = spellings[lettersOf(text)];
  if (access === undefined) throw new InvalidInputError(`<access> is '${text.slice(0, 100)}', not one of ${accesses.join(', ')}`, { line });
  return access;
}

/** Bits of a register that are a field, and what the file says of them in particular. */
export interface FieldInfo extends SvdField {
  readonly access: Access | undefined;
  readonly modifiedWriteValues: string | undefined;
}

/** More fields than the widest register has bits are none. */
const mostFields = 1024;

/**
 * A field that reaches beyond its register is left out, as SVDConv does: files of makers have such, and its register is good without it.
 * @throws InvalidInputError
 */
export function fieldsOf(register: Element, bits: number, derivation: Derivation): readonly FieldInfo[] {
  const fields: FieldInfo[] = [];
  for (const one of register.members) {
    const field = derivation.resolve(one);
    const [low, high] = bitsOf(field);
    const access = field.values.get('access');
    for (const { name, offset } of instances(field, mostFields)) {
      if (low > high) throw new InvalidInputError(`field ${name} has the bits ${high + offset}:${low + offset}`, { line: field.line });
      if (high + offset >= bits) continue;
      if (fields.length === mostFields) throw new InvalidInputError(`register ${nameOf(register)} has more than ${mostFields} fields`, { line: register.line });
      fields.push({
        name,
        low: Number(low + offset),
        high: Number(high + offset),
        access: access === undefined ? undefined : accessOf(access),
        modifiedWriteValues: field.values.get('modifiedWriteValues')?.text,
      });
    }
  }
  return fields;
}

/** Its three ways to say so. */
function bitsOf(field: Element): [low: bigint, high: bigint] {
  const range = field.values.get('bitRange');
  if (range !== undefined) {
    const match = /^\[\s*(\d{1,4})\s*:\s*(\d{1,4})\s*\]$/.exec(range.text);
    if (match === null) throw new InvalidInputError(`<bitRange> is '${range.text.slice(0, 100)}', not [MSB:LSB]`, { line: range.line });
    return [BigInt(match[2] ?? 0), BigInt(match[1] ?? 0)];
  }
  const lsb = numberOf(field, 'lsb') ?? numberOf(field, 'bitOffset');
  if (lsb === undefined) throw new InvalidInputError(`field ${nameOf(field)} has neither <bitRange> nor <lsb> nor <bitOffset>`, { line: field.line });
  return [lsb, numberOf(field, 'msb') ?? lsb + (numberOf(field, 'bitWidth') ?? 1n) - 1n];
}

type WriteEffect = 'writable' | 'clearedByOnes' | 'clearedByZeros' | 'setByOnes' | 'setByZeros' | 'flippedByOnes' | 'flippedByZeros';
type Rights = Pick<SvdRegister, 'readable' | WriteEffect>;

/** `modifiedWriteValues`: `clear` and `set` do so whatever is written; `modify` says nothing that is known here. */
const effects: Readonly<Record<string, readonly WriteEffect[]>> = {
  oneToClear: ['clearedByOnes'],
  oneToSet: ['setByOnes'],
  oneToToggle: ['flippedByOnes'],
  zeroToClear: ['clearedByZeros'],
  zeroToSet: ['setByZeros'],
  zeroToToggle: ['flippedByZeros'],
  clear: ['clearedByOnes', 'clearedByZeros'],
  set: ['setByOnes', 'setByZeros'],
};

/**
 * What reads and writes do, bit by bit. Fields that say nothing, and bits of no field, have the register's rights. `writeOnce` is written like others.
 */
export function rightsOf(fields: readonly FieldInfo[], bits: number, access: Access, modifiedWriteValues: string | undefined): Rights {
  const rights = {
    readable: 0n,
    writable: 0n,
    clearedByOnes: 0n,
    clearedByZeros: 0n,
    setByOnes: 0n,
    setByZeros: 0n,
    flippedByOnes: 0n,
    flippedByZeros: 0n,
  };
  const give = (mask: bigint, of: Access, modified: string | undefined): void => {
    if (of === 'read-only' || of === 'read-write' || of === 'read-writeOnce') rights.readable |= mask;
    if (of === 'read-only') return;
    for (const effect of effects[modified ?? ''] ?? ['writable' as const]) rights[effect] |= mask;
  };
  let rest = (1n << BigInt(bits)) - 1n;
  for (const { low, high, ...field } of fields) {
    const mask = ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);
    // Of fields that lie over each other, such as those of two modes, the first decides.
    give(mask & rest, field.access ?? access, field.modifiedWriteValues ?? modifiedWriteValues);
    rest &= ~mask;
  }
  give(rest, access, modifiedWriteValues);
  return rights;
}
