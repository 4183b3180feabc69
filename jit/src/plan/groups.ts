/** One access of a group, for naming the one that trapped. */
export interface GroupMember {
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

/** The groups that hold at one point of the walk, by local word. */
export class AccessGroups {
  private readonly byLocal = new Map<number, AccessGroup[]>();
  /** Those that still grow. */
  private open: AccessGroup[] = [];

  /** @param reach the greatest extent: every load form must reach all of it from the anchor */
  constructor(private readonly reach: number) {}

  /** Effects that outlive a trap happened, or control may leave: groups stop growing. */
  close(): void {
    for (const group of this.open) group.open = false;
    this.open = [];
  }

  /** Paths meet: nothing that was proved before is known to hold. */
  clear(): void {
    this.byLocal.clear();
    this.open = [];
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
    const list = this.byLocal.get(word);
    for (const group of list ?? []) {
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
    this.open.push(group);
    if (list === undefined) this.byLocal.set(word, [group]);
    else list.push(group);
    return group;
  }

  /** Has another group of the same local an anchor from which `fits` leads to this one's? */
  hasNeighbour(group: AccessGroup, fits: (distance: number) => boolean): boolean {
    const others = this.byLocal.get(group.local) ?? [];
    return others.some((other) => other !== group && fits(group.low - other.low));
  }
}
