/** Entries of `.debug_info` by their place in it: those that a program's functions, variables and types are described by. */
import { BrokenBytes, ByteCursor } from './byte-cursor.js';
import type { DebugUnit } from './debug-units.js';
import type { BegunEntry, ReadEntry } from './entry-reader.js';

/** An entry, and the unit that it is of. */
export interface TreeEntry extends ReadEntry {
  readonly unit: DebugUnit;
}

/** What a walk does with an entry: read it, pass its attributes, or pass it with all that is below. */
export type WalkChoice = 'read' | 'pass' | 'prune';

/** What comes by in a walk. Depth counts from where it began. */
export interface WalkedEntry {
  readonly entry: TreeEntry;
  readonly depth: number;
}

/** Reads entries when they are asked for, and keeps none. */
export class EntryTree {
  constructor(
    private readonly info: Uint8Array,
    private readonly units: readonly DebugUnit[],
  ) {}

  /** The entry that begins at an offset; undefined where none can. @throws BrokenBytes where it cannot be read */
  at(offset: number): TreeEntry | undefined {
    const unit = this.unitOf(offset);
    if (unit === undefined) return undefined;
    const entry = unit.reader.read(new ByteCursor(this.info, offset, unit.end));
    return entry === undefined ? undefined : { ...entry, unit };
  }

  unitOf(offset: number): DebugUnit | undefined {
    let [low, high] = [0, this.units.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.units[middle]!.begin <= offset) low = middle + 1;
      else high = middle;
    }
    const unit = this.units[low - 1];
    return unit !== undefined && offset < unit.end ? unit : undefined;
  }

  /**
   * Entries below one, in their order, depth 0 being its children; in one pass over the bytes, however deep they are nested.
   * @throws BrokenBytes where they cannot be read
   */
  *below({ unit, next, hasChildren }: TreeEntry, choose: (begun: BegunEntry, depth: number) => WalkChoice): Generator<WalkedEntry> {
    if (!hasChildren) return;
    const { reader } = unit;
    const cursor = new ByteCursor(this.info, next, unit.end);
    let pruned = Infinity;
    for (let depth = 0; depth >= 0 && cursor.at < cursor.end;) {
      const begun = reader.begin(cursor);
      if (begun === undefined) {
        depth--;
        if (depth <= pruned) pruned = Infinity;
        continue;
      }
      const choice = depth > pruned ? 'prune' : choose(begun, depth);
      if (choice === 'read') yield { entry: { ...reader.rest(cursor, begun), unit }, depth };
      else reader.skip(cursor, begun);
      if (begun.abbreviation.hasChildren) {
        if (choice === 'prune' && pruned === Infinity) pruned = depth;
        depth++;
      }
    }
  }

  /** @throws BrokenBytes where they cannot be read */
  children(parent: TreeEntry, tags: readonly number[], most: number): TreeEntry[] {
    const found: TreeEntry[] = [];
    for (const { entry } of this.below(parent, ({ abbreviation: { tag } }, depth) =>
      depth === 0 && tags.includes(tag) ? 'read' : depth === 0 ? 'prune' : 'pass',
    )) {
      if (found.length >= most) throw new BrokenBytes(`more than ${most} entries below 0x${parent.offset.toString(16)}`);
      found.push(entry);
    }
    return found;
  }
}
