import { InvalidInputError } from '@fireball/contracts';
import { nameOf, type Element } from './element.js';

/** So long are chains of elements that are derived from each other. */
const longestChain = 64;
/** Members that derived elements take over, in sum. */
const mostTakenOver = 3_000_000;

type Names = ReadonlyMap<string, Element>;

/** Where an element stands: what it is derived from is looked for there first. */
interface Scope {
  readonly siblings: readonly Element[];
  readonly peripheral: Element | undefined;
}

/** Resolves `derivedFrom`: an element with everything that it takes over from another. */
export class Derivation {
  readonly #peripherals: Names;
  readonly #resolved = new Map<Element, Element>();
  readonly #members = new Map<readonly Element[], Names>();
  readonly #everything = new Map<Element, Names>();
  readonly #scopes = new Map<Element, Scope>();
  #takenOver = 0;

  constructor(device: Element) {
    this.#peripherals = this.#namesOf(device.members);
    const todo = [{ element: device, peripheral: undefined as Element | undefined }];
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      const siblings = next.element.members;
      for (const element of siblings) {
        if (element.derivedFrom !== undefined) this.#scopes.set(element, { siblings, peripheral: next.peripheral });
        if (element.members.length > 0) todo.push({ element, peripheral: next.peripheral ?? element });
      }
    }
  }

  /** @throws InvalidInputError where there is no such element, or it goes round in a circle */
  resolve(element: Element): Element {
    if (element.derivedFrom === undefined) return element;
    const known = this.#resolved.get(element);
    if (known !== undefined) return known;
    const chain = [element];
    for (let last = element; last.derivedFrom !== undefined;) {
      last = this.#find(last, last.derivedFrom);
      if (chain.includes(last))
        throw new InvalidInputError(`derivedFrom goes round in a circle: ${[...chain, last].map(nameOf).join(' from ')}`, { line: element.line });
      chain.push(last);
      if (chain.length > longestChain)
        throw new InvalidInputError(`derivedFrom: more than ${longestChain} elements are derived from each other`, { line: element.line });
    }
    const resolved = chain.reduceRight((base, own) => this.#merged(base, own));
    this.#resolved.set(element, resolved);
    return resolved;
  }

  #find(element: Element, wanted: string): Element {
    const { kind } = element;
    const { siblings, peripheral } = this.#scopes.get(element) ?? { siblings: [], peripheral: undefined };
    const sibling = this.#namesOf(siblings).get(keyOf(kind, wanted));
    // What is derived from its own name means one elsewhere.
    const near = sibling === element ? undefined : sibling;
    const found =
      near ??
      (kind === 'peripheral' ? undefined : (this.#findBelow(wanted.split('.'), kind, peripheral) ?? this.#anywhere(peripheral).get(keyOf(kind, wanted)))) ??
      sibling;
    if (found === undefined) throw new InvalidInputError(`derivedFrom: there is no ${kind} '${wanted.slice(0, 100)}'`, { line: element.line });
    return found;
  }

  /** `CLUSTER.REGISTER`, `PERIPHERAL.REGISTER.FIELD`. */
  #findBelow(path: readonly string[], kind: string, peripheral: Element | undefined): Element | undefined {
    const [first = '', ...rest] = path;
    const other = rest.length === 0 ? undefined : this.#peripherals.get(keyOf('peripheral', first));
    return this.#below(peripheral, path, kind) ?? this.#below(other, rest, kind);
  }

  #below(element: Element | undefined, [name = '', ...rest]: readonly string[], kind: string): Element | undefined {
    if (element === undefined) return undefined;
    const names = this.#namesOf(element.members);
    if (rest.length === 0) return names.get(keyOf(kind, name));
    return this.#below(names.get(keyOf('cluster', name)) ?? names.get(keyOf('register', name)), rest, kind);
  }

  #namesOf(members: readonly Element[]): Names {
    let names = this.#members.get(members);
    if (names === undefined) {
      names = new Map(members.map((one): [string, Element] => [keyOf(one.kind, one.values.get('name')?.text ?? ''), one]).reverse());
      this.#members.set(members, names);
    }
    return names;
  }

  /** Everything in a peripheral; of several of one name the first. */
  #anywhere(peripheral: Element | undefined): Names {
    if (peripheral === undefined) return new Map();
    const known = this.#everything.get(peripheral);
    if (known !== undefined) return known;
    const names = new Map<string, Element>();
    const todo = [...peripheral.members];
    for (let at = 0; at < todo.length; at++) {
      const one = todo[at];
      if (one === undefined) break;
      const key = keyOf(one.kind, one.values.get('name')?.text ?? '');
      if (!names.has(key)) names.set(key, one);
      for (const member of one.members) todo.push(member);
    }
    this.#everything.set(peripheral, names);
    return names;
  }

  /** What an element says itself stands; members of the same name replace those of its base. */
  #merged(base: Element, own: Element): Element {
    this.#takenOver += base.members.length + own.members.length;
    if (this.#takenOver > mostTakenOver) throw new InvalidInputError(`derivedFrom: more than ${mostTakenOver} elements are taken over`, { line: own.line });
    const names = this.#namesOf(own.members);
    const inherited = base.members.filter((one) => !names.has(keyOf(one.kind, one.values.get('name')?.text ?? '')));
    return {
      ...own,
      derivedFrom: undefined,
      values: new Map([...base.values, ...own.values]),
      members: own.members.length === 0 ? base.members : [...inherited, ...own.members],
      blocks: own.blocks.length === 0 ? base.blocks : own.blocks,
    };
  }
}

function keyOf(kind: string, name: string): string {
  return `${kind} ${name}`;
}
