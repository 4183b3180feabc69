import type { Random } from '@fireball/engines';
import type { FunctionType, ReferenceType, ValueType } from '@fireball/wasm';
import type { Features } from '../features.js';
import { node, type Node, type TreeGlobal } from '../tree.js';

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

  /** An address whose accesses end within memory or just behind it. */
  nearEnd(random: Random): number {
    return this.memoryBytes - random.pick([1, 2, 3, 4, 5, 7, 8, 12, 16, 20, 32, 64, 128, 256]);
  }
}
