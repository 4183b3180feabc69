import { InternalError } from '@fireball/contracts';
import * as layout from '../core/layout/body.js';
import { hasCalls, pressure } from '../core/layout/allocation.js';
import { wordMentions } from '../core/layout/analyses.js';
import * as groups from '../core/layout/groups.js';
import { detailOf } from '../core/layout/operations.js';
import { groupCount, mostValues } from '../core/layout/plan.js';
import type { Core } from '../instance/core.js';
import type { AccessGroup, AccessPlan, GroupMember } from './accesses.js';
import type { Interval } from './intervals.js';

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

  private field(index: number, offset: number): number {
    const { words } = this;
    return words[(words[layout.records >> 2]! + index * layout.recordStride + offset) >> 2]!;
  }

  private has(index: number, flag: number): boolean {
    return (this.field(index, layout.flagsField) & flag) !== 0;
  }

  /** Has the memory access at `index` been come to? Others are not reached. */
  isPlanned(index: number): boolean {
    return (this.field(index, layout.flagsField) & layout.planMask) !== 0;
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
        const width = new Uint8Array(this.words.buffer)[detailOf + this.field(index, layout.operationField)]!;
        return { kind: 'single', extent: (this.field(index, layout.bField) >>> 0) + width };
      }
      case layout.groupPlan: {
        const address = this.field(index, layout.groupField);
        const first = this.words[(address + groups.groupFirst) >> 2]!;
        return {
          kind: 'group',
          group: this.group(address),
          begins: this.words[(first + groups.memberIndex) >> 2] === index,
          c: this.field(index, layout.addedField),
          offset: this.field(index, layout.bField),
          endsRun: (flags & layout.endsRun) !== 0,
          isFollowed: (flags & layout.isFollowed) !== 0,
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
      number: field(groups.groupNumber),
      local: field(groups.groupLocal),
      low: field(groups.groupLow),
      extent: field(groups.groupExtent),
      bounded: field(groups.groupIsBounded) !== 0,
      memberCount: field(groups.groupMembers),
      members: () => this.members(field(groups.groupFirst)),
    };
  }

  private members(first: number): GroupMember[] {
    const found: GroupMember[] = [];
    for (let member = first; member !== 0;) {
      const field = (offset: number): number => this.words[(member + offset) >> 2]!;
      found.push({
        wasmOffset: this.field(field(groups.memberIndex), layout.offsetField),
        c: field(groups.memberC),
        size: field(groups.memberBytes),
      });
      member = field(groups.memberNext);
    }
    return found;
  }

  /** How many groups of accesses there are. */
  get groupCount(): number {
    return this.words[groupCount >> 2]!;
  }

  /** Is the memory access not executed in most turns of a loop? */
  isRare(index: number): boolean {
    return this.has(index, layout.isRare);
  }

  /** Is the amount of the shift known to be below 32? */
  isShort(index: number): boolean {
    return this.has(index, layout.isShort);
  }

  /** Do bounds of operands make superfluous the `and`, or the check of the branch table? */
  isForegone(index: number): boolean {
    return this.has(index, layout.isForegone);
  }

  /** What the comparison behind the `and` is instead; undefined where it is one. */
  intervalAt(index: number): Interval | undefined {
    if (!this.has(index, layout.isInterval)) return undefined;
    return {
      delta: this.field(index, layout.deltaField),
      cond: this.has(index, layout.isBelowLimit) ? 'lt_u' : 'ge_u',
      limit: this.field(index, layout.limitField),
    };
  }

  /** Does code that is compiled name the local word? Weights do not tell: what is rare enough weighs nothing. */
  isMentioned(word: number): boolean {
    const { words } = this;
    return words[(words[wordMentions >> 2]! >> 2) + word]! > 0;
  }

  get hasCalls(): boolean {
    return this.words[hasCalls >> 2] !== 0;
  }

  /** Most computed words on the operand stack at one time: a measure of how many temporaries help. */
  get pressure(): number {
    return this.words[pressure >> 2]!;
  }

  /** Most values on the operand stack at one time. */
  get mostValues(): number {
    return this.words[mostValues >> 2]!;
  }
}
