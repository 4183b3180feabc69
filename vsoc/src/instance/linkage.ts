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
}

/** What the machine code of an instance is linked against, whenever that is made. */
export class Linkage {
  readonly descriptors: Descriptors;
  /** The memory's bounds routine; installed when code is first linked. */
  private boundsRegion: ExecutableRegion | undefined;
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

  environment(): InstanceEnvironment {
    const { vsoc, spaces, segments, descriptors } = this;
    const { types } = this.validated.module;
    const entries: EntryRange[] = [...vsoc.entryRanges];
    return {
      features: vsoc.features,
      memory: this.memoryEnvironment(entries),
      entries,
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

  private memoryEnvironment(entries: EntryRange[]): LinkEnvironment['memory'] {
    const [memory] = this.spaces.memories;
    if (memory === undefined) return undefined;
    const region = (this.boundsRegion ??= this.installBoundsRoutine(memory));
    entries.push({ begin: region.address, end: region.address + region.size });
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
    return this.boundsRegion?.size ?? 0;
  }

  /** Gives those routines' code memory back. No code that is linked against them may be left. */
  release(): void {
    if (this.boundsRegion === undefined) return;
    this.vsoc.boundsRoutines.delete(this.boundsRegion);
    this.boundsRegion.free();
    this.boundsRegion = undefined;
  }
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
