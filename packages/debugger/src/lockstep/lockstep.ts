import { InternalError } from '@fireball/contracts';
import { isExhaustionTrap, type ExecutionObserver, type ExecutionView, type InvokeOutcome, type Work } from '@fireball/wasm';
import { Agreement, Parted, type HeapSchedule } from './agreement.js';
import { CallingConvention, type Entry } from './convention.js';
import type { ValueDifference } from './differences.js';
import type { Executed, LockstepOutcome } from './divergence.js';
import type { FunctionCode, PlacedBoundary } from './function-code.js';
import { NativeExecution } from './native-execution.js';
import type { Heap, NativeBounds, NativeCall, NativeMachine } from './native-side.js';
import { NativeState } from './native-state.js';
import { resultDifferences, ValueComparison } from './value-comparison.js';

/** What one call in lockstep works on. */
export interface LockstepInputs {
  readonly machine: NativeMachine;
  readonly heap: Heap;
  /** How the calls of the host differ since this was asked last. */
  readonly hostDifferences: () => readonly ValueDifference[];
  readonly functions: ReadonlyMap<number, FunctionCode>;
  /** Addresses of boundaries. */
  readonly marks: ReadonlyMap<number, FunctionCode>;
  readonly call: NativeCall;
  readonly schedule: HeapSchedule;
  /** What the reference has done so far in the call. */
  readonly work: () => Work;
  readonly bounds: NativeBounds;
}

/** The reference in front of an instruction. */
interface Arrival {
  readonly executed: Executed;
  /** Undefined where native code has no boundary for it. */
  readonly placed: PlacedBoundary | undefined;
  readonly view: ExecutionView;
}

/** An active function. */
interface Frame {
  readonly code: FunctionCode;
  readonly entry: Entry;
  /** sp between two instructions. */
  readonly sp: number;
  /** What the reference has executed since the last boundary. */
  group: Executed[];
  /** What was executed for `group` before the function called another. */
  trace: readonly number[];
  /** Words of the frame when it called another function. */
  frozen: readonly number[];
  /** The last boundary: its address in the code, and the offset of the instruction that it lies in front of. */
  here: { readonly address: number; readonly offset: number } | undefined;
}

/**
 * Executes one call natively and watches the reference interpreter execute it: at every boundary that has a place in the
 * code, native execution is brought there, and everything is compared.
 */
export class Lockstep implements ExecutionObserver {
  private readonly frames: Frame[] = [];
  private readonly agreement: Agreement;
  private readonly native: NativeExecution;
  private readonly convention: CallingConvention;
  private readonly values: ValueComparison;
  private last: Executed | undefined;
  /** `last` is a branch out of the function. */
  private leaving = false;

  constructor(private readonly inputs: LockstepInputs) {
    const { machine, heap, marks, call, schedule, work, bounds } = inputs;
    const state = new NativeState(machine);
    this.agreement = new Agreement(heap, schedule);
    this.native = new NativeExecution(call, marks, state, this.agreement, work, bounds);
    this.convention = new CallingConvention(machine, state);
    this.values = new ValueComparison(state, heap);
  }

  /** Runs the reference with this observer; gives how the two compare. */
  run(invoke: (observer: ExecutionObserver) => InvokeOutcome): LockstepOutcome {
    try {
      this.finish(invoke(this));
      return this.agreement.outcome;
    } catch (error) {
      if (error instanceof Parted) return error.outcome;
      throw error;
    } finally {
      this.inputs.call.abandon();
    }
  }

  beforeInstruction(view: ExecutionView): void {
    if (!this.native.hasTrappedEarly) this.follow(view);
  }

  private follow(view: ExecutionView): void {
    const { function: running, offset } = view.position;
    const code = this.codeOf(running.validated.index);
    const executed: Executed = { code, step: code.step(offset) };
    const { last, leaving } = this;
    this.last = executed;
    this.leaving = leavesFunction(executed, view);
    // Native code has returned from where the branch is; the reference does by the final `end`.
    const placed = leaving && offset === code.source.code.end - 1 ? undefined : code.boundaryAt(offset);
    const arrival: Arrival = { executed, placed, view };
    if (view.frameCount > this.frames.length) this.enter(arrival, last !== undefined);
    else if (view.frameCount < this.frames.length) this.comeBack(arrival);
    else if (last !== undefined && isTailCall(last)) this.replace(arrival);
    else this.goOn(arrival);
  }

  private codeOf(index: number): FunctionCode {
    const code = this.inputs.functions.get(index);
    if (code === undefined) throw new InternalError(`no code of function ${index}`);
    return code;
  }

  /** To the next instruction of the same function. */
  private goOn({ executed, placed, view }: Arrival): void {
    const frame = this.top();
    const { group, here } = frame;
    if (placed === undefined) {
      group.push(executed);
      return;
    }
    const isHere = here !== undefined && here.address === placed.address && here.offset < executed.step.offset;
    if (!isHere && !this.native.advance(placed, group)) return;
    this.agreement.reachBoundary();
    this.check(group, [...this.convention.stackPointerDifferences(frame.sp), ...this.values.boundaryDifferences(frame.code, placed, view)]);
    this.settle(frame, executed, placed, group);
  }

  /** Into a function: the observed one, or one that it calls. */
  private enter(arrival: Arrival, isCalled: boolean): void {
    const { code } = arrival.executed;
    const caller = this.frames.at(-1);
    const callers = caller?.group ?? [];
    this.native.reachEntry(code, callers, isCalled);
    const entry = this.convention.entryOf(code);
    const { trace } = this.native;
    if (caller !== undefined) {
      caller.trace = trace;
      caller.frozen = this.convention.frameWords(caller.sp, caller.code.locations);
    }
    this.begin(arrival, entry, { group: callers, trace });
  }

  /** A tail call: the new function must be entered with what the old one got. */
  private replace(arrival: Arrival): void {
    const { code } = arrival.executed;
    const old = this.frames.pop() as Frame;
    this.native.reachEntry(code, old.group, true);
    const entry = this.convention.entryOf(code);
    this.check(old.group, [...this.convention.returnAddressDifferences(old.entry, entry), ...this.convention.keptDifferences(old.entry)]);
    this.begin(arrival, { ...entry, kept: old.entry.kept }, { group: old.group, trace: this.native.trace });
  }

  /** From a function's first machine instruction to its first boundary. `call` was executed to get here. */
  private begin({ executed, placed, view }: Arrival, entry: Entry, call: Pick<Frame, 'group' | 'trace'>): void {
    const { code } = executed;
    const { locations } = code;
    if (placed === undefined) throw new InternalError('a function begins without a boundary');
    const passed = this.values.argumentDifferences(code, entry.args, view);
    if (call.group.length > 0) this.agreement.check(call.group, call.trace, passed);
    this.native.startTrace();
    const frame: Frame = { code, entry, sp: entry.sp - locations.frameBytes, group: [], trace: [], frozen: [], here: undefined };
    this.frames.push(frame);
    this.agreement.inPrologue = true;
    const group = [executed];
    // What goes wrong on the way is the prologue's doing.
    if (!this.reach(placed, group)) return;
    this.agreement.reachBoundary();
    this.check(group, [
      ...this.convention.stackPointerDifferences(frame.sp),
      ...this.convention.savedDifferences(entry, locations),
      ...this.values.boundaryDifferences(code, placed, view),
    ]);
    this.settle(frame, executed, placed, group);
    this.agreement.inPrologue = false;
  }

  /** Back to the caller. */
  private comeBack({ executed, placed, view }: Arrival): void {
    const returned = this.frames.pop() as Frame;
    const frame = this.top();
    const { group } = returned;
    if (placed === undefined || frame.group.length === 0) throw new InternalError('a call returns to no boundary');
    if (!this.native.reachReturn(this.convention.returnAddress(returned.entry), group)) return;
    this.check(group, [
      ...this.convention.stackPointerDifferences(frame.sp),
      ...this.convention.keptDifferences(returned.entry),
      ...this.convention.callerFrameDifferences(frame.sp, frame.frozen),
    ]);
    // The caller's code behind the call may have to fetch results.
    if (!this.reach(placed, group)) return;
    this.agreement.reachBoundary();
    const differences = this.values.boundaryDifferences(frame.code, placed, view);
    const results = returned.code.source.type.results.length;
    const isResult = ({ kind, index }: ValueDifference): boolean => kind === 'operand' && index !== null && index >= view.operandCount - results;
    this.check(group, differences.filter(isResult));
    if (differences.length > 0) this.agreement.part(frame.group, [...frame.trace, ...this.native.trace], differences);
    this.settle(frame, executed, placed, group);
  }

  private top(): Frame {
    const frame = this.frames.at(-1);
    if (frame === undefined) throw new InternalError('no frame');
    return frame;
  }

  /** False where native execution has trapped early. */
  private reach(placed: PlacedBoundary, group: readonly Executed[]): boolean {
    return this.native.isAt(placed) || this.native.advance(placed, group);
  }

  private check(group: readonly Executed[], differences: readonly ValueDifference[]): void {
    this.agreement.check(group, this.native.trace, [...differences, ...this.inputs.hostDifferences()]);
  }

  /** Values are equal here. */
  private settle(frame: Frame, executed: Executed, placed: PlacedBoundary, group: readonly Executed[]): void {
    this.agreement.checkHeapIfDue(group, this.native.trace);
    frame.group = [executed];
    frame.here = { address: placed.address, offset: executed.step.offset };
    this.native.startTrace();
  }

  /** The reference has ended: so must native execution, in the same way. */
  private finish(outcome: InvokeOutcome): void {
    const trap = 'trap' in outcome ? outcome.trap : undefined;
    if (trap !== undefined && isExhaustionTrap(trap.kind)) this.agreement.giveUp(`reference: ${trap.kind}`);
    const frame = this.frames.at(-1);
    if (frame === undefined) throw new InternalError('the reference executed nothing');
    if (this.native.hasTrappedEarly) {
      this.native.checkEarlyTrap(trap);
      return;
    }
    const { group, entry } = frame;
    const ended = this.native.finish(group, trap?.kind);
    const results = 'results' in outcome ? [...resultDifferences(outcome.results, ended.results), ...this.convention.keptDifferences(entry)] : [];
    this.check(group, results);
    this.agreement.reachBoundary();
    this.agreement.checkHeap(group, this.native.trace);
  }
}

function leavesFunction({ step: { op, targets, depth } }: Executed, view: ExecutionView): boolean {
  const operand = targets.length === 0 || view.operandCount === 0 ? 0 : view.operandWords(view.operandCount - 1)[0];
  if (op === 'br_if') return operand !== 0 && targets[0] === depth;
  if (op === 'br_table') return targets[Math.min(operand >>> 0, targets.length - 1)] === depth;
  return op === 'br' && targets[0] === depth;
}

function isTailCall({ step }: Executed): boolean {
  return step.op === 'return_call' || step.op === 'return_call_indirect';
}
