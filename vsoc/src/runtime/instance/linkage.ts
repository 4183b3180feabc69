import { UnsupportedError } from '@fireball/contracts';
import { boundsRoutine, type BoundsChecks, type DirectCalls, type EntryRange, type LinkEnvironment } from '@fireball/jit';
import type { OpName, ValidatedModule } from '@fireball/wasm';
import type { ExecutableRegion, WritableRegion } from '../../chip/code-memory.js';
import type { CompileTarget } from '../compile-target.js';
import { fixedCount } from '../externs.js';
import type { VsocMemory } from '../linear-memory.js';
import type { Safepoints } from '../safepoints.js';
import { Descriptors } from './descriptors.js';
import { callReach } from './function-places.js';
import type { IndexSpaces } from './index-spaces.js';
import type { Segments } from './segments.js';

export interface InstanceEnvironment extends LinkEnvironment {
  /** Places outside of a function that it may branch to. */
  readonly entries: EntryRange[];
  /** May code that lies there be linked against it? */
  reaches(address: number, size: number): boolean;
}

/** What code of an instance can be linked against beside the instance itself. */
export interface LinkTarget extends CompileTarget {
  /** Addresses outside its own function that generated code may branch to. */
  readonly entryRanges: readonly EntryRange[];
  readonly safepoints: Pick<Safepoints, 'place'>;
  /** The exact bounds checks of memories, in code memory. */
  readonly boundsRoutines: Set<ExecutableRegion>;
  /** Present where functions become native while the system runs: code memory has what is not to be evicted then. */
  readonly mixed: { readonly cache: { pin(size: number, linkAt: (address: number) => Uint8Array): ExecutableRegion } } | undefined;
  /** Entry of the routine that carries out the instruction; undefined where there is none. */
  routineAddress(op: OpName): number | undefined;
}

/** What the machine code of an instance is linked against, whenever that is made. */
export class Linkage {
  readonly descriptors: Descriptors;
  /** The memory's bounds routine; installed when code is first linked, and again where none is within reach. */
  private readonly boundsRegions: ExecutableRegion[] = [];
  /** The memory's size is a constant of the code. */
  private isFixed: boolean;

  constructor(
    private readonly target: LinkTarget,
    private readonly validated: ValidatedModule,
    private readonly spaces: IndexSpaces,
    private readonly segments: Segments,
    private readonly boundsChecks: BoundsChecks,
  ) {
    this.descriptors = new Descriptors(target.dataMemory, spaces, segments);
    this.isFixed = mayFixMemory(validated);
  }

  /**
   * For code that ends about at `address`, as far as `reaches` says.
   * @param directCalls where functions stay as long as the instance's code does
   */
  environment(address: number = this.target.codeMemory.base, directCalls?: DirectCalls): InstanceEnvironment {
    const { target, spaces, segments, descriptors } = this;
    const { types } = this.validated.module;
    const entries: EntryRange[] = [...target.entryRanges];
    const nearEnd = target.map.rom.base + callReach[target.isa];
    const farRoutines = address > nearEnd;
    if (farRoutines && target.safepoints.place !== undefined)
      throw new UnsupportedError(`safepoints in more than ${nearEnd - target.codeMemory.base} bytes of code`);
    const [memory] = spaces.memories;
    const bounds = memory === undefined ? undefined : this.boundsRegionNear(memory, address);
    if (bounds !== undefined) entries.push({ begin: bounds.address, end: bounds.address + bounds.size });
    return {
      features: target.features,
      memory: memory === undefined || bounds === undefined ? undefined : this.memoryEnvironment(memory, bounds),
      entries,
      ...(farRoutines ? { farRoutines } : {}),
      reaches: (begin, size) => (farRoutines || begin + size <= nearEnd) && (bounds === undefined || within(bounds, begin, size, callReach[target.isa])),
      globalAddress: (index) => spaces.globals[index]?.cell ?? 0,
      slotAddress: (index) => spaces.slotOf(index),
      directCalls,
      table: (index) => {
        const table = spaces.tables[index];
        return table === undefined ? { record: 0, elements: 0 } : { record: table.record, elements: table.elements, count: fixedCount(table.type.limits) };
      },
      typeNumber: (index) => target.store.typeNumber(types[index] ?? { params: [], results: [] }),
      dataRecord: (segment) => segments.dataRecords[segment] ?? 0,
      elementRecord: (segment) => segments.elementRecords[segment] ?? 0,
      descriptorAddress: (op, a, b) => descriptors.addressOf(op, a, b),
      resultBuffer: target.map.resultBuffer.base,
      routineAddress: (op) => target.routineAddress(op),
      misaligned: target.misaligned,
      compiler: target.compiler,
      stackLimit: target.map.stack.base,
      safepoint: target.safepoints.place,
    };
  }

  /** A bounds routine from which at least half of the reach is left. */
  private boundsRegionNear(memory: VsocMemory, address: number): ExecutableRegion {
    const near = this.boundsRegions.find((region) => within(region, address, 0, callReach[this.target.isa] / 2));
    if (near !== undefined) return near;
    const installed = this.installBoundsRoutine(memory, address);
    this.boundsRegions.push(installed);
    return installed;
  }

  private memoryEnvironment(memory: VsocMemory, region: ExecutableRegion): LinkEnvironment['memory'] {
    return {
      base: memory.base,
      minBytes: this.isFixed ? memory.byteLength : memory.type.limits.min * memory.type.pageSize,
      fixed: this.isFixed,
      boundsRoutine: region.address,
      boundsChecks: this.boundsChecks,
      record: memory.record,
      pageShift: memory.type.pageSize === 1 ? 0 : 16,
    };
  }

  /** At the first free place that is not too far in front of `address`. */
  private installBoundsRoutine({ record }: VsocMemory, address: number): ExecutableRegion {
    const { target } = this;
    const routine = boundsRoutine(target.templates, record);
    const linkAt = (at: number): Uint8Array => routine.linkAt(at);
    const region =
      target.mixed?.cache.pin(routine.size, linkAt) ??
      this.reserveFrom(address - callReach[target.isa] / 2, routine.size).fill((at) => ({ bytes: linkAt(at) })).region;
    target.boundsRoutines.add(region);
    return region;
  }

  /** Room at `least` or above: what is free below is taken until some is found. */
  private reserveFrom(least: number, size: number): WritableRegion {
    const below: WritableRegion[] = [];
    try {
      let place = this.target.codeMemory.reserve(size);
      while (place.address < least) {
        below.push(place);
        place = this.target.codeMemory.reserve(size);
      }
      return place;
    } finally {
      for (const place of below) place.abandon();
    }
  }

  /** Somebody else can grow the memory from now on, as far as its type allows. True if code with the size in it must go. */
  unfixMemory(): boolean {
    const { min, max } = this.spaces.memories[0]?.type.limits ?? { min: 0, max: 0 };
    if (min === max) return false;
    const wasFixed = this.isFixed;
    this.isFixed = false;
    return wasFixed;
  }

  /** Bytes of the routines that functions share. */
  get routineBytes(): number {
    return this.boundsRegions.reduce((bytes, { size }) => bytes + size, 0);
  }

  /** Gives those routines' code memory back. No code that is linked against them may be left. */
  release(): void {
    for (const region of this.boundsRegions.splice(0)) {
      this.target.boundsRoutines.delete(region);
      region.free();
    }
  }
}

/** Do branches between the region and [address, address + size) stay within `reach`? */
function within(region: ExecutableRegion, address: number, size: number, reach: number): boolean {
  return Math.abs(address + size - region.address) < reach && Math.abs(address - region.address - region.size) < reach;
}

/**
 * Can the memory's size not change while the instance's code is active? Growth needs an
 * instruction of ours or code of others that we call; a declared maximum may rule it out too.
 */
function mayFixMemory({ module, hasMemoryGrow }: ValidatedModule): boolean {
  const { min, max } = module.memories[0]?.limits ?? { min: 0, max: 0 };
  const isClosed = module.imports.length === 0 && !module.exports.some((entry) => entry.kind === 'table');
  return min === max || (isClosed && !hasMemoryGrow);
}
