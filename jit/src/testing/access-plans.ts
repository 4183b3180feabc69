import { InternalError } from '@fireball/contracts';
import * as layout from '../core/layout/body.js';
import { hasCalls } from '../core/layout/allocation.js';
import * as groups from '../core/layout/groups.js';
import { detailOf } from '../core/layout/operations.js';
import type { Core } from '../instance/core.js';

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
interface AccessGroup {
  /** Tells it from the others of the function. */
  readonly number: number;
  readonly local: number;
  /** Added to the local (wrapping) to give the checked anchor. */
  readonly low: number;
  /** Bytes behind the anchor that the check proves to be in bounds. */
  readonly extent: number;
  /** The local's bound covers all of it: there is no check. */
  readonly bounded: boolean;
  readonly memberCount: number;
  /** In program order. */
  members(): readonly GroupMember[];
}

/** How one access gets its address and its bounds proof. */
export type AccessPlan =
  /** Constant address inside the minimal memory. */
  | { readonly kind: 'static'; readonly address: number }
  /** Index bounded by its computation: operand + offset + width lies inside the minimal memory. */
  | { readonly kind: 'bounded' }
  | GroupAccess
  /** Own check. */
  | { readonly kind: 'single'; readonly extent: number };

/** A member of a group: c + offset bytes behind its local. */
interface GroupAccess {
  readonly kind: 'group';
  readonly group: AccessGroup;
  readonly c: number;
  readonly offset: number;
  /** It is the first member. */
  readonly begins: boolean;
  /** No other member follows in the same run of code without labels and calls: native pointers do not outlive one. */
  readonly endsRun: boolean;
  /** Another member follows somewhere. */
  readonly isFollowed: boolean;
}

/** What the core's first walk has found out of the function that it has, until it is there for another one. */
export class Findings {
  private memory: Int32Array = new Int32Array();

  constructor(private readonly core: Core) {}

  /** The core's memory as it is now. */
  private get words(): Int32Array {
    const { buffer } = this.core.memory;
    if (this.memory.buffer !== buffer) this.memory = new Int32Array(buffer);
    return this.memory;
  }

  private get bytes(): DataView {
    return new DataView(this.words.buffer);
  }

  private field(index: number, offset: number): number {
    const { words } = this;
    return words[(words[layout.records >> 2]! + index * layout.recordStride + offset) >> 2]!;
  }

  private has(index: number, flag: number): boolean {
    return (this.field(index, layout.flagsField) & flag) !== 0;
  }

  /** How the memory access at `index` gets its address and its bounds proof. */
  accessAt(index: number): AccessPlan {
    const flags = this.field(index, layout.flagsField);
    switch (flags & layout.planMask) {
      case layout.staticPlan:
        return { kind: 'static', address: this.field(index, layout.staticField) >>> 0 };
      case layout.boundedPlan:
        return { kind: 'bounded' };
      case layout.singlePlan: {
        const width = new Uint8Array(this.words.buffer)[detailOf + ((this.field(index, 0) >> layout.operationShift) & layout.operationBits)]!;
        return { kind: 'single', extent: (this.field(index, layout.memoryOffsetField) >>> 0) + width };
      }
      case layout.groupPlan: {
        const member = this.field(index, layout.memberField);
        const memberField = (offset: number): number => this.words[(member + offset) >> 2]!;
        const address = memberField(groups.memberGroup);
        const members = this.bytes;
        const memberFlags = members.getUint8(member + groups.flagsField);
        return {
          kind: 'group',
          group: this.group(address),
          begins: member === address + groups.groupSize,
          c: memberField(groups.memberC),
          offset: members.getUint16(member + groups.memberBytes, true) - members.getUint8(member + groups.memberWidth),
          endsRun: (memberFlags & groups.isContinued) === 0,
          isFollowed: memberField(groups.memberNext) !== 0,
        };
      }
      default:
        throw new InternalError('memory access without a plan');
    }
  }

  private group(address: number): AccessGroup {
    const { words } = this;
    const field = (offset: number): number => words[(address + offset) >> 2]!;
    return {
      number: address,
      local: field(groups.groupLocal),
      low: field(groups.groupLow),
      extent: this.bytes.getUint16(address + groups.groupExtent, true),
      bounded: this.bytes.getUint8(address + groups.groupIsBounded) !== 0,
      memberCount: this.members(address + groups.groupSize).length,
      members: () => this.members(address + groups.groupSize),
    };
  }

  private members(first: number): GroupMember[] {
    const found: GroupMember[] = [];
    for (let member = first; member !== 0;) {
      const field = (offset: number): number => this.words[(member + offset) >> 2]!;
      found.push({
        wasmOffset: this.field(field(groups.memberIndex), layout.offsetField),
        c: field(groups.memberC),
        size: this.bytes.getUint16(member + groups.memberBytes, true),
      });
      member = field(groups.memberNext);
    }
    return found;
  }

  /** Is the amount of the shift known to be below 32? */
  isShort(index: number): boolean {
    return this.has(index, layout.isShort);
  }

  /** Do bounds of operands make superfluous the `and`, or the check of the branch table? */
  isForegone(index: number): boolean {
    return this.has(index, layout.isForegone);
  }

  get hasCalls(): boolean {
    return this.words[hasCalls >> 2] !== 0;
  }
}
