/** A node: properties in order, then children in order. */
export interface TreeNode {
  readonly name: string;
  readonly properties: Readonly<Record<string, PropertyValue>>;
  readonly children?: readonly TreeNode[];
}

/** Text, a list of texts, 32-bit cells, or (`true`) a property that is there. */
export type PropertyValue = string | readonly string[] | readonly number[] | true;

const magic = 0xd00d_feed;
const version = 17;
const compatibleVersion = 16;
const beginNode = 1;
const endNode = 2;
const property = 3;
const end = 9;
const headerBytes = 40;
/** The list of reserved memory: none, and its end. */
const reservations = new Uint8Array(16);

/** The flattened form of a tree (Devicetree Specification 0.4, chapter 5). */
export function flattenDeviceTree(root: TreeNode): Uint8Array {
  const strings = new StringTable();
  const structure = new CellWriter();
  writeNode(root, structure, strings);
  structure.cells(end);
  const body = structure.bytes();
  const names = strings.bytes();
  const structureAt = headerBytes + reservations.length;
  const stringsAt = structureAt + body.length;
  const total = Math.ceil((stringsAt + names.length) / 4) * 4;
  const header = new CellWriter();
  header.cells(magic, total, structureAt, stringsAt, headerBytes, version, compatibleVersion, 0, names.length, body.length);
  const blob = new Uint8Array(total);
  blob.set(header.bytes(), 0);
  blob.set(reservations, headerBytes);
  blob.set(body, structureAt);
  blob.set(names, stringsAt);
  return blob;
}

function writeNode({ name, properties, children = [] }: TreeNode, to: CellWriter, strings: StringTable): void {
  to.cells(beginNode);
  to.text(name);
  for (const [key, value] of Object.entries(properties)) {
    const bytes = propertyBytes(value);
    to.cells(property, bytes.length, strings.offset(key));
    to.raw(bytes);
  }
  for (const child of children) writeNode(child, to, strings);
  to.cells(endNode);
}

function propertyBytes(value: PropertyValue): Uint8Array {
  if (value === true) return new Uint8Array();
  const list: readonly (string | number)[] = typeof value === 'string' ? [value] : value;
  const writer = new CellWriter();
  for (const one of list) {
    if (typeof one === 'number') writer.cells(one);
    else writer.unpadded(`${one}\0`);
  }
  return writer.bytes();
}

/** Big-endian cells, and bytes that are padded to cells. */
class CellWriter {
  readonly #bytes: number[] = [];

  cells(...values: number[]): void {
    for (const value of values) this.#bytes.push((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
  }

  raw(bytes: Uint8Array): void {
    this.#bytes.push(...bytes);
    while (this.#bytes.length % 4 !== 0) this.#bytes.push(0);
  }

  text(text: string): void {
    this.raw(Buffer.from(`${text}\0`, 'latin1'));
  }

  unpadded(text: string): void {
    this.#bytes.push(...Buffer.from(text, 'latin1'));
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** Names of properties, each once. */
class StringTable {
  readonly #offsets = new Map<string, number>();
  #length = 0;

  offset(text: string): number {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    const at = this.#length;
    this.#offsets.set(text, at);
    this.#length += text.length + 1;
    return at;
  }

  bytes(): Uint8Array {
    return Buffer.from([...this.#offsets.keys()].map((text) => `${text}\0`).join(''), 'latin1');
  }
}
