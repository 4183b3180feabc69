import { InternalError, type ByteOffset } from '@fireball/contracts';
import type { RawValue } from '../semantics.js';
import { Trap } from '../trap.js';
import type { ValueType } from '../types.js';
import { isWide } from './global.js';
import type { CompiledBody, ExecutionState, FunctionInstance, HostFunction, Step, WasmFunction } from './structure.js';
import { checkValues, type ValueCodec } from './values.js';

/** What a call took: what others need for the same call is measured by it. */
export interface Work {
  /** Executed instructions; `block`, `loop`, `nop` and inner `end` are none. */
  readonly instructions: number;
  /**
   * What was done beyond a constant amount for each instruction: bytes and table elements of bulk instructions, values that
   * branches, calls and returns carry, locals that become zero; operations that take long without hardware count several.
   */
  readonly units: number;
  /** The longest run of instructions that are none, in any function that ran so far. */
  readonly longestSkip: number;
  /** Most nested calls. */
  readonly frames: number;
  /** Most 8-byte slots of all active frames together, each as large as its function ever needs it. */
  readonly slots: number;
}

interface ExecutorLimits {
  /** Most nested calls. */
  readonly callDepth: number;
  /** Most 8-byte slots of all frames together. */
  readonly stackSlots: number;
}

/** What an observer may look at: the innermost frame, in front of its next instruction. */
export interface ExecutionView {
  readonly position: FramePosition;
  /** Frames of the running call and of those around it. */
  readonly frameCount: number;
  readonly operandCount: number;
  /** Low and high word; the high word of a one-word value is unspecified. */
  localWords(local: number): readonly [low: number, high: number];
  /** The deepest operand has index 0. */
  operandWords(index: number): readonly [low: number, high: number];
}

/** Sees execution step by step. What it throws ends the call and passes through `invoke` unchanged. */
export interface ExecutionObserver {
  /** Called in front of every instruction but `block`, `loop`, `nop` and inner `end`, which do nothing. */
  beforeInstruction(view: ExecutionView): void;
}

/** Where a frame stands. */
export interface FramePosition {
  readonly function: WasmFunction;
  readonly offset: ByteOffset;
}

/** Host functions may call back; each such round trip uses the JavaScript stack, so it has its own limit. */
const maxHostNesting = 64;
const refill = 1 << 20;
const initialSlots = 4096;

/**
 * Executes the functions of a store. Values live in 8-byte slots of one stack, seen as words, bigints and floats; an i32
 * or f32 is the slot's low word, a reference its number. A frame is its locals and then its operands. Calls push onto
 * explicit frame stacks, never onto the JavaScript stack.
 */
export class Executor implements ExecutionState, ExecutionView {
  words = new Int32Array(0);
  longs = new BigInt64Array(0);
  singles = new Float32Array(0);
  doubles = new Float64Array(0);
  /** The first free slot. */
  sp = 0;
  /** Slot of local 0. */
  fp = 0;
  /** Index of the next step. */
  pc = 0;

  private steps: readonly Step[] = [];
  private current: WasmFunction | undefined;
  private readonly callers: (WasmFunction | undefined)[] = [];
  private readonly callerPcs: number[] = [];
  private readonly callerFps: number[] = [];
  private depth = 0;
  /** Depth at which the running `run` was entered. */
  private base = 0;
  private nesting = 0;

  /** Instructions that may still run before `fuel` must be asked again. */
  private left = 0;
  /** Fuel beyond `left`. */
  private fuel = Infinity;
  private taken = 0;

  /** `Work.units` since the work began; steps add to it. */
  units = 0;
  private begunAt = 0;
  private longestSkip = 0;
  private mostFrames = 0;
  /** Slots of the frames that are active, each as a whole. */
  private liveSlots = 0;
  private mostSlots = 0;

  /** Watches every instruction, if there is one. */
  observer: ExecutionObserver | undefined;

  constructor(
    private readonly limits: ExecutorLimits,
    private readonly codec: ValueCodec,
    private readonly compile: (callee: WasmFunction) => CompiledBody,
  ) {
    this.allocate(Math.min(initialSlots, limits.stackSlots));
  }

  private allocate(slots: number): void {
    const { words } = this;
    const buffer = new ArrayBuffer(slots * 8);
    this.words = new Int32Array(buffer);
    this.longs = new BigInt64Array(buffer);
    this.singles = new Float32Array(buffer);
    this.doubles = new Float64Array(buffer);
    this.words.set(words);
  }

  private reserve(slots: number): void {
    const have = this.longs.length;
    if (slots <= have) return;
    if (slots > this.limits.stackSlots) throw new Trap('call stack exhausted');
    this.allocate(Math.min(Math.max(slots, have * 2), this.limits.stackSlots));
  }

  // Fuel

  /** Sets how many instructions may run from now on. */
  setFuel(fuel: number): void {
    this.taken -= this.left;
    this.left = 0;
    this.fuel = fuel;
  }

  /** Instructions executed so far. */
  get executed(): number {
    return this.taken - this.left;
  }

  /** From here on `work` counts anew. */
  beginWork(): void {
    this.begunAt = this.executed;
    this.units = 0;
    this.mostFrames = 0;
    this.mostSlots = 0;
  }

  /** What was done since `beginWork`. */
  get work(): Work {
    const { units, longestSkip, mostFrames: frames, mostSlots: slots } = this;
    return { instructions: this.executed - this.begunAt, units, longestSkip, frames, slots };
  }

  private refuel(): void {
    const amount = Math.min(this.fuel, refill);
    if (amount <= 0) throw new Trap('out of fuel');
    this.fuel -= amount;
    this.taken += amount;
    this.left = amount;
  }

  // Raw values on the stack

  pushRaw(type: ValueType, value: RawValue): void {
    this.reserve(this.sp + 1);
    if (isWide(type)) {
      this.longs[this.sp] = BigInt(value);
    } else {
      this.words[this.sp << 1] = Number(value);
    }
    this.sp++;
  }

  rawAt(slot: number, type: ValueType): RawValue {
    return isWide(type) ? (this.longs[slot] ?? 0n) : (this.words[slot << 1] ?? 0);
  }

  // Calls

  /** Calls `callee`; its arguments are the topmost slots. */
  call(callee: FunctionInstance): void {
    if (callee.origin === 'wasm') this.enter(callee);
    else this.callHost(callee);
  }

  private enter(callee: WasmFunction): void {
    const body = (callee.body ??= this.compile(callee));
    this.enterAt(callee, body, this.sp - body.parameterCount);
  }

  private enterAt(callee: WasmFunction, body: CompiledBody, fp: number): void {
    const { depth } = this;
    if (depth >= this.limits.callDepth) throw new Trap('call stack exhausted');
    this.reserve(fp + body.frameSlots);
    if (depth >= this.mostFrames) this.mostFrames = depth + 1;
    this.callers[depth] = this.current;
    this.callerPcs[depth] = this.pc;
    this.callerFps[depth] = this.fp;
    this.depth = depth + 1;
    this.activate(callee, body, fp);
  }

  private activate(callee: WasmFunction, body: CompiledBody, fp: number): void {
    const top = fp + body.localCount;
    this.units += body.localCount;
    if (body.longestSkip > this.longestSkip) this.longestSkip = body.longestSkip;
    this.liveSlots += body.frameSlots;
    if (this.liveSlots > this.mostSlots) this.mostSlots = this.liveSlots;
    this.words.fill(0, (fp + body.parameterCount) << 1, top << 1);
    this.current = callee;
    this.steps = body.steps;
    this.fp = fp;
    this.sp = top;
    this.pc = 0;
  }

  /** Calls `callee` in place of the running function: the frame is reused, so tail calls need no stack. */
  tailCall(callee: FunctionInstance): void {
    const count = callee.type.params.length;
    const { fp } = this;
    this.moveDown(this.sp - count, fp, count);
    this.sp = fp + count;
    if (callee.origin === 'host') {
      this.callHost(callee);
      this.leave(callee.type.results.length);
      return;
    }
    const body = (callee.body ??= this.compile(callee));
    this.reserve(fp + body.frameSlots);
    this.liveSlots -= this.current?.body?.frameSlots ?? 0;
    this.activate(callee, body, fp);
  }

  /** Returns from the running function; its results are the topmost slots. */
  leave(resultCount: number): void {
    const { fp } = this;
    this.liveSlots -= this.current?.body?.frameSlots ?? 0;
    this.moveDown(this.sp - resultCount, fp, resultCount);
    this.sp = fp + resultCount;
    const depth = this.depth - 1;
    this.depth = depth;
    this.pc = this.callerPcs[depth] ?? 0;
    this.fp = this.callerFps[depth] ?? 0;
    this.current = this.callers[depth];
    this.steps = this.current?.body?.steps ?? [];
  }

  /** Moves `count` slots from `from` to the lower `to`. */
  moveDown(from: number, to: number, count: number): void {
    this.units += count;
    if (from === to) return;
    const { words } = this;
    const distance = (from - to) << 1;
    const end = (to + count) << 1;
    for (let word = to << 1; word < end; word++) words[word] = words[word + distance]!;
  }

  private callHost(callee: HostFunction): void {
    const { params, results } = callee.type;
    const start = this.sp - params.length;
    const args = params.map((type, index) => this.codec.fromRaw(type, this.rawAt(start + index, type)));
    this.sp = start;
    const values = callee.call(args, this.current?.instance);
    checkValues(values, results, `results of host function ${callee.name}`);
    for (const value of values) this.pushRaw(value.type, this.codec.toRaw(value));
  }

  // Running

  /**
   * Calls `callee`, whose arguments have been pushed, and runs until it returns.
   * @throws Trap, with `positions()` telling where; call `unwind` afterwards
   */
  run(callee: FunctionInstance): void {
    this.runFrom(() => this.call(callee));
  }

  /**
   * Goes on with a frame, locals and operands as words, at a step of its function, and runs until that returns.
   * @throws Trap as `run` does
   */
  resume(callee: WasmFunction, step: number, frame: Int32Array): void {
    const body = (callee.body ??= this.compile(callee));
    this.runFrom(() => {
      const fp = this.sp;
      this.enterAt(callee, body, fp);
      this.words.set(frame, fp << 1);
      this.sp = fp + (frame.length >> 1);
      this.pc = step;
    });
  }

  private runFrom(start: () => void): void {
    const outerBase = this.base;
    if (this.nesting >= maxHostNesting) throw new Trap('call stack exhausted');
    this.nesting++;
    this.base = this.depth;
    try {
      start();
      if (this.observer === undefined) this.loop();
      else this.observedLoop(this.observer);
    } finally {
      this.base = outerBase;
      this.nesting--;
    }
  }

  private loop(): void {
    const { base } = this;
    while (this.depth > base) {
      if (this.left === 0) this.refuel();
      this.left--;
      this.steps[this.pc++]!(this);
    }
  }

  private observedLoop(observer: ExecutionObserver): void {
    const { base } = this;
    while (this.depth > base) {
      if (this.left === 0) this.refuel();
      observer.beforeInstruction(this);
      this.left--;
      this.steps[this.pc++]!(this);
    }
  }

  get position(): FramePosition {
    const { current } = this;
    if (current?.body === undefined) throw new InternalError('no function runs');
    return { function: current, offset: current.body.offsets[this.pc]! };
  }

  get frameCount(): number {
    return this.depth;
  }

  private get operandBase(): number {
    return this.fp + (this.current?.body?.localCount ?? 0);
  }

  get operandCount(): number {
    return this.sp - this.operandBase;
  }

  localWords(local: number): readonly [low: number, high: number] {
    return this.slotWords(this.fp + local);
  }

  operandWords(index: number): readonly [low: number, high: number] {
    return this.slotWords(this.operandBase + index);
  }

  private slotWords(slot: number): readonly [low: number, high: number] {
    return [this.words[slot << 1] ?? 0, this.words[(slot << 1) + 1] ?? 0];
  }

  /** True while no call runs: not inside a host function either. */
  get idle(): boolean {
    return this.nesting === 0;
  }

  /** The state to return to when a call does not end normally. */
  mark(): { readonly depth: number; readonly sp: number } {
    return { depth: this.depth, sp: this.sp };
  }

  /** Drops all frames above `mark`. */
  unwind(mark: { readonly depth: number; readonly sp: number }): void {
    while (this.depth > mark.depth) this.leave(0);
    this.sp = mark.sp;
  }

  /** The frames above depth `from`, innermost first, at most `limit`. The innermost stands at its last step. */
  positions(from: number, limit: number, beforeStep: boolean): FramePosition[] {
    const positions: FramePosition[] = [];
    let pc = beforeStep ? this.pc + 1 : this.pc;
    let running = this.current;
    for (let depth = this.depth; depth > from && positions.length < limit; depth--) {
      if (running !== undefined) {
        positions.push({ function: running, offset: running.body?.offsets[pc - 1] ?? running.validated.code.start });
      }
      running = this.callers[depth - 1];
      pc = this.callerPcs[depth - 1] ?? 0;
    }
    return positions;
  }
}
