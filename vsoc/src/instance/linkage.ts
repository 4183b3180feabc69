import { UnsupportedError } from '@fireball/contracts';
import { boundsRoutine, type EntryRange, type LinkEnvironment } from '@fireball/jit';
import type { ValidatedModule } from '@fireball/wasm';
import type { ExecutableRegion } from '../code-memory.js';
import type { VsocMemory } from '../linear-memory.js';
import type { Vsoc } from '../vsoc.js';
import { Descriptors } from './descriptors.js';
import type { IndexSpaces } from './index-spaces.js';
import type { Segments } from './segments.js';

export interface InstanceEnvironment extends LinkEnvironment {
  /** Places outside of a function that it may branch to. */
  readonly entries: EntryRange[];
  /** May code that lies there be linked against it? */
  reaches(address: number, size: number): boolean;
}

/** How far a direct call reaches: BL and B.W of Thumb-2, JAL of RISC-V. */
const callReach = { thumb2: 0x100_0000, rv32: 0x10_0000 } as const;

/** What the machine code of an instance is linked against, whenever that is made. */
export class Linkage {
  readonly descriptors: Descriptors;
  /** The memory's bounds routine; installed when code is first linked, and again where none is within reach. */
  private readonly boundsRegions: ExecutableRegion[] = [];
  /** The memory's size is a constant of the code. */
  private isFixed: boolean;

  constructor(
    private readonly vsoc: Vsoc,
    private readonly validated: ValidatedModule,
    private readonly spaces: IndexSpaces,
    private readonly segments: Segments,
  ) {
    this.descriptors = new Descriptors(vsoc.dataMemory, spaces, segments);
    this.isFixed = mayFixMemory(validated);
  }

  /** For code that ends about at `address`, as far as `reaches` says. */
  environment(address: number = this.vsoc.codeMemory.base): InstanceEnvironment {
    const { vsoc, spaces, segments, descriptors } = this;
    const { types } = this.validated.module;
    const entries: EntryRange[] = [...vsoc.entryRanges];
    const nearEnd = vsoc.map.rom.base + callReach[vsoc.isa];
    const farRoutines = address > nearEnd;
    if (farRoutines && vsoc.safepoints.place !== undefined) throw new UnsupportedError(`safepoints in more than ${nearEnd - vsoc.codeMemory.base} bytes of code`);
    const [memory] = spaces.memories;
    const bounds = memory === undefined ? undefined : this.boundsRegionNear(memory, address);
    if (bounds !== undefined) entries.push({ begin: bounds.address, end: bounds.address + bounds.size });
    return {
      features: vsoc.features,
      memory: memory === undefined || bounds === undefined ? undefined : this.memoryEnvironment(memory, bounds),
      entries,
      ...(farRoutines ? { farRoutines } : {}),
      reaches: (begin, size) => (farRoutines || begin + size <= nearEnd) && (bounds === undefined || within(bounds, begin, size, callReach[vsoc.isa])),
      globalAddress: (index) => spaces.globals[index]?.cell ?? 0,
      slotAddress: (index) => spaces.slotOf(index),
      table: (index) => spaces.tables[index] ?? { record: 0, elements: 0 },
      typeNumber: (index) => vsoc.store.typeNumber(types[index] ?? { params: [], results: [] }),
      dataRecord: (segment) => segments.dataRecords[segment] ?? 0,
      elementRecord: (segment) => segments.elementRecords[segment] ?? 0,
      descriptorAddress: (op, a, b) => descriptors.addressOf(op, a, b),
      resultBuffer: vsoc.map.resultBuffer.base,
      routineAddress: (op) => vsoc.routineAddress(op),
      misaligned: vsoc.misaligned,
      stackLimit: vsoc.map.stack.base,
      safepoint: vsoc.safepoints.place,
    };
  }

  /** A bounds routine from which at least half of the reach is left. */
  private boundsRegionNear(memory: VsocMemory, address: number): ExecutableRegion {
    const near = this.boundsRegions.find((region) => within(region, address, 0, callReach[this.vsoc.isa] / 2));
    if (near !== undefined) return near;
    const installed = this.installBoundsRoutine(memory);
    this.boundsRegions.push(installed);
    return installed;
  }

  private memoryEnvironment(memory: VsocMemory, region: ExecutableRegion): LinkEnvironment['memory'] {
    return {
      base: memory.base,
      minBytes: this.isFixed ? memory.byteLength : memory.type.limits.min * memory.type.pageSize,
      fixed: this.isFixed,
      boundsRoutine: region.address,
      record: memory.record,
      pageShift: memory.type.pageSize === 1 ? 0 : 16,
    };
  }

  private installBoundsRoutine({ record }: VsocMemory): ExecutableRegion {
    const { vsoc } = this;
    const routine = boundsRoutine(vsoc.templates, record);
    const region =
      vsoc.mixed?.cache.pin(routine.size, (address) => routine.linkAt(address)) ??
      vsoc.codeMemory.install(routine.size, (address) => ({ bytes: routine.linkAt(address) })).region;
    vsoc.boundsRoutines.add(region);
    return region;
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
      this.vsoc.boundsRoutines.delete(region);
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
