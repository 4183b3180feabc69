import type { FunctionType, ReferenceType, ValueType } from '@fireball/wasm';
import type { Features } from '../features.js';
import type { Random } from '../random.js';
import { apply, i32, localSet, node, type Node, type TreeGlobal } from '../tree.js';
import type { FunctionGenerator } from './function.js';

export interface PlannedFunction {
  readonly type: FunctionType;
  readonly recursive: boolean;
  /** Upper bound of what a call executes; undefined while the function is not made yet. */
  cost: number | undefined;
}

export interface PlannedTable {
  readonly element: ReferenceType;
  readonly min: number;
  readonly max: number;
}

/** What a module's functions share, decided before the first of them is made. */
export class ModulePlan {
  constructor(
    readonly features: Features,
    readonly functions: readonly PlannedFunction[],
    readonly globals: readonly TreeGlobal[],
    /** Bytes of the memory at the start; 0 without one. */
    readonly memoryBytes: number,
    readonly tables: readonly PlannedTable[],
    /** Functions below this index may stand in tables; they call no function through one. */
    readonly referable: number,
    readonly dataSegments: readonly Uint8Array[],
    /** Passive element segments: index and element count. */
    readonly elementSegments: readonly { readonly index: number; readonly length: number }[],
  ) {}

  readableGlobal(random: Random, type: ValueType): Node | undefined {
    const fitting = this.globals.flatMap((global, index) => (global.type === type ? [index] : []));
    return fitting.length === 0 ? undefined : node('global.get', [], [type], { a: random.pick(fitting) });
  }

  globalSet(generator: FunctionGenerator): Node[] | undefined {
    const mutable = this.globals.flatMap((global, index) => (global.mutable ? [index] : []));
    if (mutable.length === 0) return undefined;
    const index = generator.random.pick(mutable);
    return [node('global.set', [generator.value(this.globals[index]!.type)], [], { a: index })];
  }

  /** Locals that hold addresses inside of memory, which accesses then share. */
  pointerSetup(generator: FunctionGenerator): Node[] {
    if (this.memoryBytes === 0) return [];
    const { random } = generator;
    return Array.from({ length: random.below(4) }, () => {
      const local = generator.newPrivateLocal('i32');
      generator.pointers.push(local);
      return localSet(local, this.insideAddress(generator));
    });
  }

  /** An address well inside of memory, or near one of its ends. */
  insideAddress(generator: FunctionGenerator): Node {
    const { random } = generator;
    if (generator.isRisky && random.chance(25)) return i32(this.nearEnd(random));
    if (generator.isRisky && random.chance(15)) return i32(random.below(64));
    const masked = apply('i32.and', generator.value('i32', 2), i32(random.pick([0x7ff8, 0x3ffc, 0x7ff0, 0x7fff, 0xff])));
    return random.chance(50) ? masked : apply('i32.add', masked, i32(random.pick([16, 1024, 0x1000, 4095, 0x2000])));
  }

  /** An address whose accesses end within memory or just behind it. */
  nearEnd(random: Random): number {
    return this.memoryBytes - random.pick([1, 2, 3, 4, 5, 7, 8, 12, 16, 20, 32, 64, 128, 256]);
  }
}
