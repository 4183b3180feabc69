import { InvalidInputError } from '@fireball/contracts';
import { SaxesParser } from 'saxes';

/** What a leaf of the file says. */
export interface Value {
  readonly text: string;
  readonly line: number;
}

/** A device, peripheral, cluster, register, field or address block, with what matters here of it. */
export interface Element {
  readonly kind: Kind;
  readonly line: number;
  /** The attribute `derivedFrom`. */
  readonly derivedFrom: string | undefined;
  /** `name`, `addressOffset`, `size` ..: the first of each. */
  readonly values: ReadonlyMap<string, Value>;
  /** Peripherals of a device; clusters and registers; fields of a register. */
  readonly members: readonly Element[];
  readonly blocks: readonly Element[];
}

type Kind = 'device' | 'peripheral' | 'cluster' | 'register' | 'field' | 'addressBlock';

interface OpenElement extends Element {
  readonly values: Map<string, Value>;
  readonly members: Element[];
  readonly blocks: Element[];
}

/** Which elements have which within them. */
const within: Readonly<Record<Kind, readonly string[]>> = {
  device: ['peripheral'],
  peripheral: ['cluster', 'register', 'addressBlock'],
  cluster: ['cluster', 'register'],
  register: ['field'],
  field: [],
  addressBlock: [],
};
/** Elements that only hold others together. */
const wrappers = new Set(['peripherals', 'registers', 'fields']);
/** Everything else is passed over: descriptions, enumerated values, interrupts, what vendors add. */
const leaves = new Set([
  'name',
  'baseAddress',
  'offset',
  'usage',
  'addressOffset',
  'size',
  'access',
  'resetValue',
  'modifiedWriteValues',
  'dim',
  'dimIncrement',
  'dimIndex',
  'bitOffset',
  'bitWidth',
  'lsb',
  'msb',
  'bitRange',
]);

/** Far more than the largest chips have. */
const mostElements = 3_000_000;
/** Elements within each other. */
const deepest = 100;
/** Characters of a name or number. */
const longestText = 10_000;

/** What is open: an element, or a leaf or wrapper in one. */
interface Open {
  readonly element: OpenElement;
  readonly tag: string;
  readonly leaf: { readonly line: number; text: string } | undefined;
}

/**
 * Reads the file's root element.
 * @throws InvalidInputError with the line where it is no XML, or too large
 */
export function readElements(text: string): Element {
  const parser = new SaxesParser();
  const open: Open[] = [];
  /** Depth within an element that is passed over. */
  let skipped = 0;
  let count = 0;
  let root: Element | undefined;
  const fail = (problem: string): never => {
    throw new InvalidInputError(problem, { line: parser.line });
  };
  parser.on('error', (error) => fail(`not well-formed XML: ${error.message.replace(/^(?:[^:]*:)?\d+:\d+: /, '')}`));
  parser.on('opentag', ({ name, attributes }) => {
    const top = open.at(-1);
    if (top === undefined && name !== 'device') fail(`the root element is <${name}>, not <device>: this is no CMSIS-SVD file`);
    const begins = top === undefined || (within[top.element.kind].includes(name) && top.leaf === undefined);
    if (open.length + skipped >= deepest) fail(`elements are more than ${deepest} deep in each other`);
    if (skipped > 0 || !(begins || (top.leaf === undefined && (leaves.has(name) || wrappers.has(name))))) {
      skipped++;
      return;
    }
    if (++count > mostElements) fail(`more than ${mostElements} elements`);
    const { line } = parser;
    if (begins) {
      const element: OpenElement = { kind: name as Kind, line, derivedFrom: attributes['derivedFrom'], values: new Map(), members: [], blocks: [] };
      if (top === undefined) root = element;
      else (element.kind === 'addressBlock' ? top.element.blocks : top.element.members).push(element);
      open.push({ element, tag: name, leaf: undefined });
    } else {
      open.push({ element: top.element, tag: name, leaf: leaves.has(name) ? { line, text: '' } : undefined });
    }
  });
  const addText = (part: string): void => {
    const { tag, leaf } = open.at(-1) ?? {};
    if (skipped > 0 || leaf === undefined) return;
    leaf.text += part;
    if (leaf.text.length > longestText) fail(`<${tag ?? ''}> has more than ${longestText} characters`);
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    if (skipped > 0) {
      skipped--;
      return;
    }
    const closed = open.pop();
    if (closed?.leaf === undefined || closed.element.values.has(closed.tag)) return;
    closed.element.values.set(closed.tag, { text: closed.leaf.text.trim(), line: closed.leaf.line });
  });
  parser.write(text).close();
  return root ?? fail('no element <device>: this is no CMSIS-SVD file');
}

/** Of a peripheral, register or field: what it is called in the file, `%s` and all. @throws InvalidInputError */
export function nameOf({ kind, line, values }: Element): string {
  const text = values.get('name')?.text ?? '';
  if (text === '') throw new InvalidInputError(`a <${kind}> without <name>`, { line });
  return text;
}

const scales: Readonly<Record<string, bigint>> = { '': 0n, k: 10n, m: 20n, g: 30n, t: 40n };

/** scaledNonNegativeInteger: decimal, 0x, or binary with # or 0b, in which x stands for 0. Undefined: nothing is said. @throws InvalidInputError */
export function numberOf({ values }: Element, name: string): bigint | undefined {
  const given = values.get(name);
  if (given === undefined) return undefined;
  const match = /^\+?(?:0x([0-9a-f]{1,256})|(?:#|0b)([01x]{1,1024})|(\d{1,300}))([kmgt]?)$/i.exec(given.text);
  if (match === null) throw new InvalidInputError(`'${given.text.slice(0, 100)}' is no number for <${name}>`, { line: given.line });
  const [, hexadecimal, binary, decimal = '0', scale = ''] = match;
  const value = hexadecimal !== undefined ? BigInt(`0x${hexadecimal}`) : binary !== undefined ? BigInt(`0b${binary.replaceAll(/x/gi, '0')}`) : BigInt(decimal);
  return value << (scales[scale.toLowerCase()] ?? 0n);
}

/** @throws InvalidInputError where it is missing */
export function requiredNumber(element: Element, name: string): bigint {
  const value = numberOf(element, name);
  if (value === undefined) throw new InvalidInputError(`${element.kind} ${nameOf(element)} has no <${name}>`, { line: element.line });
  return value;
}
