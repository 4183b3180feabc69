import { printable, type ModuleDebugInfo } from '@fireball/contracts';
import { BrokenBytes, EntryTree, numberOf, rangesOf, type CodeRange, type DebugUnit, type ListSections, type TreeEntry } from '@fireball/image';
import type { Frame } from '../session/frames.js';
import type { SourcePlace } from '../sources/source-lines.js';
import { at, attributeOf, tag, textOf } from './dwarf.js';
import { SourceTypes, type SourceType } from './types.js';

/** Most entries of one function that are kept, and functions whose entries are. */
const [mostNodes, mostFunctions] = [50_000, 32];
/** Parts of lists of ranges that are read for all functions, and for one. */
const mostParts = 2_000_000;
/** Addresses whose functions are kept, and names of variables. */
const mostLevels = 4096;
/** Deepest nesting of blocks and inlined calls. */
const deepest = 200;

/** A function of the source where it is active at an instruction: the one that was compiled, or one that was inlined into it. */
export interface SourceLevel {
  readonly name: string;
  /** Where it was called that is inlined; undefined of the outermost one. */
  readonly call: SourcePlace | undefined;
  /** Of the function that was compiled. */
  readonly whole: TreeEntry;
  /** Parameters and variables, those of inner blocks first. */
  readonly variables: readonly TreeEntry[];
}

/** An entry of a function, and what it owns. */
interface Node {
  readonly entry: TreeEntry;
  readonly children: Node[];
}

interface PlacedFunction extends CodeRange {
  /** Of its entry. */
  readonly offset: number;
}

interface Index {
  /** By ascending begin. */
  readonly functions: readonly PlacedFunction[];
  /** Offsets of their entries. */
  readonly globals: readonly number[];
  readonly enumerations: readonly number[];
}

const kept: readonly number[] = [tag.parameter, tag.block, tag.inlined, tag.variable];

/** What a module's DWARF says of its variables. Nothing is read until it is asked for. */
export class ModuleVariables {
  readonly tree: EntryTree;
  readonly types: SourceTypes;
  readonly sections: ListSections;
  #index: Index | undefined;
  readonly #nodes = new Map<number, Node>();
  /** By address, where activations have been. */
  readonly #levels = new Map<number, readonly SourceLevel[] | BrokenBytes>();
  readonly #globals = new Map<string, TreeEntry | undefined>();
  readonly #enumerators = new Map<string, ReturnType<ModuleVariables['enumeratorNamed']>>();
  /** Of lists of ranges, since they were begun to be read. */
  #parts = 0;

  constructor(
    private readonly info: ModuleDebugInfo,
    private readonly units: readonly DebugUnit[],
    /** Name of a file by the offset of its unit's lines and its number there. */
    private readonly fileAt: (lines: number, number: number) => string | undefined,
  ) {
    const { sections } = info;
    this.tree = new EntryTree(sections.get('.debug_info') ?? new Uint8Array(0), units);
    this.types = new SourceTypes(this.tree);
    this.sections = {
      ranges: sections.get('.debug_ranges'),
      locations: sections.get('.debug_loc'),
      rangeLists: sections.get('.debug_rnglists'),
      locationLists: sections.get('.debug_loclists'),
      addresses: sections.get('.debug_addr'),
    };
  }

  /** Of an instruction at an offset in the module: as addresses of code count. */
  addressOf(offset: number): number {
    return offset - this.info.codeBase;
  }

  /** Functions and variables that belong to none, as far as they can be read. */
  get #found(): Index {
    if (this.#index !== undefined) return this.#index;
    const functions: PlacedFunction[] = [];
    const globals: number[] = [];
    const enumerations: number[] = [];
    for (const unit of this.units) {
      try {
        this.#lookThrough(unit, functions, globals, enumerations);
      } catch (error) {
        // What comes before it in the unit is known.
        if (!(error instanceof BrokenBytes)) throw error;
      }
    }
    functions.sort((a, b) => a.begin - b.begin);
    return (this.#index = { functions, globals, enumerations });
  }

  #lookThrough(unit: DebugUnit, functions: PlacedFunction[], globals: number[], enumerations: number[]): void {
    /** How deep the function is that entries belong to. */
    let owner = Infinity;
    const below = this.tree.below({ ...unit.root, unit }, ({ abbreviation }, depth) => {
      if (depth <= owner) owner = Infinity;
      if (abbreviation.tag === tag.subprogram) {
        owner = Math.min(owner, depth);
        return 'read';
      }
      if (abbreviation.tag === tag.enumeration) return 'read';
      return owner === Infinity && abbreviation.tag === tag.variable ? 'read' : 'pass';
    });
    for (const { entry } of below) {
      if (entry.tag === tag.variable) {
        if (entry.attributes.has(at.location)) globals.push(entry.offset);
        continue;
      }
      if (entry.tag === tag.enumeration) {
        enumerations.push(entry.offset);
        continue;
      }
      // What linkers drop is at 0, or behind all code.
      for (const { begin, end } of this.#rangesOf(entry) ?? []) {
        if (begin > 0 && begin < this.info.codeSize && end > begin) functions.push({ begin, end, offset: entry.offset });
      }
    }
  }

  /** Lists of ranges that many entries share take their time for each. */
  #rangesOf(entry: TreeEntry): readonly CodeRange[] | undefined {
    const ranges = rangesOf(entry, entry.unit, this.sections);
    this.#parts += ranges?.length ?? 0;
    if (this.#parts > mostParts) throw new BrokenBytes(`more than ${mostParts} ranges of code`);
    return ranges;
  }

  /** The source's functions that are active at an address of code, innermost first; none where nothing is said of it. @throws BrokenBytes */
  levelsAt(address: number): readonly SourceLevel[] {
    let known = this.#levels.get(address);
    if (known === undefined) {
      if (this.#levels.size >= mostLevels) this.#levels.clear();
      known = this.#tryLevels(address);
      this.#levels.set(address, known);
    }
    if (known instanceof BrokenBytes) throw known;
    return known;
  }

  #tryLevels(address: number): readonly SourceLevel[] | BrokenBytes {
    try {
      return this.#readLevels(address);
    } catch (error) {
      if (error instanceof BrokenBytes) return error;
      throw error;
    }
  }

  #readLevels(address: number): readonly SourceLevel[] {
    const placed = this.#functionAt(address);
    const whole = placed === undefined ? undefined : this.tree.at(placed.offset);
    if (whole === undefined) return [];
    this.#parts = 0;
    const levels: SourceLevel[] = [];
    let node: Node | undefined = this.#nodeOf(whole);
    let call: SourcePlace | undefined;
    for (let depth = 0; node !== undefined && depth < deepest; depth++) {
      const { entry }: Node = node;
      const blocks: Node[] = [node];
      let inlined: Node | undefined;
      for (let block: Node | undefined = node; block !== undefined && blocks.length < deepest;) {
        const inner: readonly Node[] = block.children.filter((child) => this.#covers(child.entry, address));
        inlined = inner.find((child) => child.entry.tag === tag.inlined);
        block = inlined === undefined ? inner.find((child) => child.entry.tag === tag.block) : undefined;
        if (block !== undefined) blocks.push(block);
      }
      const variables = blocks.reverse().flatMap(({ children }) => children.map((child) => child.entry).filter(isVariable));
      levels.unshift({ name: this.nameOf(entry), call, whole, variables });
      call = inlined === undefined ? undefined : this.#callOf(inlined.entry);
      node = inlined;
    }
    return levels;
  }

  /** Activations, and in front of each those of functions that are inlined where it stands. What cannot be read is left out. */
  withInlined(frames: Frame[]): Frame[] {
    return frames.flatMap((frame, activation) => {
      const levels = frame.boundary === undefined ? [] : this.#levelsIfAny(this.addressOf(frame.boundary.wasmOffset));
      if (levels.length < 2) return [frame];
      return levels.map(({ name }, index) => ({
        ...frame,
        level: { index, activation, name: index === levels.length - 1 ? undefined : name, place: levels[index - 1]?.call },
      }));
    });
  }

  /** Where the copies of a function begin that were inlined into others, up to where that piece of code ends: offsets in the module. What cannot be read is left out. */
  inlinedCopies(name: string): readonly CodeRange[] {
    return [...new Set(this.#found.functions.map(({ offset }) => offset))].flatMap((offset) => {
      const whole = this.tree.at(offset);
      if (whole === undefined) return [];
      this.#parts = 0;
      try {
        return this.#copiesBelow(this.#nodeOf(whole), name);
      } catch (error) {
        if (error instanceof BrokenBytes) return [];
        throw error;
      }
    });
  }

  #copiesBelow(root: Node, name: string): CodeRange[] {
    const copies: CodeRange[] = [];
    const { codeBase } = this.info;
    const waiting = [root];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      waiting.push(...node.children);
      const isCopy = node.entry.tag === tag.inlined && this.nameOf(node.entry) === name;
      const first = isCopy ? this.#rangesOf(node.entry)?.[0] : undefined;
      if (first !== undefined) copies.push({ begin: codeBase + first.begin, end: codeBase + first.end });
    }
    return copies;
  }

  #levelsIfAny(address: number): readonly SourceLevel[] {
    try {
      return this.levelsAt(address);
    } catch (error) {
      if (error instanceof BrokenBytes) return [];
      throw error;
    }
  }

  #functionAt(address: number): PlacedFunction | undefined {
    const { functions } = this.#found;
    let [low, high] = [0, functions.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (functions[middle]!.begin <= address) low = middle + 1;
      else high = middle;
    }
    const found = functions[low - 1];
    return found !== undefined && address < found.end ? found : undefined;
  }

  #covers(entry: TreeEntry, address: number): boolean {
    if (entry.tag !== tag.block && entry.tag !== tag.inlined) return false;
    const ranges = this.#rangesOf(entry);
    return ranges?.some(({ begin, end }) => begin <= address && address < end) ?? entry.tag === tag.block;
  }

  #nodeOf(entry: TreeEntry): Node {
    const known = this.#nodes.get(entry.offset);
    if (known !== undefined) return known;
    const root: Node = { entry, children: [] };
    const open = [root];
    let count = 0;
    for (const { entry: found, depth } of this.tree.below(entry, ({ abbreviation }) => (kept.includes(abbreviation.tag) ? 'read' : 'prune'))) {
      if (++count > mostNodes) throw new BrokenBytes(`more than ${mostNodes} variables and blocks of one function`);
      const node: Node = { entry: found, children: [] };
      open.length = depth + 1;
      open[depth]!.children.push(node);
      open.push(node);
    }
    if (this.#nodes.size >= mostFunctions) this.#nodes.delete(this.#nodes.keys().next().value!);
    this.#nodes.set(entry.offset, root);
    return root;
  }

  #callOf(entry: TreeEntry): SourcePlace | undefined {
    const lines = numberOf(entry.unit.root.attributes.get(at.statementList));
    const file = numberOf(entry.attributes.get(at.callFile));
    const line = numberOf(entry.attributes.get(at.callLine));
    const name = lines === undefined || file === undefined ? undefined : this.fileAt(lines, file);
    return name === undefined || line === undefined || line === 0 ? undefined : { file: name, line };
  }

  /** @throws BrokenBytes */
  nameOf(entry: TreeEntry): string {
    return printable(textOf(attributeOf(this.tree, entry, at.name)) ?? '?');
  }

  /** A variable of the whole program by its name. @throws BrokenBytes */
  globalNamed(name: string): TreeEntry | undefined {
    if (!this.#globals.has(name)) {
      if (this.#globals.size >= mostLevels) this.#globals.clear();
      this.#globals.set(name, this.#findGlobal(new TextEncoder().encode(name)));
    }
    return this.#globals.get(name);
  }

  /** The type that has an enumerator of a name, and that one's value. @throws BrokenBytes */
  enumeratorNamed(name: string): { readonly type: SourceType; readonly value: bigint } | undefined {
    if (!this.#enumerators.has(name)) {
      if (this.#enumerators.size >= mostLevels) this.#enumerators.clear();
      this.#enumerators.set(name, this.#findEnumerator(name));
    }
    return this.#enumerators.get(name);
  }

  #findEnumerator(name: string): { readonly type: SourceType; readonly value: bigint } | undefined {
    for (const offset of this.#found.enumerations) {
      const type = this.types.at(offset);
      const found = type.kind === 'enumeration' ? type.values().find(([, own]) => own === name) : undefined;
      if (found !== undefined) return { type, value: found[0] };
    }
    return undefined;
  }

  #findGlobal(name: Uint8Array): TreeEntry | undefined {
    for (const offset of this.#found.globals) {
      const entry = this.tree.at(offset);
      const found = entry === undefined ? undefined : attributeOf(this.tree, entry, at.name);
      if (found !== undefined && 'equals' in found && found.equals(name)) return entry;
    }
    return undefined;
  }
}

function isVariable({ tag: kind }: TreeEntry): boolean {
  return kind === tag.parameter || kind === tag.variable;
}
