import { InvalidInputError } from '@fireball/contracts';
import { nameOf, numberOf, type Element } from './element.js';

/** One of an array, or the only one. */
interface Instance {
  readonly name: string;
  /** From the first: bytes, of fields bits. */
  readonly offset: bigint;
}

/**
 * What an element with `dim` stands for; one without is itself.
 * @param most so many may come of it
 * @throws InvalidInputError for more, and for indices that do not fit
 */
export function instances(element: Element, most: number): Instance[] {
  const name = nameOf(element);
  const dim = numberOf(element, 'dim');
  if (dim === undefined) return [{ name, offset: 0n }];
  const { line } = element.values.get('dim') ?? element;
  if (dim < 1n || dim > BigInt(most))
    throw new InvalidInputError(`<dim> ${dim} of ${name}: ${dim < 1n ? 'it must be 1 at least' : 'the file describes too many registers'}`, { line });
  const increment = numberOf(element, 'dimIncrement');
  if (increment === undefined) throw new InvalidInputError(`${name} has <dim> and no <dimIncrement>`, { line });
  const indices = indicesOf(element, Number(dim));
  return indices.map((index, at) => ({
    name: name.includes('%s') ? name.replace('%s', () => index) : dim === 1n ? name : `${name}${index}`,
    offset: BigInt(at) * increment,
  }));
}

/** `0-3`, `A-D`, `red,green,blue`; 0, 1, 2 .. where nothing is said. */
function indicesOf(element: Element, dim: number): string[] {
  const given = element.values.get('dimIndex');
  if (given === undefined) return Array.from({ length: dim }, (_, index) => String(index));
  const list = ranged(given.text) ?? given.text.split(',').map((index) => index.trim());
  if (list.length !== dim) throw new InvalidInputError(`<dimIndex> has ${list.length} indices, and <dim> is ${dim}`, { line: given.line });
  return list;
}

function ranged(text: string): string[] | undefined {
  const numbers = /^(\d{1,7})-(\d{1,7})$/.exec(text);
  const letters = /^([A-Z])-([A-Z])$/.exec(text);
  const [, from = '', to = ''] = numbers ?? letters ?? [];
  if (from === '') return undefined;
  const [first, last] = numbers === null ? [from.charCodeAt(0), to.charCodeAt(0)] : [Number(from), Number(to)];
  return Array.from({ length: Math.min(Math.max(0, last - first + 1), 1_000_000) }, (_, index) =>
    numbers === null ? String.fromCharCode(first + index) : String(first + index),
  );
}
