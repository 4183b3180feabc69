/** One access of a group, for naming the one that trapped. */
interface GroupMember {
  /** Offset of the wasm instruction in the module. */
  readonly wasmOffset: number;
  /** What the access adds to the group's local, wrapping. */
  readonly c: number;
  /** Bytes behind that address which the access needs: its offset plus its width. */
  readonly size: number;
  readonly width: number;
  /** The local's bound alone says that the access stays inside the minimal memory. */
  readonly bounded: boolean;
  /** Which run of code without labels and calls it stands in: native pointers do not outlive one. */
  readonly run: number;
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
  /** The local's bound covers all of it: there is no check. */
  bounded: boolean;
}

/** Groups that are remembered at one point: where paths meet, each is looked at, and each access looks at those of its local. */
const mostGroups = 64;

/** The groups that hold at one point of the walk. */
export class AccessGroups {
  /** In order of their beginning; a set that somebody has seen is not changed any more. */
  private alive = new Set<AccessGroup>();
  private isSeen = false;
  /** The same ones. */
  private readonly byLocal = new Map<number, AccessGroup[]>();
  private growing: AccessGroup[] = [];
  private run = 0;

  /** @param reach the greatest extent: every load form must reach all of it from the anchor */
  constructor(private readonly reach: number) {}

  /** Effects that outlive a trap happened, or control may leave or arrive: groups stop growing. */
  close(): void {
    for (const group of this.growing) group.open = false;
    this.growing = [];
  }

  /** Registers lose here what they held. */
  beginRun(): void {
    this.run++;
  }

  /** All that hold here, none of which grows any more. */
  seen(): ReadonlySet<AccessGroup> {
    this.close();
    this.isSeen = true;
    return this.alive;
  }

  /** From here on these hold, and no others. */
  restore(groups: ReadonlySet<AccessGroup>): void {
    this.close();
    if (groups === this.alive) return;
    this.alive = new Set(groups);
    this.isSeen = false;
    this.byLocal.clear();
    for (const group of groups) this.index(group);
  }

  /** The local gets another value. */
  forget(word: number): void {
    const groups = this.byLocal.get(word);
    if (groups === undefined) return;
    const alive = this.changing();
    for (const group of groups) alive.delete(group);
    this.byLocal.delete(word);
  }

  /**
   * The group of this local that covers (or, while open, can be widened to cover) the access; else a
   * new one. Undefined where the access is too far from its address.
   */
  join(word: number, access: Omit<GroupMember, 'run'>): AccessGroup | undefined {
    const member: GroupMember = { ...access, run: this.run };
    const { c, size, bounded } = member;
    for (const group of this.byLocal.get(word) ?? []) {
      const low = Math.min(group.low, c);
      const extent = Math.max(group.low + group.extent, c + size) - low;
      const inside = low === group.low && extent === group.extent;
      if (!inside && (!group.open || extent > this.reach)) continue;
      group.low = low;
      group.extent = extent;
      if (!inside) group.bounded &&= bounded;
      group.members.push(member);
      return group;
    }
    if (size > this.reach) return undefined;
    const group: AccessGroup = { local: word, low: c, extent: size, members: [member], open: true, bounded };
    const alive = this.changing();
    const [oldest] = alive;
    if (alive.size >= mostGroups && oldest !== undefined) this.drop(alive, oldest);
    alive.add(group);
    this.index(group);
    this.growing.push(group);
    return group;
  }

  /** Has another group of the same local an anchor from which `fits` leads to this one's? */
  hasNeighbour(group: AccessGroup, fits: (distance: number) => boolean): boolean {
    return this.byLocal.get(group.local)?.some((other) => other !== group && fits(group.low - other.low)) === true;
  }

  private changing(): Set<AccessGroup> {
    if (this.isSeen) this.alive = new Set(this.alive);
    this.isSeen = false;
    return this.alive;
  }

  private drop(alive: Set<AccessGroup>, group: AccessGroup): void {
    alive.delete(group);
    const groups = this.byLocal.get(group.local);
    groups?.splice(groups.indexOf(group), 1);
  }

  private index(group: AccessGroup): void {
    const groups = this.byLocal.get(group.local);
    if (groups === undefined) this.byLocal.set(group.local, [group]);
    else groups.push(group);
  }
}
