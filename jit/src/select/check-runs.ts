/**
 * Where code loads and stores by turns, as unrolled loops that copy do, every store ends the groups of accesses that one check covers: those behind it
 * must not trap before it. Such a run needs no more than one quick check all the same: it says whether all accesses of the run are in bounds for certain.
 * Only where it says no, each access is checked on its own, out of line, at its time.
 */
import { familyOf } from '../plan/ops.js';
import { wordsOfLocal } from '../plan/body.js';
import type { AccessGroup, MemoryEnvironment } from '../plan/accesses.js';
import type { Plan } from '../plan/result.js';
import type { MacroAssembler } from '../target/macro-assembler.js';
import { noReg, type Reg } from '../target/registers.js';
import type { OpName } from '@fireball/wasm';
import type { LinkEnvironment } from './environment.js';

/** A local whose accesses the run covers: local + c, for c of [low, low + extent). */
export interface RunPointer {
  readonly word: number;
  low: number;
  extent: number;
  /** Its first group is the lowest: where that is in bounds, no sum wraps on the way up to another one. */
  ascends: boolean;
  /** Groups of it in the run. */
  members: number;
}

/** A group that begins in the run. */
interface RunMember {
  readonly group: AccessGroup;
  readonly pointer: RunPointer;
  /** Of its first access, in the module. */
  readonly wasmOffset: number;
}

/** What is checked before the first effect, or behind one, up to the next. */
interface RunStage {
  readonly members: RunMember[];
}

interface CheckRun {
  readonly pointers: RunPointer[];
  readonly stages: RunStage[];
  /** The greatest limit that `boundsCheck` encodes; every access is in bounds where all pointers + low are below. */
  limit: number;
}

/** What the first access of a group has to do with its run. */
export interface RunPart {
  readonly run: CheckRun;
  readonly stage: RunStage;
  readonly pointer: RunPointer;
  /** It is the first one of its stage. */
  readonly begins: boolean;
}

/** Instructions whose code can leave flags alone, and has no effect but on registers. */
const quiet: ReadonlySet<OpName> = new Set<OpName>([
  'nop',
  'drop',
  'local.get',
  'local.set',
  'local.tee',
  'i32.const',
  'i32.add',
  'i32.sub',
  'i32.mul',
  'i32.and',
  'i32.or',
  'i32.xor',
  'i32.shl',
  'i32.shr_u',
  'i32.shr_s',
]);

/** Registers that flags tell of at once. */
const mostPointers = 3;
/** All load forms reach so far from a pointer. */
const reach = { thumb2: 4096, rv32: 2048 } as const;

/** All runs of the function, by the accesses that begin their groups. */
export function findCheckRuns(plan: Plan, masm: MacroAssembler, localRegs: Int32Array, { memory }: LinkEnvironment): ReadonlyMap<number, RunPart> {
  const parts = new Map<number, RunPart>();
  if (memory !== undefined && plan.found.groupCount >= leastMembers) new RunFinder(plan, masm, localRegs, memory, parts).find();
  return parts;
}

/** Fewer groups gain nothing. */
const leastMembers = 4;

class RunFinder {
  private run: CheckRun = { pointers: [], stages: [], limit: 0 };
  /** Parts of the run by the index of their access. */
  private found = new Map<number, RunPart>();
  /** There was an effect since the last member. */
  private hasEffect = true;
  /** Registers of locals that were written since the run began, where all of its pointers are looked at. */
  private readonly written = new Set<Reg>();
  private readonly minBytes: number;
  /** Any index can be checked out of line without a further register. */
  private readonly canDescend: boolean;

  constructor(
    private readonly plan: Plan,
    private readonly masm: MacroAssembler,
    private readonly localRegs: Int32Array,
    { minBytes, fixed }: MemoryEnvironment,
    private readonly parts: Map<number, RunPart>,
  ) {
    this.minBytes = minBytes;
    this.canDescend = fixed && (masm.jointChecks === undefined || masm.fitsImmediate('compare', minBytes));
  }

  find(): void {
    const { body, locals } = this.plan;
    for (const [index, { op, a, offset }] of body.entries()) {
      const { kind } = familyOf(op);
      if (kind === 'load' || kind === 'store') {
        this.access(index, offset);
        this.hasEffect ||= kind === 'store';
      } else if (!quiet.has(op)) this.end();
      else if (op === 'local.set' || op === 'local.tee') for (const word of wordsOfLocal(locals, a)) this.write(word);
    }
    this.end();
  }

  private access(index: number, wasmOffset: number): void {
    const { found } = this.plan;
    const access = found.isPlanned(index) ? found.accessAt(index) : undefined;
    if (access?.kind === 'single') this.end();
    if (access?.kind !== 'group') return;
    const { group, begins } = access;
    if (group.bounded || !begins) return;
    if (found.isRare(index) || this.registerOf(group.local) === noReg) {
      this.end();
      return;
    }
    const pointer = this.pointerOf(group);
    this.add(index, { group, pointer, wasmOffset });
  }

  /** The run's pointer that covers the group: widened for it, or new, in a new run where the old one has no place for it. */
  private pointerOf(group: AccessGroup): RunPointer {
    const known = this.run.pointers.find(({ word }) => word === group.local);
    if (known !== undefined) {
      const low = Math.min(known.low, group.low);
      const extent = Math.max(known.low + known.extent, group.low + group.extent) - low;
      if ((low === known.low || this.canDescend) && extent <= reach[this.masm.isa]) {
        known.ascends &&= low === known.low;
        known.low = low;
        known.extent = extent;
        return known;
      }
    }
    const isFull = known !== undefined || this.run.pointers.length >= mostPointers;
    if (isFull || this.written.has(this.registerOf(group.local))) this.end();
    if (this.run.pointers.length === 0) this.written.clear();
    const pointer = { word: group.local, low: group.low, extent: group.extent, ascends: true, members: 0 };
    this.run.pointers.push(pointer);
    return pointer;
  }

  private add(index: number, member: RunMember): void {
    const { stages } = this.run;
    const begins = this.hasEffect || stages.length === 0;
    if (begins) stages.push({ members: [] });
    const stage = stages.at(-1) as RunStage;
    stage.members.push(member);
    member.pointer.members++;
    this.found.set(index, { run: this.run, stage, pointer: member.pointer, begins });
    this.hasEffect = false;
  }

  /** The register of the local word gets another value. */
  private write(word: number): void {
    const reg = this.registerOf(word);
    if (this.run.pointers.some((pointer) => this.registerOf(pointer.word) === reg)) this.end();
    this.written.add(reg);
  }

  private registerOf(word: number): Reg {
    return this.localRegs[word] ?? noReg;
  }

  /** Nothing more can join the run: it is kept if it is worth it. */
  private end(): void {
    const { run, found } = this;
    if (run.pointers.length === 0) return;
    this.run = { pointers: [], stages: [], limit: 0 };
    this.found = new Map();
    this.hasEffect = true;
    run.limit = this.masm.immediateLimit(this.minBytes - Math.max(...run.pointers.map(({ extent }) => extent)) + 1);
    if (run.limit === 0 || !this.isWorthIt(run, found.size)) return;
    for (const [index, part] of found) this.parts.set(index, part);
  }

  private isWorthIt({ pointers, stages }: CheckRun, members: number): boolean {
    if (members < leastMembers || stages.length < 2) return false;
    // Each index but the first of a pointer, at least.
    if (this.masm.jointChecks === undefined) return members - pointers.length > 1;
    // Instructions of all checks. Every stage has all pointers in registers, which must not need temporaries.
    return 2 * pointers.length - 1 + stages.length <= members && pointers.every(({ low }) => low === 0);
  }
}
