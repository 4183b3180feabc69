import { InternalError } from '@fireball/contracts';
import { hostCallPlan, type ValueLocation } from '@fireball/jit';
import type { CallResult, SteppedCall, Vsoc } from '@fireball/vsoc';
import type { ExecutionObserver, ExecutionView, InvokeOutcome, TrapKind, Value } from '@fireball/wasm';
import { formatValue, sameValue } from '../../values.js';
import type { FunctionCode, PlacedBoundary, WasmStep } from './function-code.js';
import type { HeapComparison } from './heap.js';
import { NativeState } from './native-state.js';
import { formatWords, hex, sameWords, type ValueDifference, type Words } from './values.js';

/** An executed WebAssembly instruction. */
export interface Executed {
  readonly code: FunctionCode;
  readonly step: WasmStep;
}

/** Where reference and native execution part. */
export interface Divergence {
  /** The instructions since everything was equal, in order of execution: one, unless several share their machine code. */
  readonly group: readonly Executed[];
  /** Addresses of the machine instructions that were executed for them. */
  readonly trace: readonly number[];
  readonly differences: readonly ValueDifference[];
  /** It happened before the function's first instruction, in the code that sets up its frame. */
  readonly inPrologue: boolean;
  /** Boundaries that native execution had reached. */
  readonly boundaries: number;
  /** The last of them at which memories, globals and tables were equal for sure. */
  readonly heapEqualAt: number;
}

export type LockstepOutcome =
  | { readonly kind: 'divergence'; readonly divergence: Divergence }
  | { readonly kind: 'equal'; readonly boundaries: number }
  | { readonly kind: 'inconclusive'; readonly reason: string };

/** At which boundaries memories, globals and tables are compared: every `interval`th in [from, to]. */
export interface HeapSchedule {
  readonly from: number;
  readonly to: number;
  readonly interval: number;
}

/** What one call in lockstep works on. */
export interface LockstepInputs {
  readonly vsoc: Vsoc;
  readonly heap: HeapComparison;
  readonly functions: ReadonlyMap<number, FunctionCode>;
  /** Addresses of boundaries. */
  readonly marks: ReadonlyMap<number, FunctionCode>;
  readonly call: SteppedCall;
  readonly schedule: HeapSchedule;
}

/** What a function must hand back, as it was when its first machine instruction was reached. */
interface Entry {
  readonly kept: ReadonlyMap<number, number>;
  readonly sp: number;
  readonly args: readonly number[];
}

interface Frame {
  readonly code: FunctionCode;
  readonly entry: Entry;
  /** sp between two instructions. */
  sp: number;
  group: Executed[];
  /** What was executed for `group` before the function called another. */
  trace: readonly number[];
  /** Words of the frame when it called another function. */
  frozen: readonly number[];
  here: { readonly address: number; readonly offset: number } | undefined;
}

interface EarlyTrap {
  readonly kind: TrapKind;
  readonly wasmOffset: number;
  readonly group: readonly Executed[];
  readonly trace: readonly number[];
}

/** Ends the observed call. */
class Parted extends Error {
  constructor(readonly outcome: LockstepOutcome) {
    super('execution parted');
  }
}

/** Longest way between two boundaries: a routine in ROM may fill or copy all of a memory. */
const longestWay = 50_000_000;
/** More of a way than this is not recorded: what follows are loops of such routines. */
const longestTrace = 65_536;
const exhaustions: readonly TrapKind[] = ['call stack exhausted', 'out of fuel'];

/**
 * Executes one call natively and watches the reference interpreter execute it: at every boundary that has a place in the
 * code, native execution is brought there, and everything is compared. Values that the code has no use for are skipped.
 */
export class Lockstep implements ExecutionObserver {
  private readonly frames: Frame[] = [];
  private readonly state: NativeState;
  private trace: number[] = [];
  /** Machine instructions since the last boundary. */
  private way = 0;
  private entered: Entry;
  private last: Executed | undefined;
  private leaving = false;
  private boundaries = 0;
  private inPrologue = false;
  private heapEqualAt = 0;
  /** Native execution has trapped at a check that several accesses share; the reference has not reached the one that fails. */
  private early: EarlyTrap | undefined;

  constructor(private readonly inputs: LockstepInputs) {
    this.state = new NativeState(inputs.vsoc);
    this.entered = this.entryOf(inputs.call.pc);
  }

  /** Runs the reference with this observer; gives how the two compare. */
  run(invoke: (observer: ExecutionObserver) => InvokeOutcome): LockstepOutcome {
    try {
      return this.finish(invoke(this));
    } catch (error) {
      if (error instanceof Parted) return error.outcome;
      throw error;
    } finally {
      this.inputs.call.abandon();
    }
  }

  // --- following the reference ------------------------------------------------------------

  beforeInstruction(view: ExecutionView): void {
    if (this.early === undefined) this.follow(view);
  }

  private follow(view: ExecutionView): void {
    const { function: running, offset } = view.position;
    const code = this.codeOf(running.validated.index);
    const executed: Executed = { code, step: code.step(offset) };
    const { last, leaving } = this;
    this.last = executed;
    this.leaving = this.leaves(executed, view);
    const placed = leaving && offset === code.source.code.end - 1 ? undefined : code.boundaryAt(offset);
    const top = this.frames.at(-1);
    if (view.frameCount > this.frames.length) this.enter(executed, placed, view, last);
    else if (view.frameCount < this.frames.length) this.comeBack(executed, placed, view);
    else if (top !== undefined && last !== undefined && isTailCall(last)) this.replace(executed, placed, view);
    else this.goOn(executed, placed, view);
  }

  private codeOf(index: number): FunctionCode {
    const code = this.inputs.functions.get(index);
    if (code === undefined) throw new InternalError(`no code of function ${index}`);
    return code;
  }

  /** A branch out of the function: native code returns from where it is, the reference by the final `end`. */
  private leaves({ step }: Executed, view: ExecutionView): boolean {
    const operand = step.targets.length === 0 || view.operandCount === 0 ? 0 : view.operandWords(view.operandCount - 1)[0];
    if (step.op === 'br_if') return operand !== 0 && step.targets[0] === step.depth;
    if (step.op === 'br_table') return step.targets[Math.min(operand >>> 0, step.targets.length - 1)] === step.depth;
    return step.op === 'br' && step.targets[0] === step.depth;
  }

  private goOn(executed: Executed, placed: PlacedBoundary | undefined, view: ExecutionView): void {
    const frame = this.top();
    if (placed === undefined) {
      frame.group.push(executed);
      return;
    }
    const { here } = frame;
    const isHere = here !== undefined && here.address === placed.address && here.offset < executed.step.offset;
    if (!isHere && !this.advance(placed, frame.group)) return;
    this.boundaries++;
    const differences = [...this.spDifferences(frame.sp), ...this.valueDifferences(frame, placed, view)];
    if (differences.length > 0) this.part(frame.group, this.trace, differences);
    this.settle(frame, executed, placed, frame.group);
  }

  private enter(executed: Executed, placed: PlacedBoundary | undefined, view: ExecutionView, last: Executed | undefined): void {
    const caller = this.frames.at(-1);
    this.reachEntry(executed.code, caller?.group ?? [], last);
    if (caller !== undefined) {
      caller.trace = this.trace;
      caller.frozen = this.frameWords(caller);
    }
    this.startTrace();
    this.begin(executed, placed, view, this.entered, caller?.group ?? []);
  }

  /** A tail call: the new function must be entered with what the old one got. */
  private replace(executed: Executed, placed: PlacedBoundary | undefined, view: ExecutionView): void {
    const old = this.frames.pop() as Frame;
    this.reachEntry(executed.code, old.group, old.group.at(-1));
    const links = [old.entry, this.entered].map(({ kept }) => this.state.linkOf(kept));
    const returns = links[0] === links[1] ? [] : [this.conventionDifference('return address', null, links[0] ?? 0, links[1] ?? 0)];
    const differences = [...returns, ...this.keptDifferences(old.entry)];
    if (differences.length > 0) this.part(old.group, this.trace, differences);
    this.startTrace();
    this.begin(executed, placed, view, { ...this.entered, kept: old.entry.kept }, old.group);
  }

  /** The first boundary of a function. */
  private begin(executed: Executed, placed: PlacedBoundary | undefined, view: ExecutionView, entry: Entry, callers: readonly Executed[]): void {
    const { code } = executed;
    if (placed === undefined) throw new InternalError('a function begins without a boundary');
    const frame: Frame = { code, entry, sp: entry.sp - code.locations.frameBytes, group: [], trace: [], frozen: [], here: undefined };
    const passed = this.argumentDifferences(code, entry, view);
    if (passed.length > 0 && callers.length > 0) this.part(callers, this.frames.at(-1)?.trace ?? [], passed);
    this.frames.push(frame);
    this.inPrologue = true;
    // What goes wrong on the way is the prologue's doing.
    if (this.inputs.call.pc !== placed.address && !this.advance(placed, [executed])) return;
    this.boundaries++;
    const saved = code.locations.saved.flatMap(({ register, offset }) => {
      const expected = entry.kept.get(register);
      const actual = this.state.stackWord(offset);
      if (expected === undefined || expected === actual) return [];
      return [this.conventionDifference(`saved ${this.state.describe([{ kind: 'register', register }])}`, `[sp + ${offset}]`, expected, actual)];
    });
    const differences = [...this.spDifferences(frame.sp), ...saved, ...this.valueDifferences(frame, placed, view)];
    if (differences.length > 0) this.part([executed], this.trace, differences);
    this.settle(frame, executed, placed, [executed]);
    this.inPrologue = false;
  }

  private comeBack(executed: Executed, placed: PlacedBoundary | undefined, view: ExecutionView): void {
    const returned = this.frames.pop() as Frame;
    const frame = this.top();
    const call = frame.group.at(-1);
    if (placed === undefined || call === undefined) throw new InternalError('a call returns to no boundary');
    if (!this.reachReturn(returned)) return;
    const broken = [...this.spDifferences(frame.sp), ...this.keptDifferences(returned.entry), ...this.frozenDifferences(frame)];
    if (broken.length > 0) this.part(returned.group, this.trace, broken);
    // The caller's code behind the call may have to fetch results.
    if (this.inputs.call.pc !== placed.address && !this.advance(placed, returned.group)) return;
    this.boundaries++;
    const differences = this.valueDifferences(frame, placed, view);
    const results = returned.code.source.type.results.length;
    const isResult = ({ kind, index }: ValueDifference): boolean => kind === 'operand' && index !== null && index >= view.operandCount - results;
    if (differences.some(isResult)) this.part(returned.group, this.trace, differences.filter(isResult));
    if (differences.length > 0) this.part(frame.group, [...frame.trace, ...this.trace], differences);
    this.settle(frame, executed, placed, returned.group);
  }

  private top(): Frame {
    const frame = this.frames.at(-1);
    if (frame === undefined) throw new InternalError('no frame');
    return frame;
  }

  /** Everything is equal here. */
  private settle(frame: Frame, executed: Executed, placed: PlacedBoundary, group: readonly Executed[]): void {
    if (this.isHeapDue()) {
      const differences = this.inputs.heap.differences();
      if (differences.length > 0) this.part(group, this.trace, differences);
      this.heapEqualAt = this.boundaries;
    }
    frame.group = [executed];
    frame.here = { address: placed.address, offset: executed.step.offset };
    this.startTrace();
  }

  private startTrace(): void {
    this.trace = [];
    this.way = 0;
  }

  // --- moving native execution ------------------------------------------------------------

  private step(group: readonly Executed[]): CallResult | undefined {
    const { call } = this.inputs;
    if (++this.way > longestWay) this.part(group, this.trace, [branch('another instruction', `none within ${longestWay} machine instructions`)]);
    if (this.trace.length < longestTrace) this.trace.push(call.pc);
    this.state.forget();
    try {
      return call.step();
    } catch (error) {
      if (!(error instanceof InternalError)) throw error;
      return this.part(group, this.trace, [{ kind: 'crash', what: 'native execution', index: null, address: null, place: null, expected: 'no crash', actual: error.message }]);
    }
  }

  /** Brings native execution to the next boundary, which must be this one. False where it has trapped early. */
  private advance(placed: PlacedBoundary, group: readonly Executed[]): boolean {
    const { call, marks } = this.inputs;
    do if (!this.proceed(group, `goes on ${this.placeOf(placed.address)}`)) return false;
    while (!marks.has(call.pc));
    if (call.pc !== placed.address) this.part(group, this.trace, [branch(`goes on ${this.placeOf(placed.address)}`, `goes on ${this.placeOf(call.pc)}`)]);
    return true;
  }

  /** One step, which may end the call only by a trap for an access further on. False where it has. */
  private proceed(group: readonly Executed[], expected: string): boolean {
    const ended = this.step(group);
    if (ended === undefined) return true;
    if (ended.trap === null) return this.part(group, this.trace, [branch(expected, 'the call returns')]);
    const { kind, wasmOffset } = ended.trap;
    if (exhaustions.includes(kind)) throw new Parted({ kind: 'inconclusive', reason: `native execution: ${kind}` });
    if (wasmOffset === null || group.some(({ step }) => step.offset === wasmOffset)) {
      return this.part(group, this.trace, [trap(expected, `trap: ${kind}`)]);
    }
    this.early = { kind, wasmOffset, group, trace: this.trace };
    return false;
  }

  /** Brings native execution to a function's first machine instruction. */
  private reachEntry(code: FunctionCode, group: readonly Executed[], last: Executed | undefined): void {
    const { call, marks } = this.inputs;
    const { address } = code.installed.code;
    while (call.pc !== address || (last !== undefined && this.trace.length === 0)) {
      // Nothing on the way to a function accesses memory for an instruction behind the call.
      if (!this.proceed(group, `enters function ${code.source.index}`)) return this.blameEarly(`enters function ${code.source.index}`);
      if (call.pc !== address && marks.has(call.pc)) this.part(group, this.trace, [branch(`enters function ${code.source.index}`, `goes on ${this.placeOf(call.pc)}`)]);
    }
    this.entered = this.entryOf(address);
  }

  /** Brings native execution back to the caller's code. False where it has trapped early. */
  private reachReturn({ entry, group }: Frame): boolean {
    const { call, marks } = this.inputs;
    const back = (this.state.linkOf(entry.kept) & ~1) >>> 0;
    const expected = `returns to ${hex(back)}`;
    do if (!this.proceed(group, expected)) return false;
    while (call.pc !== back && !marks.has(call.pc));
    if (call.pc !== back) this.part(group, this.trace, [branch(expected, `goes on ${this.placeOf(call.pc)}`)]);
    return true;
  }

  private entryOf(address: number): Entry {
    this.state.forget();
    const { sp } = this.state;
    const code = [...this.inputs.functions.values()].find(({ installed }) => installed.code.address === address);
    const plan = code === undefined ? [] : hostCallPlan(code.source.type, this.inputs.vsoc.isa).arguments;
    const { cpu, dataMemory } = this.inputs.vsoc;
    return {
      sp,
      kept: this.state.kept(),
      args: plan.map((place) => ('register' in place ? cpu.readRegister(place.register) | 0 : dataMemory.readWord(sp + place.stack))),
    };
  }

  private blameEarly(expected: string): never {
    const { kind, group, trace, wasmOffset } = this.early as EarlyTrap;
    const differences = [trap(expected, `trap: ${kind}, for the instruction at ${hex(wasmOffset, 1)}`)];
    throw new Parted({ kind: 'divergence', divergence: { group, trace, differences, inPrologue: false, boundaries: this.boundaries, heapEqualAt: this.boundaries } });
  }

  private placeOf(address: number): string {
    const code = this.inputs.marks.get(address);
    if (code === undefined) return `at ${hex(address)}`;
    const offsets = [...code.boundaries].filter((placed) => placed.address === address).map(({ boundary }) => boundary.wasmOffset);
    return `at ${hex(Math.min(...offsets), 1)} in function ${code.source.index}`;
  }

  // --- comparing --------------------------------------------------------------------------

  private valueDifferences({ code }: Frame, { boundary }: PlacedBoundary, view: ExecutionView): ValueDifference[] {
    const { operands } = boundary;
    if (operands.length !== view.operandCount) throw new InternalError(`${operands.length} operands recorded, ${view.operandCount} are there`);
    const locals = code.locations.locals.flatMap((location, index) => {
      if (location === undefined || !boundary.isLive(index)) return [];
      return this.difference('local', `local ${index}`, index, location, view.localWords(index));
    });
    const constants = code.locations.constants.flatMap(({ register, value }) => {
      const actual = this.state.register(register);
      if (actual === value) return [];
      const place = this.state.describe([{ kind: 'register', register }]);
      return [{ kind: 'constant' as const, what: `constant ${hex(value)}`, index: null, address: null, place, expected: formatWords([value]), actual: formatWords([actual]) }];
    });
    return [
      ...constants,
      ...locals,
      ...operands.flatMap((location, index) => this.difference('operand', `operand ${index} of ${operands.length}`, index, location, view.operandWords(index))),
    ];
  }

  private difference(kind: 'local' | 'operand', what: string, index: number, location: ValueLocation, reference: Words): ValueDifference[] {
    const actual = this.state.words(location);
    if (actual === undefined) return [];
    const expected = this.asNative(reference.slice(0, location.length), actual);
    if (expected === undefined) return [];
    return [{ kind, what, index, address: null, place: this.state.describe(location), expected: formatWords(expected), actual: formatWords(actual) }];
  }

  /** The native words that stand for the reference's; undefined where `actual` does. References are numbers there, addresses here. */
  private asNative(expected: Words, actual: Words): Words | undefined {
    if (sameWords(expected, actual)) return undefined;
    const [number = 0] = expected;
    const isReference = expected.length === 1 && number > 0 && (actual[0] ?? 0) === (this.inputs.heap.referenceWord(number) | 0);
    return isReference ? undefined : expected;
  }

  private argumentDifferences(code: FunctionCode, { args }: Entry, view: ExecutionView): ValueDifference[] {
    let word = 0;
    return code.source.type.params.flatMap((type, index) => {
      const count = type === 'i64' || type === 'f64' ? 2 : 1;
      const actual = args.slice(word, (word += count));
      const expected = this.asNative(view.localWords(index).slice(0, count), actual);
      if (expected === undefined) return [];
      return [{ kind: 'argument' as const, what: `argument ${index}`, index, address: null, place: null, expected: formatWords(expected), actual: formatWords(actual) }];
    });
  }

  private conventionDifference(what: string, place: string | null, expected: number, actual: number): ValueDifference {
    return { kind: 'convention', what, index: null, address: null, place, expected: hex(expected), actual: hex(actual) };
  }

  private spDifferences(expected: number): ValueDifference[] {
    const { sp } = this.state;
    return sp === expected ? [] : [this.conventionDifference('stack pointer', 'sp', expected, sp)];
  }

  /** Callee-saved registers that were not handed back; the link register is nobody's. */
  private keptDifferences({ kept }: Entry): ValueDifference[] {
    return [...kept].flatMap(([register, expected]) => {
      const actual = this.state.register(register);
      if (actual === expected || this.state.isLink(register)) return [];
      const name = this.state.describe([{ kind: 'register', register }]);
      return [this.conventionDifference(`callee-saved ${name}`, name, expected, actual)];
    });
  }

  private frameWords({ sp, code }: Frame): number[] {
    const { dataMemory } = this.inputs.vsoc;
    return Array.from({ length: code.locations.frameBytes >> 2 }, (_, index) => dataMemory.readWord(sp + 4 * index));
  }

  private frozenDifferences(frame: Frame): ValueDifference[] {
    const now = this.frameWords(frame);
    return frame.frozen.flatMap((expected, index) => {
      const actual = now[index] ?? 0;
      return actual === expected ? [] : [this.conventionDifference(`the caller's frame`, hex(frame.sp + 4 * index), expected, actual)];
    });
  }

  private isHeapDue(): boolean {
    const { from, to, interval } = this.inputs.schedule;
    return this.boundaries >= from && this.boundaries <= to && (this.boundaries - from) % interval === 0;
  }

  // --- the end ----------------------------------------------------------------------------

  /** The reference has ended: so must native execution, in the same way. */
  private finish(outcome: InvokeOutcome): LockstepOutcome {
    const frame = this.frames.at(-1);
    const expectedTrap = 'trap' in outcome ? outcome.trap.kind : undefined;
    if (expectedTrap !== undefined && exhaustions.includes(expectedTrap)) return { kind: 'inconclusive', reason: `reference: ${expectedTrap}` };
    if (frame === undefined) throw new InternalError('the reference executed nothing');
    if (this.early !== undefined) {
      const isRight = 'trap' in outcome && outcome.trap.kind === this.early.kind && outcome.trap.offset === this.early.wasmOffset;
      return isRight ? { kind: 'equal', boundaries: this.boundaries } : this.blameEarly(expectedTrap === undefined ? 'no trap' : `trap: ${expectedTrap}`);
    }
    const { call, marks } = this.inputs;
    const { group } = frame;
    let ended: CallResult | undefined;
    do ended = this.step(group);
    while (ended === undefined && !marks.has(call.pc));
    const expected = expectedTrap === undefined ? 'the call returns' : `trap: ${expectedTrap}`;
    if (ended === undefined) {
      const actual = `goes on ${this.placeOf(call.pc)}`;
      return this.part(group, this.trace, [expectedTrap === undefined ? branch(expected, actual) : trap(expected, `no trap, ${actual}`)]);
    }
    const actualTrap = ended.trap?.kind;
    if (actualTrap !== undefined && exhaustions.includes(actualTrap)) return { kind: 'inconclusive', reason: `native execution: ${actualTrap}` };
    if (actualTrap !== expectedTrap) this.part(group, this.trace, [trap(expected, actualTrap === undefined ? 'no trap, the call returns' : `trap: ${actualTrap}`)]);
    if ('results' in outcome) {
      this.state.forget();
      const results = resultDifferences(outcome.results, ended.results as readonly Value[]);
      const differences = [...results, ...this.keptDifferences(frame.entry)];
      if (differences.length > 0) this.part(group, this.trace, differences);
    }
    this.boundaries++;
    const differences = this.inputs.heap.differences();
    if (differences.length > 0) this.part(group, this.trace, differences);
    return { kind: 'equal', boundaries: this.boundaries };
  }

  private part(group: readonly Executed[], trace: readonly number[], found: readonly ValueDifference[]): never {
    const isHeap = found.some(({ kind }) => kind === 'memory' || kind === 'global' || kind === 'table');
    const heap = isHeap ? [] : this.inputs.heap.differences();
    const heapEqualAt = isHeap || heap.length > 0 ? this.heapEqualAt : this.boundaries;
    throw new Parted({
      kind: 'divergence',
      divergence: { group, trace, differences: [...found, ...heap], inPrologue: this.inPrologue, boundaries: this.boundaries, heapEqualAt },
    });
  }
}

function isTailCall({ step }: Executed): boolean {
  return step.op === 'return_call' || step.op === 'return_call_indirect';
}

function branch(expected: string, actual: string): ValueDifference {
  return { kind: 'branch', what: 'control flow', index: null, address: null, place: null, expected, actual };
}

function trap(expected: string, actual: string): ValueDifference {
  return { kind: 'trap', what: 'trap', index: null, address: null, place: null, expected, actual };
}

function resultDifferences(expected: readonly Value[], actual: readonly Value[]): ValueDifference[] {
  return expected.flatMap((value, index) => {
    const other = actual[index];
    if (other === undefined || sameValue(value, other, false)) return [];
    return [{ kind: 'result' as const, what: `result ${index}`, index, address: null, place: null, expected: formatValue(value), actual: formatValue(other) }];
  });
}
