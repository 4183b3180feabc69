import type { Random } from '@fireball/engines';

// Damage to inputs, by what they are: bytes, text, JSON.

/** Bytes that mean much in wasm and ELF: ends of LEB128 numbers, sizes, opcodes of blocks and prefixes. */
const bytes = [0, 1, 0x0b, 0x40, 0x7f, 0x80, 0xfc, 0xfd, 0xff] as const;
/** LEB128 numbers of 2^32 - 1, 2^31, 2^28, and one that does not end. */
const longNumbers = [[0xff, 0xff, 0xff, 0xff, 0x0f], [0x80, 0x80, 0x80, 0x80, 0x08], [0x80, 0x80, 0x80, 0x80, 0x01], Array<number>(12).fill(0xff)] as const;
/** What numbers in texts become. */
const numbers = [
  '0',
  '1',
  '-1',
  '65535',
  '65536',
  '65537',
  '2147483648',
  '4294967295',
  '4294967296',
  '1e308',
  '0x7fffffffffffffff',
  '99999999999999999999',
  'nan',
  '10000000',
] as const;
/** What values in JSON become. */
const values: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  4294967296,
  '',
  'x',
  '\0',
  '__proto__',
  '../../etc/passwd',
  '/dev/zero',
  [],
  {},
  [[[]]],
  { length: -1 },
];

/** Changes one to four places. */
export function mutateBytes(random: Random, input: Uint8Array): Uint8Array {
  let result = [...input];
  for (let count = random.between(1, 4); count > 0; count--) {
    const at = random.below(result.length + 1);
    const insert = (...more: number[]): void => void result.splice(at, 0, ...more);
    // Mostly changes that leave everything else where it is.
    switch (random.chance(60) ? random.below(2) : random.below(7)) {
      case 0:
        result[at] = (result[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 1:
        result[at] = random.pick(bytes);
        break;
      case 2:
        insert(...random.pick(longNumbers));
        break;
      case 3:
        result.splice(at, random.between(1, 8));
        break;
      case 4:
        insert(...result.slice(at, at + random.between(1, 32)));
        break;
      case 5:
        result = result.slice(0, at);
        break;
      default:
        result[at] = random.below(256);
    }
  }
  return Uint8Array.from(result);
}

/** Changes one to three words, brackets or lines. */
export function mutateText(random: Random, input: string): string {
  const parts = input.split(/(\s+|[()",:=[\]{}])/);
  for (let count = random.between(1, 3); count > 0; count--) {
    const at = random.below(parts.length);
    const part = parts[at] ?? '';
    switch (random.below(6)) {
      case 0:
        parts.splice(at, 1);
        break;
      case 1:
        parts.splice(at, 0, part);
        break;
      case 2:
        parts[at] = /\d/.test(part) ? part.replace(/\d+/, random.pick(numbers)) : (parts[random.below(parts.length)] ?? '');
        break;
      case 3:
        parts[at] = random.pick(numbers);
        break;
      case 4:
        parts[at] = random.pick(['\0', '\u001b[2J', '\ufffd', '"', '(', ')', 'é', ';;', '(;', '\n'] as const);
        break;
      default:
        parts.length = at;
    }
  }
  return parts.join('');
}

/** Changes one to three values somewhere in a JSON document, or its text. */
export function mutateJson(random: Random, text: string): string {
  if (random.chance(15)) return mutateText(random, text);
  const holder = { document: JSON.parse(text) as unknown };
  for (let count = random.between(1, 3); count > 0; count--) mutateValue(random, holder);
  // The whole document may be gone.
  return Object.keys(holder).length === 0 ? '' : JSON.stringify(holder.document);
}

/** Goes down at random, and changes what is there. */
function mutateValue(random: Random, parent: object): void {
  const keys = Object.keys(parent);
  if (keys.length === 0) return;
  const key = random.pick(keys);
  const holder = parent as Record<string, unknown>;
  const value = holder[key];
  if (typeof value === 'object' && value !== null && random.chance(85)) {
    mutateValue(random, value);
    return;
  }
  if (random.chance(20)) {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else Reflect.deleteProperty(holder, key);
  } else if (typeof value === 'string' && random.chance(60)) {
    holder[key] = mutateText(random, value);
  } else if (typeof value === 'number' && random.chance(60)) {
    holder[key] = random.pick([value + 1, value - 1, value * 2, -value, value / 3, 2 ** 32, 2 ** 31] as const);
  } else {
    // A copy: a later mutation may go down into it, or put it into itself.
    holder[key] = structuredClone(random.pick(values));
  }
}
