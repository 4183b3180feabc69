/** One access of a group, for naming the one that trapped. */
interface GroupMember {
  /** Offset of the wasm instruction in the module. */
  readonly wasmOffset: number;
  /** What the access adds to the group's local, wrapping. */
  readonly c: number;
  /** Bytes behind that address which the access needs: its offset plus its width. */
  readonly size: number;
}

/** Accesses that one bounds check covers: local + c, for c of [low, low + extent). */
export interface AccessGroup {
  readonly local: number;
  /** Added to the local (wrapping) to give the checked anchor. */
  low: number;
  /** Bytes behind the anchor that the check proves to be in bounds. */
  extent: number;
  /** In program order. */
  readonly members: GroupMember[];
  /** Still growing: nothing visible has happened since its first access. */
  open: boolean;
}

/** Bytes of a place: groups that have stopped growing are found by the places that they lie in. */
const placeBytes = 64;
/** Groups among which a neighbour is looked for. */
const latest = 64;
const placeOf = (c: number): number => Math.floor(c / placeBytes);

/** The groups of one local word, in order of their beginning: all of `closed` began before any of `open`. */
class GroupsOfLocal {
  private readonly closed: AccessGroup[] = [];
  private readonly byPlace = new Map<number, AccessGroup[]>();
  readonly open: AccessGroup[] = [];

  close(): void {
    for (const group of this.open.splice(0)) {
      group.open = false;
      this.closed.push(group);
      for (let place = placeOf(group.low); place <= placeOf(group.low + group.extent - 1); place++) {
        const there = this.byPlace.get(place);
        if (there === undefined) this.byPlace.set(place, [group]);
        else there.push(group);
      }
    }
  }

  /** Those that may cover an access at `c`, and those that may grow. */
  *candidates(c: number): Generator<AccessGroup> {
    yield* this.byPlace.get(placeOf(c)) ?? [];
    yield* this.open;
  }

  /** Of the latest ones: it only weighs a constant. */
  someOfLatest(condition: (group: AccessGroup) => boolean): boolean {
    return this.open.some(condition) || this.closed.slice(-latest).some(condition);
  }
}

/** The groups that hold at one point of the walk, by local word. */
export class AccessGroups {
  private readonly byLocal = new Map<number, GroupsOfLocal>();
  /** Where some still grow. */
  private growing = new Set<GroupsOfLocal>();

  /** @param reach the greatest extent: every load form must reach all of it from the anchor */
  constructor(private readonly reach: number) {}

  /** Effects that outlive a trap happened, or control may leave: groups stop growing. */
  close(): void {
    for (const groups of this.growing) groups.close();
    this.growing.clear();
  }

  /** Paths meet: nothing that was proved before is known to hold. */
  clear(): void {
    this.byLocal.clear();
    this.growing.clear();
  }

  /** The local gets another value. */
  forget(word: number): void {
    this.byLocal.delete(word);
  }

  /**
   * The group of this local that covers (or, while open, can be widened to cover) the access; else a
   * new one. Undefined where the access is too far from its address.
   */
  join(word: number, member: GroupMember): AccessGroup | undefined {
    const { c, size } = member;
    const groups = this.byLocal.get(word) ?? new GroupsOfLocal();
    for (const group of groups.candidates(c)) {
      const low = Math.min(group.low, c);
      const extent = Math.max(group.low + group.extent, c + size) - low;
      const inside = low === group.low && extent === group.extent;
      if (!inside && (!group.open || extent > this.reach)) continue;
      group.low = low;
      group.extent = extent;
      group.members.push(member);
      return group;
    }
    if (size > this.reach) return undefined;
    const group: AccessGroup = { local: word, low: c, extent: size, members: [member], open: true };
    groups.open.push(group);
    this.growing.add(groups);
    this.byLocal.set(word, groups);
    return group;
  }

  /** Has another group of the same local an anchor from which `fits` leads to this one's? */
  hasNeighbour(group: AccessGroup, fits: (distance: number) => boolean): boolean {
    return this.byLocal.get(group.local)?.someOfLatest((other) => other !== group && fits(group.low - other.low)) ?? false;
  }
}
