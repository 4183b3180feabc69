import { Trap } from '../../trap.js';
import type { ReferenceNumbers } from '../references.js';
import type { ExecutionState, FunctionInstance, Step } from '../structure.js';
import type { TableInstance } from '../table.js';

/** Where a branch goes. `labels[control]` is the target step, filled in once the body is compiled. */
export interface BranchTarget {
  readonly labels: Int32Array;
  readonly control: number;
  /** Operands that are carried along. */
  readonly arity: number;
  /** Slot, relative to the frame, where they must lie. */
  readonly slot: number;
}

function branch(m: ExecutionState, target: BranchTarget): void {
  const to = m.fp + target.slot;
  m.moveDown(m.sp - target.arity, to, target.arity);
  m.sp = to + target.arity;
  m.pc = target.labels[target.control]!;
}

export const br =
  (target: BranchTarget): Step =>
  (m) =>
    branch(m, target);

export const brIf =
  (target: BranchTarget): Step =>
  (m) => {
    if (m.words[--m.sp << 1] !== 0) branch(m, target);
  };

/** The last target is the default. */
export const brTable =
  (targets: readonly BranchTarget[]): Step =>
  (m) => {
    const index = m.words[--m.sp << 1]! >>> 0;
    branch(m, targets[Math.min(index, targets.length - 1)]!);
  };

/** `if`: falls into the first arm, or jumps to the step in `labels[at]`. */
export const jumpUnless =
  (labels: Int32Array, at: number): Step =>
  (m) => {
    if (m.words[--m.sp << 1] === 0) m.pc = labels[at]!;
  };

/** End of an `if`'s first arm. */
export const jump =
  (labels: Int32Array, at: number): Step =>
  (m) => {
    m.pc = labels[at]!;
  };

export const leave =
  (resultCount: number): Step =>
  (m) =>
    m.leave(resultCount);

export const unreachable: Step = () => {
  throw new Trap('unreachable');
};

export const call =
  (callee: FunctionInstance): Step =>
  (m) =>
    m.call(callee);

export const tailCall =
  (callee: FunctionInstance): Step =>
  (m) =>
    m.tailCall(callee);

/** Pops an index and looks the callee up, with the three checks of an indirect call in the spec's order. */
function indirectCallee(m: ExecutionState, table: TableInstance, functions: ReferenceNumbers<FunctionInstance>, typeNumber: number): FunctionInstance {
  const reference = table.at(m.words[--m.sp << 1]! >>> 0);
  if (reference === undefined) throw new Trap('undefined element');
  const callee = functions.itemOf(reference);
  if (callee === null) throw new Trap('uninitialized element');
  if (callee.typeNumber !== typeNumber) throw new Trap('indirect call type mismatch');
  return callee;
}

export const callIndirect =
  (table: TableInstance, functions: ReferenceNumbers<FunctionInstance>, typeNumber: number): Step =>
  (m) =>
    m.call(indirectCallee(m, table, functions, typeNumber));

export const tailCallIndirect =
  (table: TableInstance, functions: ReferenceNumbers<FunctionInstance>, typeNumber: number): Step =>
  (m) =>
    m.tailCall(indirectCallee(m, table, functions, typeNumber));
