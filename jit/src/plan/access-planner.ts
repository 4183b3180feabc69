import type { MacroAssembler } from '../target/macro-assembler.js';
import type { AccessPlan, MemoryEnvironment } from './accesses.js';
import { AccessGroups, type AccessGroup } from './groups.js';
import { bound, type Symbol } from './symbols.js';
import type { WeighedPlace, Weights } from './weights.js';

/** What is executed in so many turns of a loop counts as part of it. */
const leastShare = 0.5;

/** Accesses of one group lie within the reach of every load form. */
const groupReach = { thumb2: 4096, rv32: 2048 } as const;

/** A load or store that the walk has come to. */
interface Access {
  /** Of the instruction in the body, and in the module. */
  readonly index: number;
  readonly wasmOffset: number;
  readonly address: Symbol;
  /** Is the address's local, if it has one, unchanged since? */
  readonly isCurrent: boolean;
  readonly offset: number;
  readonly width: number;
}

/** What the check and the pointer of a group cost is known when nothing more can join it. */
interface CountedGroup {
  readonly group: AccessGroup;
  readonly place: WeighedPlace;
  readonly hasNeighbour: boolean;
}

/** An access by the position that it has among those of its group. */
interface CountedMember {
  readonly group: AccessGroup;
  readonly member: number;
  readonly place: WeighedPlace;
}

/** For every memory access the proof that it will be in bounds, and the constants that the proof needs. */
export class AccessPlanner {
  readonly plans = new Map<number, AccessPlan>();
  /** Indices of accesses that are not executed in most turns of a loop. */
  readonly rare = new Set<number>();
  readonly groups: AccessGroups;
  private readonly counted: CountedGroup[] = [];
  private readonly members: CountedMember[] = [];

  constructor(
    private readonly masm: MacroAssembler,
    private readonly memory: MemoryEnvironment | undefined,
    private readonly weights: Weights,
    /** Gets the index of each access that belongs to a group, and the local word. */
    private readonly events: number[],
  ) {
    this.groups = new AccessGroups(groupReach[masm.isa]);
  }

  /** Effects that outlive a trap happened, or control may leave: groups stop growing. */
  close(): void {
    this.groups.close();
  }

  closeAtCall(): void {
    this.groups.close();
    this.groups.beginRun();
  }

  add(access: Access): void {
    const plan = this.plan(access);
    this.plans.set(access.index, plan);
    if (plan.kind === 'group') this.members.push({ group: plan.group, member: plan.group.members.length - 1, place: this.weights.place });
    else if (plan.kind === 'single') this.countOffset(access.offset, access.width);
    if (!this.weights.isInLoop || this.weights.share < leastShare) this.rare.add(access.index);
    if (plan.kind === 'group') this.events.push(access.index, plan.group.local);
    this.weights.mention((this.memory?.base ?? 0) >>> 0);
    this.count(plan);
    if (plan.kind === 'single') this.weights.settle(access.address);
  }

  private plan({ wasmOffset, address, isCurrent, offset, width }: Access): AccessPlan {
    const minBytes = this.memory?.minBytes ?? 0;
    const base = this.memory?.base ?? 0;
    if (address.kind === 'const') {
      const ea = (address.value >>> 0) + offset;
      if (ea + width <= minBytes) return { kind: 'static', address: base + ea };
      return { kind: 'single', extent: offset + width };
    }
    if (address.kind === 'value') {
      if (address.c >= 0 && address.max + address.c + offset + width <= minBytes) {
        this.weights.needConst((base + address.c + offset) | 0);
        return { kind: 'bounded' };
      }
      return { kind: 'single', extent: offset + width };
    }
    const bounded = bound(address) + offset + width <= minBytes;
    const group = isCurrent ? this.groups.join(address.word, { wasmOffset, c: address.c, size: offset + width, width, bounded }) : undefined;
    if (group === undefined && bounded) {
      this.weights.needConst((base + address.c + offset) | 0);
      return { kind: 'bounded' };
    }
    return group === undefined ? { kind: 'single', extent: offset + width } : { kind: 'group', group, c: address.c, offset };
  }

  private count(plan: AccessPlan): void {
    if (this.memory === undefined) return;
    switch (plan.kind) {
      case 'static':
        this.countStatic(this.memory, plan.address);
        return;
      case 'bounded':
        return;
      case 'group':
        if (plan.group.members.length === 1) this.beginGroup(plan.group);
        return;
      case 'single':
        this.countCheck(this.memory, plan.extent);
        return;
    }
  }

  /** A part of memory that loads do not reach from its base has an anchor of its own. */
  private countStatic({ base }: MemoryEnvironment, address: number): void {
    this.weights.needConst(base, 1);
    const anchor = this.masm.staticAnchor(address - base);
    if (anchor !== 0) this.weights.needConst(base + anchor, 1);
  }

  /** Anchors of one local that lie near each other are computed one from the other. */
  private beginGroup(group: AccessGroup): void {
    const hasNeighbour = this.groups.hasNeighbour(group, (distance) => this.masm.fitsImmediate('add', distance));
    this.counted.push({ group, place: this.weights.place, hasNeighbour });
  }

  /** Counts what all groups need; behind the walk, when their ranges are known. */
  finish(): void {
    const { memory, weights, masm } = this;
    if (memory === undefined) return;
    for (const member of this.members) this.countLoneMember(member);
    for (const { group, place, hasNeighbour } of this.counted) {
      const { low, extent, members, bounded } = group;
      weights.at(place, () => {
        if (bounded && members.length === 1) {
          weights.needConst((memory.base + low + extent - (members[0]?.width ?? 0)) | 0);
          return;
        }
        if (low !== 0 && !masm.fitsImmediate('add', low) && !hasNeighbour) weights.needConst(low);
        if (bounded) weights.needConst(memory.base);
        else this.countCheck(memory, extent);
      });
    }
  }

  /** An access that is the only one between two labels has no use for a pointer: it adds the index to the place itself, where that is in a register. */
  private countLoneMember({ group: { members, low }, member, place }: CountedMember): void {
    const { run, c, size, width } = members[member] as AccessGroup['members'][number];
    if (members[member - 1]?.run === run || members[member + 1]?.run === run) return;
    this.weights.at(place, () => {
      this.countOffset(c - low + size - width, width);
    });
  }

  private countOffset(offset: number, width: number): void {
    const { memory, masm, weights } = this;
    if (memory !== undefined && masm.indexed && offset !== 0 && width <= 4) weights.likeConst(memory.base + offset);
  }

  private countCheck({ base, minBytes, fixed }: MemoryEnvironment, extent: number): void {
    const { masm, weights } = this;
    weights.needConst(base);
    if (fixed) {
      const last = minBytes - extent;
      if (last >= 0 && !masm.fitsImmediate('compare', last) && !masm.fitsImmediate('compare', last + 1)) {
        weights.needConst(last, weights.isInLoop ? masm.limitCost : undefined);
        // Comparisons encode any register equally well.
        weights.constMentions.set(last, 0);
      }
      return;
    }
    const limit = masm.immediateLimit(minBytes - extent + 1);
    if (limit > 0 && !masm.fitsImmediate('compare', limit)) weights.needConst(limit);
    else if (limit > 0) weights.shortenByConst(limit);
  }
}
