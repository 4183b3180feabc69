import { InvalidInputError } from '@fireball/contracts';
import { Derivation } from './derive.js';
import { instances } from './dim.js';
import { nameOf, numberOf, readElements, requiredNumber, type Element } from './element.js';
import type { SvdDevice, SvdPeripheral, SvdRange, SvdRegister } from './model.js';
import { accessOf, fieldsOf, rightsOf, type Access, type FieldInfo } from './rights.js';

/** What comes of a file, at most: peripherals, clusters and registers with all of their arrays. The largest chips have some 50,000. */
const mostRegisters = 200_000;
/** Clusters within clusters. */
const deepest = 16;
/** Bits of a register. */
const widest = 1024n;
const addressSpace = 2n ** 32n;

/** registerPropertiesGroup: what elements inherit from those around them. */
interface Properties {
  readonly size: bigint;
  readonly access: Access;
  readonly reset: bigint;
}

/** Where the members of a peripheral or cluster go. */
interface Place {
  readonly address: bigint;
  /** `CH[0].` */
  readonly prefix: string;
  readonly properties: Properties;
  readonly depth: number;
}

/**
 * Reads a CMSIS-SVD file.
 * @throws InvalidInputError with the line for what is no SVD, contradicts itself, or is larger than any chip
 */
export function readSvd(text: string): SvdDevice {
  return new Reader(readElements(text)).device();
}

class Reader {
  readonly #root: Element;
  readonly #derivation: Derivation;
  readonly #fields = new Map<readonly Element[], readonly FieldInfo[]>();
  readonly #rights = new Map<readonly FieldInfo[], Map<string, ReturnType<typeof rightsOf>>>();
  #left = mostRegisters;

  constructor(root: Element) {
    this.#root = root;
    this.#derivation = new Derivation(root);
  }

  device(): SvdDevice {
    const { members, line, values } = this.#root;
    const properties = propertiesOf(this.#root, { size: 32n, access: 'read-write', reset: 0n });
    if (members.length === 0) throw new InvalidInputError('the device has no <peripheral>', { line });
    const peripherals = members.flatMap((one) => this.#peripherals(this.#derivation.resolve(one), properties));
    return { name: values.get('name')?.text ?? '', peripherals };
  }

  #take(element: Element): void {
    if (--this.#left < 0) throw new InvalidInputError(`the file describes more than ${mostRegisters} registers`, { line: element.line });
  }

  #peripherals(element: Element, inherited: Properties): SvdPeripheral[] {
    const base = requiredNumber(element, 'baseAddress');
    const properties = propertiesOf(element, inherited);
    return instances(element, this.#left).map(({ name, offset }) => {
      this.#take(element);
      const address = base + offset;
      const registers = this.#members(element, { address, prefix: '', properties, depth: 0 });
      return { name, base: checkedAddress(address, 1n, element), ranges: rangesOf(element, address), registers };
    });
  }

  #members({ members }: Element, place: Place): SvdRegister[] {
    return members.flatMap((one) => {
      const element = this.#derivation.resolve(one);
      return element.kind === 'cluster' ? this.#clusters(element, place) : this.#registers(element, place);
    });
  }

  #clusters(element: Element, place: Place): SvdRegister[] {
    if (place.depth >= deepest)
      throw new InvalidInputError(`cluster ${nameOf(element)} is more than ${deepest} clusters deep, or contains itself`, { line: element.line });
    const start = place.address + requiredNumber(element, 'addressOffset');
    const properties = propertiesOf(element, place.properties);
    return instances(element, this.#left).flatMap(({ name, offset }) => {
      this.#take(element);
      return this.#members(element, { ...place, address: start + offset, prefix: `${place.prefix}${name}.`, properties, depth: place.depth + 1 });
    });
  }

  #registers(element: Element, place: Place): SvdRegister[] {
    const { size: width, access, reset } = propertiesOf(element, place.properties);
    const start = place.address + requiredNumber(element, 'addressOffset');
    const bits = Number(width);
    const size = Math.ceil(bits / 8);
    let fields = this.#fields.get(element.members);
    if (fields === undefined) this.#fields.set(element.members, (fields = fieldsOf(element, bits, this.#derivation)));
    const rights = this.#rightsOf(fields, bits, access, element.values.get('modifiedWriteValues')?.text);
    return instances(element, this.#left).map(({ name, offset }) => {
      this.#take(element);
      return {
        name: `${place.prefix}${name}`,
        address: checkedAddress(start + offset, BigInt(size), element),
        size,
        reset: BigInt.asUintN(bits, reset),
        ...rights,
        fields,
      };
    });
  }

  /** Registers that are alike share them. */
  #rightsOf(fields: readonly FieldInfo[], bits: number, access: Access, modified: string | undefined): ReturnType<typeof rightsOf> {
    const key = `${bits} ${access} ${modified ?? ''}`;
    const known = this.#rights.get(fields) ?? new Map<string, ReturnType<typeof rightsOf>>();
    this.#rights.set(fields, known);
    let rights = known.get(key);
    if (rights === undefined) known.set(key, (rights = rightsOf(fields, bits, access, modified)));
    return rights;
  }
}

function checkedAddress(address: bigint, size: bigint, element: Element): number {
  if (address + size > addressSpace)
    throw new InvalidInputError(`${element.kind} ${nameOf(element)} is at 0x${address.toString(16)}, outside of the 32-bit address space`, {
      line: element.line,
    });
  return Number(address);
}

function propertiesOf(element: Element, inherited: Properties): Properties {
  const { values, line } = element;
  const size = numberOf(element, 'size') ?? inherited.size;
  if (size < 1n || size > widest)
    throw new InvalidInputError(`a register of ${size} bits: 1 to ${widest} are possible`, { line: values.get('size')?.line ?? line });
  const access = values.get('access');
  return { size, access: access === undefined ? inherited.access : accessOf(access), reset: numberOf(element, 'resetValue') ?? inherited.reset };
}

/** `addressBlock`s of registers, as far as they lie in the address space. */
function rangesOf({ blocks }: Element, base: bigint): SvdRange[] {
  return blocks.flatMap((block) => {
    const from = base + (numberOf(block, 'offset') ?? 0n);
    const to = from + (numberOf(block, 'size') ?? 0n);
    const usage = block.values.get('usage')?.text ?? 'registers';
    return usage !== 'registers' || to <= from || to > addressSpace ? [] : [{ base: Number(from), size: Number(to - from) }];
  });
}
