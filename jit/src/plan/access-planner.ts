import type { MacroAssembler } from '../target/macro-assembler.js';
import type { AccessPlan, MemoryEnvironment } from './accesses.js';
import { AccessGroups, type AccessGroup } from './groups.js';
import type { Symbol } from './symbols.js';
import type { Weights } from './weights.js';

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

/** For every memory access the proof that it will be in bounds, and the constants that the proof needs. */
export class AccessPlanner {
  readonly plans = new Map<number, AccessPlan>();
  /** Local word of each access that belongs to a group, by the access's index. */
  readonly groupLocals = new Map<number, number>();
  private readonly groups: AccessGroups;

  constructor(
    private readonly masm: MacroAssembler,
    private readonly memory: MemoryEnvironment | undefined,
    private readonly weights: Weights,
  ) {
    this.groups = new AccessGroups(groupReach[masm.isa]);
  }

  /** Effects that outlive a trap happened, or control may leave: groups stop growing. */
  close(): void {
    this.groups.close();
  }

  /** Paths meet here: nothing that was proved before is known to hold. */
  merge(): void {
    this.groups.clear();
  }

  /** The local gets another value. */
  forget(word: number): void {
    this.groups.forget(word);
  }

  add(access: Access): void {
    const plan = this.plan(access);
    this.plans.set(access.index, plan);
    if (plan.kind === 'group') this.groupLocals.set(access.index, plan.group.local);
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
    const group = isCurrent ? this.groups.join(address.word, { wasmOffset, c: address.c, size: offset + width }) : undefined;
    return group === undefined ? { kind: 'single', extent: offset + width } : { kind: 'group', group, c: address.c, offset };
  }

  private count(plan: AccessPlan): void {
    if (this.memory === undefined) return;
    switch (plan.kind) {
      case 'static':
        this.weights.needConst(this.memory.base, 1);
        return;
      case 'bounded':
        return;
      case 'group':
        if (plan.group.members.length > 1) return;
        this.countAnchor(plan.group);
        this.countCheck(this.memory, plan.group.extent);
        return;
      case 'single':
        this.countCheck(this.memory, plan.extent);
        return;
    }
  }

  /** Anchors of one local that lie near each other are computed one from the other. */
  private countAnchor(group: AccessGroup): void {
    const fits = (distance: number): boolean => this.masm.fitsImmediate('add', distance);
    if (group.low !== 0 && !fits(group.low) && !this.groups.hasNeighbour(group, fits)) this.weights.needConst(group.low);
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
  }
}
